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

// Summary is a document as a list shows it.
type Summary struct {
	Document
	Title        string // its subject or title, in the source language
	Revision     Revision
	Problems     int // places that forbid freezing
	OpenComments int // threads that nobody has decided
	Translations []TranslationStatus
}

// TranslationStatus is a translation as a board shows it. A missing one has no ID.
type TranslationStatus struct {
	ID           int64
	Locale       string
	State        TranslationState
	TranslatorID int64 // 0: nobody
	Translator   string
	ReviewerID   int64
	Done         int // segments with a text made from the present source
	Stale        int
	Total        int       // segments that need a translation
	UpdatedAt    time.Time // when somebody last worked on it
	Edition      int
	Corrects     bool   // readers have the approved edition before it meanwhile
	Reason       string // why the correction was begun
}

// Usable says whether readers have it, corrected or about to be.
func (t TranslationStatus) Usable() bool { return t.State == Approved || t.Corrects }

// Shown is how far it is for readers.
func (t TranslationStatus) Shown() string {
	if t.Corrects {
		return string(Approved)
	}
	return t.Working()
}

// Working is how far what is worked on is, "released" where it was handed back.
func (t TranslationStatus) Working() string {
	if t.HandedBack() {
		return "released"
	}
	return string(t.State)
}

// Untranslated is how many segments have no text.
func (t TranslationStatus) Untranslated() int { return max(0, t.Total-t.Done-t.Stale) }

// HandedBack says that somebody began and nobody goes on.
func (t TranslationStatus) HandedBack() bool { return t.State == Missing && t.Done+t.Stale > 0 }

// Detail is a document with its current revision.
type Detail struct {
	Summary
	Segments  []Segment
	Places    []errs.Field // what forbids freezing
	Revisions []Revision   // newest first, without their structure
	Message   Message      // of a document that is one
	Rendered  MailText     // the same as a mail, in the source language
}

// CurrentRevision is the newest revision of a document.
func (s *Service) CurrentRevision(ctx context.Context, documentID int64) (Revision, error) {
	r, err := orNotFound(currentRevision(s.DB.Read(ctx), documentID))
	return r, errs.Wrap("document.current_revision", err)
}

// FrozenRevision is the newest revision that is frozen or sent: what readers hold, whatever is
// being edited since. The error is errs.NotFound where there is none yet.
func (s *Service) FrozenRevision(ctx context.Context, documentID int64) (Revision, error) {
	r, err := orNotFound(frozenRevision(s.DB.Read(ctx), documentID))
	return r, errs.Wrap("document.frozen_revision", err)
}

// BySlug finds a document of a cycle; errs.NotFound where there is none.
func (s *Service) BySlug(ctx context.Context, cycleID int64, slug string) (Document, error) {
	d, err := orNotFound(documentBySlug(s.DB.Read(ctx), cycleID, slug))
	return d, errs.Wrap("document.by_slug", err)
}

// ByID finds a document; errs.NotFound where there is none.
func (s *Service) ByID(ctx context.Context, id int64) (Document, error) {
	d, err := orNotFound(documentByID(s.DB.Read(ctx), id))
	return d, errs.Wrap("document.by_id", err)
}

// ByKind lists the documents of a kind in a cycle, oldest first.
func (s *Service) ByKind(ctx context.Context, cycleID int64, kind Kind) ([]Document, error) {
	all, err := documentsOf(s.DB.Read(ctx), cycleID)
	return slices.DeleteFunc(all, func(d Document) bool { return d.Kind != kind }), errs.Wrap("document.by_kind", err)
}

// Problems lists every place of a revision that forbids freezing it. Name is the segment's key, the
// argument Place says to a person where it is.
func (s *Service) Problems(ctx context.Context, revisionID int64) ([]errs.Field, error) {
	segments, err := segmentsOf(s.DB.Read(ctx), revisionID)
	return problemsOf(segments), errs.Wrap("document.problems", err)
}

// List gives the documents of a cycle, by kind and then in the order in which they were made.
func (s *Service) List(ctx context.Context, by account.Actor, cycleID int64) ([]Summary, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	documents, err := documentsOf(tx, cycleID)
	if err != nil {
		return nil, errs.Wrap("document.list", err)
	}
	current, err := currentRevisions(tx, cycleID)
	if err != nil {
		return nil, errs.Wrap("document.list", err)
	}
	all, err := s.summaries(ctx, tx, documents, current)
	slices.SortStableFunc(all, func(a, b Summary) int {
		return cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind))
	})
	return all, errs.Wrap("document.list", err)
}

// Get gives one document with everything about its current revision.
func (s *Service) Get(ctx context.Context, by account.Actor, documentID int64) (Detail, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return Detail{}, err
	}
	detail, err := s.detail(ctx, documentID)
	return detail, errs.Wrap("document.get", err)
}

func (s *Service) detail(ctx context.Context, documentID int64) (Detail, error) {
	tx := s.DB.Read(ctx)
	d, err := orNotFound(documentByID(tx, documentID))
	if err != nil {
		return Detail{}, err
	}
	r, err := orNotFound(currentRevision(tx, documentID))
	if err != nil {
		return Detail{}, err
	}
	summaries, err := s.summaries(ctx, tx, []Document{d}, map[int64]Revision{d.ID: r})
	if err != nil {
		return Detail{}, err
	}
	detail := Detail{Summary: summaries[0]}
	if detail.Segments, err = segmentsOf(tx, r.ID); err != nil {
		return Detail{}, err
	}
	detail.Places = problemsOf(detail.Segments)
	if d.Kind != Survey {
		detail.Message = messageOf(detail.Segments)
		detail.Rendered = s.render(d.SourceLanguage, detail.Message)
	}
	detail.Revisions, err = revisionsOf(tx, documentID)
	return detail, err
}

func (s *Service) summaries(ctx context.Context, tx *db.Tx, documents []Document, current map[int64]Revision) ([]Summary, error) {
	ids := make([]int64, 0, len(current))
	for _, r := range current {
		ids = append(ids, r.ID)
	}
	segments, err := segmentsOfAll(tx, ids)
	if err != nil {
		return nil, err
	}
	translations, err := translationsOf(tx, ids...)
	if err != nil {
		return nil, err
	}
	counted, err := tallies(tx, ids)
	if err != nil {
		return nil, err
	}
	talked := make([]int64, len(documents))
	for i, d := range documents {
		talked[i] = d.ID
	}
	open, err := openThreadCounts(tx, talked)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	all := make([]Summary, 0, len(documents))
	for _, d := range documents {
		r := current[d.ID]
		sum := Summary{
			Document: d, Revision: r, Title: titleOf(segments[r.ID]),
			Problems: len(problemsOf(segments[r.ID])), OpenComments: open[d.ID],
		}
		sum.Translations = s.statuses(ctx, sum, segments[r.ID], translations, counted, names)
		all = append(all, sum)
	}
	return all, nil
}

// statuses gives the wanted languages in their order, then any other that somebody translated into.
func (s *Service) statuses(ctx context.Context, sum Summary, segments []Segment, all []Translation, counted map[int64]tally, names map[int64]string) []TranslationStatus {
	total := 0
	for _, segment := range segments {
		if segment.Translatable() {
			total++
		}
	}
	var list []TranslationStatus
	for _, locale := range s.Locales {
		if locale != sum.SourceLanguage {
			list = append(list, TranslationStatus{Locale: locale, State: Missing, Total: total})
		}
	}
	for at, t := range all {
		if t.RevisionID != sum.Revision.ID || !newest(all, at) {
			continue
		}
		status := TranslationStatus{Edition: t.Edition, Corrects: corrects(all, t), Reason: t.Reason, ID: t.ID, Locale: t.Locale, State: t.State, Done: counted[t.ID].Done, Stale: counted[t.ID].Stale, Total: total, UpdatedAt: t.UpdatedAt}
		if t.ReviewerID != nil {
			status.ReviewerID = *t.ReviewerID
		}
		if t.TranslatorID != nil {
			status.TranslatorID = *t.TranslatorID
			if _, known := names[status.TranslatorID]; !known {
				names[status.TranslatorID] = s.nameOf(ctx, t.TranslatorID)
			}
			status.Translator = names[status.TranslatorID]
		}
		i := slices.IndexFunc(list, func(x TranslationStatus) bool { return x.Locale == t.Locale })
		if i < 0 {
			list = append(list, status)
			continue
		}
		list[i] = status
	}
	return list
}

func titleOf(segments []Segment) string {
	for _, s := range segments {
		if s.Key == subjectKey || s.Key == "title" {
			return s.Text
		}
	}
	return ""
}

// Translations lists what readers have of a revision in other languages, with their states: an approved translation
// counts as such while a correction of it is being made.
func (s *Service) Translations(ctx context.Context, revisionID int64) ([]Translation, error) {
	all, err := translationsOf(s.DB.Read(ctx), revisionID)
	return inUse(all), errs.Wrap("document.translations", err)
}

// TranslationOf is the translation of a document's current revision into a language; errs.NotFound
// where nobody has claimed it.
func (s *Service) TranslationOf(ctx context.Context, documentID int64, locale string) (Translation, error) {
	tx := s.DB.Read(ctx)
	r, err := orNotFound(currentRevision(tx, documentID))
	if err != nil {
		return Translation{}, errs.Wrap("document.translation_of", err)
	}
	t, err := orNotFound(translationOf(tx, r.ID, locale))
	return t, errs.Wrap("document.translation_of", err)
}
