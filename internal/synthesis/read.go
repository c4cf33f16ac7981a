package synthesis

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Page sizes.
const (
	answersPage  = 20
	excerptsPage = 50
)

// Source is a contribution as this room sees it. Number is its public one, 0 where the public may not read it.
type Source struct {
	ContributionID   int64
	Name             string
	Organization     string
	Capacity         string
	StakeholderGroup string
	Region           string
	Country          string
	Language         string // BCP 47, of the answers
	PublicNumber     int
	Published        bool
	ReceivedAt       time.Time
}

// Answer is what somebody answered at one place.
type Answer struct {
	Source   `gorm:"embedded"`
	CycleID  int64
	Question string
	Text     string
	Excerpts []Excerpt `gorm:"-"` // what was marked in it, as it stands there
}

// Cell counts what there is for a place and a group.
type Cell struct{ Answers, Excerpts int }

// Matrix counts answers and excerpts by place and stakeholder group, and contributions by group. A group that is not
// in Contributions is silent.
type Matrix struct {
	Cells         map[string]map[string]Cell // by key of the place, by group
	Contributions map[string]int             // by group
	Total         int
	Tags          []TagCount // the most used first
}

// TagCount is how many excerpts have a tag.
type TagCount struct {
	Tag   string
	Count int
}

// Matrix counts what was contributed to a cycle.
func (s *Service) Matrix(ctx context.Context, by account.Actor, cycleID int64) (Matrix, error) {
	if err := by.Require(account.SynthesisRead); err != nil {
		return Matrix{}, err
	}
	m, err := matrix(s.DB.Read(ctx), cycleID)
	return m, errs.Wrap("synthesis.matrix", err)
}

// AnswerFilter narrows what is read side by side. Question is a key; Group is "" for all.
type AnswerFilter struct {
	CycleID  int64
	Question string
	Group    string
	After    int64 // the cursor of the next page
}

// Answers are what was answered at one place, in the order in which it was begun. Next is the cursor of the next
// page, 0 at the end.
func (s *Service) Answers(ctx context.Context, by account.Actor, f AnswerFilter) (all []Answer, next int64, err error) {
	if err := by.Require(account.SynthesisRead); err != nil {
		return nil, 0, err
	}
	if !findable(f.Question, f.Group) {
		return nil, 0, nil
	}
	tx := s.DB.Read(ctx)
	if all, err = answers(tx, f, answersPage+1); err != nil {
		return nil, 0, errs.Wrap("synthesis.answers", err)
	}
	if len(all) > answersPage {
		all = all[:answersPage]
		next = all[answersPage-1].ContributionID
	}
	for i := range all {
		if err := fillExcerpts(tx, &all[i]); err != nil {
			return nil, 0, errs.Wrap("synthesis.answers", err)
		}
	}
	return all, next, nil
}

// Answer is one answer; errs.NotFound where there is none.
func (s *Service) Answer(ctx context.Context, by account.Actor, contributionID int64, question string) (Answer, error) {
	if err := by.Require(account.SynthesisRead); err != nil {
		return Answer{}, err
	}
	tx := s.DB.Read(ctx)
	a, err := orNotFound(answerOf(tx, contributionID, question))
	if err != nil {
		return a, errs.Wrap("synthesis.answer", err)
	}
	return a, errs.Wrap("synthesis.answer", fillExcerpts(tx, &a))
}

// Found is an excerpt with whose it is.
type Found struct {
	Excerpt
	Source  Source
	Changed bool    // the words are not in the answer any more
	Cited   []int64 // the paragraphs that cite it
}

// ExcerptFilter narrows a list; zero values do not narrow. Questions are keys.
type ExcerptFilter struct {
	CycleID   int64
	Questions []string
	Group     string
	Tag       string
	IDs       []int64
	After     int64
	Limit     int // excerptsPage where zero
}

// Excerpts are those that match, in the order in which they were marked. Next is the cursor of the next page, 0 at
// the end.
func (s *Service) Excerpts(ctx context.Context, by account.Actor, f ExcerptFilter) (all []Found, next int64, err error) {
	if err := by.Require(account.SynthesisRead); err != nil {
		return nil, 0, err
	}
	if !findable(append([]string{f.Group, f.Tag}, f.Questions...)...) {
		return nil, 0, nil
	}
	if f.Limit <= 0 {
		f.Limit = excerptsPage
	}
	limit := f.Limit
	f.Limit++
	if all, err = found(s.DB.Read(ctx), f); err != nil {
		return nil, 0, errs.Wrap("synthesis.excerpts", err)
	}
	if len(all) > limit {
		all = all[:limit]
		next = all[limit-1].ID
	}
	return all, next, nil
}

// Excerpt is one of them; errs.NotFound where there is none.
func (s *Service) Excerpt(ctx context.Context, by account.Actor, id int64) (Found, error) {
	if err := by.Require(account.SynthesisRead); err != nil {
		return Found{}, err
	}
	all, err := found(s.DB.Read(ctx), ExcerptFilter{IDs: []int64{id}, Limit: 1})
	if err == nil && len(all) == 0 {
		err = errs.E(errs.NotFound, "synthesis.not_found")
	}
	if err != nil {
		return Found{}, errs.Wrap("synthesis.excerpt", err)
	}
	return all[0], nil
}

// Paragraph is one of the draft's; errs.NotFound where there is none.
func (s *Service) Paragraph(ctx context.Context, by account.Actor, id int64) (Paragraph, error) {
	if err := by.Require(account.SynthesisRead); err != nil {
		return Paragraph{}, err
	}
	p, err := orNotFound(paragraphByID(s.DB.Read(ctx), id))
	return p, errs.Wrap("synthesis.paragraph", err)
}

// fillExcerpts reads what was marked in an answer.
func fillExcerpts(tx *db.Tx, a *Answer) error {
	var err error
	a.Excerpts, err = markedIn(tx, a.ContributionID, a.Question)
	return err
}

// Keys are the places for which anything is counted, in alphabetical order.
func (m Matrix) Keys() []string { return slices.Sorted(maps.Keys(m.Cells)) }

// Groups are those that are counted at a place, in alphabetical order.
func (m Matrix) Groups(key string) []string { return slices.Sorted(maps.Keys(m.Cells[key])) }
