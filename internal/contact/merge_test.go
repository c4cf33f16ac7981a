package contact

import (
	"context"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// What members have from their organization follows a merge of organizations and its undo, whichever of the two they are members of.
func TestMembersFollowAMergeOfOrganizations(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		into := h.add(Draft{Kind: Organization, Name: "Open Net", Languages: "es"})
		from := h.add(Draft{Kind: Organization, Name: "Reseau Ouvert", Languages: "fr"})
		own, joining := h.add(Draft{Name: "Ana", Organization: "Open Net"}), h.add(Draft{Name: "Ben", Organization: "Reseau Ouvert"})
		write := func(c Contact) string {
			got, err := contactByID(d.Read(ctx), c.ID)
			if err != nil {
				t.Fatal(err)
			}
			return got.LanguageChain
		}
		done, err := h.Unite(ctx, h.officer, Union{Survivor: into.ID, Other: from.ID, Keep: map[string]string{"name": Others}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []Contact{own, joining} {
			if got := write(c); got != "es fr" {
				t.Errorf("%s is written to in %q", c.Name, got)
			}
		}
		if found := h.names(h.officer, Filter{Query: "ouvert"}); len(found) != 3 {
			t.Errorf("found by the name of their organization: %v", found)
		}
		if blocked, err := h.Undo(ctx, h.officer, done.ChangesetID); err != nil {
			t.Fatal(blocked, err)
		}
		if a, b := write(own), write(joining); a != "es" || b != "fr" {
			t.Errorf("after the undo they are written to in %q and %q", a, b)
		}
		if found := h.names(h.officer, Filter{Query: "ouvert"}); len(found) != 2 {
			t.Errorf("found after the undo: %v", found)
		}
	})
}
