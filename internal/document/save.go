package document

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/errs"
)

// Typed is what a translator wrote at a segment.
type Typed struct {
	Text string
	Base string // Mark of the text that stood there when they began; "" where that is not known, which does for one's own words
	From string // Mark of the source that it was made from; "" for that of the translation's own revision
}

// sinceClaim is the From of a program that does not say what it read: what was there when the translation was claimed.
const sinceClaim = "claim"

// UnknownBase is the base of a page that does not say what it stood on: nothing is overwritten from it.
const UnknownBase = "?"

// Mark stands for a text, as Typed.Base does.
func Mark(text string) string { return unit.Mark(text) }

// Clash is a segment that got another text after its translator had begun to write.
type Clash struct{ Key, Stored, Typed string }

// Save keeps what a translator has so far, by key; keys that are not given stay as they are. Every
// text given counts as made from the wording of the translation's own revision: where the source
// has been edited since, what was touched is kept too, as stale, and the translation returned is
// the one that goes with the current revision. What would take the place of words that somebody else wrote, or that
// were replaced since, is errs.Conflict with a field for each such segment, and nothing is saved; bases, by key, are the
// Marks of the texts that the caller has read.
func (s *Service) Save(ctx context.Context, by account.Actor, translationID int64, texts map[string]string, bases ...map[string]string) (Translation, error) {
	typed := make(map[string]Typed, len(texts))
	for key, text := range texts {
		typed[key] = Typed{Text: text, Base: markOf(bases, key)}
	}
	t, _, err := s.saveTyped(ctx, by, translationID, typed, nil, overwriting)
	return t, err
}

// SaveFrom is Save for programs, which name a translation by its language and so always mean the present one. madeFrom
// has, by key, the Marks of the sources that the texts were made from. A mark that is none of the passage's wordings
// makes the text stale; without one it counts as made from what stood there when the translation was claimed. A text
// that is stored already changes only with the mark of the present source, which confirms it.
func (s *Service) SaveFrom(ctx context.Context, by account.Actor, translationID int64, texts, bases, madeFrom map[string]string) (Translation, error) {
	typed := make(map[string]Typed, len(texts))
	for key, text := range texts {
		typed[key] = Typed{Text: text, Base: bases[key], From: cmp.Or(madeFrom[key], sinceClaim)}
	}
	t, _, err := s.saveTyped(ctx, by, translationID, typed, nil, overwriting)
	return t, err
}

func markOf(bases []map[string]string, key string) string {
	for _, b := range bases {
		if b[key] != "" {
			return b[key]
		}
	}
	return ""
}

// overwriting refuses a save that would replace what its author has not read.
func overwriting(clashes []Clash) error {
	if len(clashes) == 0 {
		return nil
	}
	e := errs.E(errs.Conflict, "document.translation.overwrites", "Count", len(clashes))
	for _, c := range clashes {
		e.Fields = append(e.Fields, errs.FieldError(c.Key, "document.translation.overwrites_here",
			"Place", Place(c.Key), "Stored", c.Stored, "Mark", Mark(c.Stored)))
	}
	return e
}

// SaveTyped is Save for somebody who may have the same translation open twice: a text that would replace one
// which they have not seen is not saved, but returned as a Clash; all others are saved. settled are notes at
// segments that need nothing more.
func (s *Service) SaveTyped(ctx context.Context, by account.Actor, translationID int64, typed map[string]Typed, settled []int64) (Translation, []Clash, error) {
	return s.saveTyped(ctx, by, translationID, typed, settled, func([]Clash) error { return nil })
}

func (s *Service) saveTyped(ctx context.Context, by account.Actor, translationID int64, typed map[string]Typed, settled []int64, refuse func([]Clash) error) (Translation, []Clash, error) {
	var saved Translation
	var clashes []Clash
	err := s.change(ctx, by, account.TranslationWrite, translationID, func(tx *db.Tx, c *changing) error {
		if err := c.t.Save(by, s.Now()); err != nil {
			return err
		}
		have, err := translated(tx, c.t.ID)
		if err != nil {
			return err
		}
		from, err := c.madeFrom(tx, typed)
		if err != nil {
			return err
		}
		segments, err := c.fresh(by, typed, from)
		if err != nil {
			return err
		}
		segments = withoutRepeats(segments, typed, have)
		segments, clashes = unseen(by, segments, typed, have)
		if err := refuse(clashes); err != nil {
			return err
		}
		if err := putTranslated(tx, c.t.ID, segments); err != nil {
			return err
		}
		if err := s.settle(tx, by, c, settled); err != nil {
			return err
		}
		saved = c.t
		return s.finish(tx, by.Who, c, "translation.saved", map[string]any{"segments": keysOf(segments)})
	}, &saved)
	return saved, clashes, errs.Wrap("document.save_translation", err)
}

// unseen takes out what would replace a text that its translator has not seen.
func unseen(by account.Actor, segments []TranslationSegment, typed map[string]Typed, have []TranslationSegment) (kept []TranslationSegment, clashes []Clash) {
	stored := make(map[string]TranslationSegment, len(have))
	for _, t := range have {
		stored[t.Key] = t
	}
	for _, t := range segments {
		if there := stored[t.Key]; !there.seen(by, typed[t.Key].Base) && there.Text != t.Text {
			clashes = append(clashes, Clash{Key: t.Key, Stored: there.Text, Typed: t.Text})
			continue
		}
		t.keepAuthor(stored[t.Key])
		kept = append(kept, t)
	}
	return kept, clashes
}

// keepAuthor leaves words with who wrote them: whoever confirms or sends them again has not written them.
func (t *TranslationSegment) keepAuthor(there TranslationSegment) {
	if there.Text == t.Text && there.AuthorID != nil {
		t.AuthorID = there.AuthorID
	}
}

// seen says whether somebody who began with this base knows the text: it stands there still, there is none, or it is
// their own.
func (t TranslationSegment) seen(by account.Actor, base string) bool {
	switch {
	case t.Text == "" && (base == "" || base == UnknownBase):
		return true
	case base != "":
		return base == Mark(t.Text)
	}
	return t.AuthorID != nil && by.ID != 0 && *t.AuthorID == by.ID
}

func keysOf(segments []TranslationSegment) []string {
	keys := make([]string, len(segments))
	for i, t := range segments {
		keys[i] = t.Key
	}
	return keys
}

// fresh makes segments of what the translator gave. A key that the source no longer has is left out.
func (c *changing) fresh(by account.Actor, typed map[string]Typed, from map[string]string) ([]TranslationSegment, error) {
	now := textsOf(c.source)
	var segments []TranslationSegment
	var wrong []errs.Field
	for _, key := range slices.Sorted(maps.Keys(typed)) {
		text := oneText(key, typed[key].Text)
		based, known := c.based[key]
		current, still := now[key]
		switch {
		case !known && !still:
			wrong = append(wrong, errs.FieldError(key, "document.segment.unknown", "Key", key))
		case utf8.RuneCountInString(text) > maxSegment:
			wrong = append(wrong, errs.FieldError(key, "field.too_long", "Max", maxSegment))
		case still:
			if !known {
				based = current
			}
			if typed[key].From != "" {
				based = from[key]
			}
			segments = append(segments, TranslationSegment{Key: key, Text: text, SourceHash: sourceHash(based), Stale: based != current, AuthorID: holder(by)})
		}
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return segments, nil
}

// madeFrom gives the wordings from which texts were made whose translators said so; "" for one that the passage never had.
func (c *changing) madeFrom(tx *db.Tx, typed map[string]Typed) (map[string]string, error) {
	from, now := map[string]string{}, textsOf(c.source)
	var claimed, marked []string
	for key, t := range typed {
		switch {
		case t.From == sinceClaim:
			claimed = append(claimed, key)
		case t.From == Mark(now[key]):
			from[key] = now[key]
		case t.From != "":
			marked = append(marked, key)
		}
	}
	if len(marked) > 0 {
		earlier, err := earlierTexts(tx, c.document.ID, marked)
		if err != nil {
			return nil, err
		}
		for _, key := range marked {
			if at := slices.IndexFunc(earlier[key], func(text string) bool { return Mark(text) == typed[key].From }); at >= 0 {
				from[key] = earlier[key][at]
			}
		}
	}
	if len(claimed) == 0 {
		return from, nil
	}
	before, err := c.whenClaimed(tx)
	for _, key := range claimed {
		var known bool
		if from[key], known = before[key]; !known { // it was added since, so it is what was read
			from[key] = now[key]
		}
	}
	return from, err
}

// whenClaimed is the source as it stood when the translation was claimed.
func (c *changing) whenClaimed(tx *db.Tx) (map[string]string, error) {
	if c.t.ClaimedAt == nil {
		return nil, nil
	}
	all, err := revisionsOf(tx, c.document.ID)
	for _, r := range all {
		if err == nil && !r.CreatedAt.After(*c.t.ClaimedAt) {
			segments, err := segmentsOf(tx, r.ID)
			return textsOf(segments), err
		}
	}
	return nil, err
}

// withoutRepeats takes out what programs send again as it is stored, unless they confirm it by the mark of the present source.
func withoutRepeats(segments []TranslationSegment, typed map[string]Typed, have []TranslationSegment) []TranslationSegment {
	return slices.DeleteFunc(segments, func(t TranslationSegment) bool {
		from := typed[t.Key].From
		return (from == sinceClaim || from != "" && t.Stale) &&
			slices.ContainsFunc(have, func(x TranslationSegment) bool { return x.Key == t.Key && x.Text == t.Text })
	})
}
