package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages behind the link at the end of every mail.
const (
	preferencesPage     page[preferencesData] = "preferences"
	preferencesStopPage page[preferencesStop] = "preferences_stop"
	confirmAddressPage  page[confirmData]     = "confirm_address"
)

type preferencesData struct {
	contact.Preferences
	Base      string // the address of the page
	Said      string // what was done a moment ago: the text preferences.said.<Said>; "" for nothing
	Opened    string // the part of the page that was filled in and not taken
	Languages []form.Option
	Oftens    []form.Option
	Scopes    []form.Option
	Still     []form.Option
}

type preferencesStop struct {
	preferencesData
	Scope contact.Scope
}

// What the page says was done. Nothing else that an address says is repeated on it.
const (
	saidSaved     = "saved"
	saidStopped   = "stopped"
	saidAgain     = "again"
	saidAddress   = "address"
	saidBack      = "back"
	saidColleague = "colleague"
)

func (w *Web) preferencesSection() section {
	const why = "whoever holds a mail asks without a session, mail programs with one click (RFC 8058); the token is the right"
	return section{
		pages: []definition{preferencesPage, preferencesStopPage, confirmAddressPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/u/:token", account.PublicAnswer, w.preferences, httpserver.Private())
			r.Handle(fiber.MethodGet, "/u/:token/stop", account.PublicAnswer, w.preferencesAskStop, httpserver.Private())
			post := func(path string, h fiber.Handler, limit int) {
				r.HandleWithoutCSRF(fiber.MethodPost, path, account.PublicAnswer, h, why, httpserver.Private(), httpserver.Limit(limit, 10*time.Minute))
			}
			post("/u/:token", w.unsubscribe, 6000) // large providers send the clicks of all their users from a few addresses
			post("/u/:token/stop", w.preferencesStop, 600)
			post("/u/:token/again", w.preferencesAgain, 600)
			post("/u/:token/wishes", w.preferencesWish, 600)
			post("/u/:token/address", w.preferencesAddress, 30)
			post("/u/:token/address/back", w.preferencesBack, 30)
			post("/u/:token/colleague", w.preferencesColleague, 30)
			r.Handle(fiber.MethodGet, "/confirm/:secret", account.PublicAnswer, w.confirmAddress, httpserver.Private())
			post("/confirm/:secret", w.addressConfirmed, 60)
		},
	}
}

// preferences shows what somebody gets and what they can ask for. It changes nothing, because programs that look at the
// links in a mail come here too.
func (w *Web) preferences(c *fiber.Ctx) error {
	data, err := w.preferencesData(c)
	if err != nil {
		return err
	}
	return preferencesPage.showForm(w, c, data, w.preferencesForm(&data))
}

// preferencesData also makes the answer speak the language of the mail, unless another was asked for.
func (w *Web) preferencesData(c *fiber.Ctx) (preferencesData, error) {
	p, err := w.Contacts.Preferences(c.UserContext(), c.Params("token"))
	if err != nil {
		return preferencesData{}, err
	}
	locale := p.Locale
	if asked := c.Query("lang"); w.Bundle.Supported(asked) {
		locale = asked
	}
	if !w.Bundle.Supported(locale) {
		locale = w.Bundle.Match(p.Chain...)
	}
	w.Server.Speak(c, locale)
	l := w.Server.Localizer(c)
	data := preferencesData{Preferences: p, Base: "/u/" + c.Params("token")}
	if said := c.Query("said"); slices.Contains([]string{saidSaved, saidStopped, saidAgain, saidAddress, saidBack, saidColleague}, said) {
		data.Said = said
	}
	if data.Said == saidStopped && p.Stopped == nil {
		data.Said = "" // the address was kept, and what it says is over
	}
	for _, spoken := range w.Bundle.Locales() {
		data.Languages = append(data.Languages, form.Option{Value: spoken.Tag, Label: spoken.Name})
	}
	for _, o := range contact.Oftens() {
		data.Oftens = append(data.Oftens, form.Option{Value: string(o), Label: l.T("preferences.often." + string(o))})
	}
	for _, v := range []string{stillYes, stillNo} {
		data.Still = append(data.Still, form.Option{Value: v, Label: l.T("preferences.colleague.still."+v, "Cycle", l.Isolate(p.Cycle))})
	}
	for _, s := range p.Offers() {
		data.Scopes = append(data.Scopes, form.Option{Value: string(s), Label: l.T("preferences.scope."+string(s), "Cycle", l.Isolate(p.Cycle))})
	}
	return data, nil
}

// preferencesForm is what holds now.
func (w *Web) preferencesForm(d *preferencesData) form.Form {
	return form.With("language", w.Bundle.Match(d.Chain...), "often", string(d.Often), "still", stillYes)
}

// preferencesAskStop asks once more before anything is stopped.
func (w *Web) preferencesAskStop(c *fiber.Ctx) error {
	data, err := w.preferencesData(c)
	if err != nil {
		return err
	}
	scope := contact.Scope(c.Query("scope"))
	if !slices.Contains(data.Offers(), scope) {
		return c.Redirect(data.Base+"?lang="+w.Server.Localizer(c).Tag(), http.StatusSeeOther) // it holds already
	}
	return preferencesStopPage.show(w, c, preferencesStop{preferencesData: data, Scope: scope})
}

func (w *Web) preferencesStop(c *fiber.Ctx) error {
	ctx := c.UserContext()
	return w.preferencesDo(c, saidStopped, "", func(f form.Form) error {
		return w.Contacts.Stop(ctx, account.ActorFrom(ctx), c.Params("token"), contact.Scope(f.Value("scope")), contact.ByPage)
	})
}

func (w *Web) preferencesAgain(c *fiber.Ctx) error {
	ctx := c.UserContext()
	return w.preferencesDo(c, saidAgain, "", func(f form.Form) error {
		return w.Contacts.Again(ctx, account.ActorFrom(ctx), c.Params("token"), contact.Scope(f.Value("scope")))
	})
}

func (w *Web) preferencesWish(c *fiber.Ctx) error {
	ctx := c.UserContext()
	return w.preferencesDo(c, saidSaved, "", func(f form.Form) error {
		return w.Contacts.Wish(ctx, account.ActorFrom(ctx), c.Params("token"),
			contact.Wishes{Language: f.Value("language"), Often: contact.Often(f.Value("often"))}, w.Bundle.Tags())
	})
}

// preferencesDo does what a form asked and leads back to the page, which says so: in its address, because whoever reads mail in
// a mail program may take no cookies. What was not taken is shown again with what is wrong. Only what was posted counts, and
// never what the address says: programs post nothing to the links that they find.
func (w *Web) preferencesDo(c *fiber.Ctx, said, part string, do func(form.Form) error) error {
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if err = do(typed); err == nil {
		to := url.Values{"said": {said}}
		if lang := c.Query("lang"); w.Bundle.Supported(lang) {
			to.Set("lang", lang)
		}
		return c.Redirect("/u/"+url.PathEscape(c.Params("token"))+"?"+to.Encode(), http.StatusSeeOther)
	}
	data, failed := w.preferencesData(c)
	if failed != nil {
		return failed
	}
	data.Opened = part
	return preferencesPage.refuse(w, c, data, typed.Over(w.preferencesForm(&data)), err)
}

// unsubscribe is the one click of a mail program: RFC 8058 asks for the body, so that whatever posts nothing, as programs do
// that try the links of a mail, changes nothing. The List-ID of our mails names the cycle, and whoever clicks is promised
// that no more mail of that list comes: that is the scope. Mail programs get 200, whose bodies nobody reads.
func (w *Web) unsubscribe(c *fiber.Ctx) error {
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if typed.Value("List-Unsubscribe") != "One-Click" {
		return w.preferences(c)
	}
	ctx := c.UserContext()
	if err := w.Contacts.Stop(ctx, account.ActorFrom(ctx), c.Params("token"), contact.ThisCycle, contact.ByOneClick); err != nil {
		return err
	}
	return c.SendStatus(http.StatusOK)
}

// sure is the field of forms that ask nothing but to press their button.
const sure = "sure"

// Ended says whether nothing is sent any more, so that there is nothing to wish for but that it stays so.
func (d preferencesData) Ended() bool {
	return d.Stopped != nil && d.Stopped.Scope == contact.Everything
}
