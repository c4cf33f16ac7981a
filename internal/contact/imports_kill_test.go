package contact

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func manyRows(n int) string {
	var b strings.Builder
	b.WriteString("name,email,stakeholder_group,country,organization\n")
	for i := range n {
		fmt.Fprintf(&b, "Person Number%d,n%d@example.org,academia,PE,House %d\n", i, i, i%5)
	}
	return b.String()
}

// Cut off between any two batches and begun again, an import has every row exactly once.
func TestInterruptedImportGoesOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		const rows = 37
		text := manyRows(rows)
		cuts := 0
		for try := 1; ; try++ {
			ctx, stop := context.WithCancel(context.Background())
			_, err := k.imports.ImportFile(ctx, k.officer, fileOf(text), ImportPlan{CycleID: k.cycle}, nil, func(Import, int64) {
				stop() // the batch is committed, and the process dies
			})
			stop()
			if err == nil {
				break
			}
			cuts++
			if try > 10 {
				t.Fatal(err)
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("cut %d: %v", try, err)
			}
			if n := k.count("select rows_done from import"); n != min(rows, try*k.imports.Batch) {
				t.Fatalf("after %d batches %d rows are done", try, n)
			}
		}
		if cuts < 3 {
			t.Errorf("it was cut off %d times only", cuts)
		}
		if n := k.count("select count(*) from import"); n != 1 {
			t.Errorf("%d imports of one file", n)
		}
		for query, want := range map[string]int{
			"select count(*) from contact where kind = 'person'":       rows,
			"select count(*) from contact where kind = 'organization'": 5,
			"select count(*) from address":                             rows,
			"select count(*) from listing":                             rows,
			"select count(*) from affiliation":                         rows,
			"select new_count from import":                             rows,
			"select count(*) from contact_search":                      rows + 5,
		} {
			if n := k.count(query); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
	})
}

// Two workers who find the same import: one works, and every row is there once.
func TestTwoWorkersTakeOneImport(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		k.imports.Batch = 1000
		k.imports.Wake = func(context.Context, int64) error { return nil }
		text := manyRows(atOnce / 45)
		i, err := k.imports.Upload(ctx, k.officer, fileOf(text))
		if err != nil {
			t.Fatal(err)
		}
		if i, err = k.imports.Map(ctx, k.officer, i.ID, ImportPlan{}); err != nil || i.State != ImportMapped {
			t.Fatalf("%s, %v", i.State, err)
		}
		work := func() {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if err := k.imports.Sweep(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		work()
		if i, err = k.imports.Start(ctx, k.officer, i.ID, DuplicatesSkip); err != nil {
			t.Fatal(err)
		}
		work()
		if i, err = k.imports.Import(ctx, k.officer, i.ID); err != nil || i.State != ImportDone {
			t.Fatalf("%s, %v", i.State, err)
		}
		want := strings.Count(text, "\n") - 1
		if n := k.count("select count(*) from address"); n != want || i.New != want {
			t.Errorf("%d addresses, %d counted, want %d", n, i.New, want)
		}
	})
}

// The same file imported several times at once brings everybody once, also where no address tells who is who.
func TestOneFileImportedSeveralTimesAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.imports.Batch = 10
		var text strings.Builder
		text.WriteString("name,organization,group,country\n")
		for i := range 60 {
			fmt.Fprintf(&text, "%s,Ministry %s,government,PE\n", oddName(i), oddName(i/3))
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if i, err := k.imports.Commit(context.Background(), k.officer, fileOf(text.String()), ImportPlan{}, nil); err != nil || i.State != ImportDone {
					t.Errorf("%s, %v", i.State, err)
				}
			})
		}
		all.Wait()
		if n := k.count("select count(*) from contact where kind = 'person'"); n != 60 {
			t.Errorf("%d people, want 60", n)
		}
		if n := k.count("select count(*) from contact where kind = 'organization'"); n != 20 {
			t.Errorf("%d organizations, want 20", n)
		}
	})
}

// oddName is a name that resembles no other.
func oddName(i int) string {
	sum := sha256.Sum256([]byte{byte(i)})
	for at, b := range sum {
		sum[at] = 'a' + b%26
	}
	return string(sum[:7]) + " " + string(sum[7:15])
}

func TestImportMoves(t *testing.T) {
	t.Parallel()
	all := []ImportState{ImportUploaded, ImportMapped, ImportChecked, ImportImporting, ImportDone, ImportFailed, ImportUndoing, ImportUndone}
	now := db.Now()
	for name, move := range map[string]struct {
		do   func(*Import) error
		from []ImportState
	}{
		"map":     {(*Import).Map, []ImportState{ImportUploaded, ImportMapped, ImportChecked}},
		"checked": {func(i *Import) error { return i.Checked(now) }, []ImportState{ImportMapped}},
		"start":   {func(i *Import) error { return i.Start(now) }, []ImportState{ImportMapped, ImportChecked}},
		"finish":  {func(i *Import) error { return i.Finish(now) }, []ImportState{ImportImporting}},
		"fail":    {func(i *Import) error { return i.Fail("x", now) }, []ImportState{ImportUploaded, ImportMapped, ImportChecked, ImportImporting}},
		"undo":    {(*Import).Undo, []ImportState{ImportDone, ImportFailed}},
		"undone":  {func(i *Import) error { return i.Undone(now) }, []ImportState{ImportUndoing}},
	} {
		for _, from := range all {
			legal := false
			for _, f := range move.from {
				legal = legal || f == from
			}
			i := Import{State: from}
			if err := move.do(&i); (err == nil) != legal || err != nil && (!errs.Is(err, errs.Conflict) || i.State != from) {
				t.Errorf("%s from %s: %v, now %s", name, from, err, i.State)
			}
		}
	}
}
