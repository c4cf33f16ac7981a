package adapt

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
)

// Texts shows documents to campaigns, contributions and letters.
type Texts struct{ *document.Service }

// Document implements campaign.Texts.
func (a Texts) Document(ctx context.Context, id int64) (campaign.Document, error) {
	d, err := a.ByID(ctx, id)
	if err != nil {
		return campaign.Document{}, err
	}
	return a.withRevision(ctx, d)
}

func (a Texts) withRevision(ctx context.Context, d document.Document) (campaign.Document, error) {
	r, err := a.CurrentRevision(ctx, d.ID)
	if err != nil {
		return campaign.Document{}, err
	}
	out := campaign.Document{
		ID: d.ID, CycleID: d.CycleID, Kind: string(d.Kind), Slug: d.Slug, SourceLanguage: d.SourceLanguage, LanguagePolicy: campaign.LanguagePolicy(d.LanguagePolicy),
		RevisionID: r.ID, Frozen: r.State != document.OpenForComment,
	}
	if out.Frozen {
		out.FrozenRevisionID = r.ID
		return out, nil
	}
	frozen, err := a.FrozenRevision(ctx, d.ID)
	if errs.Is(err, errs.NotFound) {
		return out, nil
	}
	out.FrozenRevisionID = frozen.ID
	return out, err
}

// Documents implements campaign.Texts.
func (a Texts) Documents(ctx context.Context, cycleID int64, kind string) ([]campaign.Document, error) {
	all, err := a.ByKind(ctx, cycleID, document.Kind(kind))
	if err != nil {
		return nil, err
	}
	documents := make([]campaign.Document, len(all))
	for i, d := range all {
		if documents[i], err = a.withRevision(ctx, d); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// Create implements campaign.Texts. What is to be written stands in brackets, which freezing refuses.
func (a Texts) Create(ctx context.Context, by account.Actor, cycleID int64, kind, slug, language string) (campaign.Document, error) {
	d, err := a.Service.Create(ctx, by, cycleID, document.Kind(kind), slug, language, document.Blank())
	if err != nil {
		return campaign.Document{}, err
	}
	return a.withRevision(ctx, d)
}

// Translations implements campaign.Texts.
func (a Texts) Translations(ctx context.Context, revisionID int64) ([]campaign.Translation, error) {
	all, err := a.Service.Translations(ctx, revisionID)
	translations := make([]campaign.Translation, len(all))
	for i, t := range all {
		translations[i] = campaign.Translation{Locale: t.Locale, State: string(t.State)}
	}
	return translations, err
}

// SetText implements campaign.Texts.
func (a Texts) SetText(ctx context.Context, by account.Actor, documentID int64, locale string, text campaign.Wording) error {
	m := document.Message{Subject: text.Subject, Opening: text.Opening, Why: text.Why, Body: text.Body, Ask: text.Ask}
	if text.Variants != nil {
		m.Variants = make(map[string]document.Variant, len(text.Variants))
	}
	for key, v := range text.Variants {
		m.Variants[key] = document.Variant(v)
	}
	return a.PutFrom(ctx, by, documentID, locale, m, document.PutBase{Revision: text.BaseRevision, Marks: text.Bases})
}

// Freeze implements campaign.Texts.
func (a Texts) Freeze(ctx context.Context, by account.Actor, documentID int64) (int64, error) {
	r, err := a.Service.Freeze(ctx, by, documentID)
	return r.ID, err
}

// Mail implements campaign.Texts.
func (a Texts) Mail(ctx context.Context, revisionID int64, locale string, edition int, variant string) (campaign.Text, error) {
	m, err := a.MailEdition(ctx, revisionID, locale, edition, variant)
	return campaign.Text(m), err
}

// Words implements campaign.Texts.
func (a Texts) Words(ctx context.Context, revisionID int64, locale string, edition int, variant string) (subject, body string, err error) {
	return a.MailWords(ctx, revisionID, locale, edition, variant)
}

// Own implements campaign.Texts.
func (a Texts) Own(_ context.Context, locale, subject, body string) (campaign.Text, error) {
	m, err := a.Service.Own(locale, subject, body)
	return campaign.Text(m), err
}

// Draft implements campaign.Texts.
func (a Texts) Draft(ctx context.Context, revisionID int64, locale, variant string) (campaign.Text, error) {
	m, err := a.Service.Draft(ctx, revisionID, locale, variant)
	return campaign.Text(m), err
}

// PolicyOf implements campaign.Texts.
func (a Texts) PolicyOf(tx *db.Tx, documentID int64) (campaign.LanguagePolicy, error) {
	p, err := a.Service.PolicyOf(tx, documentID)
	return campaign.LanguagePolicy(p), err
}

// MarkSent implements campaign.Texts.
func (a Texts) MarkSent(tx *db.Tx, by audit.Who, revisionID int64) error {
	return a.Service.MarkSent(tx, by, revisionID)
}

// Questions shows the questionnaire of a cycle to the contributions.
type Questions struct{ *document.Service }

// Questionnaire implements contribution.Questions.
func (a Questions) Questionnaire(ctx context.Context, cycleID int64, locale string) (contribution.Questionnaire, error) {
	all, err := a.ByKind(ctx, cycleID, document.Survey)
	if err != nil {
		return contribution.Questionnaire{}, err
	}
	if len(all) == 0 {
		return contribution.Questionnaire{}, errs.E(errs.NotFound, "error.not_found")
	}
	r, err := a.FrozenRevision(ctx, all[0].ID)
	if errs.Is(err, errs.NotFound) { // before it is frozen, the draft is what there is
		r, err = a.CurrentRevision(ctx, all[0].ID)
	}
	if err != nil {
		return contribution.Questionnaire{}, err
	}
	q, err := a.QuestionnaireAt(ctx, all[0], r, locale)
	return questionnaireOf(q), err
}

func questionnaireOf(q document.Questionnaire) contribution.Questionnaire {
	out := contribution.Questionnaire{
		RevisionID: q.RevisionID, Locale: q.Locale, Fallback: q.Fallback, Title: q.Title,
		Call: blocksOf(q.Call), Intro: blocksOf(q.Intro), FreeForm: q.Other, FreeText: q.OtherText, PagesMax: q.Format.PagesMax,
	}
	for _, s := range q.Sections {
		out.Sections = append(out.Sections, contribution.Section(s))
	}
	for _, l := range q.Reading {
		out.Reading = append(out.Reading, contribution.Reading(l))
	}
	for _, from := range q.Questions {
		to := contribution.Question{
			ID: from.ID, Section: from.Section, Kind: from.Kind, Text: from.Text, Preamble: from.Preamble, FollowUp: from.FollowUp, Other: from.Other,
		}
		for _, item := range from.Items {
			to.Items = append(to.Items, contribution.Item{ID: item.ID, Text: item.Text})
		}
		out.Questions = append(out.Questions, to)
	}
	return out
}

func blocksOf(from []document.Block) []contribution.Block {
	to := make([]contribution.Block, len(from))
	for i, b := range from {
		to[i] = contribution.Block(b)
	}
	return to
}

// Acknowledgements shows a cycle's own text to the letters.
type Acknowledgements struct{ *document.Service }

// Acknowledgement implements letter.Texts.
func (a Acknowledgements) Acknowledgement(ctx context.Context, cycleID int64, locale string) (letter.Text, error) {
	all, err := a.ByKind(ctx, cycleID, document.Acknowledgement)
	if err != nil {
		return letter.Text{}, err
	}
	for _, d := range all {
		r, err := a.CurrentRevision(ctx, d.ID)
		if err != nil {
			return letter.Text{}, err
		}
		m, err := a.Mail(ctx, r.ID, locale, "")
		if errs.Is(err, errs.Conflict) {
			continue // not approved in this language
		}
		return letter.Text{Subject: m.Subject, Text: m.Text, HTML: m.HTML}, err
	}
	return letter.Text{}, errs.E(errs.NotFound, "error.not_found")
}
