package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/queue"
)

// MailDeliver sends one single mail.
type MailDeliver struct {
	MailID int64 `json:"mail_id"`
}

// Kind names the task.
func (MailDeliver) Kind() string { return "mail:deliver" }

// MailSweep wakes workers for every single mail whose time has come.
type MailSweep struct{}

// Kind names the task.
func (MailSweep) Kind() string { return "mail:sweep" }

// Mail registers the handlers of single mails and gives their schedule.
func Mail(m *queue.Mux, o *letter.Outbox) []queue.Every {
	queue.Handle(m, func(ctx context.Context, t MailDeliver) error { return o.Deliver(ctx, t.MailID) })
	queue.Handle(m, func(ctx context.Context, _ MailSweep) error { return o.Sweep(ctx) })
	return []queue.Every{{Period: 15 * time.Second, Task: MailSweep{}, Queue: queue.Urgent}}
}

// MailQueue implements letter.Waker.
type MailQueue struct {
	Client *queue.Client
	Log    *slog.Logger
}

// Wake enqueues the delivery. The attempt is in the id, so that a retained task never blocks a retry.
func (q MailQueue) Wake(ctx context.Context, mailID int64, attempt int) {
	err := q.Client.Enqueue(ctx, MailDeliver{MailID: mailID}, queue.Options{
		Queue: queue.Urgent, ID: fmt.Sprintf("mail:%d:%d", mailID, attempt),
	})
	if err != nil {
		q.Log.Warn("mail waits for the sweep", "mail", mailID, "error", err)
	}
}

// MailSender implements letter.Sender with the connections of a pool. A lost single mail is sent
// again under its Message-ID, so that it needs no journal.
type MailSender struct{ Pool mail.Sender }

// Send sends one message.
func (s MailSender) Send(ctx context.Context, e mail.Envelope) mail.Result {
	results, err := s.Pool.Send(ctx, []mail.Envelope{e}, mail.NoJournal{})
	if len(results) == 0 {
		return mail.Result{ID: e.ID, Reply: err.Error()}
	}
	if r := results[0]; r.Reply != "" || err == nil {
		return r
	}
	results[0].Reply = err.Error()
	return results[0]
}
