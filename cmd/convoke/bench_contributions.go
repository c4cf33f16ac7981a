package main

import (
	"context"
	"errors"
	"fmt"
	"net"

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
	for name, n := range map[string]int{"--published": b.Published, "--asked": b.Asked, "--rate": b.Rate, "--seconds": b.Seconds} {
		if n < 1 {
			return config.Error{Variable: name, Wrong: fmt.Sprintf("%d measures nothing", n), Right: "give a number from 1 on"}
		}
	}
	var report bench.ContributionsReport
	err := aside(ctx, c, b.Profile, func(cfg config.Config, target string) (err error) {
		report, err = b.run(ctx, cfg, target)
		return err
	})
	if err != nil {
		return err
	}
	return say(&report, b.JSON)
}

func (b benchContributionsCmd) run(ctx context.Context, cfg config.Config, target string) (r bench.ContributionsReport, err error) {
	err = inBenchHouse(ctx, cfg, target, nowhere, 1, func(h *house) (err error) {
		r, err = b.measure(ctx, h)
		return err
	})
	return r, err
}

// measure serves the pages of a house while it asks for them.
func (b benchContributionsCmd) measure(ctx context.Context, h *house) (r bench.ContributionsReport, err error) {
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
		Published: b.Published, Asked: b.Asked, Rate: b.Rate, Seconds: b.Seconds, Now: db.Now, Progress: progress,
	})
}
