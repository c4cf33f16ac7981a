package mail

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

const (
	lookEvery = time.Second
	// stale is how long a note of trouble is believed that nobody repeats: while messages wait, the server is tried each
	// minute at least.
	stale = 10 * time.Minute
	// staleRefusal is how long it is believed that a server takes our connections and refuses each message: those wait
	// longer from try to try.
	staleRefusal = 24 * time.Hour
)

// Trouble is that the mail server takes no mail at the moment.
type Trouble struct {
	Since time.Time
	Tried time.Time // the last time
	Why   error     // with the server's words
}

// believed is how long the trouble is believed though nobody repeats it.
func (t *Trouble) believed() time.Duration {
	if t.OfMessages() {
		return staleRefusal
	}
	return stale
}

// OfMessages says whether the server lets us in and refuses each message, because of us.
func (t *Trouble) OfMessages() bool {
	switch key, _ := errs.Message(t.Why); key {
	case "mail.smtp.takes_nothing", "mail.smtp.sender_refused", "mail.smtp.relay_refused":
		return true
	}
	return false
}

// Fortunate is what knows how it fares with a server. Pool and Watched do.
type Fortunate interface{ Fortune() Fortune }

// HealthDeps are what a Health works with.
type HealthDeps struct {
	DB  *db.DB
	Now func() time.Time
	Log *slog.Logger
	// Ticks says when Follow looks; nil means each second.
	Ticks <-chan time.Time
}

// Health keeps in the database whether the mail server takes our mail: those who send find out, and those who serve pages
// tell people.
type Health struct{ HealthDeps }

// NewHealth makes it.
func NewHealth(d HealthDeps) *Health { return &Health{d} }

// Trouble says what keeps mail from leaving; nil where nothing is known to.
func (h *Health) Trouble(ctx context.Context) (*Trouble, error) {
	t, err := readTrouble(h.DB.Read(ctx))
	if db.IsNotFound(err) || err == nil && h.Now().Sub(t.Tried) > t.believed() {
		return nil, nil
	}
	if err != nil {
		return nil, errs.Wrap("mail.trouble", err)
	}
	return &t, nil
}

// Follow notes how a pool fares with its server, until ctx ends.
func (h *Health) Follow(ctx context.Context, p Fortunate) {
	ticks := h.Ticks
	if ticks == nil {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		ticks = ticker.C
	}
	var last Fortune
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
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

// Sender hands messages to a server. Pool and Watched are senders.
type Sender interface {
	Send(ctx context.Context, envelopes []Envelope, journal Recorder) ([]Result, error)
}

// Watched is a pool that also knows when its server takes our connections and none of our messages, because it refuses us
// and not their readers.
type Watched struct {
	*Pool
	mu      sync.Mutex
	refused Fortune // the zero Fortune while it takes messages
}

// Watch makes it.
func Watch(p *Pool) *Watched { return &Watched{Pool: p} }

// Send is that of the pool.
func (w *Watched) Send(ctx context.Context, envelopes []Envelope, journal Recorder) ([]Result, error) {
	results, err := w.Pool.Send(ctx, envelopes, journal)
	w.look(results)
	return results, err
}

// Fortune is that of the pool, or that the server takes nothing from us.
func (w *Watched) Fortune() Fortune {
	f := w.Pool.Fortune()
	if r := w.refusal(); f.Err == nil && r.Err != nil {
		return r
	}
	return f
}

func (w *Watched) refusal() Fortune {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refused
}

// look notes that all that the server said of a batch was that it refuses us. As soon as it decided about a reader, or took
// a message, it takes what we send.
func (w *Watched) look(results []Result) {
	var why error
	for i := range results {
		r := &results[i]
		if r.Server == "" || r.Stage == StageNone {
			continue // nobody was asked
		}
		if why = refusesUs(r); why == nil {
			break
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case why != nil:
		now := w.cfg.Now()
		if w.refused.Err == nil {
			w.refused.Since = now
		}
		w.refused.Tried, w.refused.Err = now, why
	case decided(results):
		w.refused = Fortune{}
	}
}

// decided says whether the server said anything about any of the messages.
func decided(results []Result) bool {
	for i := range results {
		if results[i].Server != "" && results[i].Stage != StageNone {
			return true
		}
	}
	return false
}

// relayDenied are the words of servers that do not pass mail on for us. They say it with the codes of a policy of the recipient.
var relayDenied = regexp.MustCompile(`(?i)\brelay(ing)?\b.{0,40}\b(denied|prohibited|not (allowed|permitted))|\bunable to relay\b|\bnot permitted to relay\b`)

// RelayDenied says whether these are the words of a server that does not pass mail on for us.
func RelayDenied(reply string) bool { return relayDenied.MatchString(reply) }

// refusesUs is why the server would have nothing from us, whoever is to read it; nil where its reply says something else.
func refusesUs(r *Result) error {
	if r.Outcome != Failed && r.Outcome != Deferred {
		return nil
	}
	var key string
	switch {
	case r.Stage == StageFrom && r.Code == 552, r.Enhanced == TooLarge:
		return nil // one message is too large
	case r.Stage == StageFrom && r.Outcome == Deferred:
		key = "mail.smtp.takes_nothing"
	case r.Stage == StageFrom:
		key = "mail.smtp.sender_refused"
	case r.Stage == StageTo && RelayDenied(r.Reply):
		key = "mail.smtp.relay_refused"
	default:
		return nil
	}
	reply := strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Reply)), " ")
	return &errs.Error{Code: errs.Unavailable, Key: key, Op: "mail.smtp", Args: errs.Args{"Server": r.Server, "Reply": reply}}
}
