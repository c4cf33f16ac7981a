package web

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// Frame is what every page has around its own data.
type Frame struct {
	Form      form.Form
	Actor     account.Actor
	Zone      *time.Location // of the person, UTC for a visitor; for the functions date, datetime, …
	Now       time.Time
	Path      string // of this page, without its query
	Nav       []NavLink
	Languages []LanguageLink
	Locale    i18n.Locale
	// LanguageForm is the id of a form that the language menu submits, with the language as "lang", so that nothing
	// typed is lost by choosing another language; "" for links.
	LanguageForm string
	Flash        string // said already, "" for none
	Styles       string // address of the stylesheet
	Script       string
	Icon         string
	Demo         bool
	Typed        []typed // words that were not taken and that the page has in no field, to be copied
	csrf         func() string
}

// NavLink is a link of the navigation.
type NavLink struct {
	Href, Key string
	Current   bool
}

// LanguageLink leads to this page in another language.
type LanguageLink struct {
	i18n.Locale
	Href    string
	Current bool
}

// CSRF is the token for the forms of this page.
func (f Frame) CSRF() string {
	if f.csrf == nil {
		return ""
	}
	return f.csrf()
}

// May says whether the person may do the action on something: to show or leave out a button.
func (f Frame) May(action account.Action) bool { return f.Actor.May(action) }

func (w *Web) frame(c *fiber.Ctx, f form.Form) Frame {
	actor := account.ActorFrom(c.UserContext())
	l := w.Server.Localizer(c)
	frame := Frame{
		Form: f, Actor: actor, Zone: zone(actor.TimeZone), Now: w.Now(), Path: c.Path(),
		Nav: navFor(actor, c.Path()), Locale: l.Locale(), Demo: w.Demo != nil,
		Languages: w.languageLinks(c, l.Tag()),
		Styles:    w.static.url("app.css"), Script: w.static.url("app.js"), Icon: w.static.url("icon.svg"),
		csrf: func() string { return w.Server.CSRFToken(c) },
	}
	frame.LanguageForm, _ = c.Locals(languageFormKey).(string)
	if flash := w.Server.TakeFlash(c); flash != nil {
		frame.Flash = l.T(flash.Key, flash.Args)
	}
	return frame
}

const languageFormKey = "convoke.language_form"

// languageLinks keep path and query.
func (w *Web) languageLinks(c *fiber.Ctx, current string) []LanguageLink {
	here := w.address(c)
	query := here.Query()
	var links []LanguageLink
	for _, l := range w.Bundle.Locales() {
		query.Set("lang", l.Tag)
		links = append(links, LanguageLink{Locale: l, Href: here.Path + "?" + query.Encode(), Current: l.Tag == current})
	}
	return links
}

// address is where this page can be asked for. A page that answers a form whose address only takes
// forms can be asked for nowhere: then it is the page that the form was on.
func (w *Web) address(c *fiber.Ctx) *url.URL {
	target := string(c.Request().URI().RequestURI())
	if !w.Server.AnswersGet(c) {
		target = "/"
		if from, err := url.Parse(c.Get(fiber.HeaderReferer)); err == nil && from.Host == string(c.Context().Host()) {
			target = httpserver.LocalPath(from.RequestURI(), "/")
		}
	}
	u, err := url.Parse(target)
	if err != nil {
		return &url.URL{Path: "/"}
	}
	return u
}

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return z
}

// errorData is what the error page shows.
type errorData struct {
	Status    int
	Message   string
	Reference string
	SignIn    bool
}

const errorPage page[errorData] = "error"

func (w *Web) showError(c *fiber.Ctx, f httpserver.Failure) error {
	if begins := errs.Find(f.Err); begins != nil && begins.Key == "cycle.none" && account.ActorFrom(c.UserContext()).May(account.CycleWrite) {
		return c.Redirect("/cycles", fiber.StatusSeeOther) // a new installation: there the first one is set up
	}
	l := w.Server.Localizer(c)
	return errorPage.render(w, c, f.Status, errorData{
		Status: f.Status, Message: l.Error(f.Err), Reference: f.RequestID,
		SignIn: f.Status == fiber.StatusUnauthorized,
	}, form.Form{}.Fail(silentOn{l}, f.Err))
}

// silentOn says the fields of an error and leaves the whole to the page.
type silentOn struct{ *i18n.Localizer }

func (silentOn) Error(error) string { return "" }
