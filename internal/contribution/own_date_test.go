package contribution_test

import (
	"testing"
	"time"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/cycle"
)

// A body that meets before the annual meeting has a deadline of its own: its form says it, and its answer is judged by it, by
// whatever way it comes. What was judged stays so.
func TestAnOwnDateJudges(t *testing.T) {
	t.Parallel()
	end := time.Date(2017, 10, 20, 22, 0, 0, 0, time.UTC) // 20 October in Zurich
	grant := cycle.Grant{OnDate: "2017-10-20", Zone: "Europe/Zurich", Meeting: "Autumn assembly", Reason: "It decides there"}
	each(t, func(t *testing.T, k *contributiontest.Kit, clock *clocktest.Clock) {
		granted := func(who, seen int64, g cycle.Grant) int64 {
			t.Helper()
			d, err := k.Dates.GrantDate(ctx, officer, k.CycleID, who, seen, g)
			ok(t, err)
			return d.ID
		}
		handIn := func(token string) contribution.Contribution {
			t.Helper()
			_, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "Words"}})
			ok(t, err)
			c, err := k.Submit(ctx, nobody, token)
			ok(t, err)
			return c
		}
		record := func(name string, at time.Time) contribution.Contribution {
			t.Helper()
			who := k.Contact(name, "en")
			if name != "Nobody's" {
				granted(who, 0, grant)
			}
			clock.Set(end.AddDate(0, 0, 10))
			c, err := k.Record(ctx, officer, contribution.Arrival{
				CycleID: k.CycleID, ContactID: who, Channel: contribution.Meeting, ReceivedAt: at, Language: "en", Answers: contribution.Answers{"q1": "Said"},
			})
			ok(t, err)
			return c
		}
		start := time.Date(2017, 8, 1, 0, 0, 0, 0, time.UTC)
		clock.Set(start)
		ana, ben, org := k.Contact("Ana", "en"), k.Contact("Ben", "en"), k.Contact("Body", "en")
		k.Exec("update contact set kind = 'organization' where id = ?", org)
		k.Exec("insert into affiliation (contact_id, organization_id, represents, created_at) values (?, ?, ?, ?)", ben, org, true, start)
		first := granted(ana, 0, grant)
		granted(org, 0, grant)
		for _, who := range []int64{ana, ben} {
			form, err := k.Open(ctx, k.Respond(who), "en")
			if ok(t, err); !form.Deadline.At.Equal(end) || form.Deadline.Zone != "Europe/Zurich" || form.Deadline.Day.Format(time.DateOnly) != grant.OnDate {
				t.Errorf("the form of %d says %+v", who, form.Deadline)
			}
		}
		clock.Set(end.Add(-time.Microsecond))
		if c := handIn(k.Respond(ana)); c.Late || !c.DeadlineAt.Equal(end) {
			t.Errorf("in time: %v by %v", c.Late, c.DeadlineAt)
		}
		clock.Set(end)
		if c := handIn(k.Respond(ben)); !c.Late || !c.DeadlineAt.Equal(end) {
			t.Errorf("at the instant: %v by %v", c.Late, c.DeadlineAt)
		}
		later := grant
		later.OnDate = "2017-11-20"
		granted(ana, first, later)
		_, before, _, err := k.Dates.OwnDateOf(ctx, officer, k.CycleID, org)
		ok(t, err)
		granted(org, before.ID, later)
		if n := k.Count("select count(*) from contribution where late and deadline_at = ?", end); n != 1 {
			t.Errorf("a later change judged anew: %d are late", n)
		}
		for _, tt := range []struct {
			name string
			at   time.Time // it truly arrived
			late bool
		}{
			{"In time", end.Add(-time.Hour), false},
			{"Too late", end.Add(time.Hour), true},
			{"Before the grant", start.Add(-time.Hour), false},
			{"Nobody's", end.Add(-time.Hour), true},
		} {
			clock.Set(start)
			if c := record(tt.name, tt.at); c.Late != tt.late || c.DeadlineAt.Equal(end) != (tt.at.After(start) && tt.name != "Nobody's") {
				t.Errorf("recorded, %s: late %v by %v", tt.name, c.Late, c.DeadlineAt)
			}
		}
	})
}
