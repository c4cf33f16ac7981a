package queue

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/convoke/convoke/internal/errs"
)

// Queue is a connection to Redis, or an in-process Redis for one person on one machine.
type Queue struct {
	opt  asynq.RedisConnOpt
	log  *slog.Logger
	stop func()
}

// Open takes redis://, rediss:// or redis-sentinel://; "" starts an in-process Redis on a free
// loopback port. It does not connect yet: a server that is away is told by Ping and Enqueue.
func Open(url string, log *slog.Logger) (*Queue, error) {
	if url == "" {
		return embedded(log)
	}
	opt, err := asynq.ParseRedisURI(url)
	if err != nil {
		return nil, errs.E(errs.Invalid, "config.redis_url")
	}
	return &Queue{opt: opt, log: log, stop: func() {}}, nil
}

// Hush keeps the Redis driver from writing lines of its own, many a second while Redis is away, between those
// of the log: whoever asked is told by an error. It is for the beginning of a program.
func Hush() { redis.SetLogger(hush{}) }

type hush struct{}

// Printf implements the driver's logger.
func (hush) Printf(context.Context, string, ...any) {}

// embedded keeps nothing: after a restart the sweeper finds the work in the database.
func embedded(log *slog.Logger) (*Queue, error) {
	m := miniredis.NewMiniRedis()
	if err := m.Start(); err != nil {
		return nil, errs.Wrap("queue.embedded", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		passTime(ctx, m)
	}()
	stop := func() {
		cancel()
		<-done
		m.Close()
	}
	return &Queue{opt: asynq.RedisClientOpt{Addr: m.Addr()}, log: log, stop: stop}, nil
}

// passTime lets keys expire: miniredis stands still unless it is told how much time went by.
func passTime(ctx context.Context, m *miniredis.Miniredis) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			m.FastForward(now.Sub(last))
			last = now
		}
	}
}

// Client makes a client; close it.
func (q *Queue) Client() *Client {
	return &Client{asynq: asynq.NewClient(q.opt), inspector: asynq.NewInspector(q.opt)}
}

// Busy says whether a worker handles tasks from the queue; the error is errs.Unavailable.
func (q *Queue) Busy() (bool, error) {
	inspector := asynq.NewInspector(q.opt)
	servers, err := inspector.Servers()
	if err := errors.Join(err, inspector.Close()); err != nil {
		return false, &errs.Error{Code: errs.Unavailable, Key: "error.queue_away", Op: "queue.busy", Err: err}
	}
	return len(servers) > 0, nil
}

// ServerOptions say how much a server does at once.
type ServerOptions struct {
	Concurrency int // handlers at once of what is not Bulk; 5 where zero
	Bulk        int // handlers at once of the queue Bulk; 3 where zero
	Schedule    []Every
}

// Server makes a server for the mux. Bulk has handlers of its own, so that a campaign never keeps a sign-in link waiting for one
// that is free, and few of them: each holds a batch of messages in memory.
func (q *Queue) Server(mux *Mux, o ServerOptions) *Server {
	return &Server{
		mux:       mux,
		schedule:  o.Schedule,
		people:    q.handlers(cmp.Or(o.Concurrency, 5), map[string]int{Urgent: 2, Default: 1}),
		bulk:      q.handlers(cmp.Or(o.Bulk, 3), map[string]int{Bulk: 1}),
		scheduler: asynq.NewScheduler(q.opt, &asynq.SchedulerOpts{Logger: logger{q.log}, LogLevel: asynq.WarnLevel}),
	}
}

// handlers take tasks from these queues. Times between looks are short, because a person waits for a sign-in link and an officer
// for a launch.
func (q *Queue) handlers(atOnce int, queues map[string]int) *asynq.Server {
	return asynq.NewServer(q.opt, asynq.Config{
		Concurrency:              atOnce,
		Queues:                   queues,
		TaskCheckInterval:        100 * time.Millisecond,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          20 * time.Second,
		Logger:                   logger{q.log},
		LogLevel:                 asynq.WarnLevel,
		ErrorHandler: asynq.ErrorHandlerFunc(func(_ context.Context, t *asynq.Task, err error) {
			if !errors.Is(err, context.Canceled) {
				q.log.Error("task failed", "kind", t.Type(), "error", err)
			}
		}),
		RetryDelayFunc: func(n int, _ error, _ *asynq.Task) time.Duration { return time.Duration(n+1) * time.Second },
	})
}

// Close stops the in-process Redis, if there is one.
func (q *Queue) Close() { q.stop() }
