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

type benchImportCmd struct {
	Rows  int   `default:"200000" help:"How many clean rows the file has."`
	Bytes int64 `default:"0" help:"How large the file is, instead."`
	Notes int   `default:"0" help:"How many bytes of notes each row has at the least."`
	Check bool  `help:"Only check the file as a dry run does, and write nothing."`
	Batch int   `default:"0" help:"How many rows are written together, instead of the program's choice."`
	JSON  bool  `name:"json" help:"Print the figures as JSON."`
}

// Run imports a made-up file into a temporary database and prints the figures.
func (b benchImportCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	d, drop, err := bench.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	report, err := bench.Import(ctx, d, bench.ImportOptions{
		Rows: max(1, b.Rows), Bytes: b.Bytes, Notes: b.Notes, Check: b.Check, Batch: b.Batch, Target: cfg.DatabaseURL, Now: time.Now,
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
