package main

import (
	"context"
	"fmt"
	"os"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

type importCmd struct {
	Contacts importContactsCmd `cmd:"" help:"Take over a file of contacts, batch by batch; run again, it goes on where it was interrupted."`
	Undo     importUndoCmd     `cmd:"" help:"Take an import of contacts back whole."`
	Cycle    importCycleCmd    `cmd:"" help:"Set up a cycle with its dates and its questionnaire from a YAML file."`
	NRIs     importNRIsCmd     `cmd:"" name:"nris" help:"Add National and Regional Initiatives from a CSV file in the columns of the reference list."`
}

type importNRIsCmd struct {
	File string `arg:"" optional:"" type:"existingfile" help:"The file; without it, the reference list that comes with the program."`
}

// Run adds the initiatives of the list, and brings those of the same name up to date.
func (i importNRIsCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		rows, err := i.read(h.reference)
		if err != nil {
			return err
		}
		done, err := h.nris.Import(ctx, operatorActor(), rows)
		if err == nil {
			fmt.Printf("%d added, %d updated, %d unchanged\n", done.Added, done.Updated, done.Unchanged)
		}
		return err
	})
}

func (i importNRIsCmd) read(reference *geo.Reference) ([]geo.InitiativeRow, error) {
	if i.File == "" {
		return reference.NRIs(), nil
	}
	f, err := os.Open(i.File)
	if err != nil {
		return nil, unreadable(i.File, err)
	}
	defer func() { _ = f.Close() }()
	rows, err := geo.ReadInitiatives(f)
	return rows, unreadable(i.File, err)
}

// unreadable says why a file could not be taken.
func unreadable(file string, err error) error {
	if err == nil {
		return nil
	}
	return &errs.Error{Code: errs.Invalid, Key: "cli.import.unreadable", Args: errs.Args{"File": file, "Reason": err.Error()}, Err: err}
}

// operatorActor is who types commands, with an officer's rights: whoever can read the data folder
// could do all of it anyway.
func operatorActor() account.Actor {
	return account.Actor{Who: operator(), Roles: []account.Role{account.Officer}}
}
