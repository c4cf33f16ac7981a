package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
)

type exportSynthesisCmd struct {
	Slug   string `arg:"" help:"The cycle."`
	Format string `default:"md" enum:"docx,md,json" help:"docx, md or json."`
	Output string `short:"o" placeholder:"FILE" help:"Where to; otherwise standard output."`
}

// Run writes the draft of the output document with what each paragraph cites.
func (e exportSynthesisCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		of, err := h.cycles.BySlug(ctx, e.Slug)
		if err != nil {
			return err
		}
		d, err := h.synthesis.Draft(ctx, operatorActor(), of.ID)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		switch e.Format {
		case "docx":
			err = d.WriteWord(&b, h.now())
		case "md":
			err = d.WriteMarkdown(&b)
		default:
			encoder := json.NewEncoder(&b)
			encoder.SetIndent("", "  ")
			err = encoder.Encode(d)
		}
		if err != nil {
			return err
		}
		if e.Output == "" {
			_, err = os.Stdout.Write(b.Bytes())
			return err
		}
		return unreadable(e.Output, os.WriteFile(e.Output, b.Bytes(), 0o600))
	})
}
