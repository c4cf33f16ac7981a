package worker

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/queue"
)

// TidyContacts indexes contacts that came before the index, and folds the counters of the lists.
type TidyContacts struct{}

// Kind names the task.
func (TidyContacts) Kind() string { return "contact:tidy" }

// Contacts is what the worker needs of contact.
type Contacts interface {
	Duplicates
	Tidier
}

// Tidier is what the task needs of contact.
type Tidier interface {
	// Tidy may run at any time, and several times at once.
	Tidy(ctx context.Context) error
}

// HandleTidying registers the task.
func HandleTidying(mux *queue.Mux, contacts Tidier) {
	queue.Handle(mux, func(ctx context.Context, _ TidyContacts) error { return contacts.Tidy(ctx) })
}

// TidySchedule tidies now and then: what waits for it is right before and after.
func TidySchedule() queue.Every {
	return queue.Every{Period: 5 * time.Minute, Task: TidyContacts{}}
}
