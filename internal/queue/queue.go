// Package queue is the only owner of asynq. The queue wakes workers and carries ids, never the
// truth: that is in the database, and a sweeper enqueues again whatever a lost queue forgot.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"github.com/convoke/convoke/internal/errs"
)

// Task is one kind of work; its exported fields are its payload.
type Task interface{ Kind() string }

// The queues. Urgent holds what a person waits for (a sign-in link), so that it is never behind a campaign.
const (
	Urgent  = "urgent"
	Default = "default"
	Bulk    = "bulk"
)

// Options say how a task is queued.
type Options struct {
	Queue string        // Default where empty
	ID    string        // a second task with the same id is not queued while the first is kept; put the attempt into it
	Retry int           // how often asynq tries again; the sweeper is the one that never forgets
	Limit time.Duration // how long one run may take; one minute where zero
	Delay time.Duration
}

// Client enqueues.
type Client struct {
	asynq     *asynq.Client
	inspector *asynq.Inspector
}

// Enqueue puts a task into the queue. One that is there already is no error. The error is
// errs.Unavailable where Redis is away: then the sweeper will find the work in the database.
func (c *Client) Enqueue(ctx context.Context, t Task, o Options) error {
	payload, err := json.Marshal(t)
	if err != nil {
		return errs.Wrap("queue.enqueue", err)
	}
	_, err = c.asynq.EnqueueContext(ctx, asynq.NewTask(t.Kind(), payload), o.asynq()...)
	switch {
	case err == nil, errors.Is(err, asynq.ErrTaskIDConflict), errors.Is(err, asynq.ErrDuplicateTask):
		return nil
	}
	return &errs.Error{Code: errs.Unavailable, Key: "error.queue_away", Op: "queue.enqueue", Err: err}
}

func (o Options) asynq() []asynq.Option {
	opts := []asynq.Option{asynq.MaxRetry(o.Retry), asynq.Queue(Default), asynq.Timeout(time.Minute)}
	if o.Queue != "" {
		opts = append(opts, asynq.Queue(o.Queue))
	}
	if o.ID != "" {
		opts = append(opts, asynq.TaskID(o.ID))
	}
	if o.Limit > 0 {
		opts = append(opts, asynq.Timeout(o.Limit))
	}
	if o.Delay > 0 {
		opts = append(opts, asynq.ProcessIn(o.Delay))
	}
	return opts
}

// Ping says whether Redis answers; the error is errs.Unavailable.
func (c *Client) Ping(context.Context) error {
	if err := c.asynq.Ping(); err != nil {
		return &errs.Error{Code: errs.Unavailable, Key: "error.queue_away", Op: "queue.ping", Err: err}
	}
	return nil
}

// Depth counts the tasks that wait or run in a queue; zero for one that was never used.
func (c *Client) Depth(name string) (int, error) {
	info, err := c.inspector.GetQueueInfo(name)
	if errors.Is(err, asynq.ErrQueueNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, &errs.Error{Code: errs.Unavailable, Key: "error.queue_away", Op: "queue.depth", Err: err}
	}
	return info.Pending + info.Active + info.Retry + info.Scheduled, nil
}

// Close ends the client's connections.
func (c *Client) Close() error { return errors.Join(c.asynq.Close(), c.inspector.Close()) }

// Mux sends each task to the handler of exactly its kind. asynq's own mux matches by prefix and
// would hand "campaign:send_test" to the handler of "campaign:send".
type Mux struct {
	handlers map[string]asynq.HandlerFunc
}

// NewMux is an empty mux.
func NewMux() *Mux { return &Mux{handlers: map[string]asynq.HandlerFunc{}} }

// Handle registers fn for the kind of T. Handlers must be idempotent: a task may run twice.
func Handle[T Task](m *Mux, fn func(ctx context.Context, t T) error) {
	var kind T
	m.handlers[kind.Kind()] = func(ctx context.Context, raw *asynq.Task) error {
		var t T
		if err := json.Unmarshal(raw.Payload(), &t); err != nil {
			return errors.Join(err, asynq.SkipRetry)
		}
		return fn(ctx, t)
	}
}

// Kinds lists what the mux handles.
func (m *Mux) Kinds() []string {
	kinds := make([]string, 0, len(m.handlers))
	for k := range m.handlers {
		kinds = append(kinds, k)
	}
	return kinds
}

// ProcessTask implements asynq.Handler.
func (m *Mux) ProcessTask(ctx context.Context, t *asynq.Task) error {
	handle, ok := m.handlers[t.Type()]
	if !ok {
		return errors.Join(errs.E(errs.Internal, ""), asynq.SkipRetry)
	}
	return handle(ctx, t)
}

// Every is a task that the schedule enqueues again and again.
type Every struct {
	Period time.Duration
	Task   Task
	Queue  string
}

// Server runs handlers and the schedule.
type Server struct {
	people    *asynq.Server // what somebody waits for, and what the clock asks for
	bulk      *asynq.Server
	scheduler *asynq.Scheduler
	mux       *Mux
	schedule  []Every
}

// Run starts handling, and returns when ctx ends and every running handler has finished or
// asynq's shutdown time is over.
func (s *Server) Run(ctx context.Context) error {
	if err := s.plan(); err != nil {
		return errs.Wrap("queue.schedule", err)
	}
	if err := s.people.Start(s.mux); err != nil {
		return errs.Wrap("queue.start", err)
	}
	if err := s.bulk.Start(s.mux); err != nil {
		s.people.Shutdown()
		return errs.Wrap("queue.start", err)
	}
	if err := s.scheduler.Start(); err != nil {
		s.shutdown()
		return errs.Wrap("queue.start", err)
	}
	<-ctx.Done()
	s.scheduler.Shutdown()
	s.shutdown()
	return nil
}

// shutdown waits for all handlers at the same time.
func (s *Server) shutdown() {
	var all sync.WaitGroup
	all.Go(s.people.Shutdown)
	all.Go(s.bulk.Shutdown)
	all.Wait()
}

func (s *Server) plan() error {
	for _, e := range s.schedule {
		payload, err := json.Marshal(e.Task)
		if err != nil {
			return err
		}
		// A run that waits or works blocks the next one, so that a slow sweep does not pile up. It does
		// so for seconds only, because a worker that is killed in a run leaves its lock behind.
		opts := []asynq.Option{asynq.Queue(orDefault(e.Queue)), asynq.MaxRetry(0), asynq.Unique(max(e.Period, 5*time.Second)), asynq.Timeout(time.Minute)}
		if _, err := s.scheduler.Register("@every "+e.Period.String(), asynq.NewTask(e.Task.Kind(), payload), opts...); err != nil {
			return err
		}
	}
	return nil
}

func orDefault(name string) string {
	if name == "" {
		return Default
	}
	return name
}

// logger turns asynq's log into ours.
type logger struct{ log *slog.Logger }

func (l logger) Debug(...any)      {}
func (l logger) Info(...any)       {}
func (l logger) Warn(args ...any)  { l.log.Warn("queue", "detail", args) }
func (l logger) Error(args ...any) { l.log.Error("queue", "detail", args) }
func (l logger) Fatal(args ...any) { l.log.Error("queue", "detail", args) }
