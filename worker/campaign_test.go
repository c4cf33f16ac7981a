package worker

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/queue"
)

func TestCampaignTasksAreAllHandled(t *testing.T) {
	t.Parallel()
	w := New(Deps{Campaigns: campaign.New(campaign.Deps{}), Claims: &sweeper{}})
	for _, task := range []queue.Task{CampaignLaunch{}, CampaignSendBatch{}, CampaignSweep{}, ExpireClaims{}} {
		if !slices.Contains(w.Kinds(), task.Kind()) {
			t.Errorf("nobody handles %s", task.Kind())
		}
	}
	for _, every := range w.schedule {
		if !slices.Contains(w.Kinds(), every.Task.Kind()) {
			t.Errorf("%s is on the schedule and handled by nobody", every.Task.Kind())
		}
	}
}

func TestWhatWaitsIsAskedForOnce(t *testing.T) {
	t.Parallel()
	q, err := queue.Open("", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	client := q.Client()
	t.Cleanup(func() { _ = client.Close() })
	now := time.Unix(1_500_000_000, 0)
	cq := CampaignQueue{Client: client, Now: func() time.Time { return now }}
	ctx := context.Background()
	ask := func(attempt int) {
		if err := cq.Batch(ctx, campaign.BatchRef{StepID: 1, Number: 2}, attempt); err != nil {
			t.Fatal(err)
		}
	}
	depth := func(want int, when string) {
		t.Helper()
		if n, err := client.Depth(queue.Bulk); err != nil || n != want {
			t.Errorf("%s there are %d tasks (%v), want %d", when, n, err, want)
		}
	}
	ask(0)
	ask(0)
	depth(1, "asked twice")
	ask(1)
	depth(2, "after another attempt")
	now = now.Add(askAgain)
	ask(1)
	depth(3, "much later")
}

func TestAQueueThatIsAwaySaysSo(t *testing.T) {
	t.Parallel()
	q, err := queue.Open("redis://127.0.0.1:1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	client := q.Client()
	t.Cleanup(func() { _ = client.Close() })
	err = CampaignQueue{Client: client, Now: time.Now}.Launch(context.Background(), 1, 0)
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("the launch says %v", err)
	}
}

func TestJournals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := OpenJournals(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := OpenJournals(dir)
	if err != nil {
		t.Fatal(err)
	}
	ref := mail.Ref{Delivery: 1, Batch: 2, Attempt: 3}
	if err := first.Recorder().Begun(ref); err != nil {
		t.Fatal(err)
	}
	if live, err := second.Live(); err != nil || len(live) != 2 || !slices.Contains(live, first.Owner()) {
		t.Errorf("alive are %v, %v", live, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	dead, err := second.Dead()
	if err != nil || len(dead) != 1 || dead[0].Owner != first.Owner() || len(dead[0].Batches) != 1 {
		t.Fatalf("dead are %+v, %v", dead, err)
	}
	if err := second.Forget(dead[0]); err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
