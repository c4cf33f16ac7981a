package contact

import (
	"context"
	"errors"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Watcher is told about every row as it is judged; nil tells nobody. It is for what is shown while it
// runs: a batch that is written a second time, after a conflict, is told a second time.
type Watcher func(RowVerdict)

// errLost says that another process works on the import now.
var errLost = errors.New("the lease of the import is another's")

// Sweep goes on with every import that waits and that nobody works on.
func (s *Imports) Sweep(ctx context.Context) error {
	ids, err := waitingImports(s.DB.Read(ctx), s.Now())
	if err != nil {
		return errs.Wrap("contact.import.sweep", err)
	}
	var all []error
	for _, id := range ids {
		all = append(all, s.Work(ctx, id))
	}
	return errors.Join(all...)
}

// Work goes on with an import: with its check, its rows, the look for duplicates behind them, or its undoing. It does
// nothing where there is nothing to do, or another process does it.
func (s *Imports) Work(ctx context.Context, id int64) error {
	for taken := true; taken; {
		var err error
		if taken, err = s.step(ctx, id); err != nil {
			return errs.Wrap("contact.import.work", err)
		}
	}
	return nil
}

func (s *Imports) step(ctx context.Context, id int64) (taken bool, err error) {
	return s.take(ctx, id, func(ctx context.Context, i Import) error {
		switch i.State {
		case ImportUndoing:
			return s.takeBack(ctx, i)
		case ImportDone, ImportFailed:
			return s.compare(ctx, i)
		}
		o, mapping, err := i.reading()
		if err != nil {
			return err
		}
		t, err := s.open(ctx, &i, o)
		if err != nil {
			return s.giveUp(ctx, i, err)
		}
		if i.State == ImportMapped {
			return s.check(ctx, i, t, mapping)
		}
		return s.run(ctx, i, t, mapping, nil)
	})
}

// take leases the import, lets fn work on it, and gives the lease back. False says that somebody else has it.
func (s *Imports) take(ctx context.Context, id int64, fn func(context.Context, Import) error) (bool, error) {
	owner := s.Unique()
	var i Import
	taken := false
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if taken, err = leaseImport(tx, id, owner, s.Now(), s.Now().Add(lease)); err != nil || !taken {
			return err
		}
		i, err = lockImport(tx, id)
		return err
	})
	if err != nil || !taken {
		return false, err
	}
	err = fn(ctx, i)
	if errors.Is(err, errLost) {
		return true, nil
	}
	free := s.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return releaseImport(tx, id, owner) })
	return true, errors.Join(err, free)
}

// giveUp fails an import whose file cannot be read. An error that is none of the file's is returned as
// it is, and another try may help.
func (s *Imports) giveUp(ctx context.Context, i Import, cause error) error {
	e := errs.Find(cause)
	if e == nil || e.Code != errs.Invalid && e.Code != errs.TooLarge {
		return cause
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := s.mine(tx, i)
		if err != nil {
			return err
		}
		before := now.State
		if err := now.Fail(e.Key, s.Now()); err != nil {
			return err
		}
		if err := saveImport(tx, &now); err != nil {
			return err
		}
		return s.recordImport(tx, worker(), &now, "import.failed", before, map[string]any{"problem": e.Key})
	})
}

// mine locks the import and makes sure that it is as this process left it.
func (s *Imports) mine(tx *db.Tx, i Import) (Import, error) {
	now, err := lockImport(tx, i.ID)
	if err != nil {
		return now, err
	}
	if now.Owner != i.Owner || now.State != i.State || now.RowsDone != i.RowsDone {
		return now, errLost
	}
	until := s.Now().Add(lease)
	now.LeaseUntil = &until
	return now, nil
}

func (s *Imports) optionsOf(tx *db.Tx, i *Import) (*importOptions, error) {
	o := &importOptions{
		importID: i.ID, cycleID: deref(i.CycleID), source: i.Source, lawfulBasis: i.LawfulBasis, group: i.StakeholderGroup,
		country: i.Country, duplicates: i.Duplicates, ref: s.Reference, isRole: s.IsRole, now: s.Now(),
	}
	if o.cycleID == 0 {
		return o, nil
	}
	var err error
	o.cycleName, err = cycleName(tx, o.cycleID)
	return o, err
}

// check judges every row and writes nothing but the verdicts. It begins anew when it was cut off,
// because what it remembers of the rows before is gone.
func (s *Imports) check(ctx context.Context, i Import, t *sheet.Table, mapping []sheet.Mapping) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := s.mine(tx, i)
		if err != nil {
			return err
		}
		now.RowsDone, now.Tally = 0, Tally{}
		if err := forgetRows(tx, i.ID); err != nil {
			return err
		}
		i = now
		return saveImport(tx, &i)
	})
	if err != nil {
		return err
	}
	o, err := s.optionsOf(s.DB.Read(ctx), &i)
	if err != nil {
		return err
	}
	err = s.judgeAll(ctx, t, mapping, o, func(b batch, verdicts []RowVerdict) error {
		return s.DB.Write(ctx, func(tx *db.Tx) error {
			now, err := s.mine(tx, i)
			if err != nil {
				return err
			}
			now.advance(b, verdicts)
			if err := replaceRows(tx, i.ID, b.first(), b.last(), verdicts); err != nil {
				return err
			}
			i = now
			return saveImport(tx, &i)
		})
	})
	if err != nil {
		return s.giveUp(ctx, i, err)
	}
	return s.end(ctx, i, "import.checked", func(now *Import) error { return now.Checked(s.Now()) })
}

// end moves an import whose rows are all done.
func (s *Imports) end(ctx context.Context, i Import, action string, move func(*Import) error) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := s.mine(tx, i)
		if err != nil {
			return err
		}
		before := now.State
		if err := move(&now); err != nil {
			return err
		}
		if err := saveImport(tx, &now); err != nil {
			return err
		}
		return s.recordImport(tx, worker(), &now, action, before, map[string]any{"counts": now.counts()})
	})
}

// judgeAll gives the verdicts of a whole file without changing anything.
func (s *Imports) judgeAll(ctx context.Context, t *sheet.Table, mapping []sheet.Mapping, o *importOptions, each func(batch, []RowVerdict) error) error {
	batches, stop := readAhead(ctx, s.rows(t, mapping, spot{}), s.Batch)
	defer stop()
	remembered := newSeen()
	for b := range batches {
		if len(b.rows) > 0 {
			sc, err := loadScene(s.DB.Read(ctx), b.rows, o, false)
			if err != nil {
				return err
			}
			if err := each(b, b.judge(&judge{scene: sc, importOptions: o, seen: remembered})); err != nil {
				return err
			}
		}
		if b.err != nil {
			return b.err
		}
	}
	return ctx.Err()
}

func (b batch) judge(j *judge) []RowVerdict {
	verdicts := make([]RowVerdict, len(b.rows))
	for i, e := range b.rows {
		verdicts[i] = j.row(e)
	}
	return verdicts
}

func (b batch) first() int { return b.rows[0].number }
func (b batch) last() int  { return b.rows[len(b.rows)-1].number }

// Preview judges a file and writes nothing at all. The watcher is told every row.
func (s *Imports) Preview(ctx context.Context, by account.Actor, f File, p ImportPlan, each Watcher) (Tally, error) {
	var sum Tally
	if err := requireImport(by); err != nil {
		return sum, err
	}
	t, err := s.prepare(&f, &p)
	if err != nil {
		return sum, err
	}
	i := Import{State: ImportUploaded}
	if err := i.fix(t, p.Mapping, p); err != nil {
		return sum, errs.Wrap("contact.import.preview", err)
	}
	o, err := s.optionsOf(s.DB.Read(ctx), &i)
	if err != nil {
		return sum, errs.Wrap("contact.import.preview", err)
	}
	err = s.judgeAll(ctx, t, p.Mapping, o, func(_ batch, verdicts []RowVerdict) error {
		for _, v := range verdicts {
			sum.count(v.Verdict)
			if each != nil {
				each(v)
			}
		}
		return nil
	})
	return sum, errs.Wrap("contact.import.preview", err)
}

// prepareWhole is prepare for an import without a check before it: what cannot be read to its end is not begun.
func (s *Imports) prepareWhole(f *File, p *ImportPlan) (*sheet.Table, error) {
	t, err := s.prepare(f, p)
	if err != nil {
		return nil, err
	}
	return t, asField(t.Verify())
}

// prepare opens a file as the plan says, and completes the plan.
func (s *Imports) prepare(f *File, p *ImportPlan) (*sheet.Table, error) {
	if err := p.settle(s.Reference); err != nil {
		return nil, err
	}
	t, err := sheet.OpenAs(f.Content, f.Size, f.Name, p.Options)
	if err != nil {
		return nil, asField(err)
	}
	if p.Mapping == nil {
		p.Mapping = s.guess(t)
	}
	return t, checkMapping(p.Mapping)
}
