package worker

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/queue"
)

// SortMail sorts mail that is stored, and that whoever stored it did not come to sort.
type SortMail struct{}

// Kind names the task.
func (SortMail) Kind() string { return "inbound:sort" }

// Inbound is what the task needs of inbound.
type Inbound interface {
	// Sweep may run at any time, and several times at once.
	Sweep(ctx context.Context) error
}

// HandleInbound registers the task.
func HandleInbound(mux *queue.Mux, mails Inbound) {
	queue.Handle(mux, func(ctx context.Context, _ SortMail) error { return mails.Sweep(ctx) })
}

// InboundSchedule sorts within a minute.
func InboundSchedule() queue.Every {
	return queue.Every{Period: time.Minute, Task: SortMail{}}
}
