package document

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TranslationNote is what a reviewer wrote at a segment. It stays with the language of its document, whatever
// becomes of the wording.
type TranslationNote struct {
	ID         int64
	DocumentID int64
	Locale     string
	Key        string
	Text       string
	AuthorID   *int64
	CreatedAt  time.Time
	SettledAt  *time.Time
	SettledBy  *int64
}

// SegmentNote is a note as a page shows it.
type SegmentNote struct {
	TranslationNote
	Author  string // name
	Settled bool
}

// Note adds notes at segments, by key. An empty text is none; a key that the source does not have is errs.Invalid.
func (s *Service) Note(ctx context.Context, by account.Actor, translationID int64, notes map[string]string) error {
	_, err := s.Review(ctx, by, translationID, Review{Verdict: OnlyNotes, Notes: notes})
	return err
}

func (s *Service) addNotes(tx *db.Tx, by account.Actor, c *changing, notes map[string]string) error {
	added, err := c.notes(by, notes, s.Now())
	if err != nil || len(added) == 0 {
		return err
	}
	if err := insertNotes(tx, added); err != nil {
		return err
	}
	keys := make([]string, len(added))
	for i, n := range added {
		keys[i] = n.Key
	}
	return s.recordTranslation(tx, by.Who, c.document, c.t, "translation.noted", c.before, map[string]any{"segments": keys})
}

func (c *changing) notes(by account.Actor, notes map[string]string, now time.Time) ([]TranslationNote, error) {
	known := textsOf(c.source)
	var added []TranslationNote
	var wrong []errs.Field
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		text := strings.TrimSpace(cleanText(notes[key]))
		_, ok := known[key]
		switch {
		case text == "":
		case !ok:
			wrong = append(wrong, errs.FieldError(key, "document.segment.unknown", "Key", key))
		case utf8.RuneCountInString(text) > maxSegment:
			wrong = append(wrong, errs.FieldError(key, "field.too_long", "Max", maxSegment))
		default:
			added = append(added, TranslationNote{
				DocumentID: c.document.ID, Locale: c.t.Locale, Key: key, Text: text, AuthorID: holder(by), CreatedAt: now,
			})
		}
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return added, nil
}

// settle says that notes need nothing more. One of another translation is errs.NotFound.
func (s *Service) settle(tx *db.Tx, by account.Actor, c *changing, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	notes, err := notesOf(tx, c.document.ID, c.t.Locale)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(notes, func(n TranslationNote) bool { return n.ID == id }) {
			return errs.E(errs.NotFound, "error.not_found")
		}
	}
	if err := settleNotes(tx, ids, s.Now(), holder(by)); err != nil {
		return err
	}
	return s.recordTranslation(tx, by.Who, c.document, c.t, "translation.notes_settled", c.before, map[string]any{"notes": ids})
}

// segmentNotes gives the notes of a translation by segment, oldest first.
func (s *Service) segmentNotes(ctx context.Context, tx *db.Tx, documentID int64, locale string) (map[string][]SegmentNote, error) {
	all, err := notesOf(tx, documentID, locale)
	byKey := map[string][]SegmentNote{}
	names := map[int64]string{}
	for _, n := range all {
		shown := SegmentNote{TranslationNote: n, Settled: n.SettledAt != nil}
		if n.AuthorID != nil {
			if _, known := names[*n.AuthorID]; !known {
				names[*n.AuthorID] = s.nameOf(ctx, n.AuthorID)
			}
			shown.Author = names[*n.AuthorID]
		}
		byKey[n.Key] = append(byKey[n.Key], shown)
	}
	return byKey, err
}
