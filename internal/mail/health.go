package mail

import (
	"context"
	"log/slog"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

const (
	lookEvery = time.Second
	// stale is how long a note of trouble is believed that nobody repeats: while messages wait, the server is tried each
	// minute at least.
	stale = 10 * time.Minute
)

// Trouble is that the mail server takes no mail at the moment.
type Trouble struct {
	Since time.Time
	Tried time.Time // the last time
	Why   error     // with the server's words
}

// HealthDeps are what a Health works with.
type HealthDeps struct {
	DB  *db.DB
	Now func() time.Time
	Log *slog.Logger
}

// Health keeps in the database whether the mail server takes our mail: those who send find out, and those who serve pages
// tell people.
type Health struct{ HealthDeps }

// NewHealth makes it.
func NewHealth(d HealthDeps) *Health { return &Health{d} }

// Trouble says what keeps mail from leaving; nil where nothing is known to.
func (h *Health) Trouble(ctx context.Context) (*Trouble, error) {
	t, err := readTrouble(h.DB.Read(ctx))
	if db.IsNotFound(err) || err == nil && h.Now().Sub(t.Tried) > stale {
		return nil, nil
	}
	if err != nil {
		return nil, errs.Wrap("mail.trouble", err)
	}
	return &t, nil
}

// Follow notes how a pool fares with its server, until ctx ends.
func (h *Health) Follow(ctx context.Context, p *Pool) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var last Fortune
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := p.Fortune()
		if err := h.Note(ctx, last, now); err != nil {
			h.Log.WarnContext(ctx, "the state of the mail server is not noted", "error", err)
			continue
		}
		last = now
	}
}

// Note stores how a pool fares, where that is otherwise than before.
func (h *Health) Note(ctx context.Context, before, now Fortune) error {
	switch {
	case now.Err != nil && !now.Tried.Equal(before.Tried):
		e := errs.Find(now.Err)
		if e == nil {
			return nil
		}
		return h.DB.Write(ctx, func(tx *db.Tx) error { return storeTrouble(tx, now, e, h.Now().Add(-stale)) })
	case now.Well && !before.Well:
		return h.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec("delete from mail_trouble")
			return err
		})
	}
	return nil
}

func storeTrouble(tx *db.Tx, f Fortune, e *errs.Error, old time.Time) error {
	server, _ := e.Args["Server"].(string)
	reply, _ := e.Args["Reply"].(string)
	_, err := tx.Exec(`insert into mail_trouble (id, since, tried_at, kind, server, reply) values (1, ?, ?, ?, ?, ?)
on conflict (id) do update set since = case when mail_trouble.tried_at < ? then excluded.since else mail_trouble.since end,
tried_at = excluded.tried_at, kind = excluded.kind, server = excluded.server, reply = excluded.reply`,
		f.Since, f.Tried, e.Key, stored(server), stored(reply), old)
	return err
}

func readTrouble(tx *db.Tx) (Trouble, error) {
	var t Trouble
	var key, server, reply string
	err := tx.QueryRow("select since, tried_at, kind, server, reply from mail_trouble").Scan(&t.Since, &t.Tried, &key, &server, &reply)
	t.Since, t.Tried = t.Since.UTC(), t.Tried.UTC()
	t.Why = &errs.Error{Code: errs.Unavailable, Key: key, Args: errs.Args{"Server": server, "Reply": reply}}
	return t, err
}
