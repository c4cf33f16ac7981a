package outreach

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/outreach/assign"
)

// maxPlan bounds a plan: two hundred volunteers with ten contacts each.
const maxPlan = 2000

// someoneRatherThanNobody is added to every fit of a plan: that somebody is on a contact is worth more than that
// another contact gets a better match.
const someoneRatherThanNobody = 100

// Why a gap of a plan stays open.
const (
	whyNobody   = "outreach.plan.why.nobody"   // nobody is connected to the contact
	whyLanguage = "outreach.plan.why.language" // of those, nobody speaks its language
	whyKept     = "outreach.plan.why.kept"     // of those, all have a conflict of interest or let it go lately
	whyFull     = "outreach.plan.why.full"     // those who are left have enough on their hands
)

// ProposePlan proposes who takes what, for all open gaps of a cycle at once, those without an address
// first where there are more than 2,000. It respects caps, conflicts of interest, languages and
// cooldowns, and among all such plans has the greatest sum of fits. An earlier proposal is dropped.
func (s *Service) ProposePlan(ctx context.Context, by account.Actor, cycleID int64) (Plan, error) {
	if err := by.RequireOn(account.PlanWrite, false, ""); err != nil {
		return Plan{}, err
	}
	tx := s.DB.Read(ctx)
	if err := s.beforeCutoff(tx, cycleID); err != nil {
		return Plan{}, err
	}
	lines, err := s.draftLines(tx, cycleID)
	if err != nil {
		return Plan{}, errs.Wrap("outreach.propose_plan", err)
	}
	if len(lines) == 0 {
		return Plan{}, errs.E(errs.Conflict, "outreach.plan.nothing")
	}
	p := Plan{CycleID: cycleID, State: PlanProposed, ProposedBy: by.ID, ProposedAt: s.Now()}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.dropEarlier(tx, by, cycleID); err != nil {
			return err
		}
		if err := insertPlan(tx, &p, lines); err != nil {
			return err
		}
		return s.recordPlan(tx, by, "plan.proposed", p, countLines(lines))
	})
	return p, errs.Wrap("outreach.propose_plan", err)
}

func countLines(lines []PlanLine) map[LineState]int {
	n := map[LineState]int{}
	for _, l := range lines {
		n[l.State]++
	}
	return n
}

func (s *Service) recordPlan(tx *db.Tx, by account.Actor, action string, p Plan, lines map[LineState]int) error {
	return audit.Record(tx, by.Who, s.Now(), audit.Change{
		Action: action, ObjectKind: "plan", ObjectID: p.ID, CycleID: p.CycleID, After: map[string]any{"state": p.State, "lines": lines},
	})
}

func (s *Service) dropEarlier(tx *db.Tx, by account.Actor, cycleID int64) error {
	earlier, err := proposedPlans(tx, cycleID)
	if err != nil {
		return err
	}
	for _, p := range earlier {
		if err := p.Drop(by.ID, s.Now()); err != nil {
			return err
		}
		if err := savePlan(tx, &p); err != nil {
			return err
		}
		if err := s.recordPlan(tx, by, "plan.dropped", p, nil); err != nil {
			return err
		}
	}
	return nil
}

// draftLines solves the assignment problem of a cycle's open gaps.
func (s *Service) draftLines(tx *db.Tx, cycleID int64) ([]PlanLine, error) {
	cards, err := s.planCards(tx, cycleID)
	if err != nil {
		return nil, err
	}
	gaps := make([]Gap, 0, len(cards))
	ids := make([]int64, 0, len(cards))
	for i := range cards {
		if g, ok := s.gapOf(&cards[i], profile{}); ok {
			gaps = append(gaps, g)
			ids = append(ids, g.ContactID)
		}
	}
	c, err := s.crewFor(tx, cycleID, ids)
	if err != nil {
		return nil, err
	}
	problem, lines := s.problem(c, gaps)
	for i, at := range assign.Solve(problem).Person {
		if at == assign.Nobody {
			continue
		}
		m := c.members[at]
		t := traitsOf(s.Reference, &gaps[i].Card)
		f := c.profiles[m.ID].fit(&t, true)
		reasons, err := json.Marshal(f.reasons)
		if err != nil {
			return nil, err
		}
		if err := lines[i].Propose(m.ID, f.score, string(reasons)); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// planCards are the contacts that somebody should take on, at most maxPlan, with what the views say of them.
func (s *Service) planCards(tx *db.Tx, cycleID int64) ([]openCard, error) {
	size, err := listSize(tx, cycleID)
	if err != nil {
		return nil, err
	}
	if size <= exactUpTo {
		cards, err := openCards(tx, cycleID, 0, s.Now(), nil)
		return slices.DeleteFunc(cards, func(c openCard) bool { return c.Claimed || c.ReachHeld || c.FindHeld }), err
	}
	ids, err := planIDs(tx, cycleID, s.Now())
	var all []openCard
	for part := range slices.Chunk(ids, linesAtOnce) {
		some, err := openCards(tx, cycleID, 0, s.Now(), part)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, err
}

// problem says who may take which gap, and drafts a line of each that says why nobody takes it, should it
// come to that.
func (s *Service) problem(c crew, gaps []Gap) (assign.Problem, []PlanLine) {
	p := assign.Problem{Fit: make([][]int32, len(gaps)), Room: make([]int, len(c.members)), Burden: loadWeight}
	for i, m := range c.members {
		p.Room[i] = MaxLive - m.Live
	}
	lines := make([]PlanLine, len(gaps))
	for i := range gaps {
		p.Fit[i] = make([]int32, len(c.members))
		t := traitsOf(s.Reference, &gaps[i].Card)
		lines[i] = PlanLine{ContactID: gaps[i].ContactID, Purpose: gaps[i].Purpose, State: LineOpen, Why: c.fits(&t, p.Fit[i])}
	}
	return p, lines
}

// fits fills in how well each member suits a contact, 0 for those who may not have it, and says what
// comes in the way of all.
func (c crew) fits(t *traits, into []int32) string {
	why := whyNobody
	for i, m := range c.members {
		profile := c.profiles[m.ID]
		f := profile.fit(t, false)
		if f.ties <= 0 {
			continue
		}
		if !profile.understands(t) {
			why = worse(why, whyLanguage)
			continue
		}
		if c.resting[pair{t.ContactID, m.ID}] || profile.conflicted(t.Card) {
			why = worse(why, whyKept)
			continue
		}
		why = whyFull
		into[i] = int32(max(1, someoneRatherThanNobody+f.score))
	}
	return why
}

// worse is the reason that comes later on the way to a contact: whoever came nearest says why it failed.
func worse(a, b string) string {
	order := map[string]int{whyNobody: 0, whyLanguage: 1, whyKept: 2, whyFull: 3}
	if order[b] > order[a] {
		return b
	}
	return a
}

// understands says whether the volunteer speaks a language that the contact is known to speak; where none
// is known, one that the contact would be written to in. Somebody from the house is understood there.
func (p profile) understands(t *traits) bool {
	spoken := strings.Fields(t.Languages)
	if len(spoken) == 0 {
		spoken = t.languages
	}
	if len(spoken) == 0 {
		return true
	}
	for _, tag := range spoken {
		for _, own := range p.ties[SpeaksLanguage] {
			if base(tag) == base(own) {
				return true
			}
		}
	}
	_, house := p.organization(t)
	return house
}
