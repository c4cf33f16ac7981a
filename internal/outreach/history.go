package outreach

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Held is a claim with what its volunteer needs to go on.
type Held struct {
	Claim
	Card
	Attempts []Try  // in this cycle, by anybody, the newest first
	Earlier  []Past // claims of others before, with the notes that they left
	Reasons  []Reason
	Next     string
	Offer    *Offer // to a colleague: open, or declined by one
	OfferTo  string // whom it was made to
}

// Offered says whether the claim waits for a colleague's answer.
func (h Held) Offered() bool { return h.Offer != nil && h.Offer.State == Offered }

// Refused says whether a colleague said no and nobody else was asked since.
func (h Held) Refused() bool { return h.Offer != nil && h.Offer.State == Refused }

// Left is how much of the lease is left at now; zero where it is over.
func (h Held) Left(now time.Time) time.Duration { return max(0, h.ExpiresAt.Sub(now)) }

// Try is an attempt with the name of who made it.
type Try struct {
	Attempt
	Volunteer string
}

// Past is a claim with the name of who holds or held it.
type Past struct {
	Claim
	Volunteer string
}

// History is what was done about a contact in a cycle, the newest first.
type History struct {
	Claims    []Past
	Attempts  []Try
	Responded bool // a contribution of the contact counts
}

// Mine lists the actor's live claims in a cycle, the one that ends first first.
func (s *Service) Mine(ctx context.Context, by account.Actor, cycleID int64) ([]Held, error) {
	if err := by.Require(account.OutreachRead); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	claims, err := liveOf(tx, cycleID, by.ID, s.Now())
	if err != nil {
		return nil, errs.Wrap("outreach.mine", err)
	}
	held := make([]Held, len(claims))
	if len(claims) == 0 {
		return held, nil
	}
	p, err := s.profileIn(tx, by.ID)
	if err != nil {
		return nil, errs.Wrap("outreach.mine", err)
	}
	p.speak(by.Language)
	ids := make([]int64, len(claims))
	for i, c := range claims {
		ids[i] = c.ID
		if held[i], err = s.heldOf(tx, c, p); err != nil {
			return nil, errs.Wrap("outreach.mine", err)
		}
	}
	offers, err := offersOf(tx, ids)
	for i, id := range ids {
		if o, ok := offers[id]; ok {
			held[i].Offer, held[i].OfferTo = &o.Offer, o.Name
		}
	}
	return held, errs.Wrap("outreach.mine", err)
}

func (s *Service) heldOf(tx *db.Tx, c Claim, p profile) (Held, error) {
	h := Held{Claim: c}
	var err error
	if h.Card, err = cardOf(tx, c.CycleID, c.ContactID); err != nil {
		return h, err
	}
	if h.Attempts, err = attemptsOn(tx, c.CycleID, c.ContactID); err != nil {
		return h, err
	}
	past, err := claimsOn(tx, c.CycleID, c.ContactID)
	for _, other := range past {
		if other.ID != c.ID && other.State != Active {
			h.Earlier = append(h.Earlier, other)
		}
	}
	_, h.Reasons = p.match(s.Reference, &h.Card)
	h.Next = nextFor(h, s.Now())
	return h, err
}

// Ended is a claim that ended without its volunteer, with the name of the contact.
type Ended struct {
	Claim
	Name string
}

// noticeFor is how long a volunteer is told on their page of a claim that was taken from them.
const noticeFor = 14 * 24 * time.Hour

// TakenFrom lists the actor's claims that were revoked in the last two weeks, the newest first, each with
// the reason. What they were told of it is all that they see: the address is hidden again.
func (s *Service) TakenFrom(ctx context.Context, by account.Actor, cycleID int64) ([]Ended, error) {
	if err := by.Require(account.OutreachRead); err != nil {
		return nil, err
	}
	all, err := takenFrom(s.DB.Read(ctx), cycleID, by.ID, s.Now().Add(-noticeFor))
	return all, errs.Wrap("outreach.taken_from", err)
}

// nextFor is the message key of what to do next about a claim.
func nextFor(h Held, now time.Time) string {
	if h.Purpose == FindAddress {
		return "outreach.next.find_address"
	}
	if h.Purpose == Brief {
		return "outreach.next.brief"
	}
	if !h.Usable && h.Bounced {
		return "outreach.next.find_again"
	}
	last, own := h.lastTry()
	switch last.Outcome {
	case NoAnswer:
		return "outreach.next.try_again"
	case WrongAddress:
		return "outreach.next.wrong_address"
	case Promised:
		if last.PromisedUntil != nil && !now.Before(*last.PromisedUntil) {
			return "outreach.next.promise_over"
		}
		return "outreach.next.promised"
	case Declined, Responded:
		return "outreach.next.finish"
	case MailSent:
		if own {
			return "outreach.next.sent"
		}
	case Reached:
		if own {
			return "outreach.next.reached"
		}
	}
	return "outreach.next.reach_out"
}

// lastTry is the newest attempt under the claim or one that it follows: the work goes on, whoever does it. Own
// says that the holder made it. What was tried under claims that somebody let go is history only.
func (h Held) lastTry() (last Try, own bool) {
	chain := []int64{h.ID}
	for before := h.PredecessorID; before != nil && !slices.Contains(chain, *before); {
		chain = append(chain, *before)
		at := slices.IndexFunc(h.Earlier, func(p Past) bool { return p.ID == *before })
		if at < 0 {
			break
		}
		before = h.Earlier[at].PredecessorID
	}
	at := slices.IndexFunc(h.Attempts, func(t Try) bool { return slices.Contains(chain, t.ClaimID) })
	if at < 0 {
		return Try{}, false
	}
	return h.Attempts[at], h.Attempts[at].ClaimID == h.ID
}

// History gives the claims and attempts on a contact in a cycle, to whoever may see the contact.
// The caller has asked the contacts' room for it first, which knows the actor's countries.
func (s *Service) History(ctx context.Context, by account.Actor, cycleID, contactID int64) (History, error) {
	if err := by.Require(account.ContactRead); err != nil {
		return History{}, err
	}
	tx := s.DB.Read(ctx)
	card, err := cardOf(tx, cycleID, contactID)
	if db.IsNotFound(err) {
		return History{}, nil
	}
	if err != nil {
		return History{}, errs.Wrap("outreach.history", err)
	}
	if by.RequireOn(account.ContactRead, false, card.Country) != nil {
		return History{}, errs.E(errs.NotFound, "error.not_found")
	}
	h := History{Responded: card.Responded}
	if h.Claims, err = claimsOn(tx, cycleID, contactID); err != nil {
		return History{}, errs.Wrap("outreach.history", err)
	}
	h.Attempts, err = attemptsOn(tx, cycleID, contactID)
	return h, errs.Wrap("outreach.history", err)
}

// Declared is a connection with the name of the organization that it is to, "" for any other.
type Declared struct {
	Connection
	Name string
}

// Connections lists what the actor has declared.
func (s *Service) Connections(ctx context.Context, by account.Actor) ([]Declared, error) {
	if err := by.Require(account.OutreachRead); err != nil {
		return nil, err
	}
	all, err := declaredBy(s.DB.Read(ctx), by.ID)
	return all, errs.Wrap("outreach.connections", err)
}

// Connect declares a connection of the actor. One that is there already is no error.
func (s *Service) Connect(ctx context.Context, by account.Actor, kind Kind, value string) (Connection, error) {
	if err := by.Require(account.OutreachRead); err != nil {
		return Connection{}, err
	}
	c := Connection{AccountID: by.ID, Kind: kind, Value: strings.TrimSpace(value)}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		ok, err := s.meaningful(tx, c)
		if err != nil {
			return err
		}
		if !slices.Contains(Kinds(), kind) {
			return errs.InvalidFields(errs.FieldError("kind", "field.choice"))
		}
		if !ok {
			return errs.InvalidFields(errs.FieldError("value", "outreach.connection.unknown"))
		}
		added, err := insertConnection(tx, &c)
		if err != nil || !added {
			return err
		}
		return s.recordConnection(tx, by, "connection.added", c)
	})
	return c, errs.Wrap("outreach.connect", err)
}

// Disconnect takes a connection of the actor back.
func (s *Service) Disconnect(ctx context.Context, by account.Actor, id int64) error {
	if err := by.Require(account.OutreachRead); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := connectionByID(tx, by.ID, id)
		if db.IsNotFound(err) {
			return errs.E(errs.NotFound, "error.not_found")
		}
		if err != nil {
			return err
		}
		if err := deleteConnection(tx, id); err != nil {
			return err
		}
		return s.recordConnection(tx, by, "connection.removed", c)
	})
	return errs.Wrap("outreach.disconnect", err)
}

func (s *Service) recordConnection(tx *db.Tx, by account.Actor, action string, c Connection) error {
	return audit.Record(tx, by.Who, s.Now(), audit.Change{
		Action: action, ObjectKind: "account", ObjectID: by.ID, After: map[string]any{"kind": c.Kind, "value": c.Value},
	})
}

// meaningful says whether the value is one of its kind.
func (s *Service) meaningful(tx *db.Tx, c Connection) (bool, error) {
	switch c.Kind {
	case SpeaksLanguage:
		return isLanguage(c.Value), nil
	case KnowsCountry:
		return s.isCountry(c.Value), nil
	case KnowsGroup:
		_, ok := s.Reference.Group(c.Value)
		return ok, nil
	case KnowsRegion:
		return geo.Region(c.Value).Valid(), nil
	case KnowsRIR:
		return slices.ContainsFunc(s.Reference.Countries(), func(k geo.Country) bool { return k.RIR == c.Value && c.Value != "" }), nil
	case KnowsExpertise:
		return slices.ContainsFunc(s.Reference.Expertise(), func(e geo.Expertise) bool { return e.Tag == c.Value }), nil
	case HasConflict:
		if s.isCountry(c.Value) {
			return true, nil
		}
	}
	id, err := strconv.ParseInt(c.Value, 10, 64)
	if err != nil {
		return false, nil //nolint:nilerr // what is no number is no organization
	}
	return isOrganization(tx, id)
}

func (s *Service) isCountry(code string) bool {
	_, ok := s.Reference.Country(code)
	return ok
}
