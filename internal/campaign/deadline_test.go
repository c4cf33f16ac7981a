package campaign

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail"
)

// Whoever answers for an initiative is told the date that their form says, by whatever way the message comes.
func TestADeadlineIsTheReadersOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.texts.revision(h.texts.byDocument(h.message)).body = "Until {{deadline}}: {{personal_link}}"
		on := func(month time.Month, n int) *Deadline {
			at := time.Date(2017, month, n, 0, 0, 0, 0, time.UTC)
			return &Deadline{Day: at, Zone: time.UTC, At: at}
		}
		h.cycles.deadline, h.cycles.grace = on(time.September, 15), on(time.October, 31)
		h.contact("Ann", "ann@example.org", "en")
		nri := h.contact("Nora", "nora@example.org", "es")
		h.initiative("Somewhere IGF", nri)
		personal := h.contact("Pia", "pia@example.org", "en")
		h.initiative("Elsewhere IGF", personal)
		own, owner := h.contact("Olga", "olga@example.org", "en"), h.contact("Omar", "omar@example.org", "es")
		h.initiative("Third IGF", owner)
		h.cycles.own = map[int64]Deadline{own: *on(time.November, 20), owner: *on(time.November, 21)} // granted to them alone
		c := h.approved()
		marta := h.volunteer("marta")
		claim := h.holds(marta, personal, "reach_out")
		tells := func(what string, raw []byte, want, not string) {
			t.Helper()
			read, err := mail.Read(raw)
			h.must(err)
			if !strings.Contains(read.Text, want) || strings.Contains(read.Text, not) || !strings.Contains(read.HTML, want) {
				t.Errorf("%s says:\n%s", what, read.Text)
			}
		}
		m, err := h.Preview(ctx, h.officer, c.ID, 1, nri)
		h.must(err)
		tells("the outbox", m.Raw, "31 de octubre", "septiembre")
		m, err = h.Preview(ctx, h.officer, c.ID, 1, own)
		h.must(err)
		tells("the outbox for an own date", m.Raw, "20 November", "September")
		p, err := h.PreviewText(ctx, account.Actor{Who: h.officer.Who, Roles: h.officer.Roles}, h.message, TextChoice{ContactID: nri, Locale: "en"})
		h.must(err)
		tells("the preview", p.Raw, "31 October", "September")
		tells("the personal message", h.ready(marta, claim).Raw, "31 October", "September")
		h.order(marta, claim)
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		want := map[string][2]string{
			"olga@example.org": {"20 November", "September"}, "omar@example.org": {"21 de noviembre", "octubre"},
			"ann@example.org": {"15 September", "October"}, "nora@example.org": {"31 de octubre", "septiembre"}, "pia@example.org": {"31 October", "September"},
		}
		for _, m := range h.server.Messages() {
			tells(m.To, m.Data, want[m.To][0], want[m.To][1])
			delete(want, m.To)
		}
		if len(want) > 0 {
			t.Errorf("nothing for %v", want)
		}
	})
}
