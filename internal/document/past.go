package document

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// DefinitionAt gives the questionnaire as the revision with this number has it; errs.NotFound where there is none.
func (s *Service) DefinitionAt(ctx context.Context, by account.Actor, documentID int64, number int) (Definition, error) {
	w, err := s.wordingAt(ctx, by, documentID, number)
	if err != nil {
		return Definition{}, errs.Wrap("document.definition_at", err)
	}
	d, err := definitionOf(w.structure, textsOf(w.segments))
	return d, errs.Wrap("document.definition_at", err)
}

// MessageAt gives the message as the revision with this number has it; errs.NotFound where there is none.
func (s *Service) MessageAt(ctx context.Context, by account.Actor, documentID int64, number int) (Message, error) {
	w, err := s.wordingAt(ctx, by, documentID, number)
	return messageOf(w.segments), errs.Wrap("document.message_at", err)
}

func (s *Service) wordingAt(ctx context.Context, by account.Actor, documentID int64, number int) (wording, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return wording{}, err
	}
	_, w, err := wordingNumbered(s.DB.Read(ctx), documentID, number)
	return w, err
}

// PreviewQuestionnaire is the questionnaire of a document as contributors will see it, in its source language or in a
// translation as far as that is; what is not translated yet is an ellipsis. A language into which nobody translates is
// errs.NotFound.
func (s *Service) PreviewQuestionnaire(ctx context.Context, by account.Actor, documentID int64, locale string) (Questionnaire, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return Questionnaire{}, err
	}
	tx := s.DB.Read(ctx)
	d, r, w, err := s.survey(tx, documentID)
	if err != nil {
		return Questionnaire{}, errs.Wrap("document.preview_questionnaire", err)
	}
	if locale != d.SourceLanguage {
		t, err := orNotFound(translationOf(tx, r.ID, locale))
		if err != nil {
			return Questionnaire{}, errs.Wrap("document.preview_questionnaire", err)
		}
		have, err := translated(tx, t.ID)
		if err != nil {
			return Questionnaire{}, errs.Wrap("document.preview_questionnaire", err)
		}
		w.segments = inLanguage(w.segments, have)
	}
	definition, err := definitionOf(w.structure, textsOf(w.segments))
	q := definition.view()
	q.RevisionID, q.Locale = r.ID, locale
	return q, errs.Wrap("document.preview_questionnaire", err)
}
