package document

import (
	"maps"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
)

// carryBack gives what was approved to the earlier revisions that say the same: a text that is reopened after it went
// out is translated on its newest revision, and whoever waits for a translation of what went out has it then as well. It
// becomes the next edition there, so that what was sent stays as it was.
func (s *Service) carryBack(tx *db.Tx, by account.Actor, c *changing) error {
	earlier, err := closedBefore(tx, c.document.ID, c.t.RevisionID)
	if err != nil || len(earlier) == 0 {
		return err
	}
	words, err := translated(tx, c.t.ID)
	if err != nil {
		return err
	}
	texts := textsOf(c.source)
	for _, r := range earlier {
		segments, err := segmentsOf(tx, r.ID)
		if err != nil {
			return err
		}
		if !saysAsMuch(segments, texts) {
			continue
		}
		if err := s.approveThere(tx, by, c, r, wordsFor(segments, words)); err != nil {
			return err
		}
	}
	return nil
}

// saysAsMuch says whether every segment is among the texts as it is.
func saysAsMuch(segments []Segment, texts map[string]string) bool {
	for _, s := range segments {
		if text, ok := texts[s.Key]; !ok || text != s.Text {
			return false
		}
	}
	return true
}

func wordsFor(segments []Segment, words []TranslationSegment) []TranslationSegment {
	wanted := textsOf(segments)
	var kept []TranslationSegment
	for _, w := range words {
		if _, ok := wanted[w.Key]; ok {
			kept = append(kept, w)
		}
	}
	return kept
}

// approveThere puts the words beside an earlier revision, unless they are there.
func (s *Service) approveThere(tx *db.Tx, by account.Actor, c *changing, r Revision, words []TranslationSegment) error {
	there, err := translationOf(tx, r.ID, c.t.Locale)
	if err != nil && !db.IsNotFound(err) {
		return err
	}
	if approved, err := approvedOf(tx, r.ID, c.t.Locale, 0); err == nil {
		have, err := translated(tx, approved.ID)
		if err != nil || maps.Equal(byKey(have), byKey(words)) {
			return err
		}
	} else if !db.IsNotFound(err) {
		return err
	}
	t := c.t
	t.ID, t.RevisionID, t.Edition = 0, r.ID, there.Edition+1
	if err := insertTranslation(tx, &t); err != nil {
		return err
	}
	if err := putTranslated(tx, t.ID, words); err != nil {
		return err
	}
	return s.recordTranslation(tx, by.Who, c.document, t, "translation.carried_back", Missing,
		map[string]any{"revision": r.Number, "edition": t.Edition})
}

func byKey(words []TranslationSegment) map[string]string {
	texts := make(map[string]string, len(words))
	for _, w := range words {
		texts[w.Key] = w.Text
	}
	return texts
}
