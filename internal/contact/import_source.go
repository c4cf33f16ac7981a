package contact

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/errs"
)

// batchSize is how many rows are judged and written in one transaction: what a killed import does again, and
// what others wait for where they write to the same contacts.
const batchSize = 2000

// batchBytes bounds a batch of long rows.
const batchBytes = 1 << 20

// spot is where reading a file goes on.
type spot = sheet.Position

// batch is rows that are judged and imported together.
type batch struct {
	rows []*entry
	next spot
	err  error // reading the file failed after these rows
}

// rows reads a table from a place on.
func (s *Imports) rows(t *sheet.Table, mapping []sheet.Mapping, from spot) iter.Seq2[*entry, error] {
	return func(yield func(*entry, error) bool) {
		in := sheet.NewInterpreter(mapping, s.Reference, s.Normalize)
		for rec, err := range t.RecordsAt(from) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(s.entryOf(in, rec), nil) {
				return
			}
		}
	}
}

// entryOf understands a record.
func (s *Imports) entryOf(in *sheet.Interpreter, rec sheet.Record) *entry {
	e := &entry{number: rec.Number, next: rec.Next}
	for _, c := range rec.Cells {
		e.size += len(c)
	}
	row, problems := in.Row(rec)
	e.take(row)
	for _, p := range problems {
		q := CellProblem{Column: p.Header, Letter: p.Letter, Value: p.Value, Key: p.Key, Args: p.Args}
		if q.Column == "" {
			q.Column = string(p.Field)
		}
		if p.Rejects {
			e.problems = append(e.problems, q)
		} else {
			e.notes = append(e.notes, q)
		}
	}
	e.check(s)
	e.prepare(s.Secret)
	return e
}

// take copies what a row says.
func (e *entry) take(row sheet.Row) {
	e.id = row.ID
	e.given = Contact{
		Kind: Kind(row.Kind), Name: row.Name, Transliteration: row.Transliteration, StakeholderGroup: row.StakeholderGroup,
		Country: row.Country, Region: string(row.Region), Languages: Chain(row.Languages), Expertise: Chain(row.Expertise),
		Source: row.Source, Notes: row.Notes,
	}
	e.given.LawfulBasis, e.given.LawfulBasisNote = ParseBasis(row.LawfulBasis)
	e.mustNotMail, e.undeliverable = row.MustNotMail, row.Undeliverable
	for _, m := range row.Emails {
		e.emails = append(e.emails, m.Address)
		e.kinds = append(e.kinds, AddressKind(m.Kind))
	}
	if e.given.Kind == "" {
		e.given.Kind = Person
		if row.Name == "" && row.Organization != "" {
			e.given.Kind = Organization
		}
	}
	if e.given.Kind == Organization {
		if e.given.Name == "" {
			e.given.Name = row.Organization
		}
		return
	}
	for _, t := range row.Ties() {
		function, title := ParseFunction(t.Function)
		if t.Title != "" {
			title = t.Title
		}
		tie := entryTie{name: t.Organization, function: function, title: title, since: t.Since, until: t.Until}
		if !slices.Contains(e.ties, tie) {
			e.ties = append(e.ties, tie)
		}
	}
}

// check finds what the reader of the table need not know: the limits of a contact.
func (e *entry) check(s *Imports) {
	if e.given.Name == "" && len(e.emails) > 0 {
		// A list of addresses only: better this name than a contact that nobody can find.
		e.given.Name = e.emails[0]
	}
	if len(e.problems) > 0 {
		return
	}
	c := e.given
	c.RegionOverridden = c.Region != ""
	if c.StakeholderGroup == "" {
		c.StakeholderGroup = s.Reference.Groups()[0].Code // whether one is missing, judging decides
	}
	for _, f := range c.validate(s.Reference) {
		e.problems = append(e.problems, CellProblem{Column: f.Name, Key: f.Key, Args: f.Args})
	}
	for _, t := range e.ties {
		a := Affiliation{Function: t.function, Title: t.title, Since: t.since, Until: t.until}
		wrong := a.validate(s.today())
		if !fits(t.name, maxLine) {
			wrong = append(wrong, errs.FieldError("organization", "field.too_long", "Max", maxLine))
		}
		for _, f := range wrong {
			e.problems = append(e.problems, CellProblem{Column: f.Name, Key: f.Key, Args: f.Args})
		}
	}
}

func shorten(text string) string {
	r := []rune(text)
	if len(r) > 80 {
		return strings.TrimSpace(string(r[:80])) + "…"
	}
	return text
}

// readAhead reads batches while others are written, until the file ends or its first error. Who calls stop has
// seen the last of the file.
func readAhead(ctx context.Context, rows iter.Seq2[*entry, error], most int) (batches <-chan batch, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	out := make(chan batch, 1)
	go func() {
		defer close(out)
		var b batch
		size := 0
		send := func() bool {
			select {
			case out <- b:
				b, size = batch{}, 0
				return true
			case <-ctx.Done():
				return false
			}
		}
		for e, err := range rows {
			if err != nil {
				b.err = err
				send()
				return
			}
			b.rows, b.next, size = append(b.rows, e), e.next, size+e.size
			if (len(b.rows) == most || size > batchBytes) && !send() {
				return
			}
		}
		if len(b.rows) > 0 {
			send()
		}
	}()
	return out, func() {
		cancel()
		for range out { // until it is closed
		}
	}
}
