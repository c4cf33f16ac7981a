package contact

import (
	"context"
	"encoding/json"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// worker is who imports batches, as the trail remembers it. Who asked for it stands in the event that
// started the import.
func worker() audit.Who { return audit.System("import") }

// ImportFile imports a file that stays where it is. Where the same file was begun in the same way
// and cut off, it goes on there. The watcher is told every row, and after each batch progress is told how many
// rows and bytes are done.
func (s *Imports) ImportFile(ctx context.Context, by account.Actor, f File, p ImportPlan, each Watcher, progress func(Import, int64)) (Import, error) {
	if err := requireImport(by); err != nil {
		return Import{}, err
	}
	t, err := s.prepareWhole(&f, &p)
	if err != nil {
		return Import{}, err
	}
	i, err := s.begin(by, f)
	if err == nil {
		err = i.fix(t, p.Mapping, p)
	}
	if err == nil {
		i, err = s.resumeOrStart(ctx, by, i)
	}
	if err != nil {
		return i, errs.Wrap("contact.import.file", err)
	}
	w := watch{each: each, progress: progress}
	taken, err := s.take(ctx, i.ID, func(ctx context.Context, i Import) error { return s.run(ctx, i, t, p.Mapping, &w) })
	if err == nil && !taken {
		err = errs.E(errs.Conflict, "contact.import.busy")
	}
	if err == nil {
		err = s.compareSmall(ctx, i)
	}
	if err != nil {
		return i, errs.Wrap("contact.import.file", err)
	}
	return s.Import(ctx, by, i.ID)
}

// Commit keeps a file and imports it at once; a worker goes on where this process ends before it is done.
func (s *Imports) Commit(ctx context.Context, by account.Actor, f File, p ImportPlan, each Watcher) (Import, error) {
	t, err := s.prepareWhole(&f, &p)
	if err != nil {
		return Import{}, err
	}
	i, err := s.Upload(ctx, by, f)
	if err != nil {
		return i, err
	}
	i, err = s.change(ctx, by, i.ID, "import.started", func(tx *db.Tx, i *Import) error {
		if err := s.checkCycle(tx, p.CycleID); err != nil {
			return err
		}
		if err := i.fix(t, p.Mapping, p); err != nil {
			return err
		}
		if err := i.Map(); err != nil {
			return err
		}
		return i.Start(s.Now())
	})
	if err != nil {
		return i, err
	}
	_, err = s.take(ctx, i.ID, func(ctx context.Context, i Import) error { return s.run(ctx, i, t, p.Mapping, &watch{each: each}) })
	if err == nil {
		err = s.compareSmall(ctx, i)
	}
	if err != nil {
		return i, errs.Wrap("contact.import.commit", err)
	}
	return s.Import(ctx, by, i.ID)
}

// compareSmall looks for duplicates among what a small file brought while the caller waits. A worker's sweep does so
// for a large one.
func (s *Imports) compareSmall(ctx context.Context, i Import) error {
	if i.Size > atOnce {
		return nil
	}
	return s.Work(ctx, i.ID)
}

func (s *Imports) resumeOrStart(ctx context.Context, by account.Actor, i Import) (Import, error) {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		found, err := unfinishedImport(tx, &i)
		if err == nil {
			i = found
			return nil
		}
		if !db.IsNotFound(err) {
			return err
		}
		if err := s.checkCycle(tx, deref(i.CycleID)); err != nil {
			return err
		}
		// A command shows the dry run when it is asked to; its import judges every row again anyhow.
		i.State = ImportMapped
		if err := i.Start(s.Now()); err != nil {
			return err
		}
		if err := insertImport(tx, &i); err != nil {
			return err
		}
		return s.recordImport(tx, by.Who, &i, "import.started", ImportUploaded, map[string]any{"file": i.FileName, "size": i.Size, "sha256": i.SHA256})
	})
	return i, err
}

// watch is who looks on while an import runs.
type watch struct {
	each     Watcher
	progress func(Import, int64)
}

func (w *watch) tell(i Import, b batch, verdicts []RowVerdict) {
	if w == nil {
		return
	}
	if w.each != nil {
		for _, v := range verdicts {
			w.each(v)
		}
	}
	if w.progress != nil {
		w.progress(i, b.next.Offset)
	}
}

// run imports the rows from where the last whole batch ended.
func (s *Imports) run(ctx context.Context, i Import, t *sheet.Table, mapping []sheet.Mapping, w *watch) error {
	var from spot
	if i.Position != "" {
		if err := json.Unmarshal([]byte(i.Position), &from); err != nil {
			return err
		}
	}
	batches, stop := readAhead(ctx, s.rows(t, mapping, from), s.Batch)
	defer stop()
	for b := range batches {
		if len(b.rows) > 0 {
			verdicts, err := s.importBatch(ctx, &i, b)
			if err != nil {
				return err
			}
			w.tell(i, b, verdicts)
		}
		if b.err != nil {
			return s.giveUp(ctx, i, b.err)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.end(ctx, i, "import.done", func(now *Import) error { return now.Finish(s.Now()) })
}

// tries is how often a batch is begun anew because somebody added one of its addresses by hand meanwhile.
const tries = 3

// importBatch judges rows in the light of the database as it is now, and writes what they add and change,
// together with how far the import is: one transaction.
func (s *Imports) importBatch(ctx context.Context, i *Import, b batch) (verdicts []RowVerdict, err error) {
	for range tries {
		var now Import
		err = s.DB.Write(ctx, func(tx *db.Tx) error {
			err := lockBatches(tx)
			if err != nil {
				return err
			}
			if now, err = s.mine(tx, *i); err != nil {
				return err
			}
			verdicts, err = s.writeBatch(tx, &now, b)
			return err
		})
		if err == nil {
			*i = now
			return verdicts, nil
		}
		if !db.IsDuplicate(err) {
			break
		}
	}
	return nil, err
}

func (s *Imports) writeBatch(tx *db.Tx, i *Import, b batch) ([]RowVerdict, error) {
	o, err := s.optionsOf(tx, i)
	if err != nil {
		return nil, err
	}
	sc, err := loadScene(tx, b.rows, o, true)
	if err != nil {
		return nil, err
	}
	decisions, err := decisionsOn(tx, i.ID, b.first(), b.last())
	if err != nil {
		return nil, err
	}
	verdicts := b.judge(&judge{scene: sc, importOptions: o, decisions: decisions})
	if err := s.apply(tx, i, sc, o); err != nil {
		return nil, err
	}
	i.advance(b, verdicts)
	if err := replaceRows(tx, i.ID, b.first(), b.last(), verdicts); err != nil {
		return nil, err
	}
	if err := s.recordBatch(tx, i, b, sc, verdicts); err != nil {
		return nil, err
	}
	return verdicts, saveImport(tx, i)
}

// advance counts a batch.
func (i *Import) advance(b batch, verdicts []RowVerdict) {
	for _, v := range verdicts {
		i.count(v.Verdict)
	}
	i.RowsDone += len(b.rows)
	if next, err := json.Marshal(b.next); err == nil {
		i.Position = string(next)
	}
}

// apply writes what judging found out.
func (s *Imports) apply(tx *db.Tx, i *Import, sc *scene, o *importOptions) error {
	spoken, err := loadVoices(tx)
	if err != nil {
		return err
	}
	by := newDeriver(s.Reference, spoken)
	for _, k := range sc.added {
		k.found = by.deriveSettled(&k.Contact, k.surroundings())
	}
	others := foreign(sc.changed, o.importID)
	var set *undo.Set
	if len(others) > 0 {
		var err error
		if set, err = undo.Begin(tx, undo.Change{Kind: "contact.import", By: worker(), At: o.now, CycleID: o.cycleID, Note: i.FileName}); err != nil {
			return err
		}
		if err := keepChanged(tx, set, others); err != nil {
			return err
		}
	}
	if err := insertAdded(tx, sc, o); err != nil {
		return err
	}
	if err := updateChanged(tx, sc.changed, o); err != nil {
		return err
	}
	if err := s.refreshChanged(tx, sc.changed); err != nil || set == nil {
		return err
	}
	if err := noteAdded(tx, set, others, i.ID); err != nil {
		return err
	}
	if err := set.Seal(tx, len(others)); err != nil {
		return err
	}
	return noteChangeset(tx, i.ID, set.ID)
}

// surroundings are what derive wants to know.
func (k *known) surroundings() around {
	at := around{ImportID: k.importID}
	for _, t := range k.ties {
		if t.Until != "" {
			continue
		}
		at.Organizations = append(at.Organizations, t.to.Contact)
		if t.Function != NoFunction {
			at.Functions = append(at.Functions, t.Function)
		}
	}
	for _, m := range k.mails {
		at.Addresses = append(at.Addresses, knownAddress{AddressID: m.ID, Email: m.Email, Kind: m.Kind, Status: m.Status, Suppressed: m.suppressed})
	}
	if l := k.listing; l != nil {
		at.Listings = []listedAs{{CycleID: l.CycleID, StakeholderGroup: l.StakeholderGroup, Region: l.Region, Unreached: true}}
	}
	return at
}

// foreign are the contacts that were there before the import. What it brought itself needs no image: it is
// taken away whole.
func foreign(changed []*known, importID int64) []int64 {
	var ids []int64
	for _, k := range changed {
		if k.importID != importID {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// refreshChanged derives anew what follows from the changes, at the members of organizations too.
func (s *Imports) refreshChanged(tx *db.Tx, changed []*known) error {
	if len(changed) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(changed))
	for _, k := range changed {
		ids = append(ids, k.ID)
	}
	if err := s.refreshAll(tx, ids); err != nil {
		return err
	}
	for _, k := range changed {
		if k.Kind == Organization {
			if err := s.refreshMembers(tx, k.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// recordBatch leaves one event for all that a batch adds: a million events that each say "from row N of
// this file" would say no more, and each contact names its import. Who was there before the import has an
// event of its own with what was changed, because there the trail is the only place that says it.
func (s *Imports) recordBatch(tx *db.Tx, i *Import, b batch, sc *scene, verdicts []RowVerdict) error {
	var counts Tally
	changes := map[int64][]FieldChange{}
	for _, v := range verdicts {
		counts.count(v.Verdict)
		if v.ContactID != nil && len(v.Changes) > 0 {
			changes[*v.ContactID] = append(changes[*v.ContactID], v.Changes...)
		}
	}
	err := audit.Record(tx, worker(), s.Now(), audit.Change{
		Action: "import.batch", ObjectKind: "import", ObjectID: i.ID, CycleID: deref(i.CycleID),
		After: map[string]any{"rows": rowsBetween(b.first(), b.last()), "counts": counts.byVerdict(), "added": len(sc.added)},
	})
	if err != nil {
		return err
	}
	for _, k := range sc.changed {
		if k.importID == i.ID {
			continue
		}
		before, after := map[string]any{}, map[string]any{"import": i.ID}
		for _, c := range changes[k.ID] {
			switch c.Field {
			case "notes", "email": // the trail, which forgets nothing, keeps neither
				after[c.Field] = "changed"
			default:
				before[c.Field], after[c.Field] = c.Before, c.After
			}
		}
		err := audit.Record(tx, worker(), s.Now(), audit.Change{
			Action: "contact.updated", ObjectKind: "contact", ObjectID: k.ID, CycleID: deref(i.CycleID), Before: before, After: after,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// byVerdict are the counts that are not zero.
func (t Tally) byVerdict() map[Verdict]int {
	counts := map[Verdict]int{}
	for _, v := range Verdicts() {
		if n := t.Of(v); n > 0 {
			counts[v] = n
		}
	}
	return counts
}

func (i *Import) counts() map[Verdict]int { return i.byVerdict() }
