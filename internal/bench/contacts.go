package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
)

// Options say what is measured.
type Options struct {
	Contacts int
	Rounds   int // how often each question is asked
	Now      func() time.Time
	Progress func(string) // is told what is being done
}

// noClaims stands in for the room of claims, which has nothing to end here.
type noClaims struct{}

func (noClaims) RevokeLive(*db.Tx, audit.Who, []int64, string) error { return nil }

func (noClaims) RevokeLiveIn(*db.Tx, audit.Who, int64, []int64, string) error { return nil }

// Contacts fills a database with contacts, asks for pages of lists, for the gaps of volunteers and for the matrix as people do, and
// says how long that took, beside a statement that reads one row by its primary key.
func Contacts(ctx context.Context, d *db.DB, o Options) (Report, error) {
	ref, err := geo.Load()
	if err != nil {
		return Report{}, err
	}
	room := contact.New(contact.Deps{
		DB: d, Now: o.Now, Reference: ref, Secret: []byte("bench"), Normalize: mail.Normalize, IsRole: mail.IsRole, Claims: noClaims{},
	})
	o.Progress(fmt.Sprintf("making up %d contacts", o.Contacts))
	began := o.Now()
	cycleID, err := Fill(ctx, d, room, ref, o.Contacts)
	if err != nil {
		return Report{}, err
	}
	crew, err := enlist(ctx, d, cycleID, o.Now())
	if err != nil {
		return Report{}, err
	}
	if err := settle(ctx, d); err != nil {
		return Report{}, err
	}
	b := &bench{
		Options: o, crew: crew, d: d, contacts: room, outreach: outreach.New(outreach.Deps{DB: d, Now: o.Now, Reference: ref}),
		cycle: cycleID, by: account.Actor{Roles: []account.Role{account.Officer}},
	}
	b.report = Report{Database: string(d.Dialect()), Contacts: o.Contacts, FilledIn: o.Now().Sub(began).Seconds()}
	o.Progress("asking")
	if err := b.ask(ctx); err != nil {
		return Report{}, err
	}
	return b.report, nil
}

type bench struct {
	Options
	d        *db.DB
	contacts *contact.Service
	outreach *outreach.Service
	cycle    int64
	by       account.Actor
	crew     []account.Actor
	report   Report
}

// ask asks everything once to warm up, and then in rounds, so that what else the machine does meets all alike.
func (b *bench) ask(ctx context.Context) error {
	all := append(append(b.questions(), b.plates()...), b.bare(), b.matrix())
	took := make([][]float64, len(all))
	for round := range b.Rounds + 1 {
		for i, q := range all {
			began := b.Now()
			err := q.ask(ctx, round)
			if err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			if round > 0 {
				took[i] = append(took[i], float64(b.Now().Sub(began).Microseconds())/1000)
			}
		}
	}
	for i, q := range all {
		b.report.add(q.kind, q.name, took[i])
	}
	b.report.sum()
	return nil
}

// question is something that people ask for; a round asks a variant of it.
type question struct {
	kind, name string
	ask        func(ctx context.Context, round int) error
}

func (b *bench) bare() question {
	return question{kindBare, "one row by its primary key", func(ctx context.Context, round int) error {
		var name string
		return b.d.Read(ctx).QueryRow("select name from contact where id = ?", 1+(round*7919)%b.Contacts).Scan(&name)
	}}
}

func (b *bench) matrix() question {
	return question{kindMatrix, "the matrix of coverage", func(ctx context.Context, _ int) error {
		_, err := b.outreach.Coverage(ctx, b.by, b.cycle)
		return err
	}}
}

// list is a question for a page of a filter.
func (b *bench) list(kind, name string, filter func(round int) contact.Filter) question {
	return question{kind, name, func(ctx context.Context, round int) error {
		f := filter(round)
		f.CycleID = b.cycle
		_, err := b.contacts.List(ctx, b.by, f)
		return err
	}}
}

// deep is a question for a page far behind the first, to which nobody is timed going.
func (b *bench) deep(name string, pages int, f contact.Filter) question {
	cursors := map[int]string{}
	return question{kindList, name, func(ctx context.Context, round int) error {
		f := f
		f.CycleID, f.Cursor = b.cycle, cursors[0]
		if round == 0 {
			f.Limit = 200
			for range pages {
				page, err := b.contacts.List(ctx, b.by, f)
				if err != nil || page.Next == "" {
					return err
				}
				f.Cursor = page.Next
			}
			cursors[0] = f.Cursor
			return nil
		}
		_, err := b.contacts.List(ctx, b.by, f)
		return err
	}}
}
