package outreach

import (
	"cmp"
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// GapKind names what is missing.
type GapKind string

// The kinds of gaps, the most pressing first.
const (
	NoAddress      GapKind = "no_address"
	BouncedAddress GapKind = "bounced_address"
	NoClaimant     GapKind = "no_claimant"
	NoLanguage     GapKind = "no_language"
	UnderTarget    GapKind = "under_target"
)

// Gap is a contact at which something is missing, with why it suits the one who asks.
type Gap struct {
	Card
	Kinds   []GapKind
	Purpose Purpose // what to claim the contact for
	Score   int
	Reasons []Reason
	Tried   int // attempts in this cycle, by anybody
}

// maxGaps bounds what one page of matched gaps is chosen from.
const maxGaps = 5000

// Gaps lists the contacts of a cycle at which something is missing and that the actor could take on
// now, those without an address that works first, and among them the best match first: an officer gets all, a volunteer those with a reason. Left out are
// contacts who opted out or have answered, who are held by somebody for the purpose, whom the actor
// has let go lately, and conflicts of interest. Of a list of more than 2,000 contacts it gives the best 60 of
// those that the actor is connected to.
func (s *Service) Gaps(ctx context.Context, by account.Actor, cycleID int64) ([]Gap, error) {
	if err := by.Require(account.OutreachRead); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	p, err := s.profileIn(tx, by.ID)
	if err != nil {
		return nil, errs.Wrap("outreach.gaps", err)
	}
	p.speak(by.Language)
	ids, err := s.candidatesFor(tx, cycleID, p, s.Now())
	if err != nil {
		return nil, errs.Wrap("outreach.gaps", err)
	}
	cards, err := openCards(tx, cycleID, by.ID, s.Now(), ids)
	if err != nil {
		return nil, errs.Wrap("outreach.gaps", err)
	}
	everything := by.Scope(account.OutreachRead) == account.All
	gaps := []Gap{}
	for i := range cards {
		g, ok := s.gapOf(&cards[i], p)
		if ok && (everything || g.Score > 0) {
			gaps = append(gaps, g)
		}
	}
	slices.SortFunc(gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), cmp.Compare(b.Score, a.Score), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.SortName, b.SortName), cmp.Compare(a.ContactID, b.ContactID))
	})
	return gaps, nil
}

// urgency puts those first whom no campaign can reach until somebody finds their address.
func urgency(g Gap) int {
	if g.Purpose == FindAddress {
		return 0
	}
	return 1
}

func rank(g Gap) int {
	return slices.Index([]GapKind{NoAddress, BouncedAddress, NoClaimant, NoLanguage, UnderTarget}, g.Kinds[0])
}

// gapOf says what is missing at a contact and to whom it matters.
func (s *Service) gapOf(c *openCard, p profile) (Gap, bool) {
	if p.conflicted(&c.Card) {
		return Gap{}, false
	}
	g := Gap{Card: c.Card, Purpose: ReachOut, Tried: c.Tried}
	held, note := c.ReachHeld, func(k GapKind, missing bool) {
		if missing {
			g.Kinds = append(g.Kinds, k)
		}
	}
	if !c.Usable {
		g.Purpose, held = FindAddress, c.FindHeld
	}
	note(NoAddress, !c.Usable && !c.Bounced)
	note(BouncedAddress, !c.Usable && c.Bounced)
	note(NoClaimant, !c.Claimed && !c.Reached)
	note(NoLanguage, c.Languages == "" && !c.Reached)
	note(UnderTarget, c.Short && !c.Reached)
	if held || len(g.Kinds) == 0 {
		return Gap{}, false
	}
	g.Score, g.Reasons = p.match(s.Reference, &c.Card)
	return g, true
}
