package document_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// Whoever is refused is told who holds the translation. Asking for the name must not take a second connection
// while the first holds the document: with as many askers as there are connections nobody would go on.
func TestManyAskForATranslationThatIsHeld(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		_, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		ctx, cancel := context.WithTimeout(h.ctx, 20*time.Second)
		defer cancel()
		var all sync.WaitGroup
		results := make([]error, 40)
		for i := range results {
			all.Go(func() { _, results[i] = h.Claim(ctx, h.reviewer, doc.ID, "es") })
		}
		all.Wait()
		for _, err := range results {
			if e := errs.Find(err); e == nil || e.Code != errs.Conflict || e.Args["Name"] != "alejandro" {
				t.Fatalf("refused with %v", err)
			}
		}
	})
}
