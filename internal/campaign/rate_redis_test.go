package campaign

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	tasks "github.com/convoke/convoke/internal/queue"
	"github.com/convoke/convoke/internal/testenv"
)

// redisBuckets are those of the queue, as the worker hands them in.
type redisBuckets struct{ *tasks.Buckets }

func (b redisBuckets) Take(ctx context.Context, shared []Token, portions []Portion) ([]int, time.Duration, error) {
	g, err := b.Buckets.Take(ctx, asBuckets(shared), asPortions(portions))
	return g.Portions, g.Wait, err
}

func (b redisBuckets) Give(ctx context.Context, shared []Token, portions []Portion) error {
	return b.Buckets.Give(ctx, asBuckets(shared), asPortions(portions))
}

func asBuckets(tokens []Token) (all []tasks.Bucket) {
	for _, t := range tokens {
		all = append(all, tasks.Bucket(t))
	}
	return all
}

func asPortions(portions []Portion) (all []tasks.Portion) {
	for _, p := range portions {
		all = append(all, tasks.Portion{Bucket: tasks.Bucket(p.Token), Want: p.Want})
	}
	return all
}

// Two workers send what one limit lets go: never more than rate × time and a burst, and in the end all of it.
func TestTwoWorkersShareALimit(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]struct {
		redis func(testing.TB) string
		db    func(testing.TB) *db.DB
	}{
		"in-process, sqlite": {func(testing.TB) string { return "" }, dbtest.SQLite},
		"redis, postgres":    {testenv.Redis, dbtest.Postgres},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, err := tasks.Open(open.redis(t), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(q.Close)
			h := newHouse(t, open.db(t))
			var workers []*Service
			for _, owner := range []string{"first", "second"} {
				b, err := q.Buckets(h.clock.Now)
				h.must(err)
				t.Cleanup(func() { _ = b.Close() })
				h.buckets = redisBuckets{b}
				workers = append(workers, h.service(owner))
			}
			const batches, rate = 4, 200
			h.crowd(batches * BatchSize)
			for _, w := range workers {
				w.Transport = countingTransport{}
			}
			c := h.launched()
			_, err = h.SetRate(t.Context(), h.officer, c.ID, Rate{Count: rate, Per: PerSecond})
			h.must(err)
			shareALimit(t, h, workers, c.Steps[0].ID, batches, rate)
		})
	}
}

func shareALimit(t *testing.T, h *house, workers []*Service, stepID int64, batches, rate int) {
	t.Helper()
	begun := h.Now()
	for range 100 {
		done := make(chan error, 2*batches)
		for _, w := range workers {
			for n := range batches {
				go func() { done <- w.SendBatch(context.Background(), BatchRef{stepID, n}) }()
			}
		}
		for range 2 * batches {
			h.must(<-done)
		}
		passed := h.Now().Sub(begun).Seconds()
		sent := h.number("select sum(sent) from delivery_batch where step_id = ?", stepID)
		if most := int(passed*float64(rate)) + (Rate{Count: rate, Per: PerSecond}).burst(); sent > most {
			t.Fatalf("after %.1f s %d messages have left, at most %d may", passed, sent, most)
		}
		if sent == batches*BatchSize {
			if passed > float64(sent)/float64(rate)+2 {
				t.Errorf("it took %.1f s", passed)
			}
			return
		}
		h.clock.Advance(500 * time.Millisecond)
	}
	t.Error("it never ended")
}

func TestRedisAwayHoldsWhatIsLimited(t *testing.T) {
	t.Parallel()
	q, err := tasks.Open("redis://127.0.0.1:1/0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	b, err := q.Buckets(clocktest.At(start).Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	h := newHouse(t, dbtest.SQLite(t))
	h.Buckets, h.Limits = redisBuckets{b}, Limits{Domain: Rate{Count: 1000, Per: PerSecond}}
	h.contacts(3)
	c := h.launched()
	h.must(h.SendBatch(t.Context(), BatchRef{c.Steps[0].ID, 0}))
	compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"queued": 3})
}
