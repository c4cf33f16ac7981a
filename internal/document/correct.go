package document

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Correct begins a correction of an approved translation: its next edition, which has its words until they are changed,
// and which the actor holds. Readers keep what is approved until somebody else approves the correction. Where one is
// being made already, it is errs.Conflict and says who has it.
func (s *Service) Correct(ctx context.Context, by account.Actor, translationID int64, reason string) (Translation, error) {
	reason = strings.TrimSpace(cleanText(reason))
	var t, held Translation
	err := s.change(ctx, by, account.TranslationWrite, translationID, func(tx *db.Tx, c *changing) error {
		if c.t.State != Approved {
			open, err := hasEarlier(tx, c.t)
			if err != nil || !open {
				return cmp.Or[error](err, errs.E(errs.Conflict, "document.correction.not_approved"))
			}
			held = c.t
			return errs.E(errs.Conflict, "document.correction.open")
		}
		if err := checkReason(reason); err != nil {
			return err
		}
		return s.beginCorrection(tx, by, c, reason)
	}, &t)
	if held.TranslatorID != nil {
		err = errs.E(errs.Conflict, "document.translation.held", "Name", s.nameOf(ctx, held.TranslatorID))
	}
	return t, errs.Wrap("document.correct_translation", err)
}

// beginCorrection puts the next edition in the place of the approved one.
func (s *Service) beginCorrection(tx *db.Tx, by account.Actor, c *changing, reason string) error {
	next, err := c.t.Correct(by, reason, s.Now())
	if err != nil {
		return err
	}
	approved, err := translated(tx, c.t.ID)
	if err != nil {
		return err
	}
	if err := insertTranslation(tx, &next); err != nil {
		return err
	}
	if err := putTranslated(tx, next.ID, approved); err != nil {
		return err
	}
	c.t = next
	return s.recordTranslation(tx, by.Who, c.document, c.t, "translation.correction_begun", Approved,
		map[string]any{"edition": next.Edition, "reason": reason})
}

// DropCorrection gives a correction up, with the words that it would have changed; the trail keeps them. What is
// approved stays as it is.
func (s *Service) DropCorrection(ctx context.Context, by account.Actor, translationID int64) (Translation, error) {
	var t Translation
	err := s.change(ctx, by, account.TranslationWrite, translationID, func(tx *db.Tx, c *changing) error {
		if err := c.t.Drop(by); err != nil {
			return err
		}
		if below, err := hasEarlier(tx, c.t); err != nil || !below {
			return cmp.Or[error](err, errs.E(errs.Conflict, "document.correction.not_open"))
		}
		words, err := translated(tx, c.t.ID)
		if err != nil {
			return err
		}
		dropped := c.t
		if err := dropTranslation(tx, dropped); err != nil {
			return err
		}
		if c.t, err = orNotFound(translationOf(tx, dropped.RevisionID, dropped.Locale)); err != nil {
			return err
		}
		approved, err := translated(tx, c.t.ID)
		if err != nil {
			return err
		}
		return s.recordTranslation(tx, by.Who, c.document, c.t, "translation.correction_dropped", dropped.State,
			map[string]any{"edition": dropped.Edition, "words": changedWords(approved, words)})
	}, &t)
	return t, errs.Wrap("document.drop_correction", err)
}

// changedWords are the texts that are not in an edition, by key.
func changedWords(edition, texts []TranslationSegment) map[string]string {
	changed := map[string]string{}
	for _, t := range texts {
		if !slices.ContainsFunc(edition, func(x TranslationSegment) bool { return x.Key == t.Key && x.Text == t.Text }) {
			changed[t.Key] = t.Text
		}
	}
	return changed
}

// changesNothing says whether a correction still has the words that it began with.
func changesNothing(tx *db.Tx, c *changing, have []TranslationSegment) (bool, error) {
	approved, err := approvedOf(tx, c.t.RevisionID, c.t.Locale, 0)
	if db.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	words, err := translated(tx, approved.ID)
	return len(changedWords(words, have)) == 0, err
}

// newest says whether no later edition of the same language stands in the list, which has the newest first.
func newest(all []Translation, at int) bool {
	return at == 0 || all[at-1].RevisionID != all[at].RevisionID || all[at-1].Locale != all[at].Locale
}

// corrects says whether readers have an approved edition before this one.
func corrects(all []Translation, t Translation) bool {
	return t.State != Approved && slices.ContainsFunc(all, func(x Translation) bool {
		return x.RevisionID == t.RevisionID && x.Locale == t.Locale && x.Edition < t.Edition && x.State == Approved
	})
}

// inUse gives of each language the edition that readers have, or where none is approved, the newest.
func inUse(all []Translation) []Translation {
	var used []Translation
	for i, t := range all {
		switch last := len(used) - 1; {
		case newest(all, i):
			used = append(used, t)
		case used[last].State != Approved && t.State == Approved:
			used[last] = t
		}
	}
	return used
}

// living are the editions that an edit of the source brings along: of each language the newest, and below a correction
// what it corrects. What was corrected before is read where it was sent.
func living(all []Translation) []Translation {
	var kept []Translation
	done := false
	for i, t := range all {
		if newest(all, i) {
			done = false
		}
		if done {
			continue
		}
		kept = append(kept, t)
		done = t.State == Approved || t.State == Stale && !newest(all, i)
	}
	return kept
}
