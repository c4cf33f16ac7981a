package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

type importContactsCmd struct {
	File        string            `arg:"" type:"existingfile" help:"A CSV or XLSX file of any size."`
	Cycle       string            `placeholder:"SLUG" help:"The cycle on whose list the contacts go; on none without it."`
	Preview     bool              `help:"Say what each row means and write nothing."`
	Duplicates  string            `enum:"skip,add,update" default:"skip" help:"What becomes of rows that may be somebody whom we have: skip, add or update."`
	Map         map[string]string `placeholder:"COLUMN=FIELD" help:"What a column means, by its name or letter; otherwise it is guessed."`
	Source      string            `help:"Where new contacts are from, where their row does not say."`
	LawfulBasis string            `help:"Why we may keep new contacts, where their row does not say."`
	Group       string            `help:"The stakeholder group of new contacts, where their row does not say."`
	Country     string            `help:"The country of new contacts, where their row does not say."`
	Report      string            `placeholder:"FILE" help:"Where the rows that are left out are listed as CSV; otherwise they are printed on standard error."`
}

// Run imports the file where it is. Interrupted and run again, it goes on after the last whole batch.
func (i importContactsCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		f, file, err := openFile(i.File)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		plan, err := i.plan(ctx, h, f)
		if err != nil {
			return err
		}
		report, err := newLeftOut(i.Report, h.bundle.For(i18n.English))
		if err != nil {
			return unreadable(i.Report, err)
		}
		if err := i.take(ctx, h, f, plan, report); err != nil {
			return errors.Join(err, report.close())
		}
		return report.close()
	})
}

func openFile(path string) (contact.File, *os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return contact.File{}, nil, unreadable(path, err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return contact.File{}, nil, unreadable(path, err)
	}
	return contact.File{Name: filepath.Base(path), Content: file, Size: info.Size()}, file, nil
}

func (i importContactsCmd) plan(ctx context.Context, h *house, f contact.File) (contact.ImportPlan, error) {
	p := contact.ImportPlan{
		Source: i.Source, LawfulBasis: i.LawfulBasis, StakeholderGroup: i.Group, Country: i.Country,
		Duplicates: contact.DuplicatePolicy(i.Duplicates),
	}
	if i.Cycle != "" {
		round, err := h.cycles.BySlug(ctx, i.Cycle)
		if err != nil {
			return p, err
		}
		p.CycleID = round.ID
	}
	if len(i.Map) == 0 {
		return p, nil
	}
	chosen := map[string]sheet.Field{}
	for column, field := range i.Map {
		chosen[column] = sheet.Field(field)
	}
	var err error
	p.Mapping, err = h.imports.MappingOf(f, p.Options, chosen)
	return p, err
}

func (i importContactsCmd) take(ctx context.Context, h *house, f contact.File, plan contact.ImportPlan, report *leftOut) error {
	if i.Preview {
		sum, err := h.imports.Preview(ctx, operatorActor(), f, plan, report.note)
		if err == nil {
			printTally(os.Stdout, sum)
		}
		return err
	}
	bar := newBar(f.Size)
	done, err := h.imports.ImportFile(ctx, operatorActor(), f, plan, report.note, bar.show)
	bar.end()
	if err == nil {
		printTally(os.Stdout, done.Tally)
		fmt.Printf("import %d; to take it back: convoke import undo %d\n", done.ID, done.ID)
	}
	return err
}

func printTally(to io.Writer, t contact.Tally) {
	fmt.Fprintf(to, "%d rows: %d new, %d updated, %d unchanged, %d possible duplicates, %d suppressed, %d rejected\n",
		t.Rows(), t.New, t.Update, t.Unchanged, t.PossibleDuplicate, t.Suppressed, t.Rejected)
}

type importUndoCmd struct {
	ID int64 `arg:"" help:"The number of the import."`
}

// Run takes an import back.
func (u importUndoCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		i, err := h.imports.Undo(ctx, operatorActor(), u.ID)
		if err == nil && i.State == contact.ImportUndoing {
			if err = h.imports.Work(ctx, i.ID); err == nil {
				i, err = h.imports.Import(ctx, operatorActor(), i.ID)
			}
		}
		if err == nil {
			fmt.Printf("%s: %d contacts removed, %d kept because they were used or changed since\n", i.State, i.RemovedCount, i.KeptCount)
		}
		return err
	})
}

// leftOut lists the rows that are left out.
type leftOut struct {
	l    *i18n.Localizer
	file *os.File // nil for standard error
	csv  *csv.Writer
}

func newLeftOut(path string, l *i18n.Localizer) (*leftOut, error) {
	r := &leftOut{l: l}
	if path == "" {
		return r, nil
	}
	var err error
	if r.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
		return nil, err
	}
	r.csv = csv.NewWriter(r.file)
	return r, r.csv.Write([]string{"row", "name", "verdict", "reason"})
}

// note lists a row that is left out, with the reason.
func (r *leftOut) note(v contact.RowVerdict) {
	switch v.Verdict {
	case contact.VerdictRejected, contact.VerdictSuppressed, contact.VerdictPossibleDuplicate:
	default:
		return
	}
	why := r.why(v)
	if r.csv == nil {
		fmt.Fprintf(os.Stderr, "row %d: %s: %s\n", v.Number, v.Verdict, why)
		return
	}
	_ = r.csv.Write([]string{strconv.Itoa(v.Number), sheet.Inert(v.Name), string(v.Verdict), sheet.Inert(why)}) // the writer keeps the error
}

func (r *leftOut) why(v contact.RowVerdict) string {
	text := ""
	for _, p := range v.Problems {
		text += fmt.Sprintf("%s (%s): %s ", p.Column, p.Letter, r.l.FieldMessage(errs.Field{Name: p.Column, Key: p.Key, Args: p.Args}))
	}
	for _, reason := range v.Reasons {
		text += r.l.T("contact.import.alike."+reason) + " "
	}
	if v.ContactID != nil {
		text += fmt.Sprintf("(contact %d)", *v.ContactID)
	}
	if v.Verdict == contact.VerdictSuppressed {
		text += r.l.T("contact.import.verdict.suppressed")
	}
	return text
}

func (r *leftOut) close() error {
	if r.csv == nil {
		return nil
	}
	r.csv.Flush()
	return errors.Join(r.csv.Error(), r.file.Close())
}

// bar shows how far an import is, on a terminal only.
type bar struct {
	size  int64
	shown bool
}

func newBar(size int64) *bar {
	info, err := os.Stderr.Stat()
	return &bar{size: size, shown: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (b *bar) show(i contact.Import, bytes int64) {
	if !b.shown {
		return
	}
	percent := int64(100)
	if b.size > 0 && bytes < b.size {
		percent = 100 * bytes / b.size
	}
	seconds := int64(1)
	if i.StartedAt != nil {
		seconds = max(1, int64(time.Since(*i.StartedAt).Seconds()))
	}
	fmt.Fprintf(os.Stderr, "\r%3d %%  %d rows  %d/s ", percent, i.RowsDone, int64(i.RowsDone)/seconds)
}

func (b *bar) end() {
	if b.shown {
		fmt.Fprintln(os.Stderr)
	}
}
