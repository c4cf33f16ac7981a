package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/convoke/convoke/internal/queue"
)

// ContactImport goes on with an import of contacts: its check, its rows or its undoing.
type ContactImport struct {
	ImportID int64 `json:"import_id"`
}

// Kind names the task.
func (ContactImport) Kind() string { return "contact:import" }

// ContactImportSweep goes on with the imports that the queue forgot, or whose worker died.
type ContactImportSweep struct{}

// Kind names the task.
func (ContactImportSweep) Kind() string { return "contact:import_sweep" }

// ContactImportForget deletes the files of imports that ended long ago.
type ContactImportForget struct{}

// Kind names the task.
func (ContactImportForget) Kind() string { return "contact:import_forget" }

// importLimit is how long a task may work on an import. Whatever is cut off goes on in the next sweep.
const importLimit = time.Hour

// Imports is what the tasks need of the contacts' imports.
type Imports interface {
	// Work may run at any time, and several times at once.
	Work(ctx context.Context, id int64) error
	// Sweep works on all that waits and nobody works on.
	Sweep(ctx context.Context) error
	// ForgetOld may run at any time.
	ForgetOld(ctx context.Context) error
}

// HandleImports registers the tasks and gives their schedule.
func HandleImports(mux *queue.Mux, s Imports) []queue.Every {
	queue.Handle(mux, func(ctx context.Context, t ContactImport) error { return s.Work(ctx, t.ImportID) })
	queue.Handle(mux, func(ctx context.Context, _ ContactImportSweep) error { return s.Sweep(ctx) })
	queue.Handle(mux, func(ctx context.Context, _ ContactImportForget) error { return s.ForgetOld(ctx) })
	return []queue.Every{{Period: 10 * time.Second, Task: ContactImportSweep{}}, {Period: time.Hour, Task: ContactImportForget{}}}
}

// ImportQueue wakes a worker for an import.
type ImportQueue struct {
	Client *queue.Client
	Now    func() time.Time
}

// Wake asks for work on an import.
func (q ImportQueue) Wake(ctx context.Context, importID int64) error {
	return q.Client.Enqueue(ctx, ContactImport{ImportID: importID}, queue.Options{
		ID: fmt.Sprintf("contact:import:%d:%d", importID, q.Now().UnixMilli()), Limit: importLimit,
	})
}
