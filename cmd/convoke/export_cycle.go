package main

import (
	"context"
	"os"
	"strings"

	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

type exportCycleCmd struct {
	Slug   string `arg:"" help:"The cycle."`
	Output string `short:"o" placeholder:"FILE" help:"Where to; otherwise standard output."`
}

// Run writes a cycle as import cycle takes it: its event, its dates, its questionnaire.
func (e exportCycleCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		of, err := h.cycles.BySlug(ctx, e.Slug)
		if err != nil {
			return err
		}
		d, err := cycleDefinition(ctx, h, of)
		if err != nil {
			return err
		}
		text, err := d.YAML()
		if err != nil {
			return err
		}
		if e.Output == "" {
			_, err = os.Stdout.Write(text)
			return err
		}
		return unreadable(e.Output, os.WriteFile(e.Output, text, 0o600))
	})
}

// cycleDefinition is the questionnaire with what the cycle says today.
func cycleDefinition(ctx context.Context, h *house, of cycle.Cycle) (document.Definition, error) {
	all, err := h.documents.ByKind(ctx, of.ID, document.Survey)
	if err != nil {
		return document.Definition{}, err
	}
	if len(all) == 0 {
		return document.Definition{}, errs.E(errs.NotFound, "cli.export.no_questionnaire", "Slug", of.Slug)
	}
	d, _, err := h.documents.Definition(ctx, operatorActor(), all[0].ID)
	if err != nil {
		return d, err
	}
	dates, err := h.cycles.Dates(ctx, of.ID, h.now())
	if err != nil {
		return d, err
	}
	d.ID, d.Language, d.Name = of.Slug, all[0].SourceLanguage, ""
	if of.Name != d.Title {
		d.Name = of.Name
	}
	if of.EventName != "" {
		if d.Event == nil {
			d.Event = &document.EventDefinition{}
		}
		d.Event.Name, d.Event.Place, d.Event.Start, d.Event.End = of.EventName, of.EventPlace, of.EventStart, of.EventEnd
	}
	putDates(&d, dates)
	return d, nil
}

// putDates writes the two dates that the file has places for there, and the others in a list of their own. A day that
// ends elsewhere than anywhere on earth names its zone.
func putDates(d *document.Definition, dates map[cycle.DateKind]cycle.Date) {
	d.Dates = map[string]string{}
	d.Call.SendOn = ""
	for kind, date := range dates {
		simple := date.Zone == cycle.AoE || date.Zone == ""
		switch {
		case kind == cycle.SendOn && simple:
			d.Call.SendOn = date.OnDate
		case kind == cycle.Deadline && simple:
			if d.Call.Deadline == nil {
				d.Call.Deadline = &document.DeadlineDefinition{}
			}
			d.Call.Deadline.Date = date.OnDate
		case simple:
			d.Dates[string(kind)] = date.OnDate
		default:
			d.Dates[string(kind)] = date.OnDate + " " + date.Zone
		}
	}
}

// dayOf reads a day with its zone.
func dayOf(text string) (day, zone string) {
	day, zone, _ = strings.Cut(text, " ")
	if zone == "" {
		zone = cycle.AoE
	}
	return day, zone
}
