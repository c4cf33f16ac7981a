package queue_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/queue"
	"github.com/convoke/convoke/internal/testenv"
)

type send struct{ Batch int }

func (send) Kind() string { return "campaign:send" }

type sendTest struct{ Batch int }

func (sendTest) Kind() string { return "campaign:send_test" }

type tick struct{}

func (tick) Kind() string { return "test:tick" }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func each(t *testing.T, fn func(t *testing.T, q *queue.Queue)) {
	t.Helper()
	for name, url := range map[string]func(testing.TB) string{
		"in-process": func(testing.TB) string { return "" },
		"redis":      testenv.Redis,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, err := queue.Open(url(t), quiet())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(q.Close)
			fn(t, q)
		})
	}
}

func serve(t *testing.T, s *queue.Server) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came within 20 s")
		panic("unreachable")
	}
}

// asynq's own mux would hand campaign:send_test to the handler of campaign:send.
func TestTasksReachTheHandlerOfExactlyTheirKind(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *queue.Queue) {
		got := make(chan string, 2)
		mux := queue.NewMux()
		queue.Handle(mux, func(_ context.Context, s send) error { got <- "send"; return nil })
		queue.Handle(mux, func(_ context.Context, s sendTest) error { got <- "test"; return nil })
		defer serve(t, q.Server(mux, queue.ServerOptions{}))()
		client := q.Client()
		defer func() { _ = client.Close() }()
		for _, task := range []queue.Task{sendTest{1}, send{2}} {
			if err := client.Enqueue(context.Background(), task, queue.Options{Queue: queue.Urgent}); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"campaign:send": "send", "campaign:send_test": "test"}[task.Kind()]
			if name := receive(t, got); name != want {
				t.Errorf("%s went to %q", task.Kind(), name)
			}
		}
	})
}

func TestSameIDIsQueuedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *queue.Queue) {
		client := q.Client()
		defer func() { _ = client.Close() }()
		for _, id := range []string{"1:0:1", "1:0:1", "1:0:2"} {
			if err := client.Enqueue(context.Background(), send{0}, queue.Options{ID: id, Queue: queue.Bulk}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := client.Depth(queue.Bulk); err != nil || n != 2 {
			t.Errorf("%d tasks, %v; want 2", n, err)
		}
	})
}

func TestScheduleRunsAgainAndAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *queue.Queue) {
		ticks := make(chan struct{}, 10)
		mux := queue.NewMux()
		queue.Handle(mux, func(context.Context, tick) error { ticks <- struct{}{}; return nil })
		defer serve(t, q.Server(mux, queue.ServerOptions{Schedule: []queue.Every{{Period: time.Second, Task: tick{}}}}))()
		receive(t, ticks)
		receive(t, ticks)
	})
}

func TestStopWaitsForTheRunningHandler(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, q *queue.Queue) {
		started, finish, finished := make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)
		mux := queue.NewMux()
		queue.Handle(mux, func(context.Context, send) error {
			close(started)
			<-finish
			finished <- struct{}{}
			return nil
		})
		stop := serve(t, q.Server(mux, queue.ServerOptions{}))
		client := q.Client()
		defer func() { _ = client.Close() }()
		if err := client.Enqueue(context.Background(), send{1}, queue.Options{}); err != nil {
			t.Fatal(err)
		}
		receive(t, started)
		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		close(finish)
		receive(t, stopped)
		select {
		case <-finished:
		default:
			t.Error("the server stopped before its handler had finished")
		}
	})
}

func TestRedisAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	q, err := queue.Open("redis://127.0.0.1:1/0", quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	client := q.Client()
	defer func() { _ = client.Close() }()
	if err := client.Enqueue(context.Background(), send{1}, queue.Options{}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("enqueue: got %v", err)
	}
	if err := client.Ping(context.Background()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("ping: got %v", err)
	}
	if _, err := queue.Open("http://nothing", quiet()); !errs.Is(err, errs.Invalid) {
		t.Errorf("open: got %v", err)
	}
}
