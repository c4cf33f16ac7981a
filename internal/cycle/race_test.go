package cycle_test

import (
	"context"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// Officers who act in the same moment do so one after the other.
func TestChangesOfACycleWaitForEachOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := cycle.New(cycle.Deps{DB: d, Now: db.Now})
		c, err := s.Create(ctx, officer(), cycle.Cycle{Slug: "bpf-2017", Name: "BPF"})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		moved, dated := make([]error, 8), make([]error, 8)
		for i := range moved {
			all.Go(func() { _, moved[i] = s.Move(ctx, officer(), c.Slug, cycle.Open) })
			all.Go(func() { _, dated[i] = s.SetDate(ctx, officer(), c.ID, cycle.Deadline, "2017-09-15", cycle.AoE, "") })
		}
		all.Wait()
		done := 0
		for i := range moved {
			if moved[i] == nil {
				done++
			} else if !errs.Is(moved[i], errs.Conflict) {
				t.Errorf("opening: %v", moved[i])
			}
			if dated[i] != nil {
				t.Errorf("setting a date: %v", dated[i])
			}
		}
		var events int
		err = d.Read(ctx).QueryRow("select count(*) from audit_event where action = 'cycle.moved'").Scan(&events)
		if err != nil || done != 1 || events != 1 {
			t.Errorf("%d opened the cycle, the trail has %d events, %v", done, events, err)
		}
	})
}
