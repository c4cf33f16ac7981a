package outreach

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// PlanView is a plan to be looked at.
type PlanView struct {
	Plan
	By     string
	Groups []PlanGroup // a volunteer each, by name
	Open   []LineView  // gaps that nobody suits, and lines that were dropped
	Counts map[LineState]int
}

// PlanGroup is what a volunteer is to get.
type PlanGroup struct {
	VolunteerID int64
	Name        string
	Fit         int // the sum over the lines
	Lines       []LineView
}

// LineView is a line with what one needs to judge it.
type LineView struct {
	PlanLine
	Name             string // of the contact; "" where it is gone
	Volunteer        string
	StakeholderGroup string
	Region           string
	Country          string
	LanguageChain    string
	Because          []Reason `gorm:"-"`
}

// Plans lists the plans of a cycle, the newest first.
func (s *Service) Plans(ctx context.Context, by account.Actor, cycleID int64) ([]PlanView, error) {
	if err := by.RequireOn(account.PlanWrite, false, ""); err != nil {
		return nil, err
	}
	all, err := plansOf(s.DB.Read(ctx), cycleID)
	return all, errs.Wrap("outreach.plans", err)
}

// PlanByID gives a plan with its lines.
func (s *Service) PlanByID(ctx context.Context, by account.Actor, id int64) (PlanView, error) {
	if err := by.RequireOn(account.PlanWrite, false, ""); err != nil {
		return PlanView{}, err
	}
	tx := s.DB.Read(ctx)
	p, err := planByID(tx, id)
	if err != nil {
		return PlanView{}, errs.Wrap("outreach.plan", err)
	}
	v := PlanView{Plan: p, Counts: map[LineState]int{}}
	if v.By, err = accountName(tx, p.ProposedBy); err != nil {
		return v, errs.Wrap("outreach.plan", err)
	}
	lines, err := linesOf(tx, p)
	for _, l := range lines {
		v.Counts[l.State]++
		v.put(l)
	}
	return v, errs.Wrap("outreach.plan", err)
}

// put files a line; they come in the order of their volunteers.
func (v *PlanView) put(l LineView) {
	if l.VolunteerID == nil || l.State == LineOpen || l.State == LineDropped {
		v.Open = append(v.Open, l)
		return
	}
	if n := len(v.Groups); n == 0 || v.Groups[n-1].VolunteerID != *l.VolunteerID {
		v.Groups = append(v.Groups, PlanGroup{VolunteerID: *l.VolunteerID, Name: l.Volunteer})
	}
	g := &v.Groups[len(v.Groups)-1]
	g.Lines = append(g.Lines, l)
	g.Fit += l.Fit
}

// PlanLineByID gives one line and who could take the contact instead, the best first.
func (s *Service) PlanLineByID(ctx context.Context, by account.Actor, planID, lineID int64) (LineView, []Candidate, error) {
	if err := by.RequireOn(account.PlanWrite, false, ""); err != nil {
		return LineView{}, nil, err
	}
	tx := s.DB.Read(ctx)
	p, l, err := lineIn(tx, planID, lineID)
	if err != nil {
		return LineView{}, nil, errs.Wrap("outreach.plan_line", err)
	}
	lines, err := linesOf(tx, p)
	if err != nil {
		return LineView{}, nil, errs.Wrap("outreach.plan_line", err)
	}
	view := LineView{PlanLine: l}
	if at := slices.IndexFunc(lines, func(v LineView) bool { return v.ID == l.ID }); at >= 0 {
		view = lines[at]
	}
	card, err := listedCard(tx, &Claim{CycleID: p.CycleID, ContactID: l.ContactID})
	if errs.Is(err, errs.NotFound) {
		return view, nil, nil
	}
	if err != nil {
		return view, nil, errs.Wrap("outreach.plan_line", err)
	}
	all, err := s.candidates(tx, &card, p.CycleID)
	planned := map[int64]int{}
	for _, v := range lines {
		if v.State == LineProposed && v.ID != l.ID {
			planned[*v.VolunteerID]++
		}
	}
	for i, c := range all {
		all[i].Live += planned[c.VolunteerID]
		if c.Cannot == "" && all[i].Live >= MaxLive {
			all[i].Cannot = "outreach.candidate.full"
		}
	}
	return view, all, errs.Wrap("outreach.plan_line", err)
}

// ChangeLine proposes somebody else for a line. One who may not have the contact is errs.Invalid.
func (s *Service) ChangeLine(ctx context.Context, by account.Actor, planID, lineID, volunteerID int64) error {
	_, all, err := s.PlanLineByID(ctx, by, planID, lineID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(c Candidate) bool { return c.VolunteerID == volunteerID })
	if at < 0 {
		return errs.InvalidFields(errs.FieldError("volunteer", "field.choice"))
	}
	if all[at].Cannot != "" {
		return errs.InvalidFields(errs.FieldError("volunteer", all[at].Cannot, "Max", MaxLive))
	}
	reasons, err := json.Marshal(all[at].Reasons)
	if err != nil {
		return errs.Wrap("outreach.change_line", err)
	}
	return s.editLine(ctx, by, planID, lineID, "plan.line_changed", func(l *PlanLine) error {
		return l.Propose(volunteerID, all[at].Score, string(reasons))
	})
}

// DropLine takes a line out of a plan; the gap stays as it is.
func (s *Service) DropLine(ctx context.Context, by account.Actor, planID, lineID int64) error {
	if err := by.RequireOn(account.PlanWrite, false, ""); err != nil {
		return err
	}
	return s.editLine(ctx, by, planID, lineID, "plan.line_dropped", (*PlanLine).Drop)
}

func (s *Service) editLine(ctx context.Context, by account.Actor, planID, lineID int64, action string, step func(*PlanLine) error) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		p, l, err := lineIn(tx, planID, lineID)
		if err != nil {
			return err
		}
		if err := p.requireProposed(); err != nil {
			return err
		}
		before := l
		if err := step(&l); err != nil {
			return err
		}
		if err := saveLine(tx, &before, &l); err != nil {
			return err
		}
		return s.recordPlan(tx, by, action, p, map[LineState]int{l.State: 1})
	})
	return errs.Wrap("outreach.edit_line", err)
}

// DropPlan ends a plan without effect.
func (s *Service) DropPlan(ctx context.Context, by account.Actor, id int64) error {
	return s.endPlan(ctx, by, id, "plan.dropped", (*Plan).Drop)
}

// endPlan moves the plan, and says in the trail what became of its lines.
func (s *Service) endPlan(ctx context.Context, by account.Actor, id int64, action string, step func(*Plan, int64, time.Time) error) error {
	if err := by.RequireOn(account.PlanWrite, false, ""); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := planByID(tx, id)
		if err != nil {
			return err
		}
		if err := step(&p, by.ID, s.Now()); err != nil {
			return err
		}
		if err := savePlan(tx, &p); err != nil {
			return err
		}
		counts, err := countsOf(tx, id)
		if err != nil {
			return err
		}
		return s.recordPlan(tx, by, action, p, counts)
	})
	return errs.Wrap("outreach."+action, err)
}

// Confirmed is what came of confirming a plan.
type Confirmed struct{ Made, Overtaken, Volunteers int }

// ConfirmPlan makes the claims of a plan, one transaction for each volunteer, with one mail of what they were given and
// why: whatever breaks off in the middle leaves whole volunteers, and confirming again goes on with the rest.
// Lines that events have overtaken since the proposal are skipped and keep why.
func (s *Service) ConfirmPlan(ctx context.Context, by account.Actor, id int64) (Confirmed, error) {
	var done Confirmed
	v, err := s.PlanByID(ctx, by, id)
	if err != nil {
		return done, err
	}
	if err := v.requireProposed(); err != nil {
		return done, err
	}
	if err := s.beforeCutoff(s.DB.Read(ctx), v.CycleID); err != nil {
		return done, err
	}
	for _, g := range v.Groups {
		made, overtaken, err := s.confirmGroup(ctx, by, v.Plan, g)
		if err != nil && !errs.Is(err, errs.Conflict) { // somebody else confirms it in this moment
			return done, errs.Wrap("outreach.confirm_plan", err)
		}
		done.Made += made
		done.Overtaken += overtaken
		if made > 0 {
			done.Volunteers++
		}
	}
	return done, s.endPlan(ctx, by, id, "plan.confirmed", (*Plan).Confirm)
}

func (s *Service) confirmGroup(ctx context.Context, by account.Actor, p Plan, g PlanGroup) (made, overtaken int, err error) {
	var m Message
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n := GivenNotice{VolunteerID: g.VolunteerID, Officer: by.Name}
		if err := lockVolunteer(tx, g.VolunteerID); err != nil {
			return err
		}
		if err := lockContacts(tx, g.contacts()...); err != nil {
			return err
		}
		for _, view := range g.Lines {
			if view.State != LineProposed {
				continue
			}
			before, after := view.PlanLine, view.PlanLine
			c := s.newClaim(p.CycleID, view.ContactID, g.VolunteerID, view.Purpose)
			item, err := s.give(tx, by, &c, "claim.given")
			switch {
			case err == nil:
				err = after.Confirm(c.ID)
				n.Items, n.ExpiresAt = append(n.Items, item), c.ExpiresAt
			case errs.Is(err, errs.Conflict), errs.Is(err, errs.NotFound), errs.Is(err, errs.Invalid):
				overtaken++
				err = after.Overtake(overtakenBy(err))
			}
			if err != nil {
				return err
			}
			if err := saveLine(tx, &before, &after); err != nil {
				return err
			}
		}
		made = len(n.Items)
		var err error
		m, err = s.tellGiven(tx.Context(), tx, n)
		return err
	})
	wake(ctx, m, err)
	if err != nil {
		return 0, 0, err
	}
	return made, overtaken, nil
}

// contacts are those of the lines.
func (g PlanGroup) contacts() []int64 {
	ids := make([]int64, len(g.Lines))
	for i, l := range g.Lines {
		ids[i] = l.ContactID
	}
	return ids
}

// overtakenBy is a sentence without names and times, which a line keeps.
func overtakenBy(err error) string {
	key, _ := errs.Message(err)
	switch key {
	case "outreach.claim.conflict_of_interest.other", "outreach.claim.opted_out", "outreach.claim.responded", "outreach.claim.has_address",
		"outreach.contact_not_listed":
		return key
	case "outreach.claim.too_many.other":
		return "outreach.candidate.full"
	case "outreach.claim.cooldown.other":
		return "outreach.candidate.resting"
	case "outreach.claim.held":
		return "outreach.plan.overtaken.held"
	}
	return "outreach.plan.overtaken.volunteer"
}
