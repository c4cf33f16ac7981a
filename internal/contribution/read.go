package contribution

import (
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Page sizes.
const (
	DefaultLimit = 25
	MaxLimit     = 100
)

// Filter narrows the officers' list; zero values do not narrow.
type Filter struct {
	CycleID int64
	State   State
	Before  int64 // only contributions with a smaller id: the cursor of the next page
	Limit   int   // DefaultLimit where zero
}

// Full is a contribution with its answers and documents.
type Full struct {
	Contribution
	Answers     Answers
	Files       []File
	Signatories []Signatory
	Correction  *Correction // that waits for an officer; nil where none does
}

// List gives contributions, the newest first, without their answers. Next is the cursor of the
// next page, 0 at the end.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) (all []Contribution, next int64, err error) {
	if err := by.Require(account.ContributionRead); err != nil {
		return nil, 0, err
	}
	if f.State != "" && !slices.Contains(States(), f.State) {
		return nil, 0, nil
	}
	f.Limit = bounded(f.Limit)
	all, err = list(s.DB.Read(ctx), f)
	if err != nil {
		return nil, 0, errs.Wrap("contribution.list", err)
	}
	if len(all) > f.Limit {
		all = all[:f.Limit]
		next = all[f.Limit-1].ID
	}
	return all, next, nil
}

// Counts says how many contributions of a cycle are in each state.
func (s *Service) Counts(ctx context.Context, by account.Actor, cycleID int64) (map[State]int, error) {
	if err := by.Require(account.ContributionRead); err != nil {
		return nil, err
	}
	counts, err := countStates(s.DB.Read(ctx), cycleID)
	return counts, errs.Wrap("contribution.counts", err)
}

// Get gives one contribution; errs.NotFound where there is none. Of a draft it tells who began it, and nothing that they wrote or attached.
func (s *Service) Get(ctx context.Context, by account.Actor, id int64) (Full, error) {
	if err := by.Require(account.ContributionRead); err != nil {
		return Full{}, err
	}
	c, err := byID(s.DB.Read(ctx), id, false)
	if db.IsNotFound(err) {
		return Full{}, notFound()
	}
	if err != nil {
		return Full{}, errs.Wrap("contribution.get", err)
	}
	answers, err := answersOf(s.DB.Read(ctx), id)
	if err != nil {
		return Full{}, errs.Wrap("contribution.get", err)
	}
	files, err := filesOf(s.DB.Read(ctx), id, true)
	if err != nil {
		return Full{}, errs.Wrap("contribution.get", err)
	}
	signatories, err := signatoriesOf(s.DB.Read(ctx), id)
	if err != nil {
		return Full{}, errs.Wrap("contribution.get", err)
	}
	k, err := proposedFor(s.DB.Read(ctx), id)
	full := Full{Contribution: c, Answers: answers, Files: files, Signatories: signatories, Correction: k}
	full.discreet()
	return full, errs.Wrap("contribution.get", err)
}

// Public is what everybody may see of a contribution: names, never addresses. Of a withdrawn one only the
// number and the days are left.
type Public struct {
	Number           int
	Name             string
	Organization     string
	Capacity         Capacity
	StakeholderGroup string
	Region           string
	Country          string
	Language         string
	ReceivedAt       time.Time
	PublishedAt      time.Time
	WithdrawnAt      *time.Time
	Late             bool
	Answers          Answers
	Files            []File // in lists without their texts
	Signatories      []CoSigned
	CorrectedAt      *time.Time
	Versions         []Version // texts that were replaced, the oldest first, without their answers; in lists none
}

// CoSigned is somebody who signed a contribution with others and confirmed it.
type CoSigned struct{ Name, Organization string }

// Withdrawn says whether this is a stub.
func (p Public) Withdrawn() bool { return p.WithdrawnAt != nil }

// PublicPage is one page of the published contributions.
type PublicPage struct {
	Contributions []Public
	Next          int // the cursor of the next page, 0 at the end
	Total         int // published ones in the cycle
}

// Published gives what was published, the newest first, stubs of what was withdrawn among them. before is the
// cursor: only smaller numbers, 0 for all.
func (s *Service) Published(ctx context.Context, cycleID int64, before, limit int) (PublicPage, error) {
	limit = bounded(limit)
	tx := s.DB.Read(ctx)
	rows, err := published(tx, cycleID, before, limit+1)
	if err != nil {
		return PublicPage{}, errs.Wrap("contribution.published", err)
	}
	var page PublicPage
	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = *rows[limit-1].PublicNumber
	}
	if page.Total, err = countPublished(tx, cycleID); err != nil {
		return PublicPage{}, errs.Wrap("contribution.published", err)
	}
	page.Contributions, err = publics(tx, rows)
	return page, errs.Wrap("contribution.published", err)
}

// PublishedAmong are those of these numbers that are public now, by number, without answers and documents.
func (s *Service) PublishedAmong(ctx context.Context, cycleID int64, numbers []int) ([]Public, error) {
	rows, err := publishedAmong(s.DB.Read(ctx), cycleID, numbers)
	var all []Public
	for _, c := range rows {
		all = append(all, c.public(nil, nil, nil))
	}
	return all, errs.Wrap("contribution.published_among", err)
}

// publics are contributions as everybody sees them in lists.
func publics(tx *db.Tx, rows []Contribution) ([]Public, error) {
	answers, err := answersOfAll(tx, rows)
	if err != nil {
		return nil, err
	}
	files, err := filesOfAll(tx, rows)
	if err != nil {
		return nil, err
	}
	signed, err := confirmedOfAll(tx, rows)
	if err != nil {
		return nil, err
	}
	var all []Public
	for _, c := range rows {
		all = append(all, c.public(answers[c.ID], files[c.ID], signed[c.ID]))
	}
	return all, nil
}

// PublishedOne gives the contribution of a number. Errors are errs.NotFound where the number was never
// given, errs.Gone where the contribution is withheld by now.
func (s *Service) PublishedOne(ctx context.Context, cycleID int64, number int) (Public, error) {
	tx := s.DB.Read(ctx)
	c, err := byNumber(tx, cycleID, number)
	if db.IsNotFound(err) {
		return Public{}, notFound()
	}
	if err != nil {
		return Public{}, errs.Wrap("contribution.published_one", err)
	}
	if c.State != Published && c.State != Withdrawn {
		return Public{}, errs.E(errs.Gone, "contribution.not_public")
	}
	answers, err := answersOf(tx, c.ID)
	if err != nil {
		return Public{}, errs.Wrap("contribution.published_one", err)
	}
	files, err := filesOf(tx, c.ID, true)
	if err != nil {
		return Public{}, errs.Wrap("contribution.published_one", err)
	}
	signed, err := confirmedOfAll(tx, []Contribution{c})
	if err != nil {
		return Public{}, errs.Wrap("contribution.published_one", err)
	}
	p := c.public(answers, files, signed[c.ID])
	if c.Corrections > 0 {
		p.Versions, err = versionsOf(tx, c.ID)
	}
	return p, errs.Wrap("contribution.published_one", err)
}

// public is the contribution without anything that is not for everybody.
func (c Contribution) public(answers Answers, files []File, signed []Signatory) Public {
	p := Public{Number: *c.PublicNumber, ReceivedAt: *c.ReceivedAt, PublishedAt: *c.PublishedAt, WithdrawnAt: c.WithdrawnAt}
	if c.State == Withdrawn {
		return p
	}
	p.Name, p.Organization, p.Capacity = c.Name, c.Organization, c.Capacity
	p.StakeholderGroup, p.Region, p.Country = c.StakeholderGroup, c.Region, c.Country
	p.Language, p.Late, p.Answers, p.Files, p.CorrectedAt = c.Language, c.Late, answers, files, c.CorrectedAt
	for _, g := range signed {
		if !c.ledBy(g.ID) {
			p.Signatories = append(p.Signatories, CoSigned{Name: g.Name, Organization: g.Organization})
		}
	}
	return p
}

func bounded(limit int) int {
	if limit <= 0 {
		return DefaultLimit
	}
	return min(limit, MaxLimit)
}

// AnswersTo counts the contributions of a cycle that answer any of these questions. Withdrawn ones have no answers.
func (s *Service) AnswersTo(ctx context.Context, cycleID int64, keys []string) (int, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	n, err := countAnswersTo(s.DB.Read(ctx), cycleID, keys)
	return n, errs.Wrap("contribution.answers_to", err)
}
