package worker

import (
	"context"
	"errors"
	"testing"

	"github.com/hibiken/asynq"

	"github.com/convoke/convoke/internal/queue"
)

func (s *sweeper) FreezeDue(ctx context.Context) error       { return s.ExpireDue(ctx) }
func (s *sweeper) ForgetAddresses(ctx context.Context) error { return s.ExpireDue(ctx) }

func TestTasksOfDocuments(t *testing.T) {
	t.Parallel()
	for _, every := range []queue.Every{FreezeSchedule(), ForgetSchedule()} {
		s := &sweeper{}
		mux := queue.NewMux()
		HandleDocuments(mux, s)
		task := asynq.NewTask(every.Task.Kind(), []byte("{}"))
		if err := mux.ProcessTask(context.Background(), task); err != nil || s.calls != 1 {
			t.Fatalf("%v after %d calls", err, s.calls)
		}
		s.err = errors.New("database away")
		if err := mux.ProcessTask(context.Background(), task); !errors.Is(err, s.err) {
			t.Errorf("the failure is lost: %v", err)
		}
	}
}
