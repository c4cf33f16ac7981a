package campaign

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// letters count what volunteers are told.
type letters struct {
	prepared, stored [][]Turn
	during           func() // what happens while one is written
}

type turnLetter struct {
	l     *letters
	turns []Turn
}

func (l *letters) PrepareTurns(_ context.Context, _ int64, turns []Turn) (Notice, error) {
	l.prepared = append(l.prepared, turns)
	if l.during != nil {
		l.during()
	}
	return turnLetter{l, turns}, nil
}

func (n turnLetter) Store(*db.Tx) error {
	n.l.stored = append(n.l.stored, n.turns)
	return nil
}

func (turnLetter) Wake(context.Context) {}

// followedUp is a campaign whose follow-up is due for four contacts, of whom the officer has claimed the first two.
func (h *house) followedUp() (Campaign, []int64) {
	h.t.Helper()
	ids := h.contacts(4)
	c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
	h.settle()
	h.clock.Advance(6 * day)
	h.claim(ids[0], "reach_out", h.Now().Add(7*day))
	h.claim(ids[1], "reach_out", h.Now().Add(7*day))
	h.clock.Advance(day)
	h.settle()
	return c, ids
}

func TestAFollowUpIsTheVolunteersFirst(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		told := &letters{}
		h.Turned = told
		c, ids := h.followedUp()
		step := c.Steps[1].ID
		compare(t, "while they are claimed", h.states(step), map[string]int{"sent": 2, "deferred volunteer_first": 2})
		h.settle()
		if len(told.stored) != 1 || len(told.stored[0]) != 2 || told.stored[0][0].Contact != "Person 1" {
			t.Errorf("told %+v", told.stored)
		}
		turns, err := h.Turns(context.Background(), h.officer, h.cycleID)
		if err != nil || len(turns) != 2 || !turns[0].Until.Equal(start.Add(13*day)) {
			t.Errorf("on their page: %+v, %v", turns, err)
		}
		courses, err := h.Courses(context.Background(), h.officer, h.cycleID, ids[0])
		if err != nil || courses[0].Next.Kind != NextVolunteer || courses[0].Next.Volunteer != "officer" {
			t.Errorf("what comes next: %+v, %v", courses, err)
		}

		// One claim ends before its time, the other is extended and then ends.
		h.write("update claim set state = 'released' where contact_id = ?", ids[0])
		h.settle()
		compare(t, "handed back", h.states(step), map[string]int{"sent": 3, "deferred volunteer_first": 1})
		h.write("update claim set expires_at = ? where contact_id = ?", start.Add(20*day), ids[1])
		h.clock.Advance(7 * day)
		h.settle()
		compare(t, "extended", h.states(step), map[string]int{"sent": 3, "deferred volunteer_first": 1})
		h.clock.Advance(7 * day)
		h.settle()
		compare(t, "over", h.states(step), map[string]int{"sent": 4})
		if len(told.stored) != 1 {
			t.Errorf("told %d times", len(told.stored))
		}
		if n := h.number("select count(*) from volunteer_turn"); n != 0 {
			t.Errorf("%d turns are left", n)
		}
		if c = h.load(c.ID); c.State != Sent {
			t.Errorf("the campaign is %s", c.State)
		}
	})
}

// A volunteer who writes takes the slot: the campaign does not write as well.
func TestAVolunteerTakesTheirTurn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		c, ids := h.followedUp()
		claim := int64(h.number("select id from claim where contact_id = ?", ids[0]))
		m, err := h.PersonalMessage(context.Background(), h.officer, claim, PersonalDraft{})
		if err != nil || m.Refusal != nil || m.Step.Position != 2 {
			t.Fatalf("ready to send: step %d, %v, %v", m.Step.Position, m.Refusal, err)
		}
		_, err = h.SendPersonal(context.Background(), h.officer, claim, PersonalOrder{})
		h.must(err)
		h.settle()
		compare(t, "afterwards", h.states(c.Steps[1].ID), map[string]int{"sent": 2, "skipped sent_personally": 1, "deferred volunteer_first": 1})
		h.clock.Advance(30 * day)
		h.settle()
		got := 0
		for _, m := range h.server.Messages() {
			if m.To == "p1@example.org" {
				got++
			}
		}
		if got != 2 {
			t.Errorf("%d messages to one whom a volunteer wrote to, want the call and the follow-up", got)
		}
	})
}

// While it waits for the volunteer, whatever stops a follow-up stops it: what holds when the claim ends decides.
func TestWhatStopsAFollowUpThatWaits(t *testing.T) {
	t.Parallel()
	stops := map[string]struct {
		change func(h *house, id int64)
		want   string
	}{
		"answered":             {func(h *house, id int64) { h.respond(id) }, "skipped responded"},
		"the organization did": {func(h *house, id int64) { organizationResponds(h, id, Campaign{}) }, "skipped responded"},
		"only opened the form": {func(h *house, id int64) { h.respond(id); h.write("update contribution set state = 'draft'") }, "sent"},
		"opted out":            {func(h *house, _ int64) { h.suppress("p1@example.org") }, "skipped suppressed"},
		"declined to the volunteer": {func(h *house, id int64) {
			h.insert(`insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at) select id, cycle_id, contact_id, volunteer_id, 'call', 'declined', ? from claim where contact_id = ?`, h.Now(), id)
		}, "skipped declined"},
		"nothing": {func(*house, int64) {}, "sent"},
	}
	for name, tt := range stops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				c, ids := h.followedUp()
				tt.change(h, ids[0])
				h.clock.Advance(8*day + time.Hour)
				h.settle()
				want := map[string]int{"sent": 3}
				want[tt.want]++
				compare(t, "afterwards", h.states(c.Steps[1].ID), want)
			})
		})
	}
}

// While one letter is written, a turn that it names may end: whoever is left is told all the same.
func TestATurnThatEndsMeanwhileKeepsNoLetterBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		_, ids := h.followedUp()
		told := &letters{during: func() {
			h.write("delete from volunteer_turn where delivery_id in (select id from delivery where contact_id = ?)", ids[0])
		}}
		h.Turned = told
		h.must(h.tellTurns(context.Background()))
		told.during = nil
		h.must(h.tellTurns(context.Background()))
		if len(told.stored) != 1 || len(told.stored[0]) != 1 || told.stored[0][0].ContactID != ids[1] {
			t.Errorf("told %+v", told.stored)
		}
	})
}

// Two follow-ups can wait for one volunteer. When the claim ends, they do not come on one day.
func TestTwoFollowUpsThatWaitedComeApart(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		id := h.contacts(1)[0]
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch}, StepDraft{OffsetDays: 14, OffsetFrom: FromLaunch})
		h.settle()
		h.claim(id, "reach_out", start.Add(20*day))
		h.clock.Advance(7 * day)
		h.settle()
		h.clock.Advance(7 * day)
		h.settle()
		compare(t, "the first while it is claimed", h.states(c.Steps[1].ID), map[string]int{"skipped overtaken": 1})
		compare(t, "the second while it is claimed", h.states(c.Steps[2].ID), map[string]int{"deferred volunteer_first": 1})
		h.clock.Advance(7 * day)
		// As two workers may take them: the later one first, or both before either is stored.
		h.must(h.SendBatch(context.Background(), BatchRef{c.Steps[2].ID, 0}))
		h.must(h.SendBatch(context.Background(), BatchRef{c.Steps[1].ID, 0}))
		h.settle()
		if got := len(h.server.Messages()); got != 2 {
			t.Errorf("%d messages by the day on which the claim ended, want the call and one reminder", got)
		}
	})
}

// A campaign that was paused through the day of its next follow-up goes on with both: they do not come on one day.
func TestAPauseDoesNotBringTwoFollowUpsAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(1)
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch}, StepDraft{OffsetDays: 14, OffsetFrom: FromLaunch})
		h.settle()
		h.clock.Advance(7 * day)
		h.queue.clear()
		h.must(h.Sweep(t.Context()))
		h.must(h.RunLaunch(t.Context(), c.Steps[1].ID)) // the first reminder waits in its batch
		_, err := h.Pause(t.Context(), h.officer, c.ID)
		h.must(err)
		h.clock.Advance(8 * day)
		_, err = h.Resume(t.Context(), h.officer, c.ID)
		h.must(err)
		h.queue.clear()
		h.must(h.Sweep(t.Context()))
		if step := h.load(c.ID).Steps[2]; step.State == StepLaunching {
			h.must(h.RunLaunch(t.Context(), step.ID))
			h.must(h.SendBatch(t.Context(), BatchRef{step.ID, 0})) // as another worker may, before the first reminder left
		}
		h.settle()
		compare(t, "the second reminder", h.states(c.Steps[2].ID), map[string]int{"deferred own_day": 1})
		if got := len(h.server.Messages()); got != 2 {
			t.Errorf("%d messages, want the call and one reminder", got)
		}
	})
}

// Where the campaign's message comes soon after the one before, a volunteer is told when they can write, and not before.
func TestAVolunteerIsToldWhenTheyCanWrite(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		told := &letters{}
		h.Turned = told
		id := h.contacts(1)[0]
		c := h.launched(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
		h.settle()
		h.claim(id, "reach_out", start.Add(7*day))
		h.clock.Advance(day)
		_, err := h.LaunchStep(ctx, h.officer, c.ID, 2)
		h.must(err)
		h.settle()
		compare(t, "the follow-up", h.states(c.Steps[1].ID), map[string]int{"deferred volunteer_first": 1})
		turns, err := h.Turns(ctx, h.officer, h.cycleID)
		if err != nil || len(turns) != 0 || len(told.stored) != 0 {
			t.Errorf("a day after the call: %+v, told %d times, %v", turns, len(told.stored), err)
		}
		h.clock.Advance(4*day + time.Minute)
		h.settle()
		turns, err = h.Turns(ctx, h.officer, h.cycleID)
		if err != nil || len(turns) != 1 || !turns[0].Since.Equal(start.Add(DaysApart*day)) || len(told.stored) != 1 {
			t.Errorf("five days after it: %+v, told %d times, %v", turns, len(told.stored), err)
		}
	})
}

// Whoever takes a claim over is told of what waits for it, and whoever handed it over reads of it no more.
func TestATurnGoesWithTheClaim(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		told := &letters{}
		h.Turned = told
		c, ids := h.followedUp()
		h.write("update claim set volunteer_id = ? where contact_id = ?", h.approver.ID, ids[0])
		h.settle()
		mine, err := h.Turns(ctx, h.approver, h.cycleID)
		if err != nil || len(mine) != 1 || mine[0].ContactID != ids[0] {
			t.Errorf("on the page of the new one: %+v, %v", mine, err)
		}
		if theirs, err := h.Turns(ctx, h.officer, h.cycleID); err != nil || len(theirs) != 1 || theirs[0].ContactID != ids[1] {
			t.Errorf("on the page of the old one: %+v, %v", theirs, err)
		}
		if len(told.stored) != 2 || told.stored[1][0].VolunteerID != h.approver.ID {
			t.Errorf("told %+v", told.stored)
		}
		compare(t, "the follow-up", h.states(c.Steps[1].ID), map[string]int{"sent": 2, "deferred volunteer_first": 2})
	})
}
