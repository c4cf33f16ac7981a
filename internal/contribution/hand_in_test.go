package contribution_test

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
)

// The last page of the form sends the consent and the language together with the submission. The acknowledgement tells somebody
// whether everybody can read what they wrote, so it must go by that word and not by an earlier one.
func TestTheAcknowledgementKnowsTheLastWord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		for _, tt := range []struct {
			name         string
			before, last bool
			language     string
		}{{"María", false, true, "es"}, {"Nadia", true, false, "fr"}} {
			token := k.Respond(k.Contact(tt.name, "en"))
			_, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"other": "Words"}, Consent: &tt.before})
			ok(t, err)
			got, err := k.HandIn(ctx, nobody, token, &tt.last, tt.language)
			ok(t, err)
			mail := strings.ReplaceAll(k.Text("select raw from outgoing_mail where kind = 'acknowledgement' order by id desc limit 1"), "=\r\n", "")
			if public := got.State == contribution.Published; public != tt.last || strings.Contains(mail, "/calls/") != public {
				t.Errorf("%s: public %v, and the acknowledgement says:\n%s", tt.name, public, mail)
			}
			if !strings.Contains(mail, "Content-Language: "+tt.language+"\r\n") {
				t.Errorf("%s: the acknowledgement is not in %s", tt.name, tt.language)
			}
		}
	})
}
