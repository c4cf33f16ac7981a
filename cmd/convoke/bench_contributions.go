package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/web"
)

type benchContributionsCmd struct {
	Published int    `default:"10000" help:"How many published contributions of 10 KB there are."`
	Asked     int    `default:"200" help:"How often each page is asked for."`
	Rate      int    `default:"200" help:"How many people a second hand in."`
	Seconds   int    `default:"30" help:"For how long."`
	Profile   string `placeholder:"FILE" help:"Write there what the processor did, for go tool pprof."`
	JSON      bool   `name:"json" help:"Print the figures as JSON."`
}

// Run serves pages from a database of its own that is dropped afterwards, asks for them over loopback, and lets many people
// hand in at once.
func (b benchContributionsCmd) Run(ctx context.Context, c *cli) error {
	var report bench.ContributionsReport
	err := aside(ctx, c, b.Profile, func(cfg config.Config, target string) (err error) {
		report, err = b.run(ctx, cfg, target)
		return err
	})
	if err != nil {
		return err
	}
	if b.JSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	return report.Print(os.Stdout)
}

func (b benchContributionsCmd) run(ctx context.Context, cfg config.Config, target string) (r bench.ContributionsReport, err error) {
	folder, err := os.MkdirTemp("", "convoke-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	h, err := build(ctx, benchHouse(cfg, target, folder, "127.0.0.1:1", 1), slog.New(slog.DiscardHandler))
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	server, err := h.server(web.Deps{})
	if err != nil {
		return r, err
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return r, err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer func() { err = errors.Join(err, server.Shutdown(context.WithoutCancel(ctx)), <-ended) }()
	site := bench.Site{Installation: h.installation(), URL: "http://" + listener.Addr().String(), Token: func(cycleID, contactID int64) string {
		return h.links.Token(link.Respond, link.Target{CycleID: cycleID, ContactID: contactID})
	}}
	return bench.Contributions(ctx, site, bench.ContributionsOptions{
		Published: max(1, b.Published), Asked: max(1, b.Asked), Rate: max(1, b.Rate), Seconds: max(1, b.Seconds), Now: db.Now,
		Progress: func(what string) { fmt.Fprintln(os.Stderr, what) },
	})
}
