package document

import (
	"context"
	"regexp"
	"time"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/link"
)

// Accounts says who a translator or reviewer is.
type Accounts interface {
	ByID(ctx context.Context, id int64) (account.Account, error)
}

// Deps is what a Service works with.
type Deps struct {
	DB       *db.DB
	Now      func() time.Time // UTC
	Accounts Accounts
	Locales  []string   // BCP 47: the languages that translations are wanted in, in display order
	Glossary []geo.Term // words of the domain, as hints for translators
	Notices  Notices    // nil where nobody is to be written to

	Links     *link.Signer                               // for those who comment without an account
	Normalize func(email string) (string, error)         // nil: addresses are not asked for
	Closed    func(ctx context.Context) ([]int64, error) // the cycles that are closed; nil: addresses are kept
}

// Service keeps the documents.
type Service struct {
	Deps
	renderer *bodyRenderer
	checks   checker
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, renderer: newBodyRenderer(), checks: newChecker()}
}

var slugPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Create adds a document with its first revision, open for comment. content is a Definition for a
// questionnaire and a Message for every other kind. A slug that the cycle has is errs.Conflict.
func (s *Service) Create(ctx context.Context, by account.Actor, cycleID int64, kind Kind, slug, sourceLanguage string, content Content) (Document, error) {
	if err := by.Require(account.DocumentWrite); err != nil {
		return Document{}, err
	}
	if err := checkNew(kind, slug, sourceLanguage, content); err != nil {
		return Document{}, err
	}
	if err := (Changes{Content: content}).checkVariants(); err != nil {
		return Document{}, err
	}
	made, err := content.build(wording{})
	if err != nil {
		return Document{}, errs.Wrap("document.create", err)
	}
	d := Document{
		CycleID: cycleID, Kind: kind, Slug: slug, SourceLanguage: sourceLanguage, Commenting: CommentingMembers, LanguagePolicy: FallbackPolicy,
		CreatedAt: s.Now(),
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertDocument(tx, &d); err != nil {
			if db.IsDuplicate(err) {
				return errs.E(errs.Conflict, "document.slug_taken", "Slug", slug)
			}
			return err
		}
		r := Revision{DocumentID: d.ID, Number: 1, State: OpenForComment, AuthorID: holder(by), CreatedAt: d.CreatedAt}
		if err := putRevision(tx, &r, made); err != nil {
			return err
		}
		return s.record(tx, by.Who, d, "document.created", nil, map[string]any{"kind": kind, "slug": slug, "language": sourceLanguage})
	})
	return d, errs.Wrap("document.create", err)
}

func checkNew(kind Kind, slug, lang string, content Content) error {
	var wrong []errs.Field
	if !kind.Valid() {
		wrong = append(wrong, errs.FieldError("kind", "field.choice"))
	}
	if !slugPattern.MatchString(slug) || len(slug) > 80 {
		wrong = append(wrong, errs.FieldError("slug", "field.slug"))
	}
	if _, err := language.Parse(lang); err != nil {
		wrong = append(wrong, errs.FieldError("source_language", "field.language_tag"))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	if content == nil || !content.fits(kind) {
		return errs.InvalidFields(errs.FieldError("kind", "document.content_does_not_fit"))
	}
	return nil
}

// Reopen puts an open revision of the same wording after a frozen or sent one. What was frozen or
// sent stays as it was; translations go with the wording.
func (s *Service) Reopen(ctx context.Context, by account.Actor, documentID int64, reason string) (Revision, error) {
	if err := by.Require(account.DocumentFreeze); err != nil {
		return Revision{}, err
	}
	reason = clean(reason)
	if reason == "" {
		return Revision{}, errs.InvalidFields(errs.FieldError("reason", "field.required"))
	}
	var r Revision
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		d, current, err := lockCurrent(tx, documentID)
		if err != nil {
			return err
		}
		if err := current.Reopenable(); err != nil {
			return err
		}
		segments, err := segmentsOf(tx, current.ID)
		if err != nil {
			return err
		}
		r = s.successor(current, by, reason)
		if err := putRevision(tx, &r, wording{structure: current.Structure, segments: segments}); err != nil {
			return err
		}
		if err := s.carryTranslations(tx, by.Who, d, current.ID, r.ID, segments); err != nil {
			return err
		}
		return s.record(tx, by.Who, d, "document.reopened", map[string]any{"revision": current.Number, "state": current.State},
			map[string]any{"revision": r.Number, "reason": reason})
	})
	return r, errs.Wrap("document.reopen", err)
}

// MarkSent says, in the caller's transaction, that these revisions go out. They must be frozen;
// one that was sent before stays sent.
func (s *Service) MarkSent(tx *db.Tx, by audit.Who, revisionIDs ...int64) error {
	for _, id := range revisionIDs {
		r, err := orNotFound(revisionByID(tx, id))
		if err != nil {
			return err
		}
		before := r.State
		if err := r.MarkSent(s.Now()); err != nil {
			return err
		}
		if before == r.State {
			continue
		}
		d, err := orNotFound(documentByID(tx, r.DocumentID))
		if err != nil {
			return err
		}
		if err := saveRevisionState(tx, &r); err != nil {
			return err
		}
		if err := s.record(tx, by, d, "document.sent", map[string]any{"state": before}, map[string]any{"revision": r.Number, "state": r.State}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) successor(r Revision, by account.Actor, note string) Revision {
	return Revision{
		DocumentID: r.DocumentID, Number: r.Number + 1, State: OpenForComment, AuthorID: holder(by), Note: note, CreatedAt: s.Now(),
	}
}

func putRevision(tx *db.Tx, r *Revision, w wording) error {
	r.Structure = w.structure
	if err := insertRevision(tx, r); err != nil {
		return err
	}
	return insertSegments(tx, r.ID, w.segments)
}

func lockCurrent(tx *db.Tx, documentID int64) (Document, Revision, error) {
	d, err := orNotFound(lockDocument(tx, documentID))
	if err != nil {
		return d, Revision{}, err
	}
	r, err := orNotFound(currentRevision(tx, documentID))
	return d, r, err
}

func (s *Service) record(tx *db.Tx, by audit.Who, d Document, action string, before, after any) error {
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: action, ObjectKind: "document", ObjectID: d.ID, CycleID: d.CycleID, Before: before, After: after,
	})
}

func orNotFound[T any](v T, err error) (T, error) {
	if db.IsNotFound(err) {
		return v, errs.E(errs.NotFound, "error.not_found")
	}
	return v, err
}
