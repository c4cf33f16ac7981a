package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/convoke/convoke/internal/bench"
)

type benchCmd struct {
	Contacts      benchContactsCmd      `cmd:"" help:"Measure lists, search and the matrix over made-up contacts, in a database of its own that is dropped afterwards."`
	Import        benchImportCmd        `cmd:"" help:"Measure an import of contacts beside the bare COPY of the same rows, in a database of its own that is dropped afterwards."`
	Contributions benchContributionsCmd `cmd:"" help:"Measure public pages and forms over HTTP, and a burst of submissions, in a database of its own that is dropped afterwards."`
	Send          benchSendCmd          `cmd:"" help:"Measure campaigns from the launch to the last result, beside a bare sender of the same messages."`
	Launch        benchLaunchCmd        `cmd:"" help:"Measure launches beside a bare INSERT … SELECT of as many rows. Nothing is sent."`
	Faults        benchFaultsCmd        `cmd:"" help:"Kill processes and disturb servers while campaigns are sent, and count what became of each message."`
	Sink          benchSinkCmd          `cmd:"" hidden:"" help:"Take mail and keep nothing, until standard input ends."`
}

type benchContactsCmd struct {
	Contacts int  `default:"0" placeholder:"N" help:"How many contacts; 1,000,000 on PostgreSQL and 100,000 on SQLite where not said."`
	Rounds   int  `default:"20" help:"How often each question is asked."`
	JSON     bool `name:"json" help:"Print the figures as JSON."`
}

// Run fills a temporary database and prints the figures.
func (b benchContactsCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	d, drop, err := bench.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	if b.Contacts <= 0 {
		b.Contacts = 100_000
		if isServer(cfg.DatabaseURL) {
			b.Contacts = 1_000_000
		}
	}
	report, err := bench.Contacts(ctx, d, bench.Options{
		Contacts: b.Contacts, Rounds: max(1, b.Rounds), Now: time.Now,
		Progress: func(what string) { fmt.Fprintln(os.Stderr, what) },
	})
	if err := errors.Join(err, drop()); err != nil {
		return err
	}
	if b.JSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	return report.Print(os.Stdout)
}
