package document

import (
	"context"
	"maps"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Put gives the whole of a message in one language, as programs have it: the source is edited; a
// translation is claimed, its passages are taken in the order of the source's, its parts and variants by their keys, and
// it is submitted for review. The error is errs.Invalid at "body" where the passages do not match in number, and at a
// part that the source does not have.
func (s *Service) Put(ctx context.Context, by account.Actor, documentID int64, locale string, m Message) error {
	return s.PutFrom(ctx, by, documentID, locale, m, PutBase{})
}

// PutBase is what a program has read before it puts another text there.
type PutBase struct {
	Revision int               // the number of the revision that was edited, or translated
	Marks    map[string]string // of the texts of a translation, by key
}

// PutFrom is Put for a program that has read what there is. Without a base, what somebody else wrote is not
// overwritten: the error is errs.Conflict, and says what to read.
func (s *Service) PutFrom(ctx context.Context, by account.Actor, documentID int64, locale string, m Message, base PutBase) error {
	d, err := orNotFound(documentByID(s.DB.Read(ctx), documentID))
	if err != nil {
		return errs.Wrap("document.put", err)
	}
	if d.Kind == Survey {
		return errs.E(errs.Invalid, "document.not_a_message")
	}
	r, err := s.CurrentRevision(ctx, documentID)
	if err != nil {
		return errs.Wrap("document.put", err)
	}
	if locale == d.SourceLanguage {
		return errs.Wrap("document.put", s.putSource(ctx, by, r, m, base.Revision))
	}
	return errs.Wrap("document.put", s.putTranslation(ctx, by, r, locale, m, base))
}

// Blank stands in a message of which nothing is written yet; freezing refuses it.
func Blank() Message { return Message{Subject: "[TBD]", Body: "[TBD]"} }

// putSource edits what the program has read, or where it has said nothing of that, what nobody else wrote.
func (s *Service) putSource(ctx context.Context, by account.Actor, r Revision, m Message, base int) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := by.Require(account.DocumentWrite); err != nil {
			return err
		}
		changes := Changes{Content: m}
		if err := changes.checkVariants(); err != nil {
			return err
		}
		d, current, err := lockCurrent(tx, r.DocumentID)
		if err != nil {
			return err
		}
		if base == 0 {
			base = current.Number
			if err := onlyOwn(tx, by, d, current, changes); err != nil {
				return err
			}
		}
		return s.editFrom(tx, by, d, &current, base, changes, "")
	})
}

// onlyOwn refuses to replace a wording that somebody else wrote, unless nothing is written yet or nothing would change.
func onlyOwn(tx *db.Tx, by account.Actor, d Document, current Revision, changes Changes) error {
	now, err := wordingOf(tx, current)
	if err != nil {
		return err
	}
	if m := messageOf(now.segments); m.Subject == Blank().Subject && m.Body == Blank().Body {
		return nil
	}
	after, err := changes.apply(d, now)
	if err != nil || same(now, after) {
		return err
	}
	all, err := revisionsOf(tx, d.ID)
	for _, r := range all {
		if r.AuthorID == nil || *r.AuthorID != by.ID {
			return errs.E(errs.Conflict, "document.put.base", "Number", current.Number)
		}
	}
	return err
}

func (s *Service) putTranslation(ctx context.Context, by account.Actor, r Revision, locale string, m Message, base PutBase) error {
	source, err := segmentsOf(s.DB.Read(ctx), r.ID)
	if err != nil {
		return err
	}
	texts, err := m.byKeys(source)
	if err != nil {
		return err
	}
	t, err := s.Claim(ctx, by, r.DocumentID, locale)
	if err != nil {
		return err
	}
	from, err := s.marksAt(ctx, r.DocumentID, base.Revision)
	if err != nil {
		return err
	}
	if t, err = s.SaveFrom(ctx, by, t.ID, texts, base.Marks, from); err != nil {
		return err
	}
	_, err = s.Submit(ctx, by, t.ID)
	return err
}

// marksAt are the Marks of the source in a revision, nil for no revision.
func (s *Service) marksAt(ctx context.Context, documentID int64, number int) (map[string]string, error) {
	if number == 0 {
		return nil, nil
	}
	_, w, err := wordingNumbered(s.DB.Read(ctx), documentID, number)
	marks := make(map[string]string, len(w.segments))
	for _, segment := range w.segments {
		marks[segment.Key] = Mark(segment.Text)
	}
	return marks, err
}

// byKeys gives each part of a translated message the key that the source has for it.
func (m Message) byKeys(source []Segment) (map[string]string, error) {
	if wrong := onOneLine(m.subjects()); len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	m = m.tidy()
	texts := map[string]string{}
	for _, part := range VariantParts() {
		texts[part] = m.general().Part(part)
		for key, v := range m.Variants {
			texts[key+"."+part] = v.Part(part)
		}
	}
	maps.DeleteFunc(texts, func(_, text string) bool { return text == "" })
	var want int
	passages := splitBlocks(m.Body)
	known := textsOf(source)
	for _, s := range source {
		if isPart(s.Key) {
			continue
		}
		if want < len(passages) {
			texts[s.Key] = passages[want]
		}
		want++
	}
	var wrong []errs.Field
	if want != len(passages) {
		wrong = append(wrong, errs.FieldError(bodyKey, "document.put.passages", "Have", len(passages), "Want", want))
	}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if _, ok := known[key]; !ok {
			wrong = append(wrong, errs.FieldError(key, "document.segment.unknown", "Key", key))
		}
	}
	if len(wrong) > 0 {
		return nil, errs.InvalidFields(wrong...)
	}
	return texts, nil
}
