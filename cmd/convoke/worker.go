package main

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/worker"
)

type workerCmd struct {
	Listen string `placeholder:"HOST:PORT" help:"Where health and metrics are answered; CONVOKE_LISTEN, else 127.0.0.1:8080."`
}

// Run is the worker process, until a signal ends it. What runs then is finished.
func (w workerCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.load(w.Listen)
	if err != nil {
		return err
	}
	if cfg.RedisURL == "" {
		return config.Error{
			Variable: config.RedisURL, Wrong: "is not set, so no other process can reach the queue",
			Right: "set it for web and worker alike, or run convoke serve alone: it works too",
		}
	}
	listener, err := listen(cfg.Listen)
	if err != nil {
		return err
	}
	log := newLogger(cfg.LogFormat)
	h, err := build(ctx, beside(cfg), log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server, err := h.bareServer()
	if err != nil {
		return errors.Join(err, h.Close())
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Serve(listener) })
	group.Go(func() error {
		defer func() { _ = server.Shutdown(context.WithoutCancel(ctx)) }()
		return h.work(ctx)
	})
	return errors.Join(group.Wait(), h.Close())
}

// work handles tasks until ctx ends, and notes how the mail server takes what it sends.
func (h *house) work(ctx context.Context) error {
	if h.captured == nil {
		followed, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); h.health.Follow(followed, h.sender) }()
		defer func() { stop(); <-done }()
	}
	return worker.New(worker.Deps{
		Queue: h.queue, Log: h.log, Campaigns: h.campaigns, Letters: h.letters, Claims: h.outreach, Contacts: h.contacts, Imports: h.imports, Documents: h.documents, Inbound: h.inbound,
	}).Run(ctx)
}
