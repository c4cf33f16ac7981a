package contact

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// PairState is what became of a pair that may be one.
type PairState string

// The states: open → dismissed | merged; merged → open when the merge is taken back.
const (
	PairOpen      PairState = "open"
	PairDismissed PairState = "dismissed" // somebody said that they are not the same, and is not asked again
	PairMerged    PairState = "merged"
)

// Pair are two contacts that may be one and the same.
type Pair struct {
	ID          int64
	LowID       int64
	HighID      int64
	Score       int    // 0 to 100
	Reasons     string // codes of what speaks for it, the strongest first, separated by spaces: see Evidence
	State       PairState
	FoundAt     time.Time
	DecidedBy   *int64
	DecidedAt   *time.Time
	ChangesetID *int64 // of the merge
}

// ReasonCodes are its reasons one by one. Each has a text duplicate.reason.<code>.
func (p Pair) ReasonCodes() []string { return strings.Fields(p.Reasons) }

// Dismiss says that they are not the same.
func (p *Pair) Dismiss(by int64, now time.Time) error {
	if p.State != PairOpen {
		return errs.E(errs.Conflict, "duplicate.decided")
	}
	p.State, p.DecidedBy, p.DecidedAt = PairDismissed, &by, &now
	return nil
}

// ListedPair is a pair with what tells its contacts apart at a glance.
type ListedPair struct {
	Pair
	Low, High PairSide
}

// PairSide is one contact of a pair.
type PairSide struct {
	ContactID    int64
	Kind         Kind
	Name         string
	Organization string
	Country      string
}

// pairsPage is how many pairs a page holds.
const pairsPage = 50

// Duplicates lists the open pairs by score, the likeliest first; after is the pair that the page starts behind, nil for
// the first. More says whether others follow.
func (s *Service) Duplicates(ctx context.Context, by account.Actor, after *Pair, limit int) (page []ListedPair, more bool, err error) {
	if err := by.RequireOn(account.ContactMerge, false, ""); err != nil {
		return nil, false, err
	}
	if limit <= 0 || limit > maxPageSize {
		limit = pairsPage
	}
	page, err = openPairs(s.DB.Read(ctx), after, limit+1)
	if len(page) > limit {
		page, more = page[:limit], true
	}
	return page, more, errs.Wrap("contact.duplicates", err)
}

// CountDuplicates is how many pairs are open, a thousand at the most.
func (s *Service) CountDuplicates(ctx context.Context, by account.Actor) (int, error) {
	if !by.May(account.ContactMerge) {
		return 0, nil
	}
	n, err := countOpenPairs(s.DB.Read(ctx), 1000)
	return n, errs.Wrap("contact.count_duplicates", err)
}

// Pair gives a pair.
func (s *Service) Pair(ctx context.Context, by account.Actor, id int64) (Pair, error) {
	if err := by.RequireOn(account.ContactMerge, false, ""); err != nil {
		return Pair{}, err
	}
	p, err := orNotFound(pairByID(s.DB.Read(ctx), id))
	return p, errs.Wrap("contact.pair", err)
}

// DuplicatesOf lists the open pairs of one contact, the likeliest first.
func (s *Service) DuplicatesOf(ctx context.Context, by account.Actor, contactID int64) ([]ListedPair, error) {
	if !by.May(account.ContactMerge) {
		return nil, nil
	}
	all, err := openPairsOf(s.DB.Read(ctx), contactID)
	return all, errs.Wrap("contact.duplicates_of", err)
}

// Dismiss remembers that two contacts are not the same.
func (s *Service) Dismiss(ctx context.Context, by account.Actor, id int64) (Pair, error) {
	if err := by.RequireOn(account.ContactMerge, false, ""); err != nil {
		return Pair{}, err
	}
	var p Pair
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = orNotFound(pairByID(tx, id)); err != nil {
			return err
		}
		if err := p.Dismiss(by.ID, s.Now()); err != nil {
			return err
		}
		dismissed, err := saveDismissed(tx, &p)
		if err != nil {
			return err
		}
		if !dismissed {
			return errs.E(errs.Conflict, "duplicate.decided")
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "duplicate.dismissed", ObjectKind: "contact", ObjectID: p.LowID, After: map[string]any{"other": p.HighID, "score": p.Score},
		})
	})
	return p, errs.Wrap("contact.dismiss", err)
}

// FindDuplicatesIn looks for pairs of these contacts with any others, in the caller's transaction: by what they share with few
// others, so that it costs the same whatever there is. What is found for nobody any more is forgotten, dismissals stay.
func (s *Service) FindDuplicatesIn(tx *db.Tx, ids []int64) error {
	for some := range slices.Chunk(ids, scanChunk) {
		pairs, err := pairsAround(tx, some)
		if err != nil {
			return errs.Wrap("contact.find_duplicates", err)
		}
		scored, err := s.score(tx, pairs)
		if err != nil {
			return errs.Wrap("contact.find_duplicates", err)
		}
		if err := replacePairs(tx, some, scored, s.Now()); err != nil {
			return errs.Wrap("contact.find_duplicates", err)
		}
	}
	return nil
}
