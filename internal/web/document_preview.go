package web

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const previewPage page[previewData] = "document_preview"

type previewData struct {
	document.Detail
	Nav      documentNav
	Mail     mailView
	Variant  string
	Locales  []form.Option // those in which there is anything to see
	Variants []form.Option // nil where the text has none
	AsPage   bool
	Reader   *previewReader // the contact for whom it is, nil for an invented one
	Search   previewSearch
	query    url.Values
}

// previewReader is the contact of a preview, and what the rules choose for it.
type previewReader struct {
	ID int64
	campaign.TextPreview
	Chain []chainLink
}

// chainLink is a reason for languages, as the page says it.
type chainLink struct {
	Source    contact.LanguageSource
	Name      string
	Languages []string // their names
	Used      string   // the name of the one that is used, of the first link that has one
}

// previewSearch finds a contact by its name.
type previewSearch struct {
	Open  bool // the reader may see contacts
	Query string
	Found []contact.Row
}

// With is the address of the preview with one thing changed.
func (d previewData) With(name, value string) string {
	query := url.Values{}
	for n, v := range d.query {
		query[n] = v
	}
	query.Del("q")
	query.Set(name, value)
	return documentPath(d.ID) + "/preview?" + query.Encode()
}

// foundContacts is how many contacts a search for a preview shows.
const foundContacts = 8

// previewDocument shows the mail in the language of ?in=, because ?lang= is the language of the page.
func (w *Web) previewDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	actor := account.ActorFrom(ctx)
	data := previewData{AsPage: c.Query("as") == "page", query: url.Values{}}
	if data.Detail, err = w.Documents.Get(ctx, actor, id); err != nil {
		return err
	}
	if data.Kind == document.Survey {
		return w.previewSurvey(c, data.Detail)
	}
	data.Nav = documentNav{ID: id, Kind: data.Kind, At: "preview", actor: actor}
	for _, name := range []string{"in", "variant", "contact", "as"} {
		if v := c.Query(name); v != "" {
			data.query.Set(name, strings.Clone(v))
		}
	}
	if err := w.searchReader(c, &data); err != nil {
		return err
	}
	if data.query.Has("contact") && data.Search.Open {
		err = w.previewForContact(c, &data)
	} else {
		err = w.previewForAnybody(c, &data)
	}
	if err != nil {
		return err
	}
	w.previewChoices(c, &data)
	shown := form.With("in", data.Mail.Lang, "variant", data.Variant, "q", data.Search.Query)
	return previewPage.showForm(w, c, data, shown)
}

// searchReader looks for contacts by the words of ?q=; those are found that the reader may see.
func (w *Web) searchReader(c *fiber.Ctx, data *previewData) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	data.Search = previewSearch{
		Open:  actor.May(account.ContactRead) && w.Contacts != nil && w.Campaigns != nil,
		Query: strings.TrimSpace(strings.Clone(c.Query("q"))),
	}
	if !data.Search.Open || data.Search.Query == "" {
		return nil
	}
	found, err := w.Contacts.List(ctx, actor, contact.Filter{Query: data.Search.Query, CycleID: data.CycleID, Locale: w.Server.Localizer(c).Tag(), Limit: foundContacts})
	data.Search.Found = found.Rows
	return err
}

func (w *Web) previewForAnybody(c *fiber.Ctx, data *previewData) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	in := cmp.Or(data.query.Get("in"), data.SourceLanguage)
	values, err := w.sampleValues(c, data.CycleID, in, actor.Name)
	if err != nil {
		return err
	}
	data.Variant = data.query.Get("variant")
	m, err := w.Documents.Preview(ctx, actor, data.ID, in, data.Variant, values)
	if err != nil {
		return err
	}
	data.Mail = mailView{Subject: m.Subject, Text: m.Text, Lang: in, Dir: direction(w.Bundle, in)}
	data.Mail.HTML = mailOnPage(m.HTML, []string{"personal_link", "unsubscribe_link"}, func(name string) string { return values[name] })
	return nil
}

// general is what the address calls the text without a variant, because a contact may have one by itself.
const generalVariant = "general"

func (w *Web) previewForContact(c *fiber.Ctx, data *previewData) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	id, err := strconv.ParseInt(data.query.Get("contact"), 10, 64)
	if err != nil {
		id = 0 // nobody has it
	}
	reasons, err := w.Contacts.Languages(ctx, actor, id)
	if err != nil {
		return err
	}
	choice := campaign.TextChoice{ContactID: id, Locale: data.query.Get("in")}
	if v := data.query.Get("variant"); v != "" {
		general := strings.TrimPrefix(v, generalVariant)
		choice.Variant = &general
	}
	p, err := w.Campaigns.PreviewText(ctx, actor, data.ID, choice)
	if err != nil {
		return err
	}
	if data.Mail, err = w.showMail(p.Raw); err != nil {
		return err
	}
	data.Mail.HTML = template.HTML(previewLink.ReplaceAllString(string(data.Mail.HTML), "")) //nolint:gosec // it was sanitized, and only loses something
	data.Variant = p.Variant
	data.Reader = &previewReader{ID: id, TextPreview: p, Chain: w.chainLinks(w.Server.Localizer(c), reasons, p)}
	return nil
}

func (w *Web) chainLinks(l *i18n.Localizer, reasons []contact.LanguageReason, p campaign.TextPreview) []chainLink {
	used := p.Choice.Locale == "" || p.Choice.Fallback
	var links []chainLink
	for _, r := range reasons {
		link := chainLink{Source: r.Source, Name: r.Name}
		if r.Source == contact.CountryLanguage {
			link.Name = w.countryName(l, r.Name)
		}
		for _, tag := range r.Languages {
			here := false
			if !used {
				found, own := i18n.ResolveAmong(p.Approved, tag)
				here = own && found == p.Choice.Locale
				used = here
			}
			link.Languages = append(link.Languages, l.LanguageName(tag))
			if here {
				link.Used = l.LanguageName(p.Choice.Locale)
			}
		}
		links = append(links, link)
	}
	return links
}

// previewChoices are the languages and variants that there are.
func (w *Web) previewChoices(c *fiber.Ctx, data *previewData) {
	l := w.Server.Localizer(c)
	data.Locales = previewLocales(l, data.Detail)
	if len(data.Message.Variants) == 0 {
		return
	}
	data.Variants = []form.Option{{Value: generalVariant, Label: l.T("document.variants.general")}}
	for _, key := range document.VariantKeys() {
		if _, ok := data.Message.Variants[key]; ok {
			data.Variants = append(data.Variants, form.Option{Value: key, Label: l.Error(document.VariantName(key))})
		}
	}
	if data.Variant == "" {
		data.Variant = generalVariant
	}
}

// mailOnPage is a mail's HTML for a page of ours, where links to these merge fields lead nowhere:
// they are shown, but cannot be followed.
func mailOnPage(html string, fields []string, address func(name string) string) template.HTML {
	for _, name := range fields {
		html = strings.ReplaceAll(html, ` href="`+template.HTMLEscapeString(address(name))+`"`, "")
	}
	return template.HTML(html) //nolint:gosec // the service sanitizes it
}

// sampleValues stand in the merge fields of a preview, said in its language.
func (w *Web) sampleValues(c *fiber.Ctx, cycleID int64, locale, volunteer string) (map[string]string, error) {
	ctx := c.UserContext()
	l := w.Bundle.For(locale)
	of, err := w.Cycles.ByID(ctx, cycleID)
	if err != nil {
		return nil, err
	}
	dates, err := w.Cycles.Dates(ctx, cycleID, w.Now())
	if err != nil {
		return nil, err
	}
	deadline := l.T("document.sample.deadline")
	if d, ok := dates[cycle.Deadline]; ok {
		deadline = l.FullDate(d.Day(), time.UTC)
	}
	site := w.Server.PublicURL
	return map[string]string{
		"contact": l.T("document.sample.contact"), "organization": l.T("document.sample.organization"), "cycle": of.Name,
		"deadline": deadline, "volunteer": volunteer,
		"personal_link": site + "/r/example", "unsubscribe_link": site + "/u/example", "call_link": site + "/calls/" + of.Slug,
	}, nil
}

// direction is how a language is written, ours or another.
func direction(bundle *i18n.Bundle, tag string) string {
	for _, l := range bundle.Locales() {
		if l.Tag == tag {
			return l.Dir
		}
	}
	script, _ := language.Make(tag).Script()
	if slices.Contains([]string{"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg"}, script.String()) {
		return "rtl"
	}
	return "ltr"
}
