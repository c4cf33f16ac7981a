package web

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/synthesis"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages on which one text is made of many contributions.
const (
	synthesisPage page[synthesisData] = "synthesis"
	readingPage   page[readingData]   = "synthesis_answers"
	markPage      page[markData]      = "synthesis_mark"
	excerptsPage  page[excerptsData]  = "synthesis_excerpts"
	excerptPage   page[excerptData]   = "synthesis_excerpt"
	draftPage     page[draftData]     = "synthesis_draft"
	paragraphPage page[paragraphData] = "synthesis_paragraph"
)

func (w *Web) synthesisSection() section {
	return section{
		pages: []definition{synthesisPage, readingPage, markPage, excerptsPage, excerptPage, draftPage, paragraphPage},
		routes: func(r *httpserver.Router) {
			read, write := account.SynthesisRead, account.SynthesisWrite
			r.Handle(fiber.MethodGet, "/synthesis", read, w.synthesis)
			r.Handle(fiber.MethodGet, "/synthesis/answers", read, w.reading)
			r.Handle(fiber.MethodGet, "/synthesis/mark", write, w.markForm)
			r.Handle(fiber.MethodPost, "/synthesis/mark", write, w.mark)
			r.Handle(fiber.MethodGet, "/synthesis/excerpts", read, w.excerpts)
			r.Handle(fiber.MethodGet, "/synthesis/excerpts/:id", read, w.excerpt)
			r.Handle(fiber.MethodPost, "/synthesis/excerpts/:id", write, w.retag)
			r.Handle(fiber.MethodPost, "/synthesis/excerpts/:id/remove", write, w.unmark)
			r.Handle(fiber.MethodGet, "/synthesis/draft", read, w.draft)
			r.Handle(fiber.MethodGet, "/synthesis/draft.docx", read, w.draftFile)
			r.Handle(fiber.MethodGet, "/synthesis/draft.md", read, w.draftFile)
			r.Handle(fiber.MethodGet, "/synthesis/draft.json", read, w.draftFile)
			r.Handle(fiber.MethodPost, "/synthesis/compile", write, w.compile)
			r.Handle(fiber.MethodGet, "/synthesis/paragraphs/new", write, w.newParagraph)
			r.Handle(fiber.MethodPost, "/synthesis/paragraphs/new", write, w.writeParagraph)
			r.Handle(fiber.MethodGet, "/synthesis/paragraphs/:id", write, w.paragraph)
			r.Handle(fiber.MethodPost, "/synthesis/paragraphs/:id", write, w.writeParagraph)
			r.Handle(fiber.MethodPost, "/synthesis/paragraphs/:id/move", write, w.shiftParagraph)
			r.Handle(fiber.MethodPost, "/synthesis/paragraphs/:id/remove", write, w.strikeParagraph)
		},
	}
}

// synthesisData is the matrix of places and groups.
type synthesisData struct {
	Cycle  cycle.Cycle
	Total  int
	Groups []matrixGroup
	Rows   []matrixRow
	Silent []string // the names of the groups that said nothing at all
	Tags   []tagItem
}

type matrixGroup struct {
	Name   string
	Count  int
	Silent bool
}

// matrixLabel is how much of a question stands beside its row, in characters.
const matrixLabel = 60

type matrixRow struct {
	placeView
	Cells []matrixCell
}

type matrixCell struct {
	synthesis.Cell
	Level string // how dark it is, "" for nothing
	Href  string
	Name  string
}

type tagItem struct {
	Tag, Name, Href string
	Count           int
}

// placeView is a place for answers as these pages name it.
type placeView struct {
	Section string // the id of its question
	Key     string
	Label   string
	Heading bool // it is the first of its question
	Number  int  // that of the question, from 1
	texts        // the language of the label, where it is not that of the page
}

// places are all places of a cycle's questionnaire.
func (w *Web) places(c *fiber.Ctx, cycleID int64) ([]placeView, error) {
	l := w.Server.Localizer(c)
	outline, err := w.Synthesis.Questions.Outline(c.UserContext(), cycleID, l.Tag())
	if err != nil {
		return nil, err
	}
	written := w.writtenIn(l, outline.Locale)
	var all []placeView
	for i, q := range outline.Questions {
		for j, p := range q.Places {
			v := placeView{Section: q.ID, Key: p.Key, Label: p.Text, Heading: j == 0, Number: i + 1, texts: written}
			switch {
			case p.Kind == synthesis.Whole:
				v.Label = q.Text
			case p.Kind == synthesis.Others:
				v.Label, v.texts = l.T("respond.other.label"), texts{}
			case p.Kind == synthesis.Uploaded:
				v.Label, v.texts = l.T("synthesis.section.files"), texts{}
			case p.Text == "":
				v.Label, v.texts = l.T("respond.free.title"), texts{}
			}
			all = append(all, v)
		}
	}
	return all, nil
}

// placeNamed finds a place; one that is not asked any more has its key for a label.
func placeNamed(all []placeView, key string) placeView {
	if i := slices.IndexFunc(all, func(p placeView) bool { return p.Key == key }); i >= 0 {
		return all[i]
	}
	return placeView{Key: key, Label: key}
}

func (w *Web) synthesis(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	places, err := w.places(c, current.ID)
	if err != nil {
		return err
	}
	m, err := w.Synthesis.Matrix(ctx, account.ActorFrom(ctx), current.ID)
	if err != nil {
		return err
	}
	d := synthesisData{Cycle: current, Total: m.Total, Tags: w.tagItems(l, m.Tags)}
	groups := w.Geo.Groups()
	for _, g := range groups {
		item := matrixGroup{Name: w.Geo.GroupName(g.Code, l.Tag()), Count: m.Contributions[g.Code], Silent: m.Total > 0 && m.Contributions[g.Code] == 0}
		d.Groups = append(d.Groups, item)
		if item.Silent {
			d.Silent = append(d.Silent, item.Name)
		}
	}
	for _, p := range places {
		d.Rows = append(d.Rows, w.matrixRow(l, p, groups, m))
	}
	return synthesisPage.show(w, c, d)
}

func (w *Web) matrixRow(l *i18n.Localizer, p placeView, groups []geo.Group, m synthesis.Matrix) matrixRow {
	row := matrixRow{placeView: p}
	row.Label = beginningOf(p.Label, matrixLabel)
	for _, g := range groups {
		cell := matrixCell{Cell: m.Cells[p.Key][g.Code], Name: w.Geo.GroupName(g.Code, l.Tag())}
		if cell.Answers > 0 {
			cell.Href = "/synthesis/answers?" + url.Values{"question": {p.Key}, "group": {g.Code}}.Encode()
			cell.Level = "h" + strconv.Itoa(shade(cell.Answers, m.Contributions[g.Code]))
		} else if m.Total > 0 {
			cell.Level = "h0"
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// shade is how much of a group answered, from 1 for hardly anybody to 5 for everybody.
func shade(answers, contributions int) int {
	if contributions <= 0 {
		return 5
	}
	return max(1, min(5, 5*answers/contributions))
}

func (w *Web) tagItems(l *i18n.Localizer, tags []synthesis.TagCount) []tagItem {
	items := make([]tagItem, len(tags))
	for i, t := range tags {
		items[i] = tagItem{Tag: t.Tag, Name: w.tagName(l, t.Tag), Count: t.Count, Href: "/synthesis/excerpts?tag=" + url.QueryEscape(t.Tag)}
	}
	return items
}

// tagName is what a tag is called: areas of expertise have names, other tags are their own.
func (w *Web) tagName(l *i18n.Localizer, tag string) string {
	if slices.ContainsFunc(w.Geo.Expertise(), func(e geo.Expertise) bool { return e.Tag == tag }) {
		return expertiseName(l, tag)
	}
	return tag
}

// tagOptions are the areas of expertise and the tags that are in use beside them.
func (w *Web) tagOptions(c *fiber.Ctx, cycleID int64) ([]form.Option, error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	m, err := w.Synthesis.Matrix(ctx, account.ActorFrom(ctx), cycleID)
	if err != nil {
		return nil, err
	}
	var options []form.Option
	for _, e := range w.Geo.Expertise() {
		options = append(options, form.Option{Value: e.Tag, Label: expertiseName(l, e.Tag)})
	}
	for _, t := range m.Tags {
		if !slices.ContainsFunc(options, func(o form.Option) bool { return o.Value == t.Tag }) {
			options = append(options, form.Option{Value: t.Tag, Label: t.Tag, Name: true})
		}
	}
	return options, nil
}

// tagsOf are the tags of a form: those that were chosen, and those that were typed.
func tagsOf(f form.Form) []string {
	return append(slices.Clone(f.Values["tags"]), synthesis.SplitTags(f.Value("more_tags"))...)
}
