package letter

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// State is what became of a mail.
type State string

// The states: queued → sent | failed. A mail that a server refused for now stays queued until a later time.
const (
	Queued State = "queued"
	Sent   State = "sent"
	Failed State = "failed"
)

const (
	leaseFor    = 2 * time.Minute
	firstWait   = 15 * time.Second
	longestWait = time.Hour
	tries       = 10
	sweepAtOnce = 200
)

// outgoing is a row of the outbox.
type outgoing struct {
	ID         int64
	Kind       string
	Recipient  string
	MailFrom   string
	Raw        []byte
	State      State
	Attempts   int
	NotBefore  time.Time
	LeaseUntil *time.Time
	Reply      string
	CreatedAt  time.Time
	SentAt     *time.Time
}

// settle is what a result makes of the mail.
func (m *outgoing) settle(r mail.Result, now time.Time) error {
	if m.State != Queued {
		return errs.E(errs.Conflict, "letter.illegal_move", "From", string(m.State))
	}
	m.LeaseUntil, m.Reply = nil, shorten(r.Reply)
	switch {
	case r.Outcome == mail.Accepted:
		m.State, m.SentAt = Sent, &now
	case r.Outcome == mail.Failed, m.Attempts >= tries, m.stale(now):
		m.State = Failed
	default:
		m.NotBefore = now.Add(wait(m.Attempts))
	}
	if m.State != Queued && (m.Kind == KindSignIn || m.Kind == KindAddressConfirmation) {
		m.Raw = []byte{} // the link in it is a secret
	}
	return nil
}

// stale says whether the mail is of no use any more: its link has expired.
func (m *outgoing) stale(now time.Time) bool {
	return m.Kind == KindSignIn && !now.Before(m.CreatedAt.Add(account.SignInLifetime))
}

// wait doubles from try to try.
func wait(attempts int) time.Duration {
	d := firstWait
	for range attempts - 1 {
		if d *= 2; d >= longestWait {
			return longestWait
		}
	}
	return d
}

// Deliver sends one mail, unless somebody else does so, it has left already, or its time has not come: then it
// does nothing. A process killed between the server's answer and ours makes the mail go out once more under the same
// Message-ID: for a letter that a person waits for, twice is better than never.
func (o *Outbox) Deliver(ctx context.Context, id int64) error {
	var m outgoing
	err := o.DB.Write(ctx, func(tx *db.Tx) error {
		mine, err := lease(tx, id, o.Now(), o.Now().Add(leaseFor))
		if err != nil || !mine {
			return err
		}
		m, err = byID(tx, id)
		return err
	})
	if err != nil || m.ID == 0 {
		return errs.Wrap("letter.deliver", err)
	}
	result := mail.Result{Outcome: mail.NotSent}
	if !m.stale(o.Now()) {
		result = o.Sender.Send(ctx, mail.Envelope{ID: m.ID, Attempt: m.Attempts, From: m.MailFrom, To: m.Recipient, Data: m.Raw})
	}
	if err := m.settle(result, o.Now()); err != nil {
		return errs.Wrap("letter.deliver", err)
	}
	// The result must be kept although the worker is told to stop.
	err = o.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return save(tx, &m) })
	return errs.Wrap("letter.deliver", err)
}

// Sweep wakes workers for every mail whose time has come: what a lost queue forgot, what a server refused
// for now, what a killed worker left behind.
func (o *Outbox) Sweep(ctx context.Context) error {
	due, err := listDue(o.DB.Read(ctx), o.Now(), sweepAtOnce)
	if err != nil {
		return errs.Wrap("letter.sweep", err)
	}
	for _, m := range due {
		o.Waker.Wake(ctx, m.ID, m.Attempts)
	}
	return nil
}

func shorten(reply string) string {
	const limit = 500
	if r := []rune(reply); len(r) > limit {
		return string(r[:limit])
	}
	return reply
}
