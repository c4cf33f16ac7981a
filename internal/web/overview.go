package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

// overviewPage edits the paragraphs that introduce a questionnaire. Every button makes one revision.
const overviewPage page[overviewData] = "document_overview"

type overviewData struct {
	surveyData
	Paragraphs []paragraphRow
	Kept       []documentLine
}

// paragraphRow is a paragraph with the fields in which it is edited.
type paragraphRow struct {
	Number int
	Label  string
	List   bool
	Lines  []paragraphLine
}

// paragraphLine is the text of a paragraph, or one item of its list; Item is 0 for a text.
type paragraphLine struct {
	Key, Label, Text string
	Item             int
}

func (w *Web) overviewSection() section {
	return section{
		pages: []definition{overviewPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/documents/:id/overview", account.DocumentWrite, w.overview)
			r.Handle(fiber.MethodPost, "/documents/:id/overview", account.DocumentWrite, w.editOverview, httpserver.BodyLimit(documentBody))
		},
	}
}

func overviewPath(id int64) string { return documentPath(id) + "/overview" }

func (w *Web) overviewOf(c *fiber.Ctx, d surveyData) (overviewData, form.Form) {
	l := w.Server.Localizer(c)
	data, stored := overviewData{surveyData: d}, form.With()
	data.Nav.At = "overview"
	for _, p := range d.Definition.Overview {
		key := "overview." + strconv.Itoa(p.Number)
		row := paragraphRow{Number: p.Number, Label: l.Error(document.Place(key)), List: p.Items != nil}
		line := func(key, text string, item int) {
			row.Lines = append(row.Lines, paragraphLine{Key: key, Label: l.Error(document.Place(key)), Text: text, Item: item})
			stored.Values[key] = []string{text}
		}
		if !row.List {
			line(key, p.Text, 0)
		}
		for i, item := range p.Items {
			line(key+"."+strconv.Itoa(p.Numbers[i]), item, p.Numbers[i])
		}
		data.Paragraphs = append(data.Paragraphs, row)
	}
	return data, stored
}

func (w *Web) overview(c *fiber.Ctx) error {
	d, err := w.survey(c)
	if err != nil {
		return err
	}
	data, stored := w.overviewOf(c, d)
	return overviewPage.showForm(w, c, data, stored)
}

func (w *Web) editOverview(c *fiber.Ctx) error {
	d, posted, err := w.postedSurvey(c)
	if err != nil {
		return err
	}
	steps, err := overviewSteps(d, posted)
	if err != nil {
		return err
	}
	changes := document.Changes{Segments: postedSegments(posted, d.Segments), Steps: steps}
	said, err := w.editSurvey(c.UserContext(), d.Detail, posted, changes, surveySaved)
	if done, failed := w.editedByTwo(c, d.Detail, posted, changes, err); done || failed != nil {
		return failed
	}
	if err != nil {
		data, stored := w.overviewOf(c, d)
		if !d.Editable {
			data.Kept = keptLines(w.Server.Localizer(c), posted, stored)
		}
		return overviewPage.refuse(w, c, data, posted.Over(stored), err)
	}
	return w.redirect(c, overviewPath(d.ID), said)
}

// overviewSteps are what the buttons of the page do; each saves what was typed into its form, too.
func overviewSteps(d surveyData, f form.Form) ([]document.Step, error) {
	verb, arg, _ := strings.Cut(f.Value("do"), ":")
	first, second, _ := strings.Cut(arg, ".")
	number, _ := strconv.Atoi(first)
	item, _ := strconv.Atoi(second)
	if verb == "add" {
		return []document.Step{document.AddParagraph(f.Value("paragraph"), f.Has("list", "yes"))}, nil
	}
	var steps []document.Step
	for _, p := range d.Definition.Overview {
		if more := document.Lines(f.Value("items." + strconv.Itoa(p.Number))); len(more) > 0 {
			steps = append(steps, document.AddParagraphItems(p.Number, more))
		}
	}
	switch verb {
	case "save":
	case "up":
		steps = append(steps, document.MoveParagraph(number, -1))
	case "down":
		steps = append(steps, document.MoveParagraph(number, 1))
	case "remove":
		steps = append(steps, document.RemoveParagraph(number))
	case "item_remove":
		steps = append(steps, document.RemoveParagraphItem(number, item))
	default:
		return nil, errs.E(errs.Invalid, "error.bad_request")
	}
	return steps, nil
}
