package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/queue"
)

// within allows nothing, so that a test sees when it is asked.
type within struct{ asked int }

func (w *within) Allow(context.Context, string, int, time.Duration) (bool, time.Duration, error) {
	w.asked++
	return false, time.Second, nil
}

func TestLimitsAreCountedForAllProcesses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *queue.Queue) {
		var processes []*queue.Limiter
		for range 2 {
			l, err := q.Limiter(&within{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			processes = append(processes, l)
		}
		for i, want := range []bool{true, true, true, false, false} {
			ok, wait, err := processes[i%2].Allow(t.Context(), "POST /sign-in 192.0.2.1", 3, time.Minute)
			if err != nil || ok != want || wait <= 0 || wait > time.Minute {
				t.Errorf("request %d: %v, wait %s, %v; want %v", i+1, ok, wait, err, want)
			}
		}
		if ok, _, err := processes[0].Allow(t.Context(), "POST /sign-in 192.0.2.2", 3, time.Minute); !ok || err != nil {
			t.Errorf("somebody else: %v, %v", ok, err)
		}
	})
}

func TestLimitsAreCountedWithinTheProcessWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	q, err := queue.Open("redis://127.0.0.1:1/0", quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	w := &within{}
	l, err := q.Limiter(w)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if ok, _, err := l.Allow(t.Context(), "key", 3, time.Minute); ok || err != nil || w.asked != 1 {
		t.Errorf("got %v, %v, asked %d times", ok, err, w.asked)
	}
}
