package document

import (
	"context"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// MailText is a message in one language, with its merge fields as they were written: {{contact}}.
// HTML is what stands inside of a body and is sanitized; Text is wrapped at 76 columns.
type MailText struct {
	Locale  string
	Subject string
	Text    string
	HTML    string
}

// Mail is the message of a revision in a language: the source, or an approved translation. Any
// other is errs.Conflict, because a text is never sent half translated. Where there is no such variant, it is the
// general text, whose variant is "".
func (s *Service) Mail(ctx context.Context, revisionID int64, locale, variant string) (MailText, error) {
	return s.MailEdition(ctx, revisionID, locale, 0, variant)
}

// MailEdition is Mail in an edition of the translation that was approved, so that what was sent can be read as it was;
// 0 is the newest.
func (s *Service) MailEdition(ctx context.Context, revisionID int64, locale string, edition int, variant string) (MailText, error) {
	d, r, err := s.revision(ctx, revisionID)
	if err != nil {
		return MailText{}, errs.Wrap("document.mail", err)
	}
	if d.Kind == Survey {
		return MailText{}, errs.E(errs.Invalid, "document.not_a_message")
	}
	segments, ok, err := s.approvedSegments(ctx, d, r.ID, locale, edition)
	if err != nil {
		return MailText{}, errs.Wrap("document.mail", err)
	}
	if !ok {
		return MailText{}, errs.E(errs.Conflict, "document.translation.not_approved", "Locale", locale)
	}
	return s.render(locale, messageOf(segments).For(variant)), nil
}

// Draft is Mail as the text stands now, approved or not: passages that are not translated yet show as an ellipsis, so
// that no language stands for another. What is approved is shown as it is, not with a correction that is being made. A
// language into which nobody translates is errs.NotFound.
func (s *Service) Draft(ctx context.Context, revisionID int64, locale, variant string) (MailText, error) {
	d, r, err := s.revision(ctx, revisionID)
	if err != nil {
		return MailText{}, errs.Wrap("document.draft", err)
	}
	if d.Kind == Survey {
		return MailText{}, errs.E(errs.Invalid, "document.not_a_message")
	}
	tx := s.DB.Read(ctx)
	segments, err := segmentsOf(tx, r.ID)
	if err != nil {
		return MailText{}, errs.Wrap("document.draft", err)
	}
	if locale != d.SourceLanguage {
		t, err := approvedOf(tx, r.ID, locale, 0)
		if db.IsNotFound(err) {
			t, err = orNotFound(translationOf(tx, r.ID, locale))
		}
		if err != nil {
			return MailText{}, errs.Wrap("document.draft", err)
		}
		have, err := translated(tx, t.ID)
		if err != nil {
			return MailText{}, errs.Wrap("document.draft", err)
		}
		segments = inLanguage(segments, have)
	}
	return s.render(locale, messageOf(segments).For(variant)), nil
}

// MailWords is MailEdition as it is written: subject and Markdown of the whole text.
func (s *Service) MailWords(ctx context.Context, revisionID int64, locale string, edition int, variant string) (subject, body string, err error) {
	d, r, err := s.revision(ctx, revisionID)
	if err != nil {
		return "", "", errs.Wrap("document.mail_words", err)
	}
	segments, ok, err := s.approvedSegments(ctx, d, r.ID, locale, edition)
	if err != nil {
		return "", "", errs.Wrap("document.mail_words", err)
	}
	if !ok {
		return "", "", errs.E(errs.Conflict, "document.translation.not_approved", "Locale", locale)
	}
	m := messageOf(segments).For(variant)
	return m.Subject, strings.Join(m.Texts(), "\n\n"), nil
}

// Own is a message in words of its own, for one reader. What must not go out as it is, is errs.Invalid at subject or
// body, as for any text that is frozen.
func (s *Service) Own(locale, subject, body string) (MailText, error) {
	m := Message{Subject: subject, Body: body}.tidy()
	if err := m.check(splitBlocks(m.Body)); err != nil {
		return MailText{}, err
	}
	wrong := problemsOf([]Segment{partOf("", subjectKey, m.Subject), {Key: bodyKey, Kind: Markdown, Text: m.Body}})
	if len(wrong) > 0 {
		return MailText{}, errs.InvalidFields(wrong...)
	}
	return s.render(locale, m), nil
}

// ApprovedLocales lists the languages that a revision may be sent in, the source language first.
func (s *Service) ApprovedLocales(ctx context.Context, revisionID int64) ([]string, error) {
	d, r, err := s.revision(ctx, revisionID)
	if err != nil {
		return nil, errs.Wrap("document.approved_locales", err)
	}
	all, err := translationsOf(s.DB.Read(ctx), r.ID)
	locales := []string{d.SourceLanguage}
	for _, t := range inUse(all) {
		if t.State == Approved {
			locales = append(locales, t.Locale)
		}
	}
	return locales, errs.Wrap("document.approved_locales", err)
}

// Editions are the newest approved edition of each translation of a revision, by language.
func (s *Service) Editions(ctx context.Context, revisionID int64) (map[string]int, error) {
	all, err := translationsOf(s.DB.Read(ctx), revisionID)
	editions := map[string]int{}
	for _, t := range inUse(all) {
		if t.State == Approved {
			editions[t.Locale] = t.Edition
		}
	}
	return editions, errs.Wrap("document.editions", err)
}

// Questionnaire is the questionnaire of a revision in a language, or as a whole in the source
// language, with Fallback set, where the language has no approved translation.
func (s *Service) Questionnaire(ctx context.Context, revisionID int64, locale string) (Questionnaire, error) {
	d, r, err := s.revision(ctx, revisionID)
	if err != nil {
		return Questionnaire{}, errs.Wrap("document.questionnaire", err)
	}
	return s.QuestionnaireAt(ctx, d, r, locale)
}

// QuestionnaireAt is Questionnaire for who has read the document and the revision.
func (s *Service) QuestionnaireAt(ctx context.Context, d Document, r Revision, locale string) (Questionnaire, error) {
	if d.Kind != Survey {
		return Questionnaire{}, errs.E(errs.Invalid, "document.not_a_questionnaire")
	}
	segments, ok, err := s.approvedSegments(ctx, d, r.ID, locale, 0)
	if err != nil {
		return Questionnaire{}, errs.Wrap("document.questionnaire", err)
	}
	used := locale
	if !ok {
		used = d.SourceLanguage
		if segments, err = segmentsOf(s.DB.Read(ctx), r.ID); err != nil {
			return Questionnaire{}, errs.Wrap("document.questionnaire", err)
		}
	}
	definition, err := definitionOf(r.Structure, textsOf(segments))
	q := definition.view()
	q.RevisionID, q.Locale, q.Fallback = r.ID, used, !ok
	return q, errs.Wrap("document.questionnaire", err)
}

// Preview is the Draft of a document's current revision with these values in the merge fields.
func (s *Service) Preview(ctx context.Context, by account.Actor, documentID int64, locale, variant string, values map[string]string) (MailText, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return MailText{}, err
	}
	r, err := s.CurrentRevision(ctx, documentID)
	if err != nil {
		return MailText{}, errs.Wrap("document.preview", err)
	}
	m, err := s.Draft(ctx, r.ID, locale, variant)
	return m.fill(values), errs.Wrap("document.preview", err)
}

// render makes a mail of a message in one language. Each part is rendered for itself, so that what one leaves open
// does not swallow the next.
func (s *Service) render(locale string, m Message) MailText {
	t := MailText{Locale: locale, Subject: tidyFields(m.Subject)}
	for _, part := range m.Texts() {
		if t.Text != "" {
			t.Text += "\n"
		}
		t.Text += s.renderer.Text(part)
		t.HTML += s.renderer.HTML(part)
	}
	return t
}

func (s *Service) revision(ctx context.Context, id int64) (Document, Revision, error) {
	tx := s.DB.Read(ctx)
	r, err := orNotFound(revisionByID(tx, id))
	if err != nil {
		return Document{}, r, err
	}
	d, err := orNotFound(documentByID(tx, r.DocumentID))
	return d, r, err
}

// approvedSegments gives the segments of a revision in a language; ok is false where the language
// is neither the source's nor approved in this edition (0: in any).
func (s *Service) approvedSegments(ctx context.Context, d Document, revisionID int64, locale string, edition int) (segments []Segment, ok bool, err error) {
	tx := s.DB.Read(ctx)
	if segments, err = segmentsOf(tx, revisionID); err != nil || locale == d.SourceLanguage {
		return segments, err == nil, err
	}
	t, err := approvedOf(tx, revisionID, locale, edition)
	if db.IsNotFound(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	have, err := translated(tx, t.ID)
	return inLanguage(segments, have), err == nil, err
}

// inLanguage puts translations in place of the texts; what has none is an ellipsis.
func inLanguage(source []Segment, have []TranslationSegment) []Segment {
	texts := make(map[string]string, len(have))
	for _, t := range have {
		texts[t.Key] = t.Text
	}
	out := make([]Segment, len(source))
	for i, s := range source {
		out[i] = s
		if !s.Translatable() {
			continue
		}
		if out[i].Text = texts[s.Key]; out[i].Text == "" {
			out[i].Text = "…"
		}
	}
	return out
}
