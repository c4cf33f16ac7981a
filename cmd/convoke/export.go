package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contact/sheet"
)

type exportCmd struct {
	Contacts  exportContactsCmd  `cmd:"" help:"Write the contacts with their addresses in the columns that an import takes."`
	Cycle     exportCycleCmd     `cmd:"" help:"Write a cycle with its dates and its questionnaire as a YAML file that an import takes."`
	Synthesis exportSynthesisCmd `cmd:"" help:"Write the draft of the output document: for word processors, as Markdown or as JSON."`
}

type exportContactsCmd struct {
	Format   string `enum:"csv,xlsx" default:"csv" help:"csv or xlsx."`
	Cycle    string `placeholder:"SLUG" help:"Only those on the list of this cycle."`
	Query    string `name:"q" help:"Words to search for."`
	Group    string `help:"Only this stakeholder group."`
	Region   string `help:"Only this regional group."`
	Country  string `help:"Only this country."`
	Language string `help:"Only this language."`
	Gap      string `help:"Only those where this is missing: no_address, bounced_address, no_language, no_claimant, under_target."`
	Output   string `short:"o" placeholder:"FILE" help:"Where to; otherwise standard output."`
}

// Run exports. The file appears when all of it is written and the trail says so.
func (e exportContactsCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		f := contact.Filter{
			Query: e.Query, StakeholderGroup: e.Group, Region: e.Region, Country: e.Country, Language: e.Language, Gap: contact.Gap(e.Gap),
		}
		if e.Cycle != "" {
			round, err := h.cycles.BySlug(ctx, e.Cycle)
			if err != nil {
				return err
			}
			f.CycleID, f.Listed = round.ID, contact.Yes
		}
		file, err := os.CreateTemp("", "convoke-*")
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(file.Name()) }()
		sum, err := e.write(ctx, h, f, file)
		if err == nil {
			err = e.deliver(file)
		}
		if err = errors.Join(err, file.Close()); err == nil {
			fmt.Fprintf(os.Stderr, "%d contacts, %d addresses\n", sum.Contacts, sum.Addresses)
		}
		return err
	})
}

func (e exportContactsCmd) write(ctx context.Context, h *house, f contact.Filter, to io.Writer) (contact.Exported, error) {
	w := sheet.NewCSV(to, false)
	if e.Format == "xlsx" {
		var err error
		if w, err = sheet.NewXLSX(to, "contacts"); err != nil {
			return contact.Exported{}, err
		}
	}
	return h.imports.Export(ctx, operatorActor(), f, w)
}

func (e exportContactsCmd) deliver(file *os.File) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	to := os.Stdout
	if e.Output != "" {
		made, err := os.OpenFile(e.Output, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return unreadable(e.Output, err)
		}
		defer func() { _ = made.Close() }()
		to = made
	}
	_, err := io.Copy(to, file)
	return err
}
