package worker_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/queue"
	"github.com/convoke/convoke/worker"
)

// box is a mail server that keeps what it gets and tells of it.
type box struct {
	mu   sync.Mutex
	got  []mail.Envelope
	rang chan struct{}
}

func (b *box) Open(context.Context) (mail.Conn, error) { return b, nil }
func (b *box) Name() string                            { return "box" }
func (b *box) Close() error                            { return nil }

func (b *box) Send(_ context.Context, next func() (mail.Envelope, bool), _ mail.Recorder, report func(mail.Result)) error {
	for {
		e, ok := next()
		if !ok {
			return nil
		}
		b.mu.Lock()
		b.got = append(b.got, e)
		b.mu.Unlock()
		report(mail.Result{ID: e.ID, Outcome: mail.Accepted, Code: 250, Reply: "250 ok"})
		b.rang <- struct{}{}
	}
}

func TestASignInLinkLeavesAtOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	log := slog.New(slog.DiscardHandler)
	q, err := queue.Open("", log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	client := q.Client()
	t.Cleanup(func() { _ = client.Close() })
	b := &box{rang: make(chan struct{}, 8)}
	pool := mail.NewPool(mail.PoolConfig{Transport: b})
	t.Cleanup(pool.Close)
	outbox, err := letter.New(letter.Deps{
		DB: d, Now: db.Now, I18n: i18ntest.Bundle(t), From: mail.Address{Name: "Secretariat", Email: "secretariat@example.org"},
		PublicURL: "https://convoke.example.org", Unique: letter.Random,
		Waker: worker.MailQueue{Client: client, Log: log}, Sender: worker.MailSender{Pool: pool},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := queue.NewMux()
	schedule := worker.Mail(mux, outbox)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Server(mux, queue.ServerOptions{Concurrency: 1, Schedule: schedule}).Run(ctx) }()

	to := account.Account{Email: "amina@example.org", Name: "Amina", Language: "en", TimeZone: "UTC"}
	if err := outbox.SendSignIn(ctx, to, "", "SECRET", db.Now().Add(account.SignInLifetime)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-b.rang:
	case <-time.After(20 * time.Second):
		t.Fatal("the mail never left")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if len(b.got) != 1 || b.got[0].To != "amina@example.org" {
		t.Errorf("sent %+v", b.got)
	}
	var state string
	if err := d.Read(context.Background()).QueryRow("select state from outgoing_mail").Scan(&state); err != nil || state != "sent" {
		t.Errorf("state %q, %v", state, err)
	}
}
