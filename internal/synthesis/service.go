package synthesis

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Cycles tells of rounds; errs.NotFound where there is none.
type Cycles interface {
	Round(ctx context.Context, id int64) (Round, error)
}

// Round is what this room needs of a cycle.
type Round struct {
	ID       int64
	Slug     string
	Name     string
	Language string // BCP 47: what its own texts are written in
}

// Questions tells what a cycle asks, in the locale or, as a whole, in the language it was written in. The error is
// errs.NotFound where the cycle has no questionnaire.
type Questions interface {
	Outline(ctx context.Context, cycleID int64, locale string) (Outline, error)
}

// Outline is a questionnaire as this room reads it: the questions with their places for answers.
type Outline struct {
	Locale    string // of every text in it
	Questions []Question
}

// Question is a section of the draft.
type Question struct {
	ID     string
	Text   string
	Places []Place
}

// Place is where an answer is given. Text is that of an item, "" where Kind says it all.
type Place struct {
	Key  string
	Kind PlaceKind
	Text string
}

// PlaceKind says what a place is for.
type PlaceKind string

// The kinds of places.
const (
	Whole    PlaceKind = "whole" // the question itself
	Item     PlaceKind = "item"
	Others   PlaceKind = "other"     // what the items do not name
	FollowUp PlaceKind = "follow_up" // the second question
	Free     PlaceKind = "free"      // the free-form place at the end
	Uploaded PlaceKind = "uploaded"  // the documents that came with a contribution
)

// Files is the key of what stands in the documents of a contribution.
const Files = "files"

// Section is the question to which a key belongs, Findings for none of them.
func (o Outline) Section(key string) string {
	for _, q := range o.Questions {
		for _, p := range q.Places {
			if p.Key == key {
				return q.ID
			}
		}
	}
	return Findings
}

// Deps is what a Service works with.
type Deps struct {
	DB        *db.DB
	Now       func() time.Time // UTC
	Cycles    Cycles
	Questions Questions
	Documents Documents
	Words     func(locale string) Words
	PublicURL string // without a trailing slash
}

// Service keeps excerpts and the draft that is written from them.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Marking is a passage to be marked: from one character to another, or, where Words is not empty, these words, which
// must stand in the answer.
type Marking struct {
	ContributionID int64
	Question       string
	Start, End     int
	Words          string
	Tags           []string
	Note           string
}

// Mark makes an excerpt. The same passage marked again is the excerpt that there is, with the tags of both. Errors are errs.NotFound where there is no such answer, errs.Invalid at the fields words,
// tags and note.
func (s *Service) Mark(ctx context.Context, by account.Actor, m Marking) (Excerpt, error) {
	if err := by.Require(account.SynthesisWrite); err != nil {
		return Excerpt{}, err
	}
	var made Excerpt
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := orNotFound(answerOf(tx, m.ContributionID, m.Question))
		if err != nil {
			return err
		}
		if made, err = m.excerpt(a); err != nil {
			return err
		}
		if err := lockCycle(tx, made.CycleID); err != nil {
			return err
		}
		known, err := excerptAt(tx, made)
		if err == nil {
			err = s.tag(tx, by, &known, slices.Concat(known.Tags, made.Tags), cmp.Or(made.Note, known.Note))
			made = known
			return err
		}
		if !db.IsNotFound(err) {
			return err
		}
		made.MarkedAt, made.MarkedBy = s.Now(), holder(by)
		if err := saveExcerpt(tx, &made); err != nil {
			return err
		}
		return s.record(tx, by.Who, made, "excerpt.marked", nil, map[string]any{
			"contribution": made.ContributionID, "question": made.Question, "start": made.Start, "tags": made.Tags,
		})
	})
	return made, errs.Wrap("synthesis.mark", err)
}

// excerpt cuts the passage out of the answer.
func (m Marking) excerpt(a Answer) (Excerpt, error) {
	runes := []rune(a.Text)
	start, end := m.Start, m.End
	if strings.TrimSpace(m.Words) != "" {
		var ok bool
		if start, end, ok = find(a.Text, m.Words, m.Start); !ok {
			return Excerpt{}, errs.InvalidFields(errs.FieldError("words", "synthesis.mark.not_there"))
		}
	}
	start, end = max(start, 0), min(end, len(runes))
	if start >= end || strings.TrimSpace(string(runes[start:end])) == "" {
		return Excerpt{}, errs.InvalidFields(errs.FieldError("words", "synthesis.mark.nothing"))
	}
	e := Excerpt{CycleID: a.CycleID, ContributionID: a.ContributionID, Question: a.Question, Quote: string(runes[start:end]), Start: start}
	if utf8.RuneCountInString(e.Quote) > maxQuote {
		return Excerpt{}, errs.InvalidFields(errs.FieldError("words", "field.too_long", "Max", maxQuote))
	}
	return e, e.retag(m.Tags, m.Note)
}

// Retag gives an excerpt other tags and another note.
func (s *Service) Retag(ctx context.Context, by account.Actor, id int64, tags []string, note string) error {
	if err := by.Require(account.SynthesisWrite); err != nil {
		return err
	}
	return errs.Wrap("synthesis.retag", s.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := orNotFound(excerptByID(tx, id))
		if err != nil {
			return err
		}
		return s.tag(tx, by, &e, tags, note)
	}))
}

// tag stores other tags and another note.
func (s *Service) tag(tx *db.Tx, by account.Actor, e *Excerpt, tags []string, note string) error {
	before := e.Tags
	if err := e.retag(tags, note); err != nil {
		return err
	}
	if err := saveExcerpt(tx, e); err != nil {
		return err
	}
	return s.record(tx, by.Who, *e, "excerpt.tagged", map[string]any{"tags": before}, map[string]any{"tags": e.Tags})
}

// Unmark removes an excerpt. One that a paragraph cites is errs.Conflict: the paragraph comes first.
func (s *Service) Unmark(ctx context.Context, by account.Actor, id int64) error {
	if err := by.Require(account.SynthesisWrite); err != nil {
		return err
	}
	return errs.Wrap("synthesis.unmark", s.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := orNotFound(excerptByID(tx, id))
		if err != nil {
			return err
		}
		citing, err := citedBy(tx, id)
		if err != nil {
			return err
		}
		if len(citing) > 0 {
			return errs.E(errs.Conflict, "synthesis.excerpt.cited")
		}
		if err := deleteExcerpt(tx, id); err != nil {
			return err
		}
		return s.record(tx, by.Who, e, "excerpt.unmarked", map[string]any{
			"contribution": e.ContributionID, "question": e.Question, "start": e.Start, "tags": e.Tags,
		}, nil)
	}))
}

// Withdrawn forgets, in the caller's transaction, the words of a contribution that its author took back. Paragraphs
// that cite it stay, and say so.
func (s *Service) Withdrawn(tx *db.Tx, who audit.Who, contributionID int64) error {
	all, err := excerptsOf(tx, contributionID)
	if err != nil {
		return errs.Wrap("synthesis.withdrawn", err)
	}
	for i := range all {
		e := &all[i]
		if e.WithdrawnAt != nil {
			continue
		}
		e.withdraw(s.Now())
		if err := saveExcerpt(tx, e); err != nil {
			return errs.Wrap("synthesis.withdrawn", err)
		}
		if err := s.record(tx, who, *e, "excerpt.withdrawn", nil, nil); err != nil {
			return errs.Wrap("synthesis.withdrawn", err)
		}
	}
	return nil
}

func (s *Service) record(tx *db.Tx, who audit.Who, e Excerpt, action string, before, after any) error {
	return audit.Record(tx, who, s.Now(), audit.Change{
		Action: action, ObjectKind: "excerpt", ObjectID: e.ID, CycleID: e.CycleID, Before: before, After: after,
	})
}

func holder(by account.Actor) *int64 {
	if !by.SignedIn() {
		return nil
	}
	return &by.ID
}

func orNotFound[T any](v T, err error) (T, error) {
	if db.IsNotFound(err) {
		return v, errs.E(errs.NotFound, "synthesis.not_found")
	}
	return v, err
}
