package contact

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// waiting uploads a file and goes no further.
func (k *desk) waiting(text string) Import {
	k.t.Helper()
	i, err := k.imports.Upload(context.Background(), k.officer, fileOf(text))
	if err != nil {
		k.t.Fatal(err)
	}
	return i
}

// A file is kept as long as the documentation says, and what it brought can be undone without it.
func TestFilesAreForgotten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		before := k.dump()
		day := func(n int) {
			k.now = k.now.Add(time.Duration(n) * 24 * time.Hour)
			if err := k.imports.ForgetOld(ctx); err != nil {
				t.Fatal(err)
			}
		}
		const list = "name,email,stakeholder_group\nZoe,z@example.org,academia\nBad,bad,academia\n"
		done, waits := k.take(list, ImportPlan{}), k.waiting(list)
		checked := k.waiting(list)
		if _, err := k.imports.Map(ctx, k.officer, checked.ID, ImportPlan{}); err != nil {
			t.Fatal(err)
		}
		day(29)
		if n := k.count("select count(*) from import_chunk"); n != 3 {
			t.Fatalf("%d files after 29 days", n)
		}
		young := k.waiting(list)
		day(2)
		if n := k.count("select count(*) from import_chunk where import_id <> ?", young.ID); n != 0 {
			t.Errorf("%d files after 31 days", n)
		}
		if n := k.count("select count(*) from import_row"); n != 0 {
			t.Errorf("%d rows after 31 days", n)
		}
		if n := k.events("import.forgotten"); n != 3 {
			t.Errorf("%d events", n)
		}
		for _, id := range []int64{waits.ID, checked.ID} {
			i, err := k.imports.Import(ctx, k.officer, id)
			if err != nil || i.State != ImportFailed || i.Problem != "contact.import.abandoned" || i.ForgottenAt == nil || i.Stored {
				t.Errorf("%+v, %v", i, err)
			}
		}
		if _, err := k.imports.Layout(ctx, k.officer, done.ID, nil); !errs.Is(err, errs.Conflict) {
			t.Errorf("a forgotten file is read: %v", err)
		}
		k.undo(done.ID)
		if after := k.dump(); after != before {
			t.Error(differing(before, after))
		}
		day(1)
		if i, err := k.imports.Import(ctx, k.officer, young.ID); err != nil || !i.Stored || i.State != ImportUploaded {
			t.Errorf("%+v, %v", i, err)
		}
	})
}

// A command that was cut off and never run again leaves an import that can be undone.
func TestCutOffCommandIsGivenUp(t *testing.T) {
	t.Parallel()
	k := newDesk(t, dbtest.SQLite(t))
	before := k.dump()
	ctx, stop := context.WithCancel(context.Background())
	i, err := k.imports.ImportFile(ctx, k.officer, fileOf(manyRows(25)), ImportPlan{}, nil, func(Import, int64) { stop() })
	stop()
	if err == nil {
		t.Fatal("it was not cut off")
	}
	k.now = k.now.Add(31 * 24 * time.Hour)
	if err := k.imports.ForgetOld(context.Background()); err != nil {
		t.Fatal(err)
	}
	k.undo(i.ID)
	if after := k.dump(); after != before {
		t.Error(differing(before, after))
	}
}

func TestUndoneImportKeepsNoFile(t *testing.T) {
	t.Parallel()
	k := newDesk(t, dbtest.SQLite(t))
	i := k.take("name,stakeholder_group\nZoe,academia\n", ImportPlan{})
	k.undo(i.ID)
	if n := k.count("select count(*) from import_chunk"); n != 0 {
		t.Errorf("%d parts of the file", n)
	}
}

// Who is erased stands in no file and in no row that an import keeps, whatever became of the row.
func TestErasedIsInNoImport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		k.take(lines("name,email,stakeholder_group,notes,country", "Zebedee Quux,zebedee@example.org,academia,,", "Zebedee Quux,ZEBEDEE@example.org,academia,x,Atlantis"), ImportPlan{})
		waits := k.waiting("name,email,stakeholder_group,country\nZebedee Quux,other@example.org,academia,Atlantis\nBo,\"zebedee@example.org, b@\",academia,\nCy,c@,academia,\n")
		if _, err := k.imports.Map(ctx, k.officer, waits.ID, ImportPlan{}); err != nil {
			t.Fatal(err)
		}
		id := int64(k.count("select id from contact where name = 'Zebedee Quux'"))
		if n := k.count("select count(*) from import_row where name = 'Zebedee Quux'"); n == 0 {
			t.Fatal("nothing to forget")
		}
		if err := k.Erase(ctx, k.officer, id, true); err != nil {
			t.Fatal(err)
		}
		if n := k.count("select count(*) from import_row where lower(name) like '%zebedee%' or lower(detail) like '%zebedee%'"); n != 0 {
			t.Errorf("%d rows name them:\n%s", n, dumpTable(t, d, "import_row"))
		}
		if n := k.count("select count(*) from import_row where name = 'Cy'"); n != 1 {
			t.Errorf("%d rows of somebody else", n)
		}
		if n := k.count("select count(*) from import_chunk where import_id <> ?", waits.ID); n != 0 {
			t.Errorf("%d parts of files of imports that have ended", n)
		}
		// What waits can go on, and does not bring them back.
		if i, err := k.imports.Start(ctx, k.officer, waits.ID, DuplicatesSkip); err != nil || i.New != 0 || k.count("select count(*) from address where email like 'zebedee%'") != 0 {
			t.Errorf("%+v, %v", i, err)
		}
	})
}
