package worker

import (
	"context"
	"errors"
	"testing"

	"github.com/hibiken/asynq"

	"github.com/convoke/convoke/internal/queue"
)

func (s *sweeper) FreezeDue(ctx context.Context) error { return s.ExpireDue(ctx) }

func TestFreezeDocuments(t *testing.T) {
	t.Parallel()
	s := &sweeper{}
	mux := queue.NewMux()
	HandleFreezing(mux, s)
	task := asynq.NewTask(FreezeSchedule().Task.Kind(), []byte("{}"))
	if err := mux.ProcessTask(context.Background(), task); err != nil || s.calls != 1 {
		t.Fatalf("%v after %d calls", err, s.calls)
	}
	s.err = errors.New("database away")
	if err := mux.ProcessTask(context.Background(), task); !errors.Is(err, s.err) {
		t.Errorf("the failure is lost: %v", err)
	}
}
