package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/mail"
)

// ImportOptions say what is measured of an import.
type ImportOptions struct {
	Rows     int
	Bytes    int64 // instead of Rows: how large the file is
	Notes    int   // how many bytes of notes each row has at the least
	Check    bool  // only the dry run: every row gets its verdict, and nothing is written
	Batch    int   // 0 for the product's own
	Target   string
	Now      func() time.Time
	Progress func(string)
}

// ImportReport is what was measured: an import of clean rows from a CSV file to the last index, and on PostgreSQL the bare COPY
// of the rows that came of it into the same tables, emptied. A dry run has nothing to compare with.
type ImportReport struct {
	Database   string  `json:"database"`
	Rows       int     `json:"rows"`
	Bytes      int64   `json:"bytes"`
	Seconds    float64 `json:"seconds"`
	RowsPerSec float64 `json:"rows_per_second"`
	CopyRows   float64 `json:"copy_rows_per_second,omitempty"`
	Ratio      float64 `json:"ratio,omitempty"` // of the import's speed to the bare COPY's
	MemoryMB   float64 `json:"memory_mb"`       // the most that the process held, 0 where the system does not say
}

// Import measures an import into an empty database.
func Import(ctx context.Context, d *db.DB, o ImportOptions) (ImportReport, error) {
	r := ImportReport{Database: string(d.Dialect())}
	ref, err := geo.Load()
	if err != nil {
		return r, err
	}
	officer := account.Actor{Roles: []account.Role{account.Officer}}
	made, err := cycle.New(cycle.Deps{DB: d, Now: o.Now}).Create(ctx, officer, cycle.Cycle{Slug: "bench", Name: "Bench"})
	if err != nil {
		return r, err
	}
	o.Progress("writing the file")
	file, err := writeList(o)
	if err != nil {
		return r, err
	}
	defer func() { _ = file.Close(); _ = os.Remove(file.Name()) }()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return r, err
	}
	room := contact.New(contact.Deps{
		DB: d, Now: o.Now, Reference: ref, Secret: []byte("bench"), Normalize: mail.Normalize, IsRole: mail.IsRole, Claims: noClaims{},
	})
	imports := contact.NewImports(room, contact.ImportDeps{Unique: func() string { return "bench" }, Batch: o.Batch})
	plan, content := contact.ImportPlan{CycleID: made.ID}, contact.File{Name: "bench.csv", Content: file, Size: size}
	if o.Check {
		return checkFile(ctx, imports, officer, content, plan, o, r)
	}
	if r, err = importFile(ctx, imports, officer, content, plan, o, r); err != nil {
		return r, err
	}
	if d.Dialect() != db.Postgres {
		return r, nil
	}
	o.Progress("copying the same rows")
	took, err := copyAgain(ctx, d, o.Target, o.Now)
	if err != nil {
		return r, err
	}
	r.CopyRows = float64(r.Rows) / took.Seconds()
	r.Ratio = r.RowsPerSec / r.CopyRows
	return r, nil
}

func importFile(ctx context.Context, imports *contact.Imports, by account.Actor, f contact.File, plan contact.ImportPlan, o ImportOptions, r ImportReport) (ImportReport, error) {
	o.Progress("importing")
	began := o.Now()
	done, err := imports.ImportFile(ctx, by, f, plan, nil, func(i contact.Import, _ int64) { o.tell(i.RowsDone, began) })
	if err != nil {
		return r, err
	}
	return r.with(done.Tally, f.Size, o.Now().Sub(began))
}

func checkFile(ctx context.Context, imports *contact.Imports, by account.Actor, f contact.File, plan contact.ImportPlan, o ImportOptions, r ImportReport) (ImportReport, error) {
	o.Progress("checking")
	began, rows := o.Now(), 0
	sum, err := imports.Preview(ctx, by, f, plan, func(contact.RowVerdict) {
		rows++
		o.tell(rows, began)
	})
	if err != nil {
		return r, err
	}
	return r.with(sum, f.Size, o.Now().Sub(began))
}

// tell says now and then how far it is.
func (o ImportOptions) tell(rows int, began time.Time) {
	if rows%100_000 == 0 {
		o.Progress(fmt.Sprintf("%d rows, %.0f/s", rows, float64(rows)/o.Now().Sub(began).Seconds()))
	}
}

// with fills in the figures. The rows are clean: a verdict other than new is a fault.
func (r ImportReport) with(t contact.Tally, size int64, took time.Duration) (ImportReport, error) {
	if t.New != t.Rows() {
		return r, errs.E(errs.Internal, "error.internal", "Counts", t)
	}
	r.Rows, r.Bytes, r.Seconds, r.MemoryMB = t.Rows(), size, took.Seconds(), peakMemory()
	r.RowsPerSec = float64(r.Rows) / r.Seconds
	return r, nil
}

// writeList writes people who are nobody's double: each has a second family name of its own.
func writeList(o ImportOptions) (*os.File, error) {
	file, err := os.CreateTemp("", "convoke-bench-*.csv")
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	counted := &counting{to: out}
	w := sheet.NewCSV(counted, false)
	err = w.Write([]string{"Name", "E-mail", "Organization", "Stakeholder group", "Country", "Languages", "Source", "Notes"})
	g := NewGenerator(max(1, o.Rows/20))
	for n := 1; err == nil && (o.Bytes == 0 && n <= o.Rows || o.Bytes > 0 && counted.n < o.Bytes); n++ {
		p := g.Person(n)
		organization := ""
		if p.Organization >= 0 {
			organization, _ = g.Organization(p.Organization)
		}
		email := ""
		if p.Email != "" {
			email = fmt.Sprintf("%s.%d@example.org", ownName(n), n)
		}
		var notes strings.Builder
		notes.WriteString(p.Notes)
		for m := n; notes.Len() < o.Notes; m++ {
			notes.WriteString(" " + ownName(m))
		}
		err = w.Write([]string{p.Name + " " + ownName(n), email, organization, p.Group, p.Country, p.Languages, p.Source, notes.String()})
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// ownName is a word for a number. It has digits, because words of letters alone come to sound alike among so many.
func ownName(n int) string { return "N" + strconv.Itoa(n) }

type counting struct {
	to io.Writer
	n  int64
}

// Write implements io.Writer.
func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.to.Write(p)
}

// peakMemory is the most memory that the process has held, in MB.
func peakMemory() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, found := strings.Cut(string(status), "VmHWM:")
	if !found {
		return 0
	}
	var kb float64
	if _, err := fmt.Sscan(after, &kb); err != nil {
		return 0
	}
	return kb / 1024
}

// Print writes the figures for people.
func (r ImportReport) Print(to io.Writer) error {
	_, err := fmt.Fprintf(to, "%s: %d rows (%d MB) in %.1f s, %.0f rows/s, %.0f MB of memory at the most\n",
		r.Database, r.Rows, r.Bytes>>20, r.Seconds, r.RowsPerSec, r.MemoryMB)
	if err == nil && r.CopyRows > 0 {
		_, err = fmt.Fprintf(to, "bare COPY of the same rows into the same tables: %.0f rows/s; ratio %.2f\n", r.CopyRows, r.Ratio)
	}
	return err
}
