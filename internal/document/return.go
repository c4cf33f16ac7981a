package document

import (
	"slices"

	"github.com/convoke/convoke/internal/db"
)

// bringBack fills in what passages that came back were translated as before they were taken out: those with the same
// words, under the same key or under one that is free. A translation that was handed in takes only what was approved.
func bringBack(tx *db.Tx, documentID int64, t Translation, source []Segment, kept []TranslationSegment, complete bool) ([]TranslationSegment, bool, error) {
	missing := untranslated(source, kept)
	if len(missing) == 0 {
		return kept, complete, nil
	}
	hashes := make([]string, len(missing))
	for i, s := range missing {
		hashes[i] = sourceHash(s.Text)
	}
	past, err := pastTexts(tx, documentID, t.Locale, hashes)
	if err != nil {
		return nil, false, err
	}
	drafted := t.State == Missing || t.State == Claimed || t.State == Draft
	taken := textsOf(source)
	for i, s := range missing {
		at := slices.IndexFunc(past, func(p pastText) bool {
			return p.SourceHash == hashes[i] && p.Key == s.Key && (p.Approved || drafted)
		})
		if at < 0 {
			at = slices.IndexFunc(past, func(p pastText) bool {
				_, used := taken[p.Key]
				return p.SourceHash == hashes[i] && !used && (p.Approved || drafted)
			})
		}
		if at >= 0 {
			kept = append(kept, TranslationSegment{Key: s.Key, Text: past[at].Text, SourceHash: hashes[i], AuthorID: past[at].AuthorID})
		}
	}
	_, complete = carry(source, kept)
	return kept, complete, nil
}

// untranslated are the passages of which a translation has nothing.
func untranslated(source []Segment, have []TranslationSegment) []Segment {
	return slices.DeleteFunc(slices.Clone(source), func(s Segment) bool {
		return !s.Translatable() || slices.ContainsFunc(have, func(t TranslationSegment) bool { return t.Key == s.Key })
	})
}
