package undo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

var noon = time.Date(2017, 8, 15, 12, 0, 0, 123456000, time.UTC)

func TestMain(m *testing.M) { dbtest.Main(m, 15) }

// house is a database with some contacts on the list of a cycle.
type house struct {
	t testing.TB
	d *db.DB
}

func newHouse(t testing.TB, d *db.DB) house {
	h := house{t: t, d: d}
	h.write(func(tx *db.Tx) error {
		h.exec(tx, "insert into cycle (id, slug, name, state, default_language, created_at) values (1, 'c', 'C', 'open', 'en', ?)", noon)
		for id := 6; id >= 1; id-- { // organizations first
			kind := "person"
			if id > 4 {
				kind = "organization"
			}
			h.exec(tx, `insert into contact (id, kind, name, sort_name, country, region_overridden, notes, created_at, updated_at)
				values (?, ?, ?, 'n', 'UY', ?, 'it''s "quoted" \ ' || ?, ?, ?)`, id, kind, fmt.Sprint("名前 ", id), id%2 == 0, fmt.Sprint(id), noon, noon)
			h.exec(tx, "insert into address (id, email, hash, kind, status, created_at) values (?, ?, 'h', 'personal', 'ok', ?)", id, fmt.Sprintf("a%d@example.org", id), noon)
			h.exec(tx, "insert into contact_address (contact_id, address_id, position) values (?, ?, 1)", id, id)
			h.exec(tx, "insert into listing (id, cycle_id, contact_id, stakeholder_group, region, listed_at) values (?, 1, ?, 'academia', 'grulac', ?)", id, id, noon)
			if id <= 4 {
				h.exec(tx, "insert into affiliation (id, contact_id, organization_id, created_at) values (?, ?, ?, ?)", id, id, 5+id%2, noon)
			}
		}
		if h.d.Dialect() == db.Postgres {
			for _, table := range []string{"contact", "address", "listing", "affiliation"} {
				h.exec(tx, "alter table "+table+" alter column id restart with 100")
			}
		}
		return nil
	})
	return h
}

func (h house) write(fn func(tx *db.Tx) error) {
	h.t.Helper()
	if err := h.d.Write(context.Background(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h house) exec(tx *db.Tx, statement string, args ...any) {
	h.t.Helper()
	if _, err := tx.Exec(statement, args...); err != nil {
		h.t.Fatal(statement, err)
	}
}

// dump is every row of the tables that can be kept, as JSON.
func (h house) dump() map[string][]string {
	h.t.Helper()
	all := map[string][]string{}
	tx := h.d.Read(context.Background())
	for _, table := range []string{"contact", "address", "contact_address", "affiliation", "listing", "claim", "delivery", "candidate"} {
		rows, err := tx.Query("select * from " + table)
		if err != nil {
			h.t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			h.t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				h.t.Fatal(err)
			}
			line, err := json.Marshal(values)
			if err != nil {
				h.t.Fatal(err)
			}
			all[table] = append(all[table], string(line))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			h.t.Fatal(err)
		}
		slices.Sort(all[table])
	}
	return all
}

func (h house) begin(tx *db.Tx) *undo.Set {
	h.t.Helper()
	set, err := undo.Begin(tx, undo.Change{Kind: "test.edit", By: audit.System("test"), At: noon})
	if err != nil {
		h.t.Fatal(err)
	}
	return set
}

func (h house) revert(id int64) ([]undo.Conflict, error) {
	var conflicts []undo.Conflict
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		var err error
		conflicts, err = undo.Revert(tx, id, audit.System("test"), noon)
		return err
	})
	return conflicts, err
}

// edits are things that an action may do, each with what it must keep.
func edits() []func(h house, tx *db.Tx, set *undo.Set, id, n int) error {
	return []func(h house, tx *db.Tx, set *undo.Set, id, n int) error{
		func(h house, tx *db.Tx, set *undo.Set, id, n int) error {
			err := set.Keep(tx, "contact", "t.id = ?", id)
			h.exec(tx, "update contact set name = ?, notes = ?, region_overridden = not region_overridden, updated_at = ? where id = ?",
				fmt.Sprint("new ", n), `"\"{null}`, noon.Add(time.Duration(n)), id)
			return err
		},
		func(h house, tx *db.Tx, set *undo.Set, id, n int) error { // several rows at once
			err := set.Keep(tx, "listing", "t.cycle_id = ? and t.contact_id >= ?", 1, id)
			h.exec(tx, "update listing set region = ?, listed_at = ? where cycle_id = 1 and contact_id >= ?", fmt.Sprint(n%3), noon.Add(time.Hour), id)
			return err
		},
		func(h house, tx *db.Tx, set *undo.Set, id, _ int) error { // with what refers to it
			err := errors.Join(
				set.Keep(tx, "affiliation", "t.contact_id = ? or t.organization_id = ?", id, id), set.Keep(tx, "listing", "t.contact_id = ?", id),
				set.Keep(tx, "contact_address", "t.contact_id = ?", id), set.Keep(tx, "contact", "t.id = ?", id),
			)
			h.exec(tx, "delete from affiliation where contact_id = ? or organization_id = ?", id, id)
			h.exec(tx, "delete from listing where contact_id = ?", id)
			h.exec(tx, "delete from contact_address where contact_id = ?", id)
			h.exec(tx, "delete from contact where id = ?", id)
			return err
		},
		func(h house, tx *db.Tx, set *undo.Set, _, n int) error {
			id := 1000 + n
			var there int
			if err := tx.QueryRow("select count(*) from contact where id = ?", id).Scan(&there); err != nil || there > 0 {
				return err
			}
			h.exec(tx, "insert into contact (id, kind, name, sort_name, created_at, updated_at) values (?, 'person', 'x', 'x', ?, ?)", id, noon, noon)
			h.exec(tx, "insert into contact_address (contact_id, address_id, position) values (?, ?, 1)", id, 1+n%6)
			return errors.Join(set.Added(tx, "contact", "t.id = ?", id), set.Added(tx, "contact_address", "t.contact_id = ?", id))
		},
		func(h house, tx *db.Tx, set *undo.Set, id, _ int) error { // addresses change places
			h.exec(tx, "update contact_address set position = position + 10 where contact_id = ? and position > 5", id)
			where := "t.contact_id = ?"
			err := set.Keep(tx, "contact_address", where, id)
			var there int
			if err := tx.QueryRow("select count(*) from contact_address where contact_id = ?", id).Scan(&there); err != nil || there != 1 {
				return err
			}
			h.exec(tx, "update contact_address set position = 2 where contact_id = ?", id)
			h.exec(tx, "insert into contact_address (contact_id, address_id, position) values (?, (select min(a.id) from address a where not exists (select 1 from contact_address x where x.contact_id = ? and x.address_id = a.id)), 1)", id, id)
			return errors.Join(err, set.Added(tx, "contact_address", where, id))
		},
	}
}

func TestWhatIsTakenBackIsAsItWas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		all := edits()
		rapid.Check(t, func(r *rapid.T) {
			before := h.dump()
			var id int64
			batches := rapid.IntRange(1, 3).Draw(r, "batches")
			for range batches {
				h.write(func(tx *db.Tx) error {
					var set *undo.Set
					var err error
					if id == 0 {
						set = h.begin(tx)
					} else if set, err = undo.Continue(tx, id); err != nil {
						return err
					}
					id = set.ID
					for _, n := range rapid.SliceOfN(rapid.IntRange(0, 99), 1, 6).Draw(r, "edits") {
						if err := all[n%len(all)](h, tx, set, 1+n/len(all)%6, n); err != nil {
							return err
						}
					}
					return set.Seal(tx, 1)
				})
			}
			changed := h.dump()
			if conflicts, err := h.revert(id); err != nil {
				r.Fatal(conflicts, err)
			}
			if diff := cmp.Diff(before, h.dump()); diff != "" {
				r.Fatalf("not as it was: %s\nchanged: %v", diff, changed)
			}
			if _, err := h.revert(id); !errs.Is(err, errs.Conflict) {
				r.Fatalf("taken back twice: %v", err)
			}
		})
	})
}

func TestWhatOthersChangedSinceForbids(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		since string
		want  []undo.Conflict
	}{
		{"nothing", "", nil},
		{"another column", "update contact set source = 'list' where id = 1", nil},
		{"a derived column", "update contact set language_chain = 'x' where id = 1", nil},
		{"another row", "update contact set name = 'y' where id = 3", nil},
		{"the same column", "update contact set name = 'y' where id = 1", []undo.Conflict{{Table: "contact", ID: 1, Columns: []string{"name"}}}},
		{"a row that was added", "update listing set region = 'weog' where id = 77", []undo.Conflict{{Table: "listing", ID: 77, Columns: []string{"region"}}}},
		{"the added row went by itself", "delete from listing where id = 77", nil},
		{"the changed row went", "delete from affiliation where id = 4", []undo.Conflict{{Table: "affiliation", ID: 4}}},
		{"the place of the deleted row is taken", "insert into listing (id, cycle_id, contact_id, stakeholder_group, region, listed_at) values (2, 1, 2, 'x', 'y', 0)", []undo.Conflict{{Table: "listing", ID: 2}}},
		{"something refers to the added contact", "insert into affiliation (contact_id, organization_id, created_at) values (50, 5, 0)", []undo.Conflict{}},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		for _, tt := range tests {
			var id int64
			h.write(func(tx *db.Tx) error {
				set := h.begin(tx)
				id = set.ID
				err := errors.Join(
					set.Keep(tx, "contact", "t.id = 1"), set.Keep(tx, "listing", "t.contact_id = 2"), set.Keep(tx, "affiliation", "t.id = 4"),
				)
				h.exec(tx, "update contact set name = 'x' where id = 1")
				h.exec(tx, "delete from listing where contact_id = 2")
				h.exec(tx, "update affiliation set until = '2017' where id = 4")
				h.exec(tx, "insert into contact (id, kind, name, sort_name, created_at, updated_at) values (50, 'person', 'x', 'x', ?, ?)", noon, noon)
				h.exec(tx, "insert into listing (id, cycle_id, contact_id, stakeholder_group, region, listed_at) values (77, 1, 50, 'academia', 'grulac', ?)", noon)
				return errors.Join(err, set.Added(tx, "contact", "t.id = 50"), set.Added(tx, "listing", "t.id = 77"), set.Seal(tx, 2))
			})
			stop := errors.New("stop") // and forget what happened since
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				if tt.since != "" {
					since := tt.since
					if d.Dialect() == db.Postgres {
						since = strings.Replace(since, ", 0)", ", now())", 1)
					}
					h.exec(tx, since)
				}
				got, err := undo.Revert(tx, id, audit.System("test"), noon)
				if (tt.want == nil) != (err == nil) || err != nil && !errs.Is(err, errs.Conflict) {
					t.Errorf("%s: %v", tt.name, err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" && len(tt.want)+len(got) > 0 {
					t.Errorf("%s: %s", tt.name, diff)
				}
				return stop
			})
			if !errors.Is(err, stop) {
				t.Fatal(err)
			}
			if _, err := h.revert(id); err != nil {
				t.Fatalf("%s: after it was refused: %v", tt.name, err)
			}
		}
	})
}

func TestOnlyKnownTablesAreKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.write(func(tx *db.Tx) error {
			if err := h.begin(tx).Keep(tx, "account; drop table contact", "true"); err == nil {
				t.Error("any text is a table")
			}
			return nil
		})
	})
}

// Ids and columns that other rooms ask for.
func TestTouchedAndList(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.write(func(tx *db.Tx) error {
			set := h.begin(tx)
			where, ids := undo.Named(tx, "contact_id", []int64{2, 3, 99})
			err := set.Keep(tx, "listing", where, ids)
			h.exec(tx, "delete from listing where contact_id in (2, 3)")
			if err := errors.Join(err, set.Seal(tx, 2)); err != nil {
				return err
			}
			got, err := undo.Touched(tx, set.ID, "listing", "contact_id")
			if err != nil || !slices.Equal(got, []int64{2, 3}) {
				t.Errorf("touched: %v, %v", got, err)
			}
			return nil
		})
		all, err := undo.List(context.Background(), d, []string{"test.edit"}, 0, 10)
		if err != nil || len(all) != 1 || all[0].Objects != 2 || all[0].ByName != "test" || !all[0].At.Equal(noon) {
			t.Errorf("got %+v, %v", all, err)
		}
	})
}
