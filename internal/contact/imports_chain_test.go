package contact

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// alikes are the contacts of one kind, of which any two can be merged.
func (k *desk) alikes(kind Kind) []int64 {
	k.t.Helper()
	ids, err := scanValues[int64](k.d.Read(context.Background()), "select id from contact where kind = ? order by id", kind)
	if err != nil {
		k.t.Fatal(err)
	}
	return ids
}

// merged makes two drawn contacts one, and gives the changeset.
func (k *desk) merged(r *rapid.T) int64 {
	k.t.Helper()
	among := k.alikes(rapid.SampledFrom([]Kind{Person, Organization}).Draw(r, "kind"))
	if len(among) < 2 {
		return 0
	}
	pair := rapid.Permutation(among).Draw(r, "pair")[:2]
	keep := map[string]string{}
	for _, field := range []string{"name", "transliteration", "stakeholder_group", "country", "language", "notes"} {
		keep[field] = rapid.SampledFrom([]string{"", Survivors, Others}).Draw(r, field)
	}
	done, err := k.Unite(context.Background(), k.officer, Union{Survivor: pair[0], Other: pair[1], Keep: keep})
	if err != nil {
		r.Fatalf("%v: %v", pair, err)
	}
	return done.ChangesetID
}

func (k *desk) unmerge(r *rapid.T, set int64) {
	if set == 0 {
		return
	}
	if conflicts, err := k.Undo(context.Background(), k.officer, set); err != nil {
		r.Fatalf("%v: %+v", err, conflicts)
	}
}

// An import, its undoing, a merge and its undoing leave everything as it was; so do an import, a merge of whomever, and both
// taken back in turn. What the import derives of whom it brings is what is derived of anybody else.
func TestUndoneImportAndUndoneMerge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		k.add(Draft{Name: "Ana Pérez", Organization: "House A", Country: "PE", Email: "p1@example.org", Notes: "met", LawfulBasis: "consent"})
		k.add(Draft{Name: "House A", Kind: Organization, Country: "PE", Email: "info@example.org"})
		k.add(Draft{Name: "Person 2", Email: "p2@example.org", Languages: "fr", Organization: "House A"})
		k.add(Draft{Name: "Person 3", Email: "gone@example.org", Country: "BR", Notes: "rang", Organization: "Дом Б"})
		if err := k.Suppress(ctx, k.officer, "gone@example.org", AskedUs); err != nil {
			t.Fatal(err)
		}
		before := k.dump()
		rapid.Check(t, func(r *rapid.T) {
			p := ImportPlan{Duplicates: rapid.SampledFrom([]DuplicatePolicy{DuplicatesSkip, DuplicatesAdd, DuplicatesUpdate}).Draw(r, "policy")}
			if rapid.Bool().Draw(r, "listed") {
				p.CycleID = k.cycle
			}
			list := listOf(r)
			i := k.take(list, p)
			if rapid.Bool().Draw(r, "one in the other") {
				imported := k.dump()
				if _, err := k.Rebuild(ctx); err != nil {
					r.Fatal(err)
				}
				if after := k.dump(); after != imported {
					r.Fatalf("derived otherwise: %s\n%s", list, differing(imported, after))
				}
				set := k.merged(r)
				k.unmerge(r, set)
				if after := k.dump(); after != imported {
					r.Fatalf("merge: %s\n%s", list, differing(imported, after))
				}
				k.undo(i.ID)
			} else {
				k.undo(i.ID)
				k.unmerge(r, k.merged(r))
			}
			if after := k.dump(); after != before {
				r.Fatalf("%s\n%s", list, differing(before, after))
			}
		})
		if kept := k.count("select count(*) from import_kept"); kept != 0 {
			t.Errorf("%d kept", kept)
		}
	})
}
