package worker

import (
	"context"
	"errors"
	"testing"

	"github.com/hibiken/asynq"

	"github.com/convoke/convoke/internal/queue"
)

type sweeper struct {
	calls int
	err   error
}

func (s *sweeper) ExpireDue(context.Context) error {
	s.calls++
	return s.err
}

func TestExpireClaims(t *testing.T) {
	t.Parallel()
	s := &sweeper{}
	mux := queue.NewMux()
	HandleClaims(mux, s)
	task := asynq.NewTask(ClaimSchedule().Task.Kind(), []byte("{}"))
	if err := mux.ProcessTask(context.Background(), task); err != nil || s.calls != 1 {
		t.Fatalf("%v after %d calls", err, s.calls)
	}
	s.err = errors.New("database away")
	if err := mux.ProcessTask(context.Background(), task); !errors.Is(err, s.err) {
		t.Errorf("the failure is lost: %v", err)
	}
}
