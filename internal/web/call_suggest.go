package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/web/form"
)

// The public pages about whom to invite.
const (
	callSuggestPage    page[callSuggestData]    = "call_suggest"
	callSuggestionPage page[callSuggestionData] = "call_suggestion"
)

type callSuggestData struct {
	Round  contribution.Round
	Base   string
	Fields suggestionFields
}

type callSuggestionData struct {
	contact.Outcome
	Round contribution.Round
	Base  string
}

// hurried is how quickly nobody fills in the form; a program does.
const hurried = 3 * time.Second

func (w *Web) suggestSection() section {
	return section{
		pages: []definition{callSuggestPage, callSuggestionPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/calls/:slug/suggest", account.PublicAnswer, w.callSuggest)
			r.Handle(fiber.MethodPost, "/calls/:slug/suggest", account.PublicAnswer, w.callSuggested, httpserver.Limit(30, time.Hour))
			r.Handle(fiber.MethodGet, "/suggestions/:token", account.PublicAnswer, w.callSuggestion, httpserver.Private())
		},
	}
}

func (w *Web) callSuggestData(c *fiber.Ctx) (callSuggestData, error) {
	round, err := w.Contributions.RoundBySlug(c.UserContext(), c.Params("slug"))
	return callSuggestData{Round: round, Base: callPath(round), Fields: w.suggestionFields(c)}, err
}

func (w *Web) callSuggest(c *fiber.Ctx) error {
	data, err := w.callSuggestData(c)
	if err != nil {
		return err
	}
	return callSuggestPage.showForm(w, c, data, form.With("kind", string(contact.Person), "began", w.began()))
}

// began is when somebody was shown the form, signed.
func (w *Web) began() string {
	return w.Contacts.Links.Token(link.Shown, link.Target{DeliveryID: w.Now().Unix()})
}

// byHand says whether a person filled in the form: it took a moment, and the field that nobody sees is empty.
func (w *Web) byHand(typed form.Form) bool {
	shown, err := w.Contacts.Links.Parse(link.Shown, typed.Value("began"))
	return err == nil && typed.Value("website") == "" && w.Now().Sub(time.Unix(shown.DeliveryID, 0)) >= hurried
}

// callSuggested leads to the page at which the outcome can be read. Whoever looks like a program is
// asked to send it once more: a person loses nothing, and a program seldom comes back.
func (w *Web) callSuggested(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.callSuggestData(c)
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if !w.byHand(typed) {
		delete(typed.Values, "website")
		if _, err := w.Contacts.Links.Parse(link.Shown, typed.Value("began")); err != nil {
			typed.Values["began"] = []string{w.began()}
		}
		return callSuggestPage.render(w, c, fiber.StatusUnprocessableEntity, data,
			typed.Fail(w.Server.Localizer(c), errs.E(errs.Invalid, "call.suggest.again")))
	}
	k := w.suggestionOf(typed)
	k.SuggesterName, k.SuggesterEmail = typed.Value("suggester_name"), typed.Value("suggester_email")
	token, err := w.Contacts.SuggestPublic(ctx, account.ActorFrom(ctx), data.Round.ID, k)
	if err != nil {
		return callSuggestPage.again(w, c, data, err)
	}
	return w.redirect(c, "/suggestions/"+token, "call.suggest.thanks")
}

func (w *Web) callSuggestion(c *fiber.Ctx) error {
	ctx := c.UserContext()
	outcome, err := w.Contacts.Outcome(ctx, account.ActorFrom(ctx), c.Params("token"))
	if err != nil {
		return err
	}
	round, err := w.Contributions.RoundByID(ctx, outcome.CycleID)
	if err != nil {
		return err
	}
	return callSuggestionPage.show(w, c, callSuggestionData{Outcome: outcome, Round: round, Base: callPath(round)})
}
