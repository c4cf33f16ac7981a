package contact

import (
	"context"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// Two officers who change different fields of a contact in the same moment both keep what they entered.
func TestChangesOfAContactAreNotLost(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		c := h.add(Draft{Kind: Person, Name: "Ana", StakeholderGroup: "academia", Country: "UY"})
		for range 5 {
			_, err := h.Update(context.Background(), h.officer, c.ID, Edit{Source: ptr(""), Notes: ptr(""), LawfulBasis: ptr(""), Languages: ptr("")})
			if err != nil {
				t.Fatal(err)
			}
			edits := []Edit{{Source: ptr("list")}, {Notes: ptr("met in Geneva")}, {LawfulBasis: ptr("consent")}, {Languages: ptr("es")}}
			var all sync.WaitGroup
			for _, e := range edits {
				all.Go(func() {
					if _, err := h.Update(context.Background(), h.officer, c.ID, e); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			got, err := contactByID(d.Read(context.Background()), c.ID)
			if err != nil || got.Source != "list" || got.Notes != "met in Geneva" || got.LawfulBasis != "consent" || got.Languages != "es" {
				t.Fatalf("left of four changes: %q, %q, %q, %q, %v", got.Source, got.Notes, got.LawfulBasis, got.Languages, err)
			}
		}
	})
}
