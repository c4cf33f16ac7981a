package campaign

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

func kindsOf(st *Story) string {
	var kinds []string
	for _, m := range st.Moments {
		kinds = append(kinds, string(m.Kind))
	}
	return strings.Join(kinds, " ")
}

func TestTheStoryOfADelivery(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := &moody{replies: map[string]string{"p1@example.org": "451 4.7.1 <p1@example.org> greylisted"}}
		h := newHouseWith(t, d, m.script)
		ids := h.contacts(1)
		ctx := context.Background()
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
		h.settle()
		id, _ := BatchRef{c.Steps[0].ID, 0}.ids()
		st, err := h.Story(ctx, h.officer, id)
		h.must(err)
		if kindsOf(&st) != "planned deferred" || st.Next.Kind != NextWaits || st.Next.At == nil || !st.Next.At.Equal(*st.Until) {
			t.Errorf("refused for now: %s, next %+v", kindsOf(&st), st.Next)
		}
		m.say("p1@example.org", "")
		h.clock.Advance(time.Hour)
		h.settle()
		h.insert(`insert into contribution (cycle_id, contact_id, delivery_id, state, channel, capacity, name, language, started_at, updated_at)
values (?, ?, ?, 'draft', 'form', 'individual', 'n', 'en', ?, ?)`, h.cycleID, ids[0], id, h.Now(), h.Now())
		if st, err = h.Story(ctx, h.officer, id); err != nil || kindsOf(&st) != "planned deferred accepted opened" {
			t.Errorf("accepted: %s, %v", kindsOf(&st), err)
		}
		if st.Next.Kind != NextFollowUp || st.Next.Step != 2 || st.Address != "p1@example.org" {
			t.Errorf("next %+v, to %q", st.Next, st.Address)
		}
		raw := string(st.Message)
		if !strings.Contains(raw, "preview") || strings.Contains(raw, h.Links.Token(link.Respond, link.Target{CycleID: h.cycleID, ContactID: ids[0], DeliveryID: id})) || !strings.Contains(raw, "p1@example.org") {
			t.Errorf("the message is\n%s", raw)
		}
		taken := string(h.server.Messages()[0].Data)
		for _, name := range []string{"Subject: ", "Date: ", "Message-ID: ", "Content-Language: "} {
			if got, want := headerOf(raw, name), headerOf(taken, name); got == "" || got != want {
				t.Errorf("%s%q, was sent with %q", name, got, want)
			}
		}
		lead := account.Actor{Roles: []account.Role{account.Lead}}
		if st, err = h.Story(ctx, lead, id); err != nil || st.Address != "" || strings.Contains(string(st.Message), "p1@example.org") ||
			strings.Contains(st.Moments[1].Try.Reply, "p1@") {
			t.Errorf("a lead reads the address: %q %q %v", st.Address, st.Moments[1].Try.Reply, err)
		}
		if _, err := h.Story(ctx, account.Actor{Who: h.officer.Who, Roles: []account.Role{account.Volunteer}}, id); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer: %v", err)
		}
		if _, err := h.Story(ctx, h.officer, 7); !errs.Is(err, errs.NotFound) {
			t.Errorf("no such delivery: %v", err)
		}
		courses, err := h.Courses(ctx, h.officer, h.cycleID, ids[0])
		if err != nil || len(courses) != 1 || len(courses[0].Deliveries) != 1 || courses[0].Next.Kind != NextFollowUp {
			t.Errorf("how the contact fares: %+v, %v", courses, err)
		}
	})
}

func headerOf(raw, name string) string {
	for line := range strings.Lines(raw) {
		if v, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
