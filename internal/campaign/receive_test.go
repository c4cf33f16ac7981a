package campaign

import (
	"context"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// serverWith gives the house a server with these extensions.
func (h *house) serverWith(extensions ...string) {
	h.server = mailtest.NewRaw(h.t, mailtest.RawOptions{Extensions: extensions})
	h.Service = h.service("worker-1b")
}

// An address whose local part is not ASCII gets its message from a server that offers SMTPUTF8, and a reason of its own from
// any other; nobody else is kept from anything, and the address is not marked: it may work elsewhere.
func TestAddressesBeyondASCII(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		extensions []string
		want       map[string]int
	}{
		"offered":     {[]string{"SMTPUTF8"}, map[string]int{"sent": 3}},
		"not offered": {nil, map[string]int{"sent": 2, "failed unencodable": 1}},
		"too small":   {[]string{"SIZE 300"}, map[string]int{"failed too_large": 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, dbtest.SQLite(t))
			h.serverWith(tt.extensions...)
			h.contact("Ana", "ana@example.org", "en")
			h.contact("李雷", "李雷@xn--fsqu00a.xn--0zwm56d", "en")
			h.contact("Amal", "amal@xn--mgbh0fb.xn--kgbechtv", "en")
			c := h.launched()
			h.settle()
			compare(t, "deliveries", h.states(c.Steps[0].ID), tt.want)
			if n := h.number("select count(*) from address where status = 'bounced'"); n != 0 {
				t.Errorf("%d addresses are marked", n)
			}
			for _, m := range h.server.Messages() {
				head, _, _ := strings.Cut(string(m.Data), "\r\n\r\n")
				ascii := !strings.ContainsFunc(head, func(r rune) bool { return r > '~' })
				if ascii != (m.To != "李雷@xn--fsqu00a.xn--0zwm56d") || !strings.Contains(head, "<"+m.To+">") {
					t.Errorf("to %s:\n%s", m.To, head)
				}
			}
		})
	}
}

// A volunteer's own mailbox that only some servers know stands in the Reply-To of messages only that need such servers
// anyway; it never keeps a message from leaving.
func TestAVolunteersAddressBeyondASCII(t *testing.T) {
	t.Parallel()
	for to, both := range map[string]bool{"contact@example.org": false, "联系@example.org": true} {
		h := newHouse(t, dbtest.SQLite(t))
		h.serverWith("SMTPUTF8")
		v := h.volunteer("王芳")
		claim := h.holds(v, h.contact("Ana", to, "en"), "reach_out")
		h.approved()
		shown, err := h.PersonalMessage(context.Background(), v, claim, PersonalDraft{})
		h.must(err)
		if (shown.ReplyTo.Email != "") != both {
			t.Errorf("to %s, shown: answers to %q", to, shown.ReplyTo.Email)
		}
		_, err = h.SendPersonal(context.Background(), v, claim, PersonalOrder{})
		h.must(err)
		h.settle()
		if got := h.server.Messages(); len(got) != 1 || strings.Contains(string(got[0].Data), "<王芳@example.org>") != both {
			t.Errorf("to %s: %d messages\n%v", to, len(got), got)
		}
	}
}

// A message over 10 MB is refused where its text is frozen, long before anything is sent.
func TestATextTooLargeIsNotFrozen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(1)
		large := strings.Repeat("A long line. ", 1<<19)
		text := h.texts.revision(h.texts.byDocument(h.message))
		text.said = map[string]Text{"es": {Locale: "es", Subject: "S", Text: large, HTML: "<p>" + large + "</p>"}}
		ctx := context.Background()
		c, err := h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "The call", Audience: Audience{All: true}, Steps: []StepDraft{{Kind: Call, DocumentID: h.message}}})
		h.must(err)
		_, err = h.Freeze(ctx, h.officer, c.ID)
		fields := errs.FieldsOf(err)
		if len(fields) != 1 || fields[0].Key != "mail.text.too_large" || fields[0].Name != "steps.0.es" {
			t.Errorf("%v: %+v", err, fields)
		}
		if n := h.number("select count(*) from delivery"); n != 0 || h.load(c.ID).State != Draft {
			t.Errorf("%d deliveries of a campaign that is %s", n, h.load(c.ID).State)
		}
	})
}
