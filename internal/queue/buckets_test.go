package queue_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/queue"
)

func buckets(t *testing.T, q *queue.Queue, now func() time.Time) *queue.Buckets {
	t.Helper()
	b, err := q.Buckets(now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func TestBucketsAreShared(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *queue.Queue) {
		clock := clocktest.At(time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC))
		first, second := buckets(t, q, clock.Now), buckets(t, q, clock.Now)
		all := []queue.Bucket{{Key: t.Name() + "all", Second: 10, Burst: 20}}
		wish := []queue.Portion{{Bucket: queue.Bucket{Key: t.Name() + "a", Second: 2, Burst: 4}, Want: 50}, {Want: 50}}
		ask := func(b *queue.Buckets, a, others int, wait time.Duration) {
			t.Helper()
			g, err := b.Take(t.Context(), all, wish)
			if err != nil || g.Portions[0] != a || g.Portions[1] != others || g.Wait != wait {
				t.Errorf("got %+v, %v; want %d and %d, then %s", g, err, a, others, wait)
			}
		}
		ask(first, 1, 0, time.Second) // what nobody knows begins with one
		ask(second, 0, 0, time.Second)
		clock.Advance(time.Second)
		ask(second, 2, 8, time.Second)
		clock.Advance(time.Hour)
		ask(first, 4, 16, time.Second)
		if err := first.Give(t.Context(), all, []queue.Portion{{Bucket: wish[0].Bucket, Want: 1}, {Want: 4}}); err != nil {
			t.Error(err)
		}
		ask(second, 1, 4, time.Second)
	})
}

func TestBucketsUseTheTimeOfRedis(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *queue.Queue) {
		b := buckets(t, q, nil)
		wish := []queue.Portion{{Bucket: queue.Bucket{Key: t.Name(), Second: 0.001, Burst: 1}, Want: 1}}
		for i, want := range []int{1, 0} {
			g, err := b.Take(t.Context(), nil, wish)
			if err != nil || g.Portions[0] != want || (want == 0) != (g.Wait > 900*time.Second) {
				t.Errorf("time %d: %+v, %v", i+1, g, err)
			}
		}
	})
}

func TestBucketsGrantNothingWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	q, err := queue.Open("redis://127.0.0.1:1/0", quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	b := buckets(t, q, nil)
	if g, err := b.Take(t.Context(), nil, []queue.Portion{{Want: 1}}); !errs.Is(err, errs.Unavailable) || len(g.Portions) != 0 {
		t.Errorf("%+v, %v", g, err)
	}
}

// Whoever asks whenever for whatever: never more than rate × time + burst, of no bucket; and whoever waits as long as is said gets something.
func TestBucketsNeverGrantMore(t *testing.T) {
	t.Parallel()
	q, err := queue.Open("", quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	clock := clocktest.At(time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC))
	b := buckets(t, q, clock.Now)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		draw := func(key string) queue.Bucket {
			return queue.Bucket{Key: fmt.Sprintf("%d:%s", run, key), Second: rapid.SampledFrom([]float64{0.01, 0.5, 3, 100}).Draw(rt, "rate"), Burst: rapid.IntRange(1, 50).Draw(rt, "burst")}
		}
		all, domains := []queue.Bucket{draw("all"), draw("campaign")}, []queue.Bucket{draw("a"), draw("b"), {}}
		begin, got := clock.Now(), map[string]int{}
		check := func(of queue.Bucket) {
			if of.Key == "" {
				return
			}
			if most := of.Second*clock.Now().Sub(begin).Seconds() + float64(of.Burst); float64(got[of.Key]) > most+1e-6 {
				rt.Fatalf("%d of %+v in %s, at most %f", got[of.Key], of, clock.Now().Sub(begin), most)
			}
		}
		waited := false
		for range 30 {
			var wish []queue.Portion
			for _, d := range domains {
				wish = append(wish, queue.Portion{Bucket: d, Want: rapid.IntRange(0, 60).Draw(rt, "want")})
			}
			if waited {
				for i := range wish {
					wish[i].Want = max(1, wish[i].Want)
				}
			}
			g, err := b.Take(rt.Context(), all, wish)
			if err != nil {
				rt.Fatal(err)
			}
			total, unmet := 0, false
			for i, n := range g.Portions {
				if n < 0 || n > wish[i].Want {
					rt.Fatalf("%d granted of %d", n, wish[i].Want)
				}
				unmet = unmet || n < wish[i].Want
				got[wish[i].Key] += n
				total += n
			}
			for _, a := range all {
				got[a.Key] += total
			}
			for _, of := range append(all, domains...) {
				check(of)
			}
			if unmet != (g.Wait > 0) {
				rt.Fatalf("granted %v of %v, wait %s", g.Portions, wish, g.Wait)
			}
			if waited && total == 0 {
				rt.Fatal("nothing after the wait that was said")
			}
			if waited = unmet && rapid.Bool().Draw(rt, "patient"); waited {
				clock.Advance(g.Wait + time.Millisecond)
			} else {
				clock.Advance(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "ms")) * time.Millisecond)
			}
		}
	})
}
