package main

import (
	"context"

	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
)

type benchLaunchCmd struct {
	Recipients int    `default:"1000000" help:"How many people the campaign goes to."`
	Rounds     int    `default:"3" help:"How many launches there are, each beside the bare statement."`
	Profile    string `placeholder:"FILE" help:"Write there what the processor did, for go tool pprof."`
	JSON       bool   `name:"json" help:"Print the figures as JSON."`
}

// Run launches campaigns in a database of its own that is dropped afterwards. Nothing is sent.
func (b benchLaunchCmd) Run(ctx context.Context, c *cli) error {
	var report bench.LaunchReport
	err := aside(ctx, c, b.Profile, func(cfg config.Config, target string) (err error) {
		report, err = b.run(ctx, cfg, target)
		return err
	})
	if err != nil {
		return err
	}
	return say(&report, b.JSON)
}

func (b benchLaunchCmd) run(ctx context.Context, cfg config.Config, target string) (r bench.LaunchReport, err error) {
	err = inBenchHouse(ctx, cfg, target, nowhere, 1, func(h *house) error {
		if err := h.alone(); err != nil {
			return err
		}
		r, err = bench.Launch(ctx, h.installation(), bench.LaunchOptions{
			Recipients: max(10, b.Recipients), Rounds: max(1, b.Rounds), Now: db.Now, Progress: progress,
		})
		return err
	})
	return r, err
}
