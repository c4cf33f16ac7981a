package worker

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/queue"
)

// FreezeDocuments freezes the texts whose day is over.
type FreezeDocuments struct{}

// Kind names the task.
func (FreezeDocuments) Kind() string { return "document:freeze" }

// Documents is what the task needs of document.
type Documents interface {
	// FreezeDue may run at any time, and several times at once. What cannot be frozen yet is tried
	// again each time.
	FreezeDue(ctx context.Context) error
	// ForgetAddresses forgets the addresses of commenters in cycles that are closed.
	ForgetAddresses(ctx context.Context) error
}

// ForgetCommenters forgets where people without an account were told what became of their comments.
type ForgetCommenters struct{}

// Kind names the task.
func (ForgetCommenters) Kind() string { return "document:forget" }

// HandleDocuments registers the tasks.
func HandleDocuments(mux *queue.Mux, documents Documents) {
	queue.Handle(mux, func(ctx context.Context, _ FreezeDocuments) error { return documents.FreezeDue(ctx) })
	queue.Handle(mux, func(ctx context.Context, _ ForgetCommenters) error { return documents.ForgetAddresses(ctx) })
}

// ForgetSchedule forgets within an hour of the closing of a cycle.
func ForgetSchedule() queue.Every {
	return queue.Every{Period: time.Hour, Task: ForgetCommenters{}}
}

// FreezeSchedule freezes within a minute of the time, and within a minute of the last place that was mended after it.
func FreezeSchedule() queue.Every {
	return queue.Every{Period: time.Minute, Task: FreezeDocuments{}}
}
