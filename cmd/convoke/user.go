package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
)

type userCmd struct {
	Add  userAddCmd  `cmd:"" help:"Add a person, or give one who is there a further role."`
	List userListCmd `cmd:"" help:"List the people who may sign in."`
	Link userLinkCmd `cmd:"" help:"Print a sign-in link for a person, for one use within 15 minutes; for when no mail can be sent yet."`
}

type userAddCmd struct {
	Email    string       `arg:"" help:"The address that sign-in links are sent to."`
	Role     account.Role `required:"" help:"volunteer, translator, coordinator, lead or officer."`
	Name     string       `help:"The person's name."`
	Language string       `default:"en" help:"BCP 47 tag of the language that the person reads."`
	TimeZone string       `default:"UTC" help:"IANA name of the person's time zone."`
}

// Run adds the person.
func (u userAddCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		a, err := h.accounts.Add(ctx, operator(), account.Account{
			Email: u.Email, Name: u.Name, Language: h.bundle.Match(u.Language), TimeZone: u.TimeZone,
		}, u.Role)
		if err == nil {
			fmt.Printf("%s: %s\n", a.Email, roles(a))
		}
		return err
	})
}

type userListCmd struct{}

// Run lists the people.
func (userListCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		all, err := h.accounts.List(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
		for _, a := range all {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.Email, a.Name, a.Language, roles(a))
		}
		return w.Flush()
	})
}

type userLinkCmd struct {
	Email string `arg:"" help:"The address of the person."`
}

// Run prints the link and nothing else.
func (u userLinkCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		a, err := h.accounts.ByEmail(ctx, u.Email)
		if err != nil {
			return err
		}
		secret, err := h.accounts.IssueSignIn(ctx, a.ID)
		if err == nil {
			fmt.Println(h.cfg.PublicURL + "/sign-in/" + secret)
		}
		return err
	})
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a bearer token that acts as a person, and print it. It is shown once."`
}

type tokenCreateCmd struct {
	Email string `arg:"" help:"The address of the person."`
}

// Run prints the token and nothing else.
func (t tokenCreateCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		a, err := h.accounts.ByEmail(ctx, t.Email)
		if err != nil {
			return err
		}
		token, err := h.accounts.CreateToken(ctx, operator(), a.ID)
		if err == nil {
			fmt.Println(token)
		}
		return err
	})
}

// operator is who types commands, as the trail remembers it.
func operator() audit.Who {
	name := "command line"
	if u, err := user.Current(); err == nil {
		name += " (" + u.Username + ")"
	}
	return audit.System(name)
}

func roles(a account.Account) string {
	names := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}
