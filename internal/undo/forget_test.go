package undo_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/undo"
)

// held counts the kept rows in whose images a text stands.
func (h house) held(text string) (n int) {
	h.t.Helper()
	err := h.d.Read(context.Background()).QueryRow(`select count(*) from changeset_row
		where coalesce(cast(before as text), '') like ? or coalesce(cast(after as text), '') like ?`, "%"+text+"%", "%"+text+"%").Scan(&n)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h house) forget(contacts, addresses []int64) {
	h.t.Helper()
	h.write(func(tx *db.Tx) error { return undo.Forget(tx, contacts, addresses) })
}

// Who is erased stands in no image any more; what was done to others at the same time can still be taken back.
func TestForgottenInAnEditOfMany(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		var id int64
		h.write(func(tx *db.Tx) error {
			set := h.begin(tx)
			id = set.ID
			err := errors.Join(
				set.Keep(tx, "contact", "t.id in (1, 2)"), set.Keep(tx, "address", "t.id in (1, 2)"), set.Keep(tx, "contact_address", "t.contact_id in (1, 2)"),
				set.Keep(tx, "affiliation", "t.contact_id in (1, 2)"), set.Keep(tx, "listing", "t.contact_id in (1, 2)"),
			)
			h.exec(tx, "update contact set notes = notes || ' and more' where id in (1, 2)")
			h.exec(tx, "update address set status = 'bounced' where id in (1, 2)")
			h.exec(tx, "update contact_address set position = 3 where contact_id in (1, 2)")
			h.exec(tx, "update affiliation set title = 'Head' || contact_id where contact_id in (1, 2)")
			h.exec(tx, "delete from listing where contact_id in (1, 2)")
			return errors.Join(err, set.Added(tx, "contact_address", "t.contact_id in (1, 2)"), set.Seal(tx, 2))
		})
		if h.held("名前 1") == 0 || h.held("a1@example.org") == 0 || h.held("Head1") == 0 {
			t.Fatal("there is nothing to forget")
		}
		h.forget([]int64{1}, []int64{1})
		for _, text := range []string{"名前 1", "a1@example.org", "Head1", `"contact_id":1,`, `"contact_id": 1,`} {
			if n := h.held(text); n != 0 {
				t.Errorf("%d images hold %s", n, text)
			}
		}
		after := h.dump()
		if conflicts, err := h.revert(id); err != nil {
			t.Fatalf("%v: %+v", err, conflicts)
		}
		for table, is := range map[string]string{
			"contact":     "select count(*) from contact where notes like '% and more'",
			"address":     "select count(*) from address where status = 'bounced'",
			"affiliation": "select count(*) from affiliation where title = 'Head1'",
			"listing":     "select 1 - count(*) from listing where contact_id = 1",
		} {
			var n int
			if err := d.Read(context.Background()).QueryRow(is).Scan(&n); err != nil || n != 1 {
				t.Errorf("%s: %d of the forgotten one (%v)", table, n, err)
			}
		}
		if len(h.dump()["listing"]) != len(after["listing"])+1 {
			t.Error("the place of the other one on the list did not come back")
		}
	})
}

// A merge that somebody was part of is forgotten whole, from either side; another one is not.
func TestForgottenInAMerge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, erased := range []int64{1, 2} {
			h := newHouse(t, d)
			sets := map[int64]int64{}
			h.write(func(tx *db.Tx) error {
				for _, survivor := range []int64{2, 4} {
					from := survivor - 1
					set, err := undo.Begin(tx, undo.Change{Kind: "contact.merge", By: audit.System("test"), At: noon, Note: fmt.Sprint("名前 ", survivor)})
					if err != nil {
						return err
					}
					sets[survivor] = set.ID
					err = errors.Join(set.Keep(tx, "contact", "t.id in (?, ?)", survivor, from), set.Keep(tx, "listing", "t.contact_id = ?", from),
						set.Keep(tx, "affiliation", "t.contact_id = ?", from), set.Keep(tx, "contact_address", "t.contact_id = ?", from))
					for _, table := range []string{"listing", "affiliation", "contact_address"} {
						h.exec(tx, "delete from "+table+" where contact_id = ?", from)
					}
					h.exec(tx, "delete from contact where id = ?", from)
					h.exec(tx, "insert into merged_contact (contact_id, survivor_id, name, merged_at, changeset_id) values (?, ?, 'x', ?, ?)", from, survivor, noon, set.ID)
					if err := errors.Join(err, set.Added(tx, "merged_contact", "t.contact_id = ?", from), set.Seal(tx, 1)); err != nil {
						return err
					}
				}
				return nil
			})
			h.forget([]int64{erased}, nil)
			for survivor, set := range sets {
				var rows int
				var note string
				err := d.Read(context.Background()).QueryRow("select (select count(*) from changeset_row where changeset_id = s.id), note from changeset s where id = ?", set).Scan(&rows, &note)
				if gone := survivor == 2; err != nil || (rows == 0) != gone || (note == "") != gone {
					t.Errorf("erased %d: merge into %d has %d images and the note %q (%v)", erased, survivor, rows, note, err)
				}
			}
			h.write(func(tx *db.Tx) error {
				for _, table := range []string{"merged_contact", "changeset_row", "changeset", "affiliation", "listing", "contact_address", "address", "contact", "listed_count", "cycle"} {
					h.exec(tx, "delete from "+table)
				}
				return nil
			})
		}
	})
}
