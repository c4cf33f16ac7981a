package contribution_test

import (
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/errs"
)

func TestTheLinkGoesToItsOwnerOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		id := k.Contact("Ana", "ar")
		token := k.Respond(id)
		ok(t, k.MailLink(ctx, nobody, token))
		wants(t, "again at once", k.MailLink(ctx, nobody, token), errs.TooMany)
		c.Set(c.Now().Add(10 * time.Minute))
		ok(t, k.MailLink(ctx, nobody, token))
		if n := k.Count("select count(*) from outgoing_mail where kind = 'form_link' and recipient = ?", emailOf(k, id)); n != 2 {
			t.Errorf("%d mails", n)
		}
		if raw := k.Text("select raw from outgoing_mail where kind = 'form_link' order by id limit 1"); !strings.Contains(raw, "Content-Language: ar\r\n") {
			t.Errorf("the mail: %.300s", raw)
		}
		wants(t, "a forged link", k.MailLink(ctx, nobody, "s-forged"), errs.NotFound)

		own, _, err := k.Start(ctx, nobody, k.CycleID, contribution.Profile{
			Name: "Bo", Capacity: contribution.Individual, Email: "bo@example.net", StakeholderGroup: "academia", Country: "PE",
		}, "fr")
		ok(t, err)
		ok(t, k.MailLink(ctx, nobody, own))
		if n := k.Count("select count(*) from outgoing_mail where kind = 'form_link' and recipient = 'bo@example.net'"); n != 1 {
			t.Errorf("%d mails to who began without an invitation", n)
		}
		stopped := k.Contact("Stop", "en")
		ok(t, k.Contacts.SuppressAddress(ctx, officer, stopped, int64(k.Count("select address_id from contact_address where contact_id = ?", stopped))))
		ok(t, k.MailLink(ctx, nobody, k.Respond(stopped))) // the answer is the same, the mail is none
		if n := k.Count("select count(*) from outgoing_mail where recipient = ?", emailOf(k, stopped)); n != 0 {
			t.Error("a mail went to who wants none")
		}
	})
}
