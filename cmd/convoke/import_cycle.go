package main

import (
	"context"
	"fmt"
	"os"

	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
)

type importCycleCmd struct {
	File string `arg:"" type:"existingfile" help:"A YAML file in the form of the questionnaire of 2017."`
	Name string `help:"The name of the cycle; otherwise the file's name of it, or its title."`
}

// Run sets up a cycle from the definition of its questionnaire: the cycle, its dates, the questionnaire.
func (i importCycleCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		text, err := os.ReadFile(i.File)
		if err != nil {
			return unreadable(i.File, err)
		}
		d, err := document.ParseQuestionnaire(text)
		if err != nil {
			return err
		}
		made, err := h.cycles.Create(ctx, operatorActor(), i.cycleOf(d))
		if err != nil {
			return err
		}
		if err := setDates(ctx, h, made.ID, d); err != nil {
			return err
		}
		if _, err := h.documents.Create(ctx, operatorActor(), made.ID, document.Survey, "questionnaire", d.Language, d); err != nil {
			return err
		}
		fmt.Printf("%s/cycles/%s\n", h.cfg.PublicURL, made.Slug)
		return nil
	})
}

func (i importCycleCmd) cycleOf(d document.Definition) cycle.Cycle {
	made := cycle.Cycle{Slug: d.ID, Name: i.Name, DefaultLanguage: d.Language, OrganizationStopsFollowUps: true}
	if made.Name == "" {
		made.Name = d.Name
	}
	if made.Name == "" {
		made.Name = d.Title
	}
	if e := d.Event; e != nil {
		made.EventName, made.EventPlace, made.EventStart, made.EventEnd = e.Name, e.Place, e.Start, e.End
	}
	return made
}

// setDates takes the days of the file. One that names no zone ends when it has ended everywhere.
func setDates(ctx context.Context, h *house, cycleID int64, d document.Definition) error {
	days := map[cycle.DateKind]string{cycle.SendOn: d.Call.SendOn}
	if d.Call.Deadline != nil {
		days[cycle.Deadline] = d.Call.Deadline.Date
	}
	for kind, day := range d.Dates {
		days[cycle.DateKind(kind)] = day
	}
	for kind, text := range days {
		if text == "" {
			continue
		}
		day, zone := dayOf(text)
		if _, err := h.cycles.SetDate(ctx, operatorActor(), cycleID, kind, day, zone, ""); err != nil {
			return err
		}
	}
	return nil
}
