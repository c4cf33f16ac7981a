package document

import (
	"context"
	"maps"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Put gives the whole of a message in one language, as programs have it: the source is edited; a
// translation is claimed, its passages are taken in the order of the source's, its parts and variants by their keys, and
// it is submitted for review. The error is errs.Invalid at "body" where the passages do not match in number, and at a
// part that the source does not have.
func (s *Service) Put(ctx context.Context, by account.Actor, documentID int64, locale string, m Message) error {
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
		_, err := s.Edit(ctx, by, documentID, r.Number, Changes{Content: m})
		return errs.Wrap("document.put", err)
	}
	return errs.Wrap("document.put", s.putTranslation(ctx, by, r, locale, m))
}

func (s *Service) putTranslation(ctx context.Context, by account.Actor, r Revision, locale string, m Message) error {
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
	if t, err = s.Save(ctx, by, t.ID, texts); err != nil {
		return err
	}
	_, err = s.Submit(ctx, by, t.ID)
	return err
}

// byKeys gives each part of a translated message the key that the source has for it.
func (m Message) byKeys(source []Segment) (map[string]string, error) {
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
