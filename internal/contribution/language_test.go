package contribution_test

import (
	"testing"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/link"
)

// A contact whose own language the message was not in reads it in the cycle's: then what its links lead to is in
// that language too, and not half of it in another.
func TestLinksSpeakAsTheMailDid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		id := k.Contact("Olga", "pt")
		now := c.Now()
		k.Exec("insert into document (id, cycle_id, kind, slug, source_language, created_at) values (90, ?, 'message', 'm', 'en', ?)", k.CycleID, now)
		k.Exec("insert into campaign (id, cycle_id, name, state, audience, created_at) values (90, ?, 'c', 'sending', '{}', ?)", k.CycleID, now)
		k.Exec("insert into campaign_step (id, campaign_id, position, kind, state, document_id) values (90, 90, 1, 'call', 'sending', 90)")
		k.Exec(`insert into delivery (id, step_id, contact_id, address_id, locale, fallback, stakeholder_group, region, state)
			select 901, 90, contact_id, address_id, 'en', true, 'government', 'grulac', 'sent' from contact_address where contact_id = ?`, id)
		target := link.Target{CycleID: k.CycleID, ContactID: id, DeliveryID: 901}
		f, err := k.Open(ctx, k.Signer.Token(link.Respond, target), "")
		ok(t, err)
		p, err := k.Contacts.Preferences(ctx, k.Signer.Token(link.Unsubscribe, target))
		ok(t, err)
		if f.Locale != "en" || f.Questionnaire.Locale != "en" || p.Locale != "en" {
			t.Errorf("the mail was in en, the form is in %s with questions in %s, the preferences in %s", f.Locale, f.Questionnaire.Locale, p.Locale)
		}
		if f, err = k.Open(ctx, k.Respond(id), ""); err != nil || f.Locale != "pt" {
			t.Errorf("a link that was in no mail is in %s, %v", f.Locale, err)
		}
	})
}
