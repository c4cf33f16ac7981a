package contact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// MaxUpload is how large a file may be that we keep. A command reads larger ones from where they are.
const MaxUpload = 32 << 20

// atOnce is how large a file may be whose check, import and undoing the caller waits for.
const atOnce = 256 << 10

// ImportDeps is what Imports work with beside the contacts.
type ImportDeps struct {
	// Wake lets a worker look for what waits. Nil where the caller's own sweep has to do.
	Wake func(ctx context.Context, importID int64) error
	// Unique names whoever works on an import, unlike any other process.
	Unique func() string
	// Batch is how many rows are judged and written together; 0 means batchSize.
	Batch int
}

// Imports take in files of contacts: a dry run first, then batch by batch, each in one transaction.
// Whatever process is killed at whatever moment, the next goes on after the last whole batch.
type Imports struct {
	*Service
	ImportDeps
}

// NewImports makes the service.
func NewImports(s *Service, d ImportDeps) *Imports {
	if d.Batch == 0 {
		d.Batch = batchSize
	}
	return &Imports{Service: s, ImportDeps: d}
}

func requireImport(by account.Actor) error { return by.RequireOn(account.ContactImport, false, "") }

// Upload keeps a file, to be mapped, checked and imported. The error is errs.TooLarge beyond MaxUpload
// and errs.Invalid for a file that is no table.
func (s *Imports) Upload(ctx context.Context, by account.Actor, f File) (Import, error) {
	if err := requireImport(by); err != nil {
		return Import{}, err
	}
	if f.Size > MaxUpload {
		return Import{}, errs.E(errs.TooLarge, "contact.import.too_large", "Max", MaxUpload>>20)
	}
	t, err := sheet.Open(f.Content, f.Size, f.Name)
	if err == nil && f.Size <= atOnce { // a large one is read whole by its check
		err = t.Verify()
	}
	if err != nil {
		return Import{}, asField(err)
	}
	i, err := s.begin(by, f)
	if err != nil {
		return i, errs.Wrap("contact.import.upload", err)
	}
	i.Stored = true
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertImport(tx, &i); err != nil {
			return err
		}
		if err := storeContent(tx, i.ID, f); err != nil {
			return err
		}
		return s.recordImport(tx, by.Who, &i, "import.uploaded", "", map[string]any{"file": i.FileName, "size": i.Size, "sha256": i.SHA256})
	})
	return i, errs.Wrap("contact.import.upload", err)
}

// asField puts what is wrong with a file at the field of the form in which it was chosen.
func asField(err error) error {
	if e := errs.Find(err); e != nil && e.Code == errs.Invalid && len(e.Fields) == 0 {
		return errs.InvalidFields(errs.Field{Name: "file", Key: e.Key, Args: e.Args})
	}
	return err
}

func (s *Imports) begin(by account.Actor, f File) (Import, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f.Content, 0, f.Size)); err != nil {
		return Import{}, err
	}
	i := Import{
		State: ImportUploaded, FileName: shorten(clean(f.Name)), Size: f.Size, SHA256: hex.EncodeToString(sum.Sum(nil)),
		Duplicates: DuplicatesSkip, CreatedAt: s.Now(),
	}
	if by.ID != 0 {
		i.CreatedBy = &by.ID
	}
	return i, nil
}

// Import gives one import.
func (s *Imports) Import(ctx context.Context, by account.Actor, id int64) (Import, error) {
	if err := requireImport(by); err != nil {
		return Import{}, err
	}
	i, err := importByID(s.DB.Read(ctx), id)
	return i, errs.Wrap("contact.import.get", err)
}

// importPage is how many imports or rows a page holds.
const importPage = 50

// List gives the imports, the newest first; before is the id that the page starts below, 0 for the first.
func (s *Imports) List(ctx context.Context, by account.Actor, before int64) (page []Import, more bool, err error) {
	if err := requireImport(by); err != nil {
		return nil, false, err
	}
	page, err = listImports(s.DB.Read(ctx), before, importPage+1)
	if len(page) > importPage {
		page, more = page[:importPage], true
	}
	return page, more, errs.Wrap("contact.import.list", err)
}

// Rows gives the stored rows of one verdict ("" for all), in the order of the file, after a row number.
// Of new and unchanged rows only those are stored in which something was mended.
func (s *Imports) Rows(ctx context.Context, by account.Actor, id int64, v Verdict, after int) (page []RowVerdict, more bool, err error) {
	if err := requireImport(by); err != nil {
		return nil, false, err
	}
	page, err = listRows(s.DB.Read(ctx), id, v, after, importPage+1)
	if len(page) > importPage {
		page, more = page[:importPage], true
	}
	return page, more, errs.Wrap("contact.import.rows", err)
}

// Layout gives a kept file as it is read under the chosen options: nil for those that were fixed, else
// for the guess. The mapping is the one that was fixed where the options are too.
func (s *Imports) Layout(ctx context.Context, by account.Actor, id int64, o *sheet.Options) (Layout, error) {
	i, err := s.Import(ctx, by, id)
	if err != nil {
		return Layout{}, err
	}
	l := Layout{Import: i}
	fixed, mapping, err := i.reading()
	if err != nil {
		return l, errs.Wrap("contact.import.layout", err)
	}
	if o == nil {
		o = &fixed
	} else if *o != fixed {
		mapping = nil
	}
	if l.Table, err = s.open(ctx, &i, *o); err != nil {
		return l, asField(err)
	}
	if l.Mapping = mapping; mapping == nil {
		l.Mapping = s.guess(l.Table)
	}
	return l, nil
}

func (s *Imports) guess(t *sheet.Table) []sheet.Mapping {
	return t.Guess(s.Reference)
}

func (s *Imports) open(ctx context.Context, i *Import, o sheet.Options) (*sheet.Table, error) {
	if !i.Stored {
		return nil, errs.E(errs.Conflict, "contact.import.not_stored")
	}
	return sheet.OpenAs(&storedContent{tx: s.DB.Read(ctx), id: i.ID, size: i.Size}, i.Size, i.FileName, o)
}

// Map fixes what the columns mean and begins the check, which writes nothing to the contacts. A small
// file is checked before Map returns.
func (s *Imports) Map(ctx context.Context, by account.Actor, id int64, p ImportPlan) (Import, error) {
	if err := requireImport(by); err != nil {
		return Import{}, err
	}
	if err := p.settle(s.Reference); err != nil {
		return Import{}, err
	}
	l, err := s.Layout(ctx, by, id, &p.Options)
	if err != nil {
		return l.Import, err
	}
	if p.Mapping == nil {
		p.Mapping = l.Mapping
	}
	if err := checkMapping(p.Mapping); err != nil {
		return l.Import, err
	}
	i, err := s.change(ctx, by, id, "import.mapped", func(tx *db.Tx, i *Import) error {
		if err := s.checkCycle(tx, p.CycleID); err != nil {
			return err
		}
		if err := i.Map(); err != nil {
			return err
		}
		if err := forgetRows(tx, i.ID); err != nil {
			return err
		}
		return i.fix(l.Table, p.Mapping, p)
	})
	if err != nil {
		return i, err
	}
	return s.proceed(ctx, by, i)
}

func (s *Imports) checkCycle(tx *db.Tx, id int64) error {
	if id == 0 {
		return nil
	}
	_, err := cycleName(tx, id)
	return err
}

// change moves an import by one of its methods, and records it.
func (s *Imports) change(ctx context.Context, by account.Actor, id int64, action string, move func(*db.Tx, *Import) error) (Import, error) {
	var i Import
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if i, err = lockImport(tx, id); err != nil {
			return err
		}
		before := i.State
		if err := move(tx, &i); err != nil {
			return err
		}
		if err := saveImport(tx, &i); err != nil {
			return err
		}
		return s.recordImport(tx, by.Who, &i, action, before, nil)
	})
	return i, errs.Wrap("contact."+action, err)
}

func (s *Imports) recordImport(tx *db.Tx, by audit.Who, i *Import, action string, before ImportState, more map[string]any) error {
	after := map[string]any{"state": i.State}
	for k, v := range more {
		after[k] = v
	}
	c := audit.Change{Action: action, ObjectKind: "import", ObjectID: i.ID, CycleID: deref(i.CycleID), After: after}
	if before != "" {
		c.Before = map[string]any{"state": before}
	}
	return audit.Record(tx, by, s.Now(), c)
}

// proceed works on a small file at once, and lets a worker do it for a large one.
func (s *Imports) proceed(ctx context.Context, by account.Actor, i Import) (Import, error) {
	if i.Size <= atOnce || s.Wake == nil {
		if err := s.Work(ctx, i.ID); err != nil {
			return i, err
		}
		return s.Import(ctx, by, i.ID)
	}
	// The sweep finds it anyhow: that the queue is away is no reason to tell the person of a failure.
	_ = s.Wake(ctx, i.ID)
	return i, nil
}

// Decide says what becomes of a row that may be somebody whom we have. The error is errs.NotFound where there
// is no such row, and errs.Conflict where the import is not waiting for it.
func (s *Imports) Decide(ctx context.Context, by account.Actor, id int64, decisions map[int]Decision) error {
	if err := requireImport(by); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := lockImport(tx, id)
		if err != nil {
			return err
		}
		if i.State != ImportChecked {
			return errs.E(errs.Conflict, "contact.import.not_checked")
		}
		for number, d := range decisions {
			if !d.Valid() {
				return errs.InvalidFields(errs.FieldError("decision", "field.choice"))
			}
			found, err := decideRow(tx, id, number, d)
			if err != nil {
				return err
			}
			if !found {
				return errs.E(errs.NotFound, "contact.import.no_row")
			}
		}
		return s.recordImport(tx, by.Who, &i, "import.decided", "", map[string]any{"rows": decisions})
	})
	return errs.Wrap("contact.import.decide", err)
}

// Start imports a checked file. The policy decides on the possible duplicates that nobody decided on. A
// small file is imported before Start returns.
func (s *Imports) Start(ctx context.Context, by account.Actor, id int64, policy DuplicatePolicy) (Import, error) {
	if err := requireImport(by); err != nil {
		return Import{}, err
	}
	if !policy.Valid() {
		return Import{}, errs.InvalidFields(errs.FieldError("duplicates", "field.choice"))
	}
	i, err := s.change(ctx, by, id, "import.started", func(_ *db.Tx, i *Import) error {
		if i.State != ImportChecked {
			return errs.E(errs.Conflict, "contact.import.not_checked")
		}
		i.Duplicates = policy
		return i.Start(s.Now())
	})
	if err != nil {
		return i, err
	}
	return s.proceed(ctx, by, i)
}

// Undo takes an import back: what it added and nothing else uses since is removed, what it changed and
// nobody changed since is set back. The rest stays and is listed by Kept.
func (s *Imports) Undo(ctx context.Context, by account.Actor, id int64) (Import, error) {
	if err := requireImport(by); err != nil {
		return Import{}, err
	}
	i, err := s.change(ctx, by, id, "import.undo_asked", func(_ *db.Tx, i *Import) error { return i.Undo() })
	if err != nil {
		return i, err
	}
	return s.proceed(ctx, by, i)
}

// lease is how long an import belongs to who works on it without a sign of life: many times a batch.
const lease = time.Minute
