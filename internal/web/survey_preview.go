package web

import (
	"cmp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// surveyPreviewPage shows a questionnaire as contributors will see it, to be read and printed.
const surveyPreviewPage page[surveyPreviewData] = "document_preview_questionnaire"

type surveyPreviewData struct {
	document.Detail
	Nav           documentNav
	Questionnaire document.Questionnaire
	Questions     []previewQuestion
	Closing       string // the question that closes it, "" for none
	Reading       string // the heading of the reading list
	Dir           string
	Locales       []form.Option
}

// previewQuestion is a question with what the form says at its places, in the language of the questionnaire.
type previewQuestion struct {
	document.Question
	Heading document.Section // where its section begins here
	Number  int
	Title   string
	Other   string
	Hint    string
}

func (w *Web) previewSurvey(c *fiber.Ctx, d document.Detail) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	in := cmp.Or(strings.Clone(c.Query("in")), d.SourceLanguage)
	q, err := w.Documents.PreviewQuestionnaire(ctx, actor, d.ID, in)
	if err != nil {
		return err
	}
	said := w.Bundle.For(in)
	data := surveyPreviewData{
		Detail: d, Nav: documentNav{ID: d.ID, Kind: d.Kind, At: "preview", actor: actor}, Questionnaire: q, Questions: previewQuestions(said, q),
		Reading: said.T("call.reading.title"), Dir: direction(w.Bundle, in), Locales: previewLocales(w.Server.Localizer(c), d),
	}
	if q.Other {
		data.Closing = cmp.Or(q.OtherText, said.T("respond.free.label"))
	}
	return surveyPreviewPage.showForm(w, c, data, form.With("in", in))
}

func previewQuestions(said *i18n.Localizer, q document.Questionnaire) []previewQuestion {
	headings := map[string]document.Section{}
	for _, s := range q.Sections {
		headings[s.ID] = s
	}
	all := make([]previewQuestion, len(q.Questions))
	for i, question := range q.Questions {
		all[i] = previewQuestion{
			Question: question, Heading: headings[question.Section], Number: i + 1, Title: said.T("respond.question", "Number", said.Number(int64(i+1))),
		}
		delete(headings, question.Section)
		if question.Other {
			all[i].Other = said.T("respond.other.label")
		}
		if question.Kind == document.File {
			all[i].Hint = said.T("respond.file.label") + " " + said.T("respond.file.hint")
		}
	}
	return all
}

// previewLocales are the languages in which there is anything to see.
func previewLocales(l *i18n.Localizer, d document.Detail) []form.Option {
	all := []form.Option{{Value: d.SourceLanguage, Label: l.LanguageName(d.SourceLanguage)}}
	for _, t := range d.Translations {
		if t.ID != 0 {
			all = append(all, form.Option{Value: t.Locale, Label: l.LanguageName(t.Locale)})
		}
	}
	return all
}
