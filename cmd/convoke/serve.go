package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/migrations"
)

type serveCmd struct {
	Listen string `placeholder:"HOST:PORT" help:"Where to listen; CONVOKE_LISTEN, else 127.0.0.1:8080."`
}

// Run is the web process, until a signal ends it.
func (s serveCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.load(s.Listen)
	if err != nil {
		return err
	}
	listener, err := listen(cfg.Listen)
	if err != nil {
		return err
	}
	cfg = reachedAt(cfg, listener)
	log := newLogger(cfg.LogFormat)
	h, err := build(ctx, cfg, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	err = h.announced(func() error {
		log.Info("listening", "address", listener.Addr().String(), "public", cfg.PublicURL)
		return h.serve(ctx, listener, web.Deps{})
	})
	return errors.Join(err, h.Close())
}

// listen takes the port first of all, so that whoever starts twice is told before anything else happens.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, config.Error{
			Variable: config.Listen, Wrong: fmt.Sprintf("cannot listen on %s (%v)", address, err),
			Right: "stop what uses the port, or name another with --listen HOST:PORT",
		}
	}
	return l, nil
}

// serve answers requests until ctx ends, and runs the worker too where the queue is in this process,
// or where everything is: in the demo.
func (h *house) serve(ctx context.Context, listener net.Listener, extras web.Deps) error {
	server, err := h.server(extras)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Serve(listener) })
	group.Go(func() error {
		<-ctx.Done()
		// Requests that run are answered, whatever ended us.
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownPatience)
		defer cancel()
		return server.Shutdown(stop)
	})
	if h.cfg.RedisURL == "" || extras.Demo != nil {
		group.Go(func() error { return h.work(ctx) })
	}
	return group.Wait()
}

const shutdownPatience = 20 * time.Second

// server puts pages and API on one HTTP server. extras are what only the demo has.
func (h *house) server(extras web.Deps) (*httpserver.Server, error) {
	server, err := h.bareServer()
	if err != nil {
		return nil, err
	}
	pages := web.Deps{
		Server: server, Bundle: h.bundle, Now: h.now, Geo: h.reference,
		Guide: extras.Guide, Demo: extras.Demo, TryList: extras.TryList,
		Accounts: h.accounts, Cycles: h.cycles, Contacts: h.contacts, Imports: h.imports, Outreach: h.outreach, Documents: h.documents,
		Campaigns: h.campaigns, Contributions: h.contributions, Inbound: h.inbound, NRIs: h.nris, Reports: h.reports, Synthesis: h.synthesis, Trail: h.trail,
	}
	if h.captured != nil {
		pages.Mailbox = h.captured
	}
	if _, err := web.New(pages); err != nil {
		return nil, err
	}
	_, err = api.New(api.Deps{
		Server: server, Cycles: h.cycles, Contacts: h.contacts, Imports: h.imports, Outreach: h.outreach, Documents: h.documents,
		Campaigns: h.campaigns, Contributions: h.contributions, Inbound: h.inbound, NRIs: h.nris, Reports: h.reports, Synthesis: h.synthesis,
	})
	return server, err
}

// bareServer answers health, readiness and metrics only.
func (h *house) bareServer() (*httpserver.Server, error) {
	return httpserver.New(httpserver.Deps{
		Log: h.log, Accounts: h.accounts, Bundle: h.bundle, Secret: h.cfg.Secret, PublicURL: h.cfg.PublicURL,
		Now: h.now, Registry: h.registry, Limiter: h.limiter, Checks: []httpserver.Check{
			{Name: "database", Fn: h.db.Ping},
			{Name: "migrations", Fn: h.checkMigrations},
			{Name: "queue", Fn: h.client.Ping},
		},
	})
}

func (h *house) checkMigrations(ctx context.Context) error {
	m, err := h.db.Migrator(migrations.FS)
	if err != nil {
		return err
	}
	pending, err := m.Pending(ctx)
	if err == nil && pending > 0 {
		return errs.E(errs.Unavailable, "error.schema_older", "Count", pending)
	}
	return err
}
