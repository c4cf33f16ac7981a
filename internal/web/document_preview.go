package web

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const previewPage page[previewData] = "document_preview"

type previewData struct {
	document.Detail
	Mail    document.MailText
	HTML    template.HTML
	Dir     string
	Locales []form.Option // those in which there is anything to see
}

// previewDocument shows the mail in the language of ?in=, because ?lang= is the language of the page.
func (w *Web) previewDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	actor := account.ActorFrom(ctx)
	data := previewData{}
	if data.Detail, err = w.Documents.Get(ctx, actor, id); err != nil {
		return err
	}
	in := c.Query("in", data.SourceLanguage)
	values, err := w.sampleValues(c, data.CycleID, in, actor.Name)
	if err != nil {
		return err
	}
	if data.Mail, err = w.Documents.Preview(ctx, actor, id, in, values); err != nil {
		return err
	}
	data.HTML = mailOnPage(data.Mail.HTML, []string{"personal_link", "unsubscribe_link"}, func(name string) string { return values[name] })
	data.Dir = direction(w.Bundle, in)
	l := w.Server.Localizer(c)
	data.Locales = []form.Option{{Value: data.SourceLanguage, Label: l.LanguageName(data.SourceLanguage)}}
	for _, t := range data.Translations {
		if t.ID != 0 {
			data.Locales = append(data.Locales, form.Option{Value: t.Locale, Label: l.LanguageName(t.Locale)})
		}
	}
	return previewPage.showForm(w, c, data, form.With("in", in))
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
