package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"

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
	if b.JSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	return report.Print(os.Stdout)
}

func (b benchLaunchCmd) run(ctx context.Context, cfg config.Config, target string) (r bench.LaunchReport, err error) {
	folder, err := os.MkdirTemp("", "convoke-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	h, err := build(ctx, benchHouse(cfg, target, folder, "127.0.0.1:1", 1), slog.New(slog.DiscardHandler))
	if err != nil {
		return r, err
	}
	if err := h.alone(); err != nil {
		return r, errors.Join(err, h.Close())
	}
	r, err = bench.Launch(ctx, h.installation(), bench.LaunchOptions{
		Recipients: max(10, b.Recipients), Rounds: max(1, b.Rounds), Now: db.Now,
		Progress: func(what string) { fmt.Fprintln(os.Stderr, what) },
	})
	return r, errors.Join(err, h.Close())
}
