package outreach_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/outreach"
)

func (h *house) plan(id int64) outreach.PlanView {
	h.t.Helper()
	v, err := h.PlanByID(context.Background(), h.officer, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// line finds the line of a contact.
func line(t *testing.T, v outreach.PlanView, name string) outreach.LineView {
	t.Helper()
	for _, g := range v.Groups {
		for _, l := range g.Lines {
			if l.Name == name {
				return l
			}
		}
	}
	for _, l := range v.Open {
		if l.Name == name {
			return l
		}
	}
	t.Fatalf("no line of %s in %+v", name, v)
	return outreach.LineView{}
}

func TestAssignTheRest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w := h.volunteer("v"), h.volunteer("w") // both speak Spanish
		if _, err := h.Connect(ctx, v, outreach.KnowsGroup, geo.GroupMedia); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Connect(ctx, w, outreach.HasConflict, "CL"); err != nil {
			t.Fatal(err)
		}
		media := h.add(contact.Draft{Name: "Media", Languages: "es", StakeholderGroup: geo.GroupMedia, Email: "m@example.org"})
		h.add(contact.Draft{Name: "Chile", Languages: "es", Country: "CL"})
		h.add(contact.Draft{Name: "Chinese", Languages: "zh", Country: "CN", StakeholderGroup: geo.GroupMedia})
		h.add(contact.Draft{Name: "Stranger", Languages: "th", Country: "TH"})
		taken := h.add(contact.Draft{Name: "Taken", Languages: "es"})
		rested := h.add(contact.Draft{Name: "Rested", Languages: "es", Country: "CL"})
		h.take(w, taken, outreach.ReachOut)
		c := h.take(v, rested, outreach.ReachOut)
		if _, err := h.Release(ctx, v, c.ID, ""); err != nil {
			t.Fatal(err)
		}
		_, err := h.ProposePlan(ctx, v, h.cycle)
		wantKey(t, "a volunteer", err, errs.Forbidden, "error.forbidden")
		p, err := h.ProposePlan(ctx, h.officer, h.cycle)
		if err != nil {
			t.Fatal(err)
		}
		seen := h.plan(p.ID)
		for name, why := range map[string]string{"Chinese": "language", "Stranger": "nobody", "Rested": "kept"} {
			if l := line(t, seen, name); l.State != outreach.LineOpen || l.Why != "outreach.plan.why."+why {
				t.Errorf("%s: %s, %s", name, l.State, l.Why)
			}
		}
		for name, who := range map[string]int64{"Media": v.ID, "Chile": v.ID} {
			if l := line(t, seen, name); l.State != outreach.LineProposed || *l.VolunteerID != who || len(l.Because) == 0 {
				t.Errorf("%s: %+v", name, l)
			}
		}
		if seen.Counts[outreach.LineProposed] != 2 || h.count("select count(*) from claim where state = 'active'") != 1 {
			t.Errorf("counts %v: a proposal claims nothing", seen.Counts)
		}
		// An officer changes single lines, within the rules.
		at := line(t, seen, "Chile")
		err = h.ChangeLine(ctx, h.officer, p.ID, at.ID, w.ID)
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Key != "outreach.claim.conflict_of_interest.other" {
			t.Errorf("a conflict of interest: %v", err)
		}
		if err := h.ChangeLine(ctx, h.officer, p.ID, line(t, seen, "Chinese").ID, w.ID); err != nil {
			t.Errorf("an officer may know better: %v", err)
		}
		if err := h.DropLine(ctx, h.officer, p.ID, at.ID); err != nil {
			t.Fatal(err)
		}
		wantKey(t, "dropped twice", h.DropLine(ctx, h.officer, p.ID, at.ID), errs.Conflict, "outreach.plan.over")
		// An hour later somebody has taken one of them.
		h.now = h.now.Add(time.Hour)
		h.take(h.volunteer("z"), media, outreach.ReachOut)
		done, err := h.ConfirmPlan(ctx, h.officer, p.ID)
		if err != nil || done.Made != 1 || done.Overtaken != 1 || done.Volunteers != 1 {
			t.Fatalf("confirmed: %+v, %v", done, err)
		}
		seen = h.plan(p.ID)
		if l := line(t, seen, "Media"); l.State != outreach.LineOvertaken || l.Why != "outreach.plan.overtaken.held" {
			t.Errorf("overtaken: %+v", l)
		}
		if l := line(t, seen, "Chinese"); l.State != outreach.LineConfirmed || l.ClaimID == nil || h.state(*l.ClaimID) != outreach.Active {
			t.Errorf("made: %+v", l)
		}
		if len(h.told) != 1 || h.told[0] != fmt.Sprintf("given to %d: 1", w.ID) {
			t.Errorf("one mail each: %q", h.told)
		}
		_, err = h.ConfirmPlan(ctx, h.officer, p.ID)
		wantKey(t, "twice", err, errs.Conflict, "outreach.plan.over")
		second, err := h.ProposePlan(ctx, h.officer, h.cycle)
		if err != nil {
			t.Fatal(err)
		}
		third, err := h.ProposePlan(ctx, h.officer, h.cycle)
		if err != nil || h.plan(second.ID).State != outreach.PlanDropped || h.plan(third.ID).State != outreach.PlanProposed {
			t.Errorf("a new proposal drops the one before: %v", err)
		}
		if h.events("plan.proposed") != 3 || h.events("plan.confirmed") != 1 || h.events("plan.dropped") != 1 || h.events("claim.given") != 1 {
			t.Error("events are missing")
		}
	})
}

// A plan gives nobody more than the cap, whatever they hold already.
func TestPlansRespectTheCap(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	v := h.volunteer("v")
	for range 4 {
		h.take(v, h.add(contact.Draft{Name: "Held", Languages: "es"}), outreach.ReachOut)
	}
	for i := range 9 {
		h.add(contact.Draft{Name: fmt.Sprint("Open ", i), Languages: "es"})
	}
	p, err := h.ProposePlan(ctx, h.officer, h.cycle)
	if err != nil {
		t.Fatal(err)
	}
	seen := h.plan(p.ID)
	if seen.Counts[outreach.LineProposed] != 6 || len(seen.Open) != 3 || seen.Open[0].Why != "outreach.plan.why.full" {
		t.Errorf("counts %v, open %+v", seen.Counts, seen.Open)
	}
	if done, err := h.ConfirmPlan(ctx, h.officer, p.ID); err != nil || done.Made != 6 {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestFillMyPlate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w := h.volunteer("v"), h.volunteer("w")
		for i := range 12 {
			h.add(contact.Draft{Name: fmt.Sprintf("C%02d", i), Languages: "es", Email: fmt.Sprintf("c%d@example.org", i)})
		}
		_, _, err := h.Plate(ctx, v, h.cycle, 0)
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != "count" {
			t.Errorf("none: %v", err)
		}
		gaps, room, err := h.Plate(ctx, v, h.cycle, outreach.PlateDefault)
		if err != nil || len(gaps) != 3 || room != outreach.MaxLive || h.events("claim.made") != 0 {
			t.Fatalf("%d gaps, room %d, %v", len(gaps), room, err)
		}
		h.take(w, gaps[1].ContactID, gaps[1].Purpose)
		picks := []outreach.Pick{}
		for _, g := range gaps {
			picks = append(picks, outreach.Pick{ContactID: g.ContactID, Purpose: g.Purpose})
		}
		picked, err := h.TakePlate(ctx, v, h.cycle, picks)
		if err != nil || picked[0].Refused != nil || picked[2].Refused != nil || picked[1].Name != gaps[1].Name {
			t.Fatalf("%+v, %v", picked, err)
		}
		wantKey(t, "taken meanwhile", picked[1].Refused, errs.Conflict, "outreach.claim.held")
		if gaps, room, err = h.Plate(ctx, v, h.cycle, 10); err != nil || len(gaps) != 8 || room != 8 {
			t.Errorf("up to the cap: %d of %d, %v", len(gaps), room, err)
		}
	})
}
