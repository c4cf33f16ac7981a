package contact

import (
	"context"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func (k *desk) openPairs() int { return k.count("select count(*) from duplicate where state = 'open'") }

// Whom an import brings is compared with everybody at its end, whoever imports and however large the file is.
func TestImportedContactsAreCompared(t *testing.T) {
	t.Parallel()
	const list = "name,email,organization,stakeholder_group\nJonathan Smithson,js@example.net,House,academia\nZoe Quux,z@example.net,,academia\n"
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		k.add(Draft{Name: "Jonathan Smithsen", Organization: "House", Email: "jonathan@example.org"})
		before := k.dump()
		for name, imported := range map[string]func() (Import, error){
			"page": func() (Import, error) { return k.take(list, ImportPlan{}), nil },
			"api":  func() (Import, error) { return k.imports.Commit(ctx, k.officer, fileOf(list), ImportPlan{}, nil) },
			"command": func() (Import, error) {
				return k.imports.ImportFile(ctx, k.officer, fileOf(list), ImportPlan{}, nil, nil)
			},
		} {
			i, err := imported()
			if err != nil || i.New != 2 || i.ComparedAt == nil {
				t.Fatalf("%s: %+v, %v", name, i, err)
			}
			if n := k.openPairs(); n != 1 {
				t.Errorf("%s: %d pairs", name, n)
			}
			k.undo(i.ID)
			if after := k.dump(); after != before {
				t.Errorf("%s: %s", name, differing(before, after))
			}
		}
	})
}

// Cut off between two parts, the comparison goes on in the next sweep; so does that of whom the import changed.
func TestComparisonGoesOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		k.add(Draft{Name: "Jonathan Smithsen", Organization: "House", Email: "jonathan@example.org"})
		k.add(Draft{Name: "Jonathan Smithson", Email: "js@example.net"})
		i := k.take("name,email,organization\nJonathan Smithson,js@example.net,House\n", ImportPlan{})
		if i.Tally != (Tally{Update: 1}) || k.openPairs() != 1 {
			t.Fatalf("%+v, %d pairs", i.Tally, k.openPairs())
		}
		k.exec("delete from duplicate")
		k.exec("update import set compared_at = null")
		if err := k.imports.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if k.openPairs() != 1 || k.count("select count(*) from import where compared_at is null") != 0 {
			t.Errorf("%d pairs after the sweep", k.openPairs())
		}
	})
}

// An address or a tie that is added by hand makes a pair at once.
func TestWhatIsAddedByHandIsCompared(t *testing.T) {
	t.Parallel()
	k := newDesk(t, dbtest.SQLite(t))
	ctx := context.Background()
	one := k.add(Draft{Name: "Jonathan Smithsen", Organization: "House", Email: "jonathan@example.org"})
	other := k.add(Draft{Name: "Jonathan Smithson", Email: "js@example.net"})
	expect := func(what string, n int, err error) {
		t.Helper()
		if err != nil || k.openPairs() != n {
			t.Errorf("%s: %d pairs, want %d (%v)", what, k.openPairs(), n, err)
		}
	}
	expect("nothing in common", 0, nil)
	tie, err := k.AffiliateByName(ctx, k.officer, "House", Affiliation{ContactID: other.ID})
	expect("one house", 1, err)
	expect("left it", 0, k.EndAffiliation(ctx, k.officer, other.ID, tie.ID, "2017-08"))
	_, err = k.Affiliate(ctx, k.officer, Affiliation{ContactID: other.ID, OrganizationID: tie.OrganizationID})
	expect("came back", 1, err)
	k.exec("delete from affiliation where contact_id = ?", other.ID)
	k.exec("delete from duplicate")
	_, err = k.AddAddress(ctx, k.officer, one.ID, "js@example.net")
	expect("one mailbox", 1, err)
}
