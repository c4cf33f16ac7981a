package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/migrations"
)

func TestWriteCommitsOrRollsBackAsOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		stop := errors.New("stop")
		called := 0
		insert := func(hash string, end error) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				tx.OnCommit(func() { called++ })
				_, err := tx.Exec("insert into suppression (hash, reason, created_at) values (?, ?, ?)", hash, "why?", db.Now())
				return errors.Join(err, end)
			})
		}
		if err := insert("kept", nil); err != nil {
			t.Fatal(err)
		}
		if err := insert("rolled back", stop); !errors.Is(err, stop) {
			t.Fatalf("got %v, want the error of the function", err)
		}
		if got := hashes(t, d.Read(ctx)); !slices.Equal(got, []string{"kept"}) {
			t.Errorf("got %v", got)
		}
		d.Read(ctx).OnCommit(func() { called++ })
		if called != 1 {
			t.Errorf("of two transactions one was committed, but %d said so", called)
		}
	})
}

func TestUniqueViolationIsToldAlike(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			for range 2 {
				if _, err := tx.Exec("insert into suppression (hash, reason, created_at) values ('same', '', ?)", db.Now()); err != nil {
					return err
				}
			}
			return nil
		})
		if !db.IsDuplicate(err) {
			t.Errorf("got %v, want a duplicate", err)
		}
	})
}

func TestNestedWriteIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			return d.Write(tx.Context(), func(*db.Tx) error { return nil })
		})
		if err == nil {
			t.Error("a transaction inside of a transaction was let through")
		}
	})
}

func TestReadingHandleCannotWriteOnSQLite(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	if _, err := d.Read(context.Background()).Exec("delete from suppression"); err == nil {
		t.Error("a reader wrote")
	}
}

// Times must come back as the same instant and compare as instants, also across fractions of a
// second and zones, which text would get wrong.
func TestTimesKeepMicrosecondsAndCompare(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		base := time.Date(2017, 9, 16, 11, 59, 59, 0, time.UTC)
		zone := time.FixedZone("AoE", -12*60*60)
		instants := []time.Time{base, base.Add(time.Microsecond), base.Add(500 * time.Millisecond).In(zone), base.Add(time.Second), base.Add(90 * time.Minute).In(zone)}
		err := d.Write(ctx, func(tx *db.Tx) error {
			for i, at := range instants {
				if _, err := tx.Exec("insert into suppression (hash, reason, created_at) values (?, '', ?)", fmt.Sprint(i), at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, at := range instants {
			var got time.Time
			if err := d.Read(ctx).QueryRow("select created_at from suppression where hash = ?", fmt.Sprint(i)).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if !got.Equal(at) {
				t.Errorf("wrote %v, read %v", at, got)
			}
			var earlier int
			if err := d.Read(ctx).QueryRow("select count(*) from suppression where created_at < ?", at).Scan(&earlier); err != nil {
				t.Fatal(err)
			}
			if earlier != i {
				t.Errorf("%v: %d are earlier, want %d", at, earlier, i)
			}
		}
	})
}

func TestManyWritersAndReadersMeetNoBusy(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var group sync.WaitGroup
		failures := make(chan error, 100)
		for w := range 20 {
			group.Go(func() {
				for i := range 10 {
					failures <- d.Write(ctx, func(tx *db.Tx) error {
						_, err := tx.Exec("insert into suppression (hash, reason, created_at) values (?, '', ?)", fmt.Sprintf("%d-%d", w, i), db.Now())
						return err
					})
					_, err := count(d.Read(ctx))
					failures <- err
				}
			})
		}
		go func() { group.Wait(); close(failures) }()
		for err := range failures {
			if err != nil {
				t.Error(err)
			}
		}
		if n, err := count(d.Read(ctx)); err != nil || n != 200 {
			t.Errorf("got %d, %v; want 200", n, err)
		}
	})
}

func TestAuditTrailRefusesChange(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("insert into audit_event (at, actor_kind, action, object_kind, object_id) values (?, 'system', 'x.y', 'x', 1)", db.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"update audit_event set action = 'z'", "delete from audit_event"} {
			err := d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(statement); return err })
			if err == nil {
				t.Errorf("%q was let through", statement)
			}
		}
	})
}

func TestBothDialectsEndWithTheSameSchema(t *testing.T) {
	t.Parallel()
	lite, pg := schema(t, dbtest.SQLite(t)), schema(t, dbtest.Postgres(t))
	if len(lite) < 100 {
		t.Fatalf("read only %d lines of the schema", len(lite))
	}
	for _, line := range lite {
		if !slices.Contains(pg, line) && !fullText(line) {
			t.Errorf("only in SQLite: %s", line)
		}
	}
	for _, line := range pg {
		if !slices.Contains(lite, line) && !fullText(line) {
			t.Errorf("only in PostgreSQL: %s", line)
		}
	}
}

// fullText is the one part in which the schemas differ: the indexes over contact_search.words are those of PostgreSQL
// (GIN, and the order with the words in it), and a virtual table of SQLite with its shadow tables.
func fullText(line string) bool {
	return strings.HasPrefix(line, "index contact_search_words") || strings.HasPrefix(line, "table contact_search_words")
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		before := schema(t, d)
		m := migrator(t, d)
		all, err := m.Status(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for range all {
			if err := m.Down(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if left := schema(t, d); len(left) != 0 {
			t.Errorf("left after going down: %v", left)
		}
		if n, err := m.Up(ctx); err != nil || n != len(all) {
			t.Fatalf("went up by %d, %v; want %d", n, err, len(all))
		}
		if after := schema(t, d); !slices.Equal(before, after) {
			t.Error("the schema differs after going down and up")
		}
	})
}

func TestSchemaNewerThanTheBinaryIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("insert into goose_db_version (version_id, is_applied) values (99999, true)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		m := migrator(t, d)
		_, up := m.Up(ctx)
		for way, err := range map[string]error{"up": up, "down": m.Down(ctx)} {
			if key, _ := errs.Message(err); !errs.Is(err, errs.Conflict) || key != "error.schema_newer" {
				t.Errorf("%s: got %v, want a conflict that says so", way, err)
			}
		}
	})
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	corrupt := filepath.Join(t.TempDir(), "corrupt.db")
	if err := os.WriteFile(corrupt, []byte(strings.Repeat("this is no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]errs.Code{
		"mysql://localhost/x":                             errs.Invalid,
		"sqlite:":                                         errs.Invalid,
		"postgres://u:p@h:99999/x":                        errs.Invalid,
		"postgres://u:p@h/x?sslmode=maybe":                errs.Invalid,
		"sqlite:" + corrupt:                               errs.Unavailable,
		"sqlite:/nowhere/at/all/convoke.db":               errs.Unavailable,
		"postgres://nobody@127.0.0.1:1/x?sslmode=disable": errs.Unavailable,
	} {
		if _, err := db.Open(context.Background(), url); !errs.Is(err, want) {
			t.Errorf("%s: got %v, want %s", url, err, want)
		}
		if err := db.CheckURL(url); errs.Is(err, errs.Invalid) != (want == errs.Invalid) {
			t.Errorf("%s: the check says %v, opening it %s", url, err, want)
		}
	}
	_, err := db.Open(context.Background(), "sqlite:"+corrupt)
	if key, _ := errs.Message(err); key != "error.database_damaged" {
		t.Errorf("a damaged file is told as %s", key)
	}
}

func migrator(t *testing.T, d *db.DB) *db.Migrator {
	t.Helper()
	m, err := d.Migrator(migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func hashes(t *testing.T, tx *db.Tx) []string {
	t.Helper()
	return column(t, tx, "select hash from suppression order by hash")
}

func count(tx *db.Tx) (n int, err error) {
	err = tx.QueryRow("select count(*) from suppression").Scan(&n)
	return n, err
}

// schema lists tables with columns, views with columns, and indexes, without their types.
func schema(t *testing.T, d *db.DB) []string {
	t.Helper()
	tx := d.Read(context.Background())
	if d.Dialect() == db.SQLite {
		return column(t, tx, `
			select m.type || ' ' || m.name || '.' || c.name || case when c."notnull" = 1 or c.pk > 0 then ' not null' else '' end
			from sqlite_master m join pragma_table_info(m.name) c
			where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'goose_%'
			union select m.type || ' ' || m.name || '.' || c.name
			from sqlite_master m join pragma_table_info(m.name) c where m.type = 'view'
			union select 'index ' || name || ' on ' || tbl_name from sqlite_master where type = 'index' and sql is not null and name not like 'goose_%'
			order by 1`)
	}
	return column(t, tx, `
		select case t.table_type when 'VIEW' then 'view ' else 'table ' end || c.table_name || '.' || c.column_name
			|| case when c.is_nullable = 'NO' and t.table_type <> 'VIEW' then ' not null' else '' end
		from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
		where c.table_schema = 'public' and c.table_name not like 'goose_%'
		union select 'index ' || indexname || ' on ' || tablename from pg_indexes
		where schemaname = 'public' and indexname not like '%_pkey' and tablename not like 'goose_%'
		order by 1`)
}

func column(t *testing.T, tx *db.Tx, query string) []string {
	t.Helper()
	rows, err := tx.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// As many transactions as there are connections, and more, may each read something in between: none waits for another.
func TestReadingWithinATransactionNeedsNoOtherConnection(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		defer stop()
		var begun, group sync.WaitGroup
		begun.Add(20)
		for i := range 40 {
			group.Go(func() {
				err := d.Write(ctx, func(tx *db.Tx) error {
					if i < 20 && d.Dialect() == db.Postgres { // all connections are in use before anybody reads
						begun.Done()
						begun.Wait()
					}
					var n int
					return d.Read(tx.Context()).QueryRow("select count(*) from account").Scan(&n)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
}

// What a transaction wrote is read with its context, and after its end the context reads like any other.
func TestTheContextOfATransactionReadsInIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		count := func(ctx context.Context) (n int) {
			if err := d.Read(ctx).QueryRow("select count(*) from account where email = 'x@example.org'").Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		var within context.Context
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			within = tx.Context()
			_, err := tx.Exec("insert into account (email, name, created_at) values ('x@example.org', 'X', ?)", db.Now())
			if err == nil && (count(within) != 1 || count(context.Background()) != 0) {
				t.Error("reading does not follow the context")
			}
			return err
		})
		if err != nil || count(context.WithoutCancel(within)) != 1 {
			t.Errorf("after the end: %v", err)
		}
	})
}
