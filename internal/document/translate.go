package document

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Claim gives the translation of a document's current revision to the actor. One that somebody
// else holds is errs.Conflict and says who; one's own is returned as it is.
func (s *Service) Claim(ctx context.Context, by account.Actor, documentID int64, locale string) (Translation, error) {
	if err := by.Require(account.TranslationWrite); err != nil {
		return Translation{}, err
	}
	tag, err := language.Parse(locale)
	if err != nil {
		return Translation{}, errs.InvalidFields(errs.FieldError("locale", "field.language_tag"))
	}
	locale = tag.String()
	var t Translation
	held := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		d, r, err := lockCurrent(tx, documentID)
		if err != nil {
			return err
		}
		if locale == d.SourceLanguage {
			return errs.InvalidFields(errs.FieldError("locale", "document.translation.source_language"))
		}
		t, err = translationOf(tx, r.ID, locale)
		if db.IsNotFound(err) {
			t, err = s.first(by, r, tag)
		}
		if err != nil {
			return err
		}
		before := t.State
		if t.isBy(by) && before != Stale {
			return nil
		}
		if err := t.Claim(by, s.Now()); err != nil {
			held = true
			return err
		}
		if err := putTranslation(tx, &t); err != nil {
			return err
		}
		return s.recordTranslation(tx, by.Who, d, t, "translation.claimed", before, nil)
	})
	if held { // the name is asked for without the document's lock and its connection
		err = s.heldBy(ctx, t, err)
	}
	return t, errs.Wrap("document.claim", err)
}

// first is a translation that nobody has begun. Only who freezes texts may open a language in which none are wanted.
func (s *Service) first(by account.Actor, r Revision, tag language.Tag) (Translation, error) {
	locale := tag.String()
	if !slices.Contains(s.Locales, locale) && (!by.May(account.DocumentFreeze) || !spoken(tag)) {
		return Translation{}, errs.InvalidFields(errs.FieldError("locale", "document.translation.not_wanted"))
	}
	return Translation{RevisionID: r.ID, Locale: locale, Edition: 1, State: Missing}, nil
}

// spoken says whether a tag names a language: not none, several, or one of somebody's own (BCP 47, 2.2.1 and 2.2.7).
func spoken(tag language.Tag) bool {
	base, _, _ := tag.Raw() // Base would guess one
	return len(tag.Extensions()) == 0 && !slices.Contains([]string{"und", "mul", "mis", "zxx"}, base.String()) &&
		display.English.Languages().Name(tag) != ""
}

// putTranslation stores a translation, new or not.
func putTranslation(tx *db.Tx, t *Translation) error {
	if t.ID == 0 {
		return insertTranslation(tx, t)
	}
	return saveTranslation(tx, t)
}

// heldBy says who has a translation that cannot be claimed.
func (s *Service) heldBy(ctx context.Context, t Translation, err error) error {
	if t.TranslatorID == nil || t.State == Approved {
		return err
	}
	return errs.E(errs.Conflict, "document.translation.held", "Name", s.nameOf(ctx, t.TranslatorID))
}

// Submit hands a draft to review. What is missing, stale or differs from the source in its merge
// fields or links is errs.Invalid with a field for each.
func (s *Service) Submit(ctx context.Context, by account.Actor, translationID int64) (Translation, error) {
	var t Translation
	err := s.change(ctx, by, account.TranslationWrite, translationID, func(tx *db.Tx, c *changing) error {
		if err := c.t.Submit(by, s.Now()); err != nil {
			return err
		}
		have, err := translated(tx, c.t.ID)
		if err != nil {
			return err
		}
		if same, err := changesNothing(tx, c, have); err != nil || same {
			if same {
				err = errs.E(errs.Conflict, "document.correction.nothing")
			}
			return err
		}
		if wrong := s.checks.translationProblems(c.source, have); len(wrong) > 0 {
			return &errs.Error{Code: errs.Invalid, Key: "document.translation.refused", Args: errs.Args{"Count": len(wrong)}, Fields: wrong}
		}
		return s.finish(tx, by.Who, c, "translation.submitted", nil)
	}, &t)
	return t, errs.Wrap("document.submit_translation", err)
}

// changing is a translation on its way from one state to the next.
type changing struct {
	document Document
	t        Translation // that of the current revision
	before   TranslationState
	source   []Segment         // of the current revision
	based    map[string]string // the source texts that the actor had before them
}

// change runs fn on a translation, or on the one that followed it to the current revision.
func (s *Service) change(ctx context.Context, by account.Actor, action account.Action, id int64, fn func(*db.Tx, *changing) error, out *Translation) error {
	if err := by.Require(action); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if err := fn(tx, &c); err != nil {
			return err
		}
		*out = c.t
		return nil
	})
}

func (s *Service) load(tx *db.Tx, id int64) (changing, error) {
	var c changing
	asked, err := orNotFound(translationByID(tx, id))
	if err != nil {
		return c, err
	}
	based, err := orNotFound(revisionByID(tx, asked.RevisionID))
	if err != nil {
		return c, err
	}
	var current Revision
	if c.document, current, err = lockCurrent(tx, based.DocumentID); err != nil {
		return c, err
	}
	if c.t, err = orNotFound(translationOf(tx, current.ID, asked.Locale)); err != nil {
		return c, err
	}
	if c.source, err = segmentsOf(tx, current.ID); err != nil {
		return c, err
	}
	shown, err := segmentsOf(tx, based.ID)
	c.before, c.based = c.t.State, textsOf(shown)
	return c, err
}

func (s *Service) finish(tx *db.Tx, by audit.Who, c *changing, action string, more map[string]any) error {
	if err := saveTranslation(tx, &c.t); err != nil {
		return err
	}
	return s.recordTranslation(tx, by, c.document, c.t, action, c.before, more)
}

func (s *Service) recordTranslation(tx *db.Tx, by audit.Who, d Document, t Translation, action string, before TranslationState, more map[string]any) error {
	after := map[string]any{"document": d.Slug, "locale": t.Locale, "state": t.State}
	maps.Copy(after, more)
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: action, ObjectKind: "translation", ObjectID: t.ID, CycleID: d.CycleID,
		Before: map[string]any{"state": before}, After: after,
	})
}

// nameOf is the name of an account, "" where there is none.
func (s *Service) nameOf(ctx context.Context, id *int64) string {
	if id == nil || s.Accounts == nil {
		return ""
	}
	a, err := s.Accounts.ByID(ctx, *id)
	if err != nil {
		return ""
	}
	return a.Name
}
