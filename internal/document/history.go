package document

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// History is who wrote what of a text.
type History struct {
	Document  Document
	Title     string
	Revisions []PastRevision // newest first
	Passages  []Origin       // of the current wording, in its order
}

// PastRevision is a revision in the list of all.
type PastRevision struct {
	Revision
	Author   string // name, "" for nobody
	Freezer  string // who froze it
	Changed  int    // passages that have other words than in the revision before
	Added    int
	Removed  int
	Passages int

	CreditPublic bool // whoever is credited has no account
}

// CreditKey is the text that names whose suggestion a revision took up.
func (r PastRevision) CreditKey() string { return creditKey(r.CreditPublic) }

// creditKey keeps a name from the public from being taken for a member's.
func creditKey(public bool) string {
	if public {
		return "document.history.credit_public"
	}
	return "document.history.credit"
}

// Before is the number of the revision before it.
func (r PastRevision) Before() int { return r.Number - 1 }

// Origin is a passage, and who wrote the words that it has now.
type Origin struct {
	Segment
	Number int // of the revision that has had these words first
	Author string
	Credit string // whose suggestion it took up, "" for nobody's
	At     time.Time

	CreditPublic bool // who has no account
}

// CreditKey is the text that names whose suggestion it was.
func (o Origin) CreditKey() string { return creditKey(o.CreditPublic) }

// Wording is one revision as it is read.
type Wording struct {
	Document Document
	Title    string
	Revision PastRevision
	Latest   int // the number of the current revision
	Segments []Segment
	Rendered MailText // of a message, in the source language
}

// History tells who wrote what.
func (s *Service) History(ctx context.Context, by account.Actor, documentID int64) (History, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return History{}, err
	}
	h, err := s.history(ctx, s.DB.Read(ctx), documentID)
	return h, errs.Wrap("document.history", err)
}

func (s *Service) history(ctx context.Context, tx *db.Tx, documentID int64) (History, error) {
	h := History{}
	var err error
	if h.Document, err = orNotFound(documentByID(tx, documentID)); err != nil {
		return h, err
	}
	steps, err := passageSteps(tx, documentID)
	if err != nil {
		return h, err
	}
	if h.Revisions, err = s.pastRevisions(ctx, tx, documentID, steps); err != nil || len(h.Revisions) == 0 {
		return h, err
	}
	current := h.Revisions[0]
	segments, err := segmentsOf(tx, current.ID)
	if err != nil {
		return h, err
	}
	h.Title = titleOf(segments)
	h.Passages = origins(segments, steps, h.Revisions)
	return h, nil
}

// pastRevisions counts what each revision changed, and names the people.
func (s *Service) pastRevisions(ctx context.Context, tx *db.Tx, documentID int64, steps []passageStep) ([]PastRevision, error) {
	all, err := revisionsOf(tx, documentID)
	if err != nil {
		return nil, err
	}
	public, err := publicCredits(tx, documentID)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	name := func(id *int64) string {
		if id == nil {
			return ""
		}
		if _, known := names[*id]; !known {
			names[*id] = s.nameOf(ctx, id)
		}
		return names[*id]
	}
	past := make([]PastRevision, len(all))
	at := make(map[int]*PastRevision, len(all))
	for i, r := range all {
		past[i] = PastRevision{Revision: r, Author: name(r.AuthorID), Freezer: name(r.FrozenBy), CreditPublic: slices.Contains(public, r.ID)}
		at[r.Number] = &past[i]
	}
	for _, step := range steps {
		r := at[step.Number]
		r.Passages++
		switch {
		case step.isNew():
			r.Added++
		case !step.Alike:
			r.Changed++
		}
	}
	for number, r := range at {
		if before := at[number-1]; before != nil {
			r.Removed = before.Passages - (r.Passages - r.Added)
		}
	}
	return past, nil
}

// origins finds for each passage the revision since which it has had the words that it has.
func origins(segments []Segment, steps []passageStep, revisions []PastRevision) []Origin {
	since := make(map[string]int, len(segments))
	for _, step := range steps { // in the order of revisions
		if step.isNew() || !step.Alike {
			since[step.Key] = step.Number
		}
	}
	all := make([]Origin, len(segments))
	for i, segment := range segments {
		all[i] = Origin{Segment: segment, Number: since[segment.Key]}
		at, found := slices.BinarySearchFunc(revisions, all[i].Number, func(r PastRevision, n int) int { return cmp.Compare(n, r.Number) })
		if found {
			r := revisions[at]
			all[i].Author, all[i].Credit, all[i].CreditPublic, all[i].At = r.Author, r.Credit, r.CreditPublic, r.CreatedAt
		}
	}
	return all
}

// Wording gives the revision of a document with this number; errs.NotFound where there is none.
func (s *Service) Wording(ctx context.Context, by account.Actor, documentID int64, number int) (Wording, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return Wording{}, err
	}
	tx := s.DB.Read(ctx)
	h, err := s.history(ctx, tx, documentID)
	if err != nil {
		return Wording{}, errs.Wrap("document.wording", err)
	}
	i := slices.IndexFunc(h.Revisions, func(r PastRevision) bool { return r.Number == number })
	if i < 0 {
		return Wording{}, errs.E(errs.NotFound, "error.not_found")
	}
	_, then, err := wordingNumbered(tx, documentID, number)
	if err != nil {
		return Wording{}, errs.Wrap("document.wording", err)
	}
	w := Wording{
		Document: h.Document, Title: titleOf(then.segments), Revision: h.Revisions[i], Latest: h.Revisions[0].Number, Segments: then.segments,
	}
	if w.Document.Kind != Survey {
		w.Rendered = s.render(w.Document.SourceLanguage, messageOf(w.Segments))
	}
	return w, nil
}
