package worker

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/queue"
)

// FindDuplicates looks at all contacts for pairs that may be one.
type FindDuplicates struct{}

// Kind names the task.
func (FindDuplicates) Kind() string { return "contact:duplicates" }

// Duplicates is what the task needs of the contacts.
type Duplicates interface {
	// ScanDuplicates may run at any time.
	ScanDuplicates(ctx context.Context) (contact.Scanned, error)
}

// HandleDuplicates registers the task.
func HandleDuplicates(mux *queue.Mux, contacts Duplicates) {
	queue.Handle(mux, func(ctx context.Context, _ FindDuplicates) error {
		_, err := contacts.ScanDuplicates(ctx)
		return err
	})
}

// DuplicateSchedule looks at everything a few times a day. Who is entered or edited is compared at once: what is left are
// contacts that came by the thousand.
func DuplicateSchedule() queue.Every {
	return queue.Every{Period: 6 * time.Hour, Task: FindDuplicates{}}
}
