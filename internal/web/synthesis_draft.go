package web

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/synthesis"
	"github.com/convoke/convoke/internal/web/form"
)

// draftData is the draft as it stands.
type draftData struct {
	Cycle    cycle.Cycle
	Draft    synthesis.Draft
	Sections []draftSection
	Lang     string // of the draft
	Dir      string
}

type draftSection struct {
	synthesis.DraftSection
	Paragraphs []draftParagraph
	New        string // where a paragraph is added
}

type draftParagraph struct {
	synthesis.DraftParagraph
	HTML        template.HTML
	First, Last bool
}

// paragraphData is a paragraph on the page where it is written.
type paragraphData struct {
	Cycle    cycle.Cycle
	ID       int64 // 0 for a new one
	Version  int
	Section  string
	Title    string // of the section
	Lang     string
	Excerpts []excerptItem // that it may cite: those of its question, and those that it cites
	Chosen   map[string]bool
	Tags     []form.Option
}

func (w *Web) draft(c *fiber.Ctx) error {
	d, err := w.draftData(c)
	if err != nil {
		return err
	}
	return draftPage.show(w, c, d)
}

func (w *Web) draftData(c *fiber.Ctx) (draftData, error) {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return draftData{}, err
	}
	d := draftData{Cycle: current}
	if d.Draft, err = w.Synthesis.Draft(ctx, account.ActorFrom(ctx), current.ID); err != nil {
		return d, err
	}
	d.Lang, d.Dir = d.Draft.Language, w.Bundle.For(d.Draft.Language).Dir()
	for _, s := range d.Draft.Sections {
		shown := draftSection{DraftSection: s, New: "/synthesis/paragraphs/new?section=" + url.QueryEscape(s.ID)}
		for i, p := range s.Paragraphs {
			shown.Paragraphs = append(shown.Paragraphs, draftParagraph{
				DraftParagraph: p, HTML: w.prose(p.Text), First: i == 0, Last: i == len(s.Paragraphs)-1,
			})
		}
		d.Sections = append(d.Sections, shown)
	}
	return d, nil
}

// prose is Markdown as the page shows it.
func (w *Web) prose(markdown string) template.HTML {
	html := w.Documents.PassageHTML(document.Segment{Kind: document.Markdown, Text: markdown})
	return mailOnPage(html, document.Fields(), func(name string) string { return "{{" + name + "}}" })
}

// draftFile gives the draft as a file of the kind that the address ends with.
func (w *Web) draftFile(c *fiber.Ctx) error {
	d, err := w.draftData(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	kind := c.Path()[strings.LastIndexByte(c.Path(), '.')+1:]
	mime := fiber.MIMEApplicationJSONCharsetUTF8
	switch kind {
	case "docx":
		mime, err = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", d.Draft.WriteWord(&b, w.Now())
	case "md":
		mime, err = "text/markdown; charset=utf-8", d.Draft.WriteMarkdown(&b)
	default:
		encoder := json.NewEncoder(&b)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(d.Draft)
	}
	if err != nil {
		return errs.Wrap("web.draft_file", err)
	}
	c.Set(fiber.HeaderContentType, mime)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="draft-`+d.Cycle.Slug+"."+kind+`"`)
	return c.Send(b.Bytes())
}

func (w *Web) compile(c *fiber.Ctx) error {
	d, err := w.draftData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	out, err := w.Synthesis.Compile(ctx, account.ActorFrom(ctx), d.Cycle.ID)
	if errs.Is(err, errs.Conflict) && len(errs.FieldsOf(err)) > 0 { // passages of the document
		err = errs.E(errs.Conflict, "synthesis.compile.clash")
	}
	if err != nil {
		return draftPage.again(w, c, d, err)
	}
	return w.redirect(c, "/documents/"+strconv.FormatInt(out.DocumentID, 10), "synthesis.said.compiled", "Number", out.Revision)
}

func (w *Web) newParagraph(c *fiber.Ctx) error {
	d, err := w.paragraphData(c)
	if err != nil {
		return err
	}
	chosen := c.Context().QueryArgs().PeekMulti("excerpts")
	f := form.Form{Values: url.Values{}}
	for _, id := range chosen {
		f.Values["excerpts"] = append(f.Values["excerpts"], string(id))
	}
	d.choose(f)
	return paragraphPage.showForm(w, c, d, f)
}

func (w *Web) paragraph(c *fiber.Ctx) error {
	d, err := w.paragraphData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	p, err := w.Synthesis.Paragraph(ctx, account.ActorFrom(ctx), d.ID)
	if err != nil {
		return err
	}
	f := form.With("text", p.Text, "base", strconv.Itoa(p.Version))
	for _, id := range p.Excerpts {
		f.Values["excerpts"] = append(f.Values["excerpts"], strconv.FormatInt(id, 10))
	}
	d.choose(f)
	return paragraphPage.showForm(w, c, d, f)
}

// choose marks the excerpts that the form cites.
func (d *paragraphData) choose(f form.Form) {
	d.Chosen = map[string]bool{}
	for _, id := range f.Values["excerpts"] {
		d.Chosen[id] = true
	}
}

// paragraphData is that of the paragraph in the path, or of a new one in the section that the address names.
func (w *Web) paragraphData(c *fiber.Ctx) (paragraphData, error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	by := account.ActorFrom(ctx)
	d := paragraphData{Section: c.Query("section")}
	var cited []int64
	var err error
	if c.Params("id") == "" {
		d.Cycle, err = w.cycleOf(c)
	} else if d.ID, err = httpserver.ID(c, "id"); err == nil {
		var p synthesis.Paragraph
		if p, err = w.Synthesis.Paragraph(ctx, by, d.ID); err == nil {
			d.Section, d.Version, cited = p.Section, p.Version, p.Excerpts
			d.Cycle, err = w.Cycles.ByID(ctx, p.CycleID)
		}
	}
	if err != nil {
		return d, err
	}
	places, err := w.places(c, d.Cycle.ID)
	if err != nil {
		return d, err
	}
	all, err := w.citable(c, &d, places, cited)
	if err != nil {
		return d, err
	}
	for _, x := range all {
		d.Excerpts = append(d.Excerpts, w.excerptItem(l, places, x))
	}
	draft, err := w.Synthesis.Draft(ctx, by, d.Cycle.ID)
	if err != nil {
		return d, err
	}
	at := slices.IndexFunc(draft.Sections, func(s synthesis.DraftSection) bool { return s.ID == d.Section })
	if at < 0 {
		return d, errs.E(errs.NotFound, "error.not_found")
	}
	d.Title, d.Lang = draft.Sections[at].Title, draft.Language
	return d, nil
}

// maxCitable is how many excerpts a paragraph's page offers.
const maxCitable = 200

// citable are the excerpts that the paragraph cites already or that were chosen for it, and those of its question. A
// new paragraph without a section goes to that of what was chosen, if that is one.
func (w *Web) citable(c *fiber.Ctx, d *paragraphData, places []placeView, cited []int64) ([]synthesis.Found, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	for _, raw := range c.Context().QueryArgs().PeekMulti("excerpts") {
		if id, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			cited = append(cited, id)
		}
	}
	var all []synthesis.Found
	var err error
	if len(cited) > 0 {
		all, _, err = w.Synthesis.Excerpts(ctx, by, synthesis.ExcerptFilter{CycleID: d.Cycle.ID, IDs: cited, Limit: len(cited)})
	}
	if err != nil {
		return nil, err
	}
	if d.Section == "" {
		d.Section = sectionOfAll(places, all)
	}
	filter := synthesis.ExcerptFilter{CycleID: d.Cycle.ID, Limit: maxCitable}
	for _, p := range places {
		if p.Section == d.Section {
			filter.Questions = append(filter.Questions, p.Key)
		}
	}
	more, _, err := w.Synthesis.Excerpts(ctx, by, filter)
	for _, x := range more {
		if !slices.ContainsFunc(all, func(o synthesis.Found) bool { return o.ID == x.ID }) {
			all = append(all, x)
		}
	}
	return all, err
}

// sectionOfAll is the question to which all of the excerpts belong, Findings where they belong to several.
func sectionOfAll(places []placeView, all []synthesis.Found) string {
	section := ""
	for _, x := range all {
		of := placeNamed(places, x.Question).Section
		if of == "" || section != "" && of != section {
			return synthesis.Findings
		}
		section = of
	}
	if section == "" {
		return synthesis.Findings
	}
	return section
}

func (w *Web) writeParagraph(c *fiber.Ctx) error {
	d, err := w.paragraphData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	d.choose(posted)
	wording := synthesis.Wording{ID: d.ID, CycleID: d.Cycle.ID, Section: d.Section, Text: posted.Value("text")}
	wording.Base, _ = strconv.Atoi(posted.Value("base")) // none is the version of a new one
	for _, value := range posted.Values["excerpts"] {
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return paragraphPage.again(w, c, d, errs.InvalidFields(errs.FieldError("excerpts", "field.choice")))
		}
		wording.Excerpts = append(wording.Excerpts, id)
	}
	ctx := c.UserContext()
	if _, err := w.Synthesis.Write(ctx, account.ActorFrom(ctx), wording); err != nil {
		return paragraphPage.again(w, c, d, err)
	}
	return w.redirect(c, "/synthesis/draft#s-"+d.Section, "synthesis.said.written")
}

func (w *Web) shiftParagraph(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Synthesis.Shift(ctx, account.ActorFrom(ctx), id, c.FormValue("to") == "up"); err != nil {
		return err
	}
	return w.redirect(c, "/synthesis/draft#p-"+strconv.FormatInt(id, 10), "")
}

func (w *Web) strikeParagraph(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Synthesis.Strike(ctx, account.ActorFrom(ctx), id); err != nil {
		return err
	}
	return w.redirect(c, "/synthesis/draft", "synthesis.said.struck")
}
