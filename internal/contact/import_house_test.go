package contact

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// desk is a house with somebody who imports files.
type desk struct {
	*house
	imports *Imports
}

// unique names the workers of the tests.
var unique atomic.Int64

func TestMain(m *testing.M) { dbtest.Main(m, 25) }

func newDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	h := newHouse(t, d)
	return &desk{house: h, imports: NewImports(h.Service, ImportDeps{Unique: func() string { return fmt.Sprint(unique.Add(1)) }, Batch: 10})}
}

func fileOf(text string) File {
	return File{Name: "list.csv", Content: bytes.NewReader([]byte(text)), Size: int64(len(text))}
}

// lines is a file with these lines.
func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }

// judged previews a file and gives what is said of each row.
func (k *desk) judged(text string, p ImportPlan) []RowVerdict {
	k.t.Helper()
	var rows []RowVerdict
	sum, err := k.imports.Preview(context.Background(), k.officer, fileOf(text), p, func(v RowVerdict) { rows = append(rows, v) })
	if err != nil {
		k.t.Fatal(err)
	}
	if sum.Rows() != len(rows) {
		k.t.Fatalf("%d counted, %d rows", sum.Rows(), len(rows))
	}
	return rows
}

// take imports a file, and holds what the dry run said against what was done.
func (k *desk) take(text string, p ImportPlan) Import {
	k.t.Helper()
	ctx := context.Background()
	i, err := k.imports.Upload(ctx, k.officer, fileOf(text))
	if err != nil {
		k.t.Fatal(err)
	}
	if i, err = k.imports.Map(ctx, k.officer, i.ID, p); err != nil {
		k.t.Fatal(err)
	}
	if i.State != ImportChecked {
		k.t.Fatalf("state %s after the check", i.State)
	}
	if p.Duplicates == "" {
		p.Duplicates = DuplicatesSkip
	}
	if i, err = k.imports.Start(ctx, k.officer, i.ID, p.Duplicates); err != nil {
		k.t.Fatalf("%v, %+v\n%s", err, p, text)
	}
	if i.State != ImportDone {
		k.t.Fatalf("state %s after the import", i.State)
	}
	return i
}

func (k *desk) undo(id int64) Import {
	k.t.Helper()
	i, err := k.imports.Undo(context.Background(), k.officer, id)
	if err != nil {
		k.t.Fatalf("%v\n%s", err, dumpTable(k.t, k.d, "changeset_row"))
	}
	if i.State != ImportUndone {
		k.t.Fatalf("state %s after the undoing", i.State)
	}
	return i
}

// dump is all that the domains know, row by row: every table but the trail, the imports themselves, what undoing
// remembers, and the database's own.
func (k *desk) dump() string {
	k.t.Helper()
	var b strings.Builder
	for _, table := range k.tables() {
		if table == "duplicate" { // of an open pair the number and when it was found mean nothing
			table = `(select low_id, high_id, score, reasons, state, decided_by, decided_at, changeset_id,
				case when state = 'open' then 0 else id end as id from duplicate) as pair`
		}
		b.WriteString(dumpTable(k.t, k.d, table))
	}
	b.WriteString(dumpTable(k.t, k.d, "listed_cell where listed <> 0"))
	return b.String()
}

func (k *desk) tables() []string {
	query := "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
	if k.d.Dialect() == db.Postgres {
		query = "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1"
	}
	all, err := scanValues[string](k.d.Read(context.Background()), query)
	if err != nil {
		k.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(name string) bool {
		return strings.HasPrefix(name, "import") || strings.HasPrefix(name, "changeset") || strings.HasPrefix(name, "goose") ||
			name == "audit_event" || strings.HasPrefix(name, "contact_search_") || strings.HasPrefix(name, "contact_fts") ||
			name == "listed_count" // of which only the sums mean something: see the view listed_cell
	})
}

func dumpTable(t testing.TB, d *db.DB, table string) string {
	t.Helper()
	rows, err := d.Read(context.Background()).Query("select * from " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		values := make([]any, len(columns))
		places := make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %v\n", table, values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

func (k *desk) count(query string, args ...any) int {
	k.t.Helper()
	var n sql.NullInt64
	if err := k.d.Read(context.Background()).QueryRow(query, args...).Scan(&n); err != nil {
		k.t.Fatal(err)
	}
	return int(n.Int64)
}
