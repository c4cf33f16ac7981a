package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// Demo names the invented people whom anybody may be in the demo, in the order of preference. It
// exists in the demo only: an installation has no such way in.
type Demo interface {
	People(ctx context.Context) ([]account.Account, error)
}

func (w *Web) demoSection() section {
	return section{routes: func(r *httpserver.Router) {
		if w.Demo != nil {
			r.Handle(fiber.MethodPost, "/demo/sign-in", account.SignIn, w.demoSignIn)
		}
	}}
}

func (w *Web) demoPeople(ctx context.Context) ([]account.Account, error) {
	if w.Demo == nil {
		return nil, nil
	}
	return w.Demo.People(ctx)
}

func personFor(people []account.Account, s GuideStep) (account.Account, bool) {
	for _, p := range people {
		actor := account.Actor{Roles: p.Roles}
		if p.Email == s.Email || (s.Email == "" && actor.Is(s.As)) {
			return p, true
		}
	}
	return account.Account{}, false
}

// demoSignIn makes the visitor one of the invented people.
func (w *Web) demoSignIn(c *fiber.Ctx) error {
	ctx := c.UserContext()
	people, err := w.Demo.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.Email != c.FormValue("email") {
			continue
		}
		secret, err := w.Accounts.IssueSignIn(ctx, p.ID)
		if err != nil {
			return err
		}
		return w.redeem(c, secret)
	}
	return errs.E(errs.NotFound, "error.not_found")
}
