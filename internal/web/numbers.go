package web

import (
	"context"
	"html"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/report"
)

const (
	numbersPage  page[numbersData]  = "numbers"
	briefingPage page[briefingData] = "briefing"
)

type numbersData struct {
	Cycle    cycle.Cycle
	Deadline *dateRow
	Groups   ratesData
	Regions  ratesData
}

type briefingData struct {
	Cycle    cycle.Cycle
	Deadline *dateRow
	Grace    *dateRow
	Title    string
	Locale   i18n.Locale // of the text, which may not be that of the page
	HTML     template.HTML
	Found    bool
	CallLink string
}

func (w *Web) numbersSection() section {
	return section{
		pages: []definition{numbersPage, briefingPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/calls/:slug/numbers", account.PublicRead, w.numbers)
			r.Handle(fiber.MethodGet, "/calls/:slug/briefing", account.PublicRead, w.briefing)
		},
	}
}

func (w *Web) numbers(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	data := numbersData{Cycle: current}
	if data.Deadline, err = w.deadline(c, current.ID); err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	for by, into := range map[report.Dimension]*ratesData{report.ByGroup: &data.Groups, report.ByRegion: &data.Regions} {
		rates, err := w.Reports.PublicRates(ctx, current.ID, by)
		if err != nil {
			return err
		}
		*into = w.rates(l, rates)
	}
	return numbersPage.show(w, c, data)
}

func (w *Web) briefing(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	data := briefingData{Cycle: current, CallLink: "/calls/" + url.PathEscape(current.Slug)}
	if data.Deadline, err = w.deadline(c, current.ID); err != nil {
		return err
	}
	if data.Grace, err = w.dateOf(c, current.ID, cycle.NRIGrace); err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	text, found, err := w.introduction(ctx, current, l.Tag())
	if err != nil {
		return err
	}
	if found {
		data.Found, data.Locale = true, w.Bundle.For(text.Locale).Locale()
		said, err := w.deadlineIn(c, w.Bundle.For(text.Locale), current.ID)
		if err != nil {
			return err
		}
		fill := mergeValues(current, said, w.Server.PublicURL+data.CallLink)
		data.Title = fill(text.Subject, func(s string) string { return s })
		data.HTML = template.HTML(fill(text.HTML, html.EscapeString)) //nolint:gosec // document sanitizes its HTML, and values are escaped
	}
	return briefingPage.show(w, c, data)
}

// introduction is the text for initiatives, else the call, in the language wanted or the one it
// was written in. Only a text that is frozen is shown: a draft is nobody's word yet.
func (w *Web) introduction(ctx context.Context, current cycle.Cycle, locale string) (document.MailText, bool, error) {
	if w.Documents == nil {
		return document.MailText{}, false, nil
	}
	for _, kind := range []document.Kind{document.Introduction, document.Call} {
		all, err := w.Documents.ByKind(ctx, current.ID, kind)
		if err != nil {
			return document.MailText{}, false, err
		}
		for _, d := range all {
			text, ok, err := w.frozenText(ctx, d, locale)
			if ok || err != nil {
				return text, ok, err
			}
		}
	}
	return document.MailText{}, false, nil
}

func (w *Web) frozenText(ctx context.Context, d document.Document, locale string) (document.MailText, bool, error) {
	r, err := w.Documents.CurrentRevision(ctx, d.ID)
	if errs.Is(err, errs.NotFound) || err == nil && r.State != document.Frozen && r.State != document.Sent {
		return document.MailText{}, false, nil
	}
	if err != nil {
		return document.MailText{}, false, err
	}
	available, err := w.Documents.ApprovedLocales(ctx, r.ID)
	if err != nil || len(available) == 0 {
		return document.MailText{}, false, err
	}
	chosen, ok := i18n.ResolveAmong(available, locale)
	if !ok {
		chosen = available[0]
	}
	text, err := w.Documents.Mail(ctx, r.ID, chosen, "")
	return text, err == nil, err
}

// mergeValues fills the merge fields of a text that has no recipient: what would name one is left out.
func mergeValues(current cycle.Cycle, deadline *dateRow, link string) func(text string, escape func(string) string) string {
	values := map[string]string{"cycle": current.Name, "call_link": link, "personal_link": link}
	if deadline != nil {
		values["deadline"] = deadline.Day
	}
	fields := []string{"contact", "organization", "cycle", "deadline", "personal_link", "volunteer", "unsubscribe_link", "call_link"}
	return func(text string, escape func(string) string) string {
		swaps := make([]string, 0, 2*len(fields))
		for _, name := range slices.Sorted(slices.Values(fields)) {
			swaps = append(swaps, "{{"+name+"}}", escape(values[name]))
		}
		return strings.NewReplacer(swaps...).Replace(text)
	}
}
