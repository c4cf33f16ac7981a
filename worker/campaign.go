package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/queue"
)

// CampaignLaunch makes the deliveries of a step.
type CampaignLaunch struct {
	StepID int64 `json:"step_id"`
}

// Kind names the task.
func (CampaignLaunch) Kind() string { return "campaign:launch" }

// CampaignSendBatch sends a batch of deliveries.
type CampaignSendBatch struct {
	StepID int64 `json:"step_id"`
	Number int   `json:"number"`
}

// Kind names the task.
func (CampaignSendBatch) Kind() string { return "campaign:send_batch" }

// CampaignSweep brings forward what the queue forgot and what the clock brings.
type CampaignSweep struct{}

// Kind names the task.
func (CampaignSweep) Kind() string { return "campaign:sweep" }

const (
	// taskLimit is how long a launch or a batch may take. Whatever is cut off goes on in the next.
	taskLimit = 10 * time.Minute
	// askAgain is how long the queue is believed to remember what it was asked for.
	askAgain = 30 * time.Second
)

// Campaigns registers the tasks of campaigns and gives their schedule.
func Campaigns(m *queue.Mux, s *campaign.Service) []queue.Every {
	queue.Handle(m, func(ctx context.Context, t CampaignLaunch) error { return s.RunLaunch(ctx, t.StepID) })
	queue.Handle(m, func(ctx context.Context, t CampaignSendBatch) error {
		return s.SendBatch(ctx, campaign.BatchRef{StepID: t.StepID, Number: t.Number})
	})
	queue.Handle(m, func(ctx context.Context, _ CampaignSweep) error { return s.Sweep(ctx) })
	return []queue.Every{{Period: time.Second, Task: CampaignSweep{}}}
}

// CampaignQueue implements campaign.Queue. The id of a task carries how far the work had come, and
// the half minute: so what waits is asked for once, and a task that failed and is kept never
// blocks the next.
type CampaignQueue struct {
	Client *queue.Client
	Now    func() time.Time
}

// Launch implements campaign.Queue.
func (q CampaignQueue) Launch(ctx context.Context, stepID, cursor int64) error {
	return q.Client.Enqueue(ctx, CampaignLaunch{StepID: stepID}, queue.Options{
		ID: fmt.Sprintf("campaign:launch:%d:%d:%d", stepID, cursor, q.slot()), Limit: taskLimit,
	})
}

// Batch implements campaign.Queue.
func (q CampaignQueue) Batch(ctx context.Context, ref campaign.BatchRef, attempt int) error {
	lane := queue.Bulk
	if ref.Personal() { // somebody waits for it
		lane = queue.Urgent
	}
	return q.Client.Enqueue(ctx, CampaignSendBatch{StepID: ref.StepID, Number: ref.Number}, queue.Options{
		Queue: lane, ID: fmt.Sprintf("campaign:batch:%d:%d:%d:%d", ref.StepID, ref.Number, attempt, q.slot()), Limit: taskLimit,
	})
}

// awayAfter bounds how long a page waits for an answer of the queue.
const awayAfter = 500 * time.Millisecond

// Away implements campaign.Queue.
func (q CampaignQueue) Away(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, awayAfter)
	defer cancel()
	answer := make(chan error, 1) // the client dials for seconds, whatever the context says
	go func() { answer <- q.Client.Ping(ctx) }()
	select {
	case err := <-answer:
		return err != nil
	case <-ctx.Done():
		return true
	}
}

func (q CampaignQueue) slot() int64 { return q.Now().Unix() / int64(askAgain/time.Second) }
