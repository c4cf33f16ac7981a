package outreach

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Candidate is a volunteer in view of one contact.
type Candidate struct {
	VolunteerID int64
	Name        string
	Live        int // claims on hand
	Score       int
	Reasons     []Reason
	// Cannot is the key of the sentence that says why the volunteer may not have the contact, "" where
	// they may. Others than officers are shown only those who may.
	Cannot string
}

// crew is everybody who may be given contacts, with what matching knows of them.
type crew struct {
	members  []member
	profiles map[int64]profile
	resting  map[pair]bool // who let go of which contact lately
}

type pair struct{ contactID, volunteerID int64 }

func (s *Service) crewFor(tx *db.Tx, cycleID int64, contactIDs []int64) (crew, error) {
	now := s.Now()
	all, err := volunteers(tx, now)
	if err != nil {
		return crew{}, err
	}
	ids := make([]int64, len(all))
	for i, m := range all {
		ids[i] = m.ID
	}
	c := crew{members: all}
	if c.profiles, err = s.profilesIn(tx, ids); err != nil {
		return crew{}, err
	}
	for _, m := range all {
		p := c.profiles[m.ID]
		p.live = m.Live
		c.profiles[m.ID] = p
	}
	c.resting, err = restingPairs(tx, cycleID, contactIDs, now)
	return c, err
}

// hindrance is the key of what keeps a volunteer from a contact, "" where nothing does.
func (c crew) hindrance(m member, t *traits) string {
	switch {
	case c.profiles[m.ID].conflicted(t.Card):
		return "outreach.claim.conflict_of_interest.other"
	case m.Live >= MaxLive:
		return "outreach.candidate.full"
	case c.resting[pair{t.ContactID, m.ID}]:
		return "outreach.candidate.resting"
	}
	return ""
}

// candidates are all volunteers in view of a contact, the best first, those who may not have it last.
func (s *Service) candidates(tx *db.Tx, card *Card, cycleID int64) ([]Candidate, error) {
	c, err := s.crewFor(tx, cycleID, []int64{card.ContactID})
	if err != nil {
		return nil, err
	}
	t := traitsOf(s.Reference, card)
	all := make([]Candidate, len(c.members))
	for i, m := range c.members {
		f := c.profiles[m.ID].fit(&t, true)
		all[i] = Candidate{VolunteerID: m.ID, Name: m.Name, Live: m.Live, Score: f.score, Reasons: f.reasons, Cannot: c.hindrance(m, &t)}
	}
	slices.SortFunc(all, func(a, b Candidate) int {
		return cmp.Or(boolFirst(a.Cannot == "", b.Cannot == ""), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name), cmp.Compare(a.VolunteerID, b.VolunteerID))
	})
	return all, nil
}

func boolFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// Colleagues lists to whom the actor may hand a claim over, the best match first. Who cannot take it is
// left out without a word: the conflicts of interest of others are nobody's business.
func (s *Service) Colleagues(ctx context.Context, by account.Actor, claimID int64) (Claim, []Candidate, error) {
	if err := by.Require(account.ClaimWork); err != nil {
		return Claim{}, nil, err
	}
	tx := s.DB.Read(ctx)
	c, err := s.ownClaim(tx, by, claimID)
	if err != nil {
		return c, nil, errs.Wrap("outreach.colleagues", err)
	}
	card, err := listedCard(tx, &c)
	if err != nil {
		return c, nil, errs.Wrap("outreach.colleagues", err)
	}
	all, err := s.candidates(tx, &card, c.CycleID)
	all = slices.DeleteFunc(all, func(k Candidate) bool { return k.Cannot != "" || k.VolunteerID == c.VolunteerID })
	return c, all, errs.Wrap("outreach.colleagues", err)
}

// Candidates lists all volunteers in view of a contact, for officers who give or reassign it.
func (s *Service) Candidates(ctx context.Context, by account.Actor, cycleID, contactID int64) ([]Candidate, error) {
	if err := by.RequireOn(account.ClaimAssign, false, ""); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	card, err := listedCard(tx, &Claim{CycleID: cycleID, ContactID: contactID})
	if err != nil {
		return nil, errs.Wrap("outreach.candidates", err)
	}
	all, err := s.candidates(tx, &card, cycleID)
	return all, errs.Wrap("outreach.candidates", err)
}

// Live gives a claim that holds, for officers; errs.NotFound where it does not hold any more.
func (s *Service) Live(ctx context.Context, by account.Actor, claimID int64) (Past, error) {
	if err := by.RequireOn(account.ClaimAssign, false, ""); err != nil {
		return Past{}, err
	}
	tx := s.DB.Read(ctx)
	c, err := claimByID(tx, claimID)
	if db.IsNotFound(err) || err == nil && !c.Live(s.Now()) {
		return Past{}, errs.E(errs.NotFound, "outreach.claim.not_found")
	}
	if err != nil {
		return Past{}, errs.Wrap("outreach.live", err)
	}
	name, err := accountName(tx, c.VolunteerID)
	return Past{Claim: c, Volunteer: name}, errs.Wrap("outreach.live", err)
}

func restingPairs(tx *db.Tx, cycleID int64, contactIDs []int64, now time.Time) (map[pair]bool, error) {
	rows, err := lettingGo(tx, cycleID, contactIDs, now)
	all := make(map[pair]bool, len(rows))
	for _, r := range rows {
		all[pair{r.ContactID, r.VolunteerID}] = true
	}
	return all, err
}
