package document

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Verdict is what a reviewer decides.
type Verdict string

// The verdicts. OnlyNotes leaves the translation where it is.
const (
	Approving   Verdict = "approve"
	SendingBack Verdict = "send_back"
	OnlyNotes   Verdict = "note"
)

// Review is what a reviewer says of a translation.
type Review struct {
	Verdict Verdict
	Note    string            // of all of it, when it is sent back
	Notes   map[string]string // at segments, by key
	Seen    string            // Sheet.Mark of what was read; "" where it is approved without a page
}

// Review keeps the notes at segments and does what is decided, both or neither. Approving is errs.Forbidden for who
// translated it and for who wrote any words of it that were not approved before, and errs.Conflict
// ("document.translation.changed_since") where it is not what was seen. Sending back wants a note, of all or at a segment.
func (s *Service) Review(ctx context.Context, by account.Actor, translationID int64, r Review) (Translation, error) {
	var t Translation
	err := s.change(ctx, by, account.TranslationReview, translationID, func(tx *db.Tx, c *changing) error {
		return s.review(tx, by, c, r)
	}, &t)
	return t, errs.Wrap("document.review_translation", err)
}

func (s *Service) review(tx *db.Tx, by account.Actor, c *changing, r Review) error {
	note := strings.TrimSpace(cleanText(r.Note))
	switch r.Verdict {
	case Approving:
		if err := c.t.Approve(by, s.Now()); err != nil {
			return err
		}
		if err := approvable(tx, by, c, r.Seen); err != nil {
			return err
		}
	case SendingBack:
		if err := c.t.SendBack(by, note, s.Now()); err != nil {
			return err
		}
	default:
		return s.addNotes(tx, by, c, r.Notes)
	}
	if err := s.addNotes(tx, by, c, r.Notes); err != nil {
		return err
	}
	if r.Verdict == SendingBack {
		if err := enoughSaid(tx, c, note); err != nil {
			return err
		}
		return s.finish(tx, by.Who, c, "translation.sent_back", map[string]any{"note": note})
	}
	if err := s.finish(tx, by.Who, c, "translation.approved", nil); err != nil {
		return err
	}
	return s.carryBack(tx, by, c)
}

// Approve lets a translation be used, as Review does.
func (s *Service) Approve(ctx context.Context, by account.Actor, translationID int64) (Translation, error) {
	return s.Review(ctx, by, translationID, Review{Verdict: Approving})
}

// SendBack returns a translation to its translator, as Review does; the note says what to look at.
func (s *Service) SendBack(ctx context.Context, by account.Actor, translationID int64, note string) (Translation, error) {
	return s.Review(ctx, by, translationID, Review{Verdict: SendingBack, Note: note})
}

// enoughSaid wants a note with what is sent back, unless notes stand at segments.
func enoughSaid(tx *db.Tx, c *changing, note string) error {
	if utf8.RuneCountInString(note) > maxSegment {
		return errs.InvalidFields(errs.FieldError("note", "field.too_long", "Max", maxSegment))
	}
	if note != "" {
		return nil
	}
	open, err := openNotes(tx, c.document.ID, c.t.Locale)
	if err == nil && open == 0 {
		return errs.InvalidFields(errs.FieldError("note", "field.required"))
	}
	return err
}

// approvable is nil where the actor has seen what they approve, and has written none of what would be approved.
func approvable(tx *db.Tx, by account.Actor, c *changing, seen string) error {
	have, err := translated(tx, c.t.ID)
	if err != nil {
		return err
	}
	writers, err := unapprovedBy(tx, c.document.ID, c.t.Locale, have)
	switch {
	case err != nil:
		return err
	case by.ID != 0 && writers[by.ID] > 0:
		return errs.E(errs.Forbidden, "document.translation.own_words", "Count", writers[by.ID])
	case seen != "" && seen != readMark(c.t, c.source, have):
		return errs.E(errs.Conflict, "document.translation.changed_since")
	}
	return nil
}

// unapprovedBy counts the passages that were never approved with these words in the document's language, by who wrote them.
func unapprovedBy(tx *db.Tx, documentID int64, locale string, have []TranslationSegment) (map[int64]int, error) {
	known, err := approvedWords(tx, documentID, locale)
	writers := map[int64]int{}
	for _, t := range have {
		if t.AuthorID != nil && t.Text != "" && !known[t.Text] {
			writers[*t.AuthorID]++
		}
	}
	return writers, err
}

// readMark stands for everything that a reviewer reads: the edition and both texts of every passage.
func readMark(t Translation, source []Segment, have []TranslationSegment) string {
	texts := make(map[string]TranslationSegment, len(have))
	for _, x := range have {
		texts[x.Key] = x
	}
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%d %d %d\n", t.ID, t.RevisionID, t.Edition)
	for _, s := range source {
		if s.Translatable() {
			x := texts[s.Key]
			_, _ = fmt.Fprintf(sum, "%q %q %q %t\n", s.Key, s.Text, x.Text, x.Stale)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// Mark stands for the line as it was read, in both languages.
func (l Line) Mark() string { return Mark(l.Text + "\x00" + l.Translation) }
