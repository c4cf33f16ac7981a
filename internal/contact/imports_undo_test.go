package contact

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// listOf draws a file in which some rows are somebody whom the house knows, some repeat each other and some are wrong.
func listOf(r *rapid.T) string {
	var b strings.Builder
	b.WriteString("name,email,organization,stakeholder_group,country,languages,notes,function,until\n")
	for range rapid.IntRange(1, 25).Draw(r, "rows") {
		pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(r, label) }
		n := rapid.IntRange(0, 12).Draw(r, "who")
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s,%s,%s\n",
			pick("name", fmt.Sprintf("Person %d", n), fmt.Sprintf("Персона %d", n), "Ana Pérez", "شخص", ""),
			pick("email", "", fmt.Sprintf("p%d@example.org", n), "info@example.org", "wrong@", "gone@example.org", fmt.Sprintf("P%d@EXAMPLE.org", n)),
			pick("organization", "", "House A", "house a", "Дом Б"),
			pick("group", "civil society", "Gov", "Martians", "academia"),
			pick("country", "", "PE", "Brasil", "XX"),
			pick("languages", "", "es", "es en"), pick("notes", "", "seen"), pick("function", "", "operator", "Head of nothing"), pick("until", "", "", "2016-05"))
	}
	return b.String()
}

// An import and its undoing leave everything as it was, whatever the file and whatever the house knows.
func TestUndoneImportLeavesNoTrace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ana := k.add(Draft{Name: "Ana Pérez", Organization: "House A", Country: "PE", Email: "p1@example.org"})
		k.add(Draft{Name: "House A", Kind: Organization, Country: "PE", Email: "info@example.org"})
		k.add(Draft{Name: "Person 2", Email: "p2@example.org", Languages: "fr"})
		if err := k.Suppress(context.Background(), k.officer, "gone@example.org", AskedUs); err != nil {
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
			if i.Rows() != i.RowsDone {
				r.Fatalf("%d rows counted of %d", i.Rows(), i.RowsDone)
			}
			undone := k.undo(i.ID)
			if undone.KeptCount != 0 {
				r.Fatalf("kept %d", undone.KeptCount)
			}
			if after := k.dump(); after != before {
				r.Fatalf("%s\n%s", list, differing(before, after))
			}
		})
		// The same again around another change that is undone.
		i := k.take("name,email,stakeholder_group\nAna Pérez,p1@example.org,academia\nZoe,zoe@example.org,academia\n", ImportPlan{CycleID: k.cycle})
		if n := k.count("select count(*) from contact where id = ? and stakeholder_group = 'academia'", ana.ID); n != 1 {
			t.Error("nothing was imported")
		}
		k.undo(i.ID)
		if after := k.dump(); after != before {
			t.Errorf("%s", differing(before, after))
		}
	})
}

func differing(before, after string) string {
	was, is := map[string]bool{}, map[string]bool{}
	for line := range strings.SplitSeq(before, "\n") {
		was[line] = true
	}
	var b strings.Builder
	for line := range strings.SplitSeq(after, "\n") {
		is[line] = true
		if !was[line] {
			b.WriteString("+ " + line + "\n")
		}
	}
	for line := range strings.SplitSeq(before, "\n") {
		if !is[line] {
			b.WriteString("- " + line + "\n")
		}
	}
	return b.String()
}

// What somebody uses or changed since the import stays, and the page can say why.
func TestUndoKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		old := k.add(Draft{Name: "Old", Email: "old@example.org"})
		also := k.add(Draft{Name: "Also", Email: "also@example.org"})
		i := k.take(lines("name,email,organization,stakeholder_group,languages",
			"Claimed,claimed@example.org,House of Claimed,academia,",
			"Edited,edited@example.org,,academia,",
			"Got an address,got@example.org,,academia,",
			"Free,free@example.org,House of Free,academia,",
			"Old,old@example.org,,academia,es",
			"Also,also@example.org,,academia,es",
		), ImportPlan{CycleID: k.cycle})
		id := func(name string) int64 {
			return int64(k.count("select id from contact where name = ?", name))
		}
		k.claim(k.officer, id("Claimed"), k.now)
		k.now = k.now.Add(time.Hour)
		if _, err := k.Update(ctx, k.officer, id("Edited"), Edit{Notes: ptr("called them")}); err != nil {
			t.Fatal(err)
		}
		if _, err := k.AddAddress(ctx, k.officer, id("Got an address"), "second@example.org"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Update(ctx, k.officer, old.ID, Edit{Languages: ptr("fr")}); err != nil {
			t.Fatal(err)
		}
		undone := k.undo(i.ID)
		kept, _, err := k.imports.Kept(ctx, k.officer, i.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, one := range kept {
			got[one.Name] = one.Reason
		}
		want := map[string]string{
			"Claimed": "claim", "House of Claimed": "organization", "Edited": "edited", "Got an address": "contact_address", "Old": "changed",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("kept %v, want %v", got, want)
		}
		if undone.RemovedCount != 2 {
			t.Errorf("removed %d, want Free and House of Free", undone.RemovedCount)
		}
		if n := k.count("select count(*) from contact where id = ? and languages = '' and stakeholder_group = 'civil_society'", also.ID); n != 1 {
			t.Error("the update of who was not changed since was not set back")
		}
		if n := k.count("select count(*) from contact where id = ? and languages = 'fr'", old.ID); n != 1 {
			t.Error("an edit after the import was lost")
		}
	})
}
