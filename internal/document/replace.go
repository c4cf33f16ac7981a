package document

import (
	"context"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// replace is the wording of a document after this definition took the place of the one before. It must be of the
// same questionnaire and in the same language; where it says neither, it is.
func (d Definition) replace(of Document, before wording) (wording, error) {
	old, err := definitionOf(before.structure, textsOf(before.segments))
	if err != nil {
		return wording{}, err
	}
	var wrong []errs.Field
	switch {
	case d.ID == "":
		d.ID = old.ID
	case old.ID != "" && d.ID != old.ID:
		wrong = append(wrong, errs.FieldError("id", "document.replace.other", "Have", d.ID, "Want", old.ID))
	}
	switch {
	case d.Language == "":
		d.Language = old.Language
	case d.Language != of.SourceLanguage:
		wrong = append(wrong, errs.FieldError("language", "document.replace.language", "Have", d.Language, "Want", of.SourceLanguage))
	}
	if len(wrong) > 0 {
		return wording{}, errs.InvalidFields(wrong...)
	}
	return d.build(before)
}

// Definition gives the questionnaire of a document's current revision as it is written in a file, and that revision.
func (s *Service) Definition(ctx context.Context, by account.Actor, documentID int64) (Definition, Revision, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return Definition{}, Revision{}, err
	}
	_, r, w, err := s.survey(s.DB.Read(ctx), documentID)
	if err != nil {
		return Definition{}, r, errs.Wrap("document.definition", err)
	}
	d, err := definitionOf(w.structure, textsOf(w.segments))
	return d, r, errs.Wrap("document.definition", err)
}

// survey is the current wording of a questionnaire.
func (s *Service) survey(tx *db.Tx, documentID int64) (Document, Revision, wording, error) {
	d, err := orNotFound(documentByID(tx, documentID))
	if err != nil {
		return d, Revision{}, wording{}, err
	}
	if d.Kind != Survey {
		return d, Revision{}, wording{}, errs.E(errs.Invalid, "document.not_a_questionnaire")
	}
	r, err := orNotFound(currentRevision(tx, documentID))
	if err != nil {
		return d, r, wording{}, err
	}
	segments, err := segmentsOf(tx, r.ID)
	return d, r, wording{structure: r.Structure, segments: segments}, err
}

// Replacement is what a new content would change, to be looked at first.
type Replacement struct {
	Texts   []TextChange // in the order of reading, what is taken out last
	Removed []string     // questions, items and parts of them that are taken out, by the keys under which they are answered
	Moved   bool         // something stands in another order
	Kinds   []string     // questions of another kind, by id
	Details bool         // something that is not shown to readers: topics, keys without use
}

// Nothing says whether it would change nothing at all.
func (r Replacement) Nothing() bool {
	return len(r.Texts) == 0 && len(r.Removed) == 0 && !r.Moved && len(r.Kinds) == 0 && !r.Details
}

// TextChange is a passage before and after; one of them is empty where it is new or taken out.
type TextChange struct {
	Key     string
	Was, Is string
	Changes []Change
}

// Replacing says what Edit would change with this definition, and changes nothing.
func (s *Service) Replacing(ctx context.Context, by account.Actor, documentID int64, d Definition) (Replacement, error) {
	if err := by.Require(account.DocumentWrite); err != nil {
		return Replacement{}, err
	}
	of, r, before, err := s.survey(s.DB.Read(ctx), documentID)
	if err == nil {
		err = r.Editable()
	}
	if err != nil {
		return Replacement{}, errs.Wrap("document.replacing", err)
	}
	after, err := d.replace(of, before)
	if err != nil {
		return Replacement{}, errs.Wrap("document.replacing", err)
	}
	changed, err := replacement(before, after)
	return changed, errs.Wrap("document.replacing", err)
}

func replacement(before, after wording) (Replacement, error) {
	was, err := definitionOf(before.structure, textsOf(before.segments))
	if err != nil {
		return Replacement{}, err
	}
	is, err := definitionOf(after.structure, textsOf(after.segments))
	if err != nil {
		return Replacement{}, err
	}
	r := Replacement{Texts: textChanges(before.segments, after.segments), Moved: moved(before.segments, after.segments)}
	now := is.ids()
	for _, id := range was.order() {
		if _, still := now[id]; !still {
			r.Removed = append(r.Removed, id)
		}
	}
	answered := is.view().AnswerKeys()
	for _, key := range was.view().AnswerKeys() {
		if _, named := now[key]; !named && !slices.Contains(answered, key) && !slices.Contains(r.Removed, key) {
			r.Removed = append(r.Removed, key)
		}
	}
	for _, q := range was.Questions {
		if other := is.question(q.ID); other != nil && other.Type != q.Type {
			r.Kinds = append(r.Kinds, q.ID)
		}
	}
	r.Details = r.Nothing() && !same(before, after)
	return r, nil
}

// order lists the ids of questions and items as they are read.
func (d Definition) order() []string {
	var ids []string
	for _, q := range d.Questions {
		ids = append(ids, q.ID)
		for _, item := range q.Items {
			ids = append(ids, item.ID)
		}
	}
	return ids
}

func textChanges(before, after []Segment) []TextChange {
	old, now := textsOf(before), textsOf(after)
	var changes []TextChange
	for _, s := range after {
		if was, ok := old[s.Key]; !ok || was != s.Text {
			changes = append(changes, TextChange{Key: s.Key, Was: was, Is: s.Text, Changes: wordChanges(was, s.Text)})
		}
	}
	for _, s := range before {
		if _, still := now[s.Key]; !still {
			changes = append(changes, TextChange{Key: s.Key, Was: s.Text, Changes: wordChanges(s.Text, "")})
		}
	}
	return changes
}

// moved says whether what both have stands in another order.
func moved(before, after []Segment) bool {
	old, now := textsOf(before), textsOf(after)
	common := func(segments []Segment, other map[string]string) []string {
		var keys []string
		for _, s := range segments {
			if _, ok := other[s.Key]; ok {
				keys = append(keys, s.Key)
			}
		}
		return keys
	}
	return !slices.Equal(common(before, now), common(after, old))
}

// mayRemove refuses a whole new questionnaire that would take out more than it may: what people have answered,
// translated or commented on goes only by intent. The error is errs.Conflict with a field for each.
func (c Changes) mayRemove(before, after wording) error {
	if _, whole := c.Content.(Definition); !whole || c.RemoveAny {
		return nil
	}
	r, err := replacement(before, after)
	if err != nil {
		return err
	}
	texts := textsOf(before.segments)
	refused := errs.E(errs.Conflict, "document.replace.confirm")
	for _, key := range r.Removed {
		if slices.Contains(c.Removing, key) {
			continue
		}
		name, said := key, "document.replace.takes_out"
		if question, ok := strings.CutSuffix(key, "."+otherKey); ok {
			name, said = question+".text", "document.replace.takes_out_other"
		} else if _, ok := texts[key]; !ok {
			name = key + ".text"
		}
		refused.Fields = append(refused.Fields, errs.FieldError(key, said, "Place", Place(name), "ID", key, "Text", texts[name]))
	}
	if len(refused.Fields) == 0 {
		return nil
	}
	return refused
}
