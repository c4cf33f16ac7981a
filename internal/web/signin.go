package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	signInPage     page[signInData]     = "signin"
	signInLinkPage page[signInLinkData] = "signin_link"
)

type signInData struct {
	Sent   bool // a link was sent, if there is such an account
	Next   string
	People []account.Account // the demo's
}

type signInLinkData struct {
	Name string
	Next string
}

func (w *Web) signInSection() section {
	often := httpserver.Limit(20, 15*time.Minute)
	return section{
		pages: []definition{signInPage, signInLinkPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/sign-in", account.SignIn, w.signIn)
			r.Handle(fiber.MethodPost, "/sign-in", account.SignIn, w.requestSignIn, often)
			r.Handle(fiber.MethodGet, "/sign-in/:secret", account.SignIn, w.signInLink, httpserver.Private())
			r.Handle(fiber.MethodPost, "/sign-in/:secret", account.SignIn, w.redeemSignIn, httpserver.Private(), often)
			r.Handle(fiber.MethodPost, "/sign-out", account.SignOut, w.signOut)
			r.Handle(fiber.MethodPost, "/sign-out/everywhere", account.SignOut, w.signOutEverywhere)
		},
	}
}

func (w *Web) signIn(c *fiber.Ctx) error {
	data, err := w.signInData(c)
	if err != nil {
		return err
	}
	return signInPage.showForm(w, c, data, form.With("email", c.Query("email")))
}

func (w *Web) signInData(c *fiber.Ctx) (signInData, error) {
	people, err := w.demoPeople(c.UserContext())
	return signInData{Next: next(c), People: people}, err
}

// next is where the person wanted to go.
func next(c *fiber.Ctx) string {
	wanted := c.FormValue("next")
	if wanted == "" {
		wanted = c.Query("next")
	}
	return httpserver.LocalPath(wanted, "/")
}

// signInTakes is how long asking for a link takes at the least: longer than writing and queueing the mail,
// so that the time does not tell what the page keeps to itself.
const signInTakes = 150 * time.Millisecond

// requestSignIn answers the same and after the same time whoever asks, so that nobody learns who has an account.
func (w *Web) requestSignIn(c *fiber.Ctx) error {
	data, err := w.signInData(c)
	if err != nil {
		return err
	}
	taken := time.NewTimer(signInTakes)
	defer taken.Stop()
	err = w.Accounts.RequestSignIn(c.UserContext(), c.FormValue("email"), w.Server.Localizer(c).Tag())
	if err != nil {
		return signInPage.again(w, c, data, err)
	}
	select {
	case <-taken.C:
	case <-c.UserContext().Done():
	}
	data.Sent = true
	return signInPage.show(w, c, data)
}

// signInLink changes nothing: programs that look at the links in a mail must not use them up.
func (w *Web) signInLink(c *fiber.Ctx) error {
	who, err := w.Accounts.Peek(c.UserContext(), c.Params("secret"))
	if err != nil {
		return err
	}
	return signInLinkPage.show(w, c, signInLinkData{Name: who.Name, Next: next(c)})
}

func (w *Web) redeemSignIn(c *fiber.Ctx) error { return w.redeem(c, c.Params("secret")) }

func (w *Web) redeem(c *fiber.Ctx, secret string) error {
	session, who, err := w.Accounts.Redeem(c.UserContext(), secret, c.Get(fiber.HeaderUserAgent), httpserver.RequestID(c))
	if err != nil {
		return err
	}
	w.Server.StartSession(c, session)
	to := next(c)
	if to == "/" {
		to = firstScreen(who)
	}
	return w.redirect(c, to, "")
}

// firstScreen is where a person's work is. Of several roles the one with the widest view decides.
func firstScreen(a account.Account) string {
	actor := account.Actor{Roles: a.Roles}
	for _, first := range []struct {
		role account.Role
		path string
	}{
		{account.Officer, "/monitor"},
		{account.Lead, "/documents"},
		{account.Coordinator, "/initiative"},
		{account.Volunteer, "/outreach"},
		{account.Translator, "/translations"},
	} {
		if actor.Is(first.role) {
			return first.path
		}
	}
	return "/"
}

func (w *Web) signOut(c *fiber.Ctx) error {
	actor := account.ActorFrom(c.UserContext())
	if err := w.Accounts.End(c.UserContext(), actor, httpserver.Session(c)); err != nil {
		return err
	}
	w.Server.EndSession(c)
	return w.redirect(c, "/", "signout.done")
}

func (w *Web) signOutEverywhere(c *fiber.Ctx) error {
	if err := w.Accounts.EndAll(c.UserContext(), account.ActorFrom(c.UserContext())); err != nil {
		return err
	}
	w.Server.EndSession(c)
	return w.redirect(c, "/", "signout.everywhere_done")
}
