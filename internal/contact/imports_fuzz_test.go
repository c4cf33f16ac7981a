package contact

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// fuzzLimit is far more than any file of that size takes on a machine that does much else.
const (
	fuzzLimit = 30 * time.Second
	fuzzSize  = 64 << 10
)

// FuzzImport takes any bytes for a file through the whole import into a house with some contacts: they are refused for a reason,
// or every row has a verdict, what the check counted is what is imported, and undoing it leaves everything as it was.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob("sheet/testdata/bad/*")
	if err != nil || len(files) < 20 {
		f.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(content) <= fuzzSize {
			f.Add(content, "", byte(0))
		}
	}
	f.Add([]byte("name,email,organization,function,since,organization_2,until_2\nPerson 2,p2@example.org,House,x,2016,House,2015\n,info@example.org,House,,,,\n"), "", byte(1))
	f.Add([]byte("id;name;mail;group\n1;Ana;p1@example.org;Gov\n2;House A;;NGO\n3;;;\n"), sheet.UTF16LE, byte(2))
	f.Add([]byte("tid,firstname,lastname,email,emailstatus,token\n1,A,B,p1@example.org,OptOut,x\n2,C,D,c@example.org,bounced,y\n"), "", byte(3))
	k := newDesk(f, dbtest.SQLite(f))
	k.add(Draft{Name: "Ana Pérez", Organization: "House A", Country: "PE", Email: "p1@example.org"})
	k.add(Draft{Name: "Person 2", Email: "p2@example.org", Languages: "fr"})
	if err := k.Suppress(context.Background(), k.officer, "gone@example.org", AskedUs); err != nil {
		f.Fatal(err)
	}
	before := k.dump()
	f.Fuzz(func(t *testing.T, content []byte, encoding string, choice byte) {
		if len(content) > fuzzSize {
			return
		}
		k.t = t
		start := time.Now()
		k.fuzzed(string(content), encoding, choice)
		if took := time.Since(start); took > fuzzLimit {
			t.Fatalf("%d bytes took %v", len(content), took)
		}
		if after := k.dump(); after != before {
			t.Fatal(differing(before, after))
		}
	})
}

func (k *desk) fuzzed(content, encoding string, choice byte) {
	k.t.Helper()
	ctx := context.Background()
	p := ImportPlan{
		Options:    sheet.Options{Encoding: encoding},
		Duplicates: []DuplicatePolicy{DuplicatesSkip, DuplicatesAdd, DuplicatesUpdate}[choice%3],
	}
	if choice&4 != 0 {
		p.CycleID = k.cycle
	}
	if choice&8 != 0 {
		p.StakeholderGroup = "academia"
	}
	i, err := k.imports.Upload(ctx, k.officer, fileOf(content))
	if err == nil {
		i, err = k.imports.Map(ctx, k.officer, i.ID, p)
	}
	if err != nil {
		if errs.CodeOf(err) == errs.Internal {
			k.t.Fatalf("refused without a reason: %v", err)
		}
		return
	}
	if i.State != ImportChecked {
		k.t.Fatalf("state %s after the check: %s", i.State, i.Problem)
	}
	checked := i
	if i, err = k.imports.Start(ctx, k.officer, i.ID, p.Duplicates); err != nil || i.State != ImportDone {
		k.t.Fatalf("state %s after the import, %v", i.State, err)
	}
	if i.Rows() != checked.Rows() || i.Rejected < checked.Rejected || i.Rows() != i.RowsDone {
		k.t.Fatalf("checked %+v, imported %+v", checked.Tally, i.Tally)
	}
	if i = k.undo(i.ID); i.KeptCount != 0 {
		k.t.Fatalf("%d are kept", i.KeptCount)
	}
}
