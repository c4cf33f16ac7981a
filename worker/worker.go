// Package worker handles tasks: what the pages ask for and what the clock asks for. It is the only
// room that knows both the queue and the domains. A task carries ids and wakes somebody; what is
// to be done is in the database.
package worker

import (
	"context"
	"log/slog"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/queue"
)

// Deps is what a worker works with. A nil service has no tasks.
type Deps struct {
	Queue       *queue.Queue
	Log         *slog.Logger
	Campaigns   *campaign.Service
	Claims      Claims
	Contacts    Contacts
	Documents   Documents
	Imports     Imports
	Inbound     Inbound
	Letters     *letter.Outbox
	Concurrency int // tasks at once; the queue's own choice where zero
}

// Worker is the mux of all tasks and their schedule.
type Worker struct {
	Deps
	mux      *queue.Mux
	schedule []queue.Every
}

// New registers every task.
func New(d Deps) *Worker {
	w := &Worker{Deps: d, mux: queue.NewMux()}
	if d.Campaigns != nil {
		w.schedule = append(w.schedule, Campaigns(w.mux, d.Campaigns)...)
	}
	if d.Claims != nil {
		HandleClaims(w.mux, d.Claims)
		w.schedule = append(w.schedule, ClaimSchedule())
	}
	if d.Contacts != nil {
		HandleDuplicates(w.mux, d.Contacts)
		HandleTidying(w.mux, d.Contacts)
		w.schedule = append(w.schedule, DuplicateSchedule(), TidySchedule())
	}
	if d.Documents != nil {
		HandleDocuments(w.mux, d.Documents)
		w.schedule = append(w.schedule, FreezeSchedule(), ForgetSchedule())
	}
	if d.Imports != nil {
		w.schedule = append(w.schedule, HandleImports(w.mux, d.Imports)...)
	}
	if d.Inbound != nil {
		HandleInbound(w.mux, d.Inbound)
		w.schedule = append(w.schedule, InboundSchedule())
	}
	if d.Letters != nil {
		w.schedule = append(w.schedule, Mail(w.mux, d.Letters)...)
	}
	return w
}

// Kinds lists the tasks that the worker handles.
func (w *Worker) Kinds() []string { return w.mux.Kinds() }

// Run takes over what dead workers left, and then handles tasks until ctx ends and the running
// ones have finished.
func (w *Worker) Run(ctx context.Context) error {
	if w.Campaigns != nil {
		if err := w.Campaigns.Recover(ctx); err != nil {
			w.Log.ErrorContext(ctx, "recovery waits for the next sweep", "error", err)
		}
	}
	if w.Contacts != nil {
		if err := w.Contacts.Tidy(ctx); err != nil {
			w.Log.ErrorContext(ctx, "contacts are indexed at the next tidying", "error", err)
		}
	}
	server := w.Queue.Server(w.mux, queue.ServerOptions{Concurrency: w.Concurrency, Schedule: w.schedule})
	return errs.Wrap("worker.run", server.Run(ctx))
}
