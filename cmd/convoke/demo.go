package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"text/tabwriter"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/demo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web"
)

type demoCmd struct {
	Listen string `placeholder:"HOST:PORT" help:"Where to listen; CONVOKE_LISTEN, else 127.0.0.1:8080. Port 0 takes a free one."`
	AsOf   string `placeholder:"DAY" name:"as-of" help:"The day on which the demo begins, for instance 2017-08-07; else today. Fixed by the first start."`
	Pseudo bool   `hidden:"" help:"Add the language en-x-pseudo, in which untranslated text shows."`
}

// Run lays the demo out, unless the folder has it already, and serves it.
func (d demoCmd) Run(ctx context.Context, c *cli) error {
	// A newcomer wants to see the links, not every request.
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg, listener, err := d.prepare(ctx, c, log)
	if err != nil {
		return err
	}
	var options []i18n.Option
	if d.Pseudo {
		options = append(options, i18n.WithPseudo())
	}
	h, err := build(ctx, cfg, log, options...)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := d.run(ctx, h, listener); err != nil {
		return errors.Join(err, h.Close())
	}
	return h.Close()
}

// prepare takes the port, and fixes the demo's clock where this is the first start.
func (d demoCmd) prepare(ctx context.Context, c *cli, log *slog.Logger) (config.Config, net.Listener, error) {
	cfg, err := c.load(d.Listen)
	if err != nil {
		return cfg, nil, err
	}
	if cfg.SMTPURL != "" {
		return cfg, nil, config.Error{
			Variable: config.SMTPURL, Wrong: "is set, but the demo captures all mail, so that none leaves this machine",
			Right: "unset it, or run convoke serve to send mail",
		}
	}
	listener, err := listen(cfg.Listen)
	if err != nil {
		return cfg, nil, err
	}
	cfg = reachedAt(cfg, listener)
	if !isSet(config.MailFrom) {
		cfg.MailFrom = "BPF secretariat <" + cfg.MailFrom + ">"
	}
	// The clock comes last: its file says that a demo was begun here.
	err = refuseInstallation(ctx, cfg, log)
	if err == nil {
		_, err = demo.StartClock(cfg.Data, d.AsOf)
	}
	if err != nil {
		return cfg, nil, errors.Join(err, listener.Close())
	}
	return cfg, listener, nil
}

// refuseInstallation keeps the demo's invented people, and its sign-in without a mail, out of a
// database in which somebody works.
func refuseInstallation(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	d, err := openDatabase(ctx, cfg.DatabaseURL, log)
	if err != nil {
		return err
	}
	foreign, err := demo.Foreign(ctx, d)
	if err = errors.Join(err, d.Close()); err != nil || !foreign {
		return err
	}
	wrong := config.Error{
		Variable: config.Data, Wrong: fmt.Sprintf("the database in %q is in use and was not begun by a demo", cfg.Data),
		Right: "give the demo a folder of its own with --data FOLDER",
	}
	if isSet(config.DatabaseURL) {
		wrong = config.Error{
			Variable: config.DatabaseURL, Wrong: "names a database that is in use and was not begun by a demo",
			Right: "unset it and give the demo a folder of its own with --data FOLDER, or name an empty database",
		}
	}
	return wrong
}

func (d demoCmd) run(ctx context.Context, h *house, listener net.Listener) error {
	clock, _, err := demo.ReadClock(h.cfg.Data)
	if err != nil {
		return err
	}
	err = demo.Load(ctx, demo.Deps{
		DB: h.db, Now: h.now, Reference: h.reference, Trail: h.trail, Accounts: h.accounts, Cycles: h.cycles,
		Contacts: h.contacts, Outreach: h.outreach, Documents: h.documents, Campaigns: h.campaigns, NRIs: h.nris,
		Contributions: h.contributions, Inbound: h.inbound,
	}, clock.Began)
	if err != nil {
		return err
	}
	name, list, err := demo.TryList()
	if err != nil {
		return err
	}
	cast := demo.Cast{Accounts: h.accounts}
	return h.announced(func() error {
		if err := d.greet(ctx, h, cast); err != nil {
			return err
		}
		return h.serve(ctx, listener, web.Deps{
			Guide: demo.Guide{Trail: h.trail, Slug: demo.Slug}, Demo: cast, TryList: &web.List{Name: name, Content: list},
		})
	})
}

// greet prints where the demo listens and a sign-in link for each role.
func (d demoCmd) greet(ctx context.Context, h *house, cast demo.Cast) error {
	people, err := cast.People(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("listening on %s\n\n", h.cfg.PublicURL)
	fmt.Println("Sign-in links, each for one use within 15 minutes (the first page has buttons for all people):")
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, role := range account.Roles() {
		for _, p := range people {
			if !(account.Actor{Roles: p.Roles}).Is(role) {
				continue
			}
			secret, err := h.accounts.IssueSignIn(ctx, p.ID)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(w, "  %s\t%s\t%s/sign-in/%s\n", role, p.Name, h.cfg.PublicURL, secret)
			break
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Println()
	return nil
}
