package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

var noon = time.Date(2017, 8, 15, 12, 0, 0, 0, time.UTC)

func ana() audit.Who { return audit.Who{Kind: audit.ByAccount, ID: 3, Name: "Ana", RequestID: "r1"} }

func TestEventLivesAndDiesWithItsTransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, trail, stop := context.Background(), audit.NewTrail(d), errors.New("stop")
		record := func(id int64, end error) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				err := audit.Record(tx, ana(), noon, audit.Change{
					Action: "claim.made", ObjectKind: "claim", ObjectID: id, CycleID: 1,
					Before: map[string]string{"state": "free"}, After: map[string]string{"state": "active"},
				})
				return errors.Join(err, end)
			})
		}
		if err := record(1, nil); err != nil {
			t.Fatal(err)
		}
		if err := record(2, stop); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		events, err := trail.List(ctx, audit.Filter{ObjectKind: "claim", Limit: 10})
		if err != nil || len(events) != 1 {
			t.Fatalf("got %v, %v", events, err)
		}
		e := events[0]
		if e.ObjectID != 1 || *e.ActorID != 3 || e.ActorName != "Ana" || !e.At.Equal(noon) || e.RequestID != "r1" ||
			e.Before != `{"state":"free"}` || e.After != `{"state":"active"}` || *e.CycleID != 1 {
			t.Errorf("got %+v", e)
		}
	})
}

func TestListPagesFromTheNewest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, trail := context.Background(), audit.NewTrail(d)
		err := d.Write(ctx, func(tx *db.Tx) error {
			for id := range int64(5) {
				if err := audit.Record(tx, ana(), noon, audit.Change{Action: "x.y", ObjectKind: "x", ObjectID: id + 1}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		var cursor int64
		for {
			page, err := trail.List(ctx, audit.Filter{Before: cursor, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				got = append(got, e.ObjectID)
			}
			cursor = page[len(page)-1].ID
		}
		if len(got) != 5 || got[0] != 5 || got[4] != 1 {
			t.Errorf("got %v", got)
		}
	})
}

func TestHappenedCountsFromAnEventOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, trail := context.Background(), audit.NewTrail(d)
		record := func(action string, id int64) {
			t.Helper()
			err := d.Write(ctx, func(tx *db.Tx) error {
				return audit.Record(tx, ana(), noon, audit.Change{Action: action, ObjectKind: "claim", ObjectID: id})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		happened := func() map[string]audit.Event {
			t.Helper()
			got, err := trail.Happened(ctx, []string{"claim.made", "claim.expired", "claim.never"}, "demo.loaded")
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		record("claim.made", 1)
		if got := happened(); len(got) != 1 || got["claim.made"].ObjectID != 1 {
			t.Errorf("without the event: got %v", got)
		}
		record("claim.expired", 1)
		record("demo.loaded", 1)
		if got := happened(); len(got) != 0 {
			t.Errorf("right after the event: got %v", got)
		}
		record("claim.made", 2)
		record("claim.made", 3)
		if got := happened(); len(got) != 1 || got["claim.made"].ObjectID != 2 {
			t.Errorf("later: got %v", got)
		}
	})
}
