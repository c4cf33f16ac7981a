package adapt

import (
	"context"
	"strconv"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/synthesis"
)

// SynthesisCycles shows cycles to the synthesis.
type SynthesisCycles struct{ *cycle.Service }

// Round implements synthesis.Cycles.
func (a SynthesisCycles) Round(ctx context.Context, id int64) (synthesis.Round, error) {
	c, err := a.ByID(ctx, id)
	return synthesis.Round{ID: c.ID, Slug: c.Slug, Name: c.Name, Language: c.DefaultLanguage}, err
}

// Outlines shows questionnaires to the synthesis.
type Outlines struct{ Questions }

// Outline implements synthesis.Questions.
func (a Outlines) Outline(ctx context.Context, cycleID int64, locale string) (synthesis.Outline, error) {
	q, err := a.Questionnaire(ctx, cycleID, locale)
	if err != nil {
		return synthesis.Outline{}, err
	}
	out := synthesis.Outline{Locale: q.Locale}
	for _, question := range q.Questions {
		out.Questions = append(out.Questions, synthesis.Question{ID: question.ID, Text: question.Text, Places: placesOf(question)})
	}
	if q.FreeForm {
		free := synthesis.Place{Key: contribution.FreeForm, Kind: synthesis.Free, Text: q.FreeText}
		out.Questions = append(out.Questions, synthesis.Question{ID: contribution.FreeForm, Text: q.FreeText, Places: []synthesis.Place{free}})
	}
	files := synthesis.Place{Key: synthesis.Files, Kind: synthesis.Uploaded}
	out.Questions = append(out.Questions, synthesis.Question{ID: synthesis.Files, Places: []synthesis.Place{files}})
	return out, nil
}

// placesOf are the places of a question, in the order of its keys.
func placesOf(q contribution.Question) []synthesis.Place {
	items := map[string]string{}
	if !q.Choice() {
		for _, item := range q.Items {
			items[item.ID] = item.Text
		}
	}
	var all []synthesis.Place
	for _, key := range q.Keys() {
		p := synthesis.Place{Key: key, Kind: synthesis.Whole}
		text, item := items[key]
		switch {
		case item:
			p.Kind, p.Text = synthesis.Item, text
		case key == q.ID+contribution.ItemOther:
			p.Kind = synthesis.Others
		case key == q.ID+contribution.ItemFollowUp:
			p.Kind, p.Text = synthesis.FollowUp, q.FollowUp
		}
		all = append(all, p)
	}
	return all
}

// SynthesisWords are the words that a draft has of its own.
func SynthesisWords(bundle *i18n.Bundle) func(locale string) synthesis.Words {
	return func(locale string) synthesis.Words {
		l := bundle.For(locale)
		return synthesis.Words{
			Findings: l.T("synthesis.section.findings"), Sources: l.T("synthesis.section.sources"), Free: l.T("respond.free.title"), Files: l.T("synthesis.section.files"),
			Unpublished: l.T("synthesis.cite.unpublished"), Untitled: l.T("contributions.unnamed"), Dir: l.Dir(),
			Numbered: func(number int) string { return l.T("call.contribution.number", "Number", strconv.Itoa(number)) },
			Named:    func(cycle string) string { return l.T("synthesis.title_of", "Cycle", cycle) },
		}
	}
}

// Outputs shows the room of texts to the synthesis.
type Outputs struct{ *document.Service }

// outputSlug names the output document of a cycle.
const outputSlug = "output"

// PutOutput implements synthesis.Documents.
func (a Outputs) PutOutput(ctx context.Context, by account.Actor, o synthesis.OutputText) (int64, int, error) {
	text := document.Message{Subject: o.Title, Body: o.Body}
	if o.DocumentID == 0 {
		d, err := a.Create(ctx, by, o.CycleID, document.OutputDocument, outputSlug, o.Language, text)
		if err == nil {
			return d.ID, 1, nil
		}
		if !errs.Is(err, errs.Conflict) {
			return 0, 0, err
		}
		// A document of that name is there: one that somebody began by hand, or that was made before the room of
		// excerpts could note it.
		if d, err = a.BySlug(ctx, o.CycleID, outputSlug); err != nil {
			return 0, 0, err
		}
		o.DocumentID = d.ID
	}
	current, err := a.CurrentRevision(ctx, o.DocumentID)
	if err != nil {
		return 0, 0, err
	}
	changes := document.Changes{Content: text}
	if o.WasBody != "" {
		changes.Since = document.Message{Subject: o.WasTitle, Body: o.WasBody}
	}
	r, err := a.Edit(ctx, by, o.DocumentID, current.Number, changes)
	return o.DocumentID, r.Number, err
}
