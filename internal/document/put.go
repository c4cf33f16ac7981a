package document

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Put gives the whole of a message in one language, as programs have it: the source is edited; a
// translation is claimed, its passages are taken in the order of the source's, and it is submitted
// for review. The error is errs.Invalid at "body" where the passages do not match in number.
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
	passages := append([]string{m.Subject}, splitBlocks(m.Body)...)
	if len(passages) != len(source) {
		return errs.InvalidFields(errs.FieldError("body", "document.put.passages", "Have", len(passages)-1, "Want", len(source)-1))
	}
	texts := make(map[string]string, len(source))
	for i, segment := range source {
		texts[segment.Key] = passages[i]
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
