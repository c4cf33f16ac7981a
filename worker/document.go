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
}

// HandleFreezing registers the task.
func HandleFreezing(mux *queue.Mux, documents Documents) {
	queue.Handle(mux, func(ctx context.Context, _ FreezeDocuments) error { return documents.FreezeDue(ctx) })
}

// FreezeSchedule freezes within a minute of the time, and within a minute of the last place that was mended after it.
func FreezeSchedule() queue.Every {
	return queue.Every{Period: time.Minute, Task: FreezeDocuments{}}
}
