package document

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Comparison is what became of a text between two of its revisions.
type Comparison struct {
	Document Document
	Title    string
	From, To Revision
	Locale   string          // the language whose wordings are compared
	Locales  []string        // the source language, and those into which one of the two is translated
	Passages []PassageChange // those that differ, in the order of To; what was taken out stands where it stood
	Same     int             // how many passages are the same in both
	Settings []SettingChange // of a questionnaire: what is neither a text nor an order
}

// PassageChange is a passage that differs between two revisions.
type PassageChange struct {
	Key     string
	State   PassageState
	Moved   bool     // stands in another order
	Changes []Change // the words; of a passage that only moved, one kept run
}

// PassageState says what became of a passage.
type PassageState string

// What may become of a passage.
const (
	PassageSame    PassageState = "same"
	PassageChanged PassageState = "changed"
	PassageAdded   PassageState = "added"
	PassageRemoved PassageState = "removed"
)

// SettingChange is a setting of a questionnaire, or of a question that both revisions have.
type SettingChange struct {
	Key      string // "q3.type", "q3.other", "other", …
	From, To string
}

// Compare tells what differs between two revisions by their numbers, in their source or, with another locale, in their
// translations as they were left. A number that the document does not have is errs.Invalid at "from" or "to", a language
// into which neither is translated at "in".
func (s *Service) Compare(ctx context.Context, by account.Actor, documentID int64, from, to int, locale string) (Comparison, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return Comparison{}, err
	}
	c, err := compareRevisions(s.DB.Read(ctx), documentID, from, to, locale)
	return c, errs.Wrap("document.compare", err)
}

func compareRevisions(tx *db.Tx, documentID int64, from, to int, locale string) (Comparison, error) {
	var c Comparison
	var err error
	if c.Document, err = orNotFound(documentByID(tx, documentID)); err != nil {
		return c, err
	}
	var wrong []errs.Field
	find := func(name string, number int) (Revision, wording, error) {
		r, w, err := wordingNumbered(tx, documentID, number)
		if errs.Is(err, errs.NotFound) {
			wrong = append(wrong, errs.FieldError(name, "document.compare.unknown", "Number", number))
			err = nil
		}
		return r, w, err
	}
	var before, after wording
	if c.From, before, err = find("from", from); err != nil {
		return c, err
	}
	if c.To, after, err = find("to", to); err != nil {
		return c, err
	}
	if len(wrong) > 0 {
		return c, errs.InvalidFields(wrong...)
	}
	c.Title = titleOf(after.segments)
	if c.Document.Kind == Survey {
		if c.Settings, err = settingChanges(before.structure, after.structure); err != nil {
			return c, err
		}
	}
	if err := c.speak(tx, locale, &before, &after); err != nil {
		return c, err
	}
	c.Passages, c.Same = passageChanges(before.segments, after.segments)
	return c, nil
}

// speak puts the translations in the place of both wordings, where another language than the source is wanted.
func (c *Comparison) speak(tx *db.Tx, locale string, wordings ...*wording) error {
	revisions := []int64{c.From.ID, c.To.ID}
	all, err := translationsOf(tx, revisions...)
	if err != nil {
		return err
	}
	c.Locale, c.Locales = c.Document.SourceLanguage, []string{c.Document.SourceLanguage}
	for _, t := range all {
		if !slices.Contains(c.Locales, t.Locale) {
			c.Locales = append(c.Locales, t.Locale)
		}
	}
	slices.Sort(c.Locales[1:])
	if locale == "" || locale == c.Locale {
		return nil
	}
	if !slices.Contains(c.Locales, locale) {
		return errs.InvalidFields(errs.FieldError("in", "field.choice"))
	}
	c.Locale = locale
	for i, w := range wordings {
		if err := w.translate(tx, all, revisions[i], locale); err != nil {
			return err
		}
	}
	return nil
}

// translate leaves of a wording what is translated, in the words of the newest edition.
func (w *wording) translate(tx *db.Tx, all []Translation, revisionID int64, locale string) error {
	texts := map[string]string{}
	newest := slices.IndexFunc(all, func(t Translation) bool { return t.RevisionID == revisionID && t.Locale == locale })
	if newest >= 0 {
		had, err := translated(tx, all[newest].ID)
		if err != nil {
			return err
		}
		for _, s := range had {
			texts[s.Key] = s.Text
		}
	}
	var spoken []Segment
	for _, s := range w.segments {
		if s.Text = texts[s.Key]; s.Text != "" {
			spoken = append(spoken, s)
		}
	}
	w.segments = spoken
	return nil
}

func passageChanges(before, after []Segment) (changed []PassageChange, same int) {
	was, is := textsOf(before), textsOf(after)
	moved := movedIn(segmentKeys(before), segmentKeys(after))
	for _, key := range woven(segmentKeys(after), segmentKeys(before), false) {
		old, had := was[key]
		fresh, has := is[key]
		p := PassageChange{Key: key, State: PassageSame, Moved: moved[key]}
		switch {
		case !had:
			p.State = PassageAdded
		case !has:
			p.State = PassageRemoved
		case old != fresh:
			p.State = PassageChanged
		case !p.Moved:
			same++
			continue
		}
		p.Changes = wordChanges(old, fresh)
		changed = append(changed, p)
	}
	return changed, same
}

func segmentKeys(segments []Segment) []string {
	keys := make([]string, len(segments))
	for i, s := range segments {
		keys[i] = s.Key
	}
	return keys
}

// settingChanges compares what a questionnaire has beside its texts. Parts that only one of the two
// has are told by their texts already.
func settingChanges(before, after string) ([]SettingChange, error) {
	was, hadParts, err := settings(before)
	if err != nil {
		return nil, err
	}
	is, hasParts, err := settings(after)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(was)
	maps.Copy(all, is)
	var changes []SettingChange
	for _, key := range slices.Sorted(maps.Keys(all)) {
		part := ""
		if at := strings.LastIndexByte(key, '.'); at >= 0 {
			part = key[:at]
		}
		if was[key] != is[key] && hadParts[part] == hasParts[part] {
			changes = append(changes, SettingChange{Key: key, From: was[key], To: is[key]})
		}
	}
	return changes, nil
}

// settings lists the leaves of a structure, with what is understood where a part says nothing.
func settings(structure string) (leaves map[string]string, parts map[string]bool, err error) {
	var tree any
	if err := json.Unmarshal([]byte(structure), &tree); err != nil {
		return nil, nil, err
	}
	leaves, parts = map[string]string{}, map[string]bool{}
	flatten("", tree, leaves, parts)
	for part := range parts {
		key := pathTo(part, otherKey)
		if _, said := leaves[key]; !said && (part == "" || leaves[pathTo(part, "type")] != "") {
			leaves[key] = "true"
		}
	}
	return leaves, parts, nil
}
