package mail

import (
	"context"
	"sync"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

const (
	defaultIdle   = 30 * time.Second
	maxTries      = 3 // of one message on connections that break, and of connections that bring nothing
	firstPause    = time.Second
	longestPause  = time.Minute
	limitedFor    = 30 * time.Second // how long fewer connections are tried after a refused one
	sendingFailed = "the connection broke off"
)

// PoolConfig is what a pool needs. Zero values mean: one connection, closed after 30 s without
// work, the system's clock.
type PoolConfig struct {
	Transport   Transport
	Connections int
	Idle        time.Duration
	Now         func() time.Time
	Sign        func(message []byte) []byte // gives the message signed, as a new slice; nil: messages go out as they are
}

// Pool spreads messages over connections that stay open. It opens as many as there is work for,
// at most Connections. Several batches at a time take turns message by message, so that a single
// mail waits for one message of the others, not for a batch.
//
// A breaker guards the server: when no connection can be opened, or three in a row bring nothing
// but trouble, every waiting message is given back as NotSent with errs.Unavailable, and so is
// every new batch until a pause (1 s, doubling to 1 min) is over. Then one connection tries first.
type Pool struct {
	cfg    PoolConfig
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{}
	wg     sync.WaitGroup

	mu      sync.Mutex
	jobs    []*job // with messages waiting
	turn    int
	waiting int // messages in jobs
	workers int
	idle    int
	opening int
	open    int
	closed  bool
	breaker breaker
}

// NewPool makes a pool; connections are opened when there is work. The caller must Close it.
func NewPool(c PoolConfig) *Pool {
	if c.Connections < 1 {
		c.Connections = 1
	}
	if c.Idle <= 0 {
		c.Idle = defaultIdle
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Pool{cfg: c, ctx: ctx, cancel: cancel, wake: make(chan struct{}, c.Connections)}
}

// Send sends a batch and waits for its end. results[i] belongs to envelopes[i], whatever happens;
// there is exactly one for each. The error is nil when each message was tried to its end,
// errs.Unavailable when the server could not be reached (the rest is NotSent), the journal's
// error, or that of ctx: when ctx ends, messages not yet begun are NotSent and those under way
// are finished.
func (p *Pool) Send(ctx context.Context, envelopes []Envelope, journal Recorder) ([]Result, error) {
	if len(envelopes) == 0 {
		return nil, nil
	}
	if journal == nil {
		journal = NoJournal{}
	}
	j := newJob(envelopes, journal)
	if err := p.submit(ctx, j); err != nil {
		return j.results, errs.Wrap("mail.send", err)
	}
	stop := context.AfterFunc(ctx, func() { p.abandon(j, ctx.Err()) })
	defer stop()
	<-j.done
	return j.results, errs.Wrap("mail.send", j.err)
}

// Close gives back what has not begun, finishes what has within a few seconds, and says goodbye
// to the server.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.giveBack(errs.E(errs.Unavailable, "mail.pool.closed"))
	p.mu.Unlock()
	p.cancel()
	p.wg.Wait()
}

// Paused says until when the breaker holds mail back, and why; the zero time when it does not.
func (p *Pool) Paused() (until time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.breaker.holds(p.cfg.Now()) {
		return time.Time{}, nil
	}
	return p.breaker.until, p.breaker.why
}

// Fortune is how a pool fares with its server.
type Fortune struct {
	Well  bool      // the server decides about messages
	Since time.Time // when it began to be otherwise
	Tried time.Time // when it was tried last
	Err   error     // what keeps messages from leaving; nil while nothing does
}

// Fortune says how the pool fares. The zero Fortune is that nothing was tried yet.
func (p *Pool) Fortune() Fortune {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.breaker.err == nil {
		return Fortune{Well: p.breaker.well}
	}
	return Fortune{Since: p.breaker.since, Tried: p.breaker.tried, Err: p.breaker.err}
}

// Check opens one connection and closes it again: what `doctor` asks. The error says what to do.
func (p *Pool) Check(ctx context.Context) error {
	c, err := p.cfg.Transport.Open(ctx)
	if err != nil {
		return errs.Wrap("mail.check", err)
	}
	return errs.Wrap("mail.check", c.Close())
}

func (p *Pool) submit(ctx context.Context, j *job) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return errs.E(errs.Unavailable, "mail.pool.closed")
	case ctx.Err() != nil:
		return ctx.Err()
	case p.breaker.holds(p.cfg.Now()):
		return p.breaker.why
	}
	p.jobs = append(p.jobs, j)
	p.waiting += len(j.queue)
	p.rouse()
	return nil
}

// rouse wakes idle workers and starts new ones, as many as there is work for.
func (p *Pool) rouse() {
	for range min(p.waiting, p.idle) {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
	limit := p.breaker.limit(p.cfg.Connections, p.cfg.Now())
	for range min(limit-p.workers, p.waiting-p.idle) {
		p.workers++
		p.wg.Add(1)
		go p.work()
	}
}

// take gives the next message, batch by batch in turn.
func (p *Pool) take() (item, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.jobs) == 0 {
		return item{}, false
	}
	p.turn %= len(p.jobs)
	j := p.jobs[p.turn]
	it := item{job: j, index: j.pop()}
	p.waiting--
	if len(j.queue) == 0 {
		p.drop(j)
	} else {
		p.turn++
	}
	return it, true
}

// drop takes a job out of the turn.
func (p *Pool) drop(j *job) {
	for i, other := range p.jobs {
		if other == j {
			p.jobs = append(p.jobs[:i], p.jobs[i+1:]...)
			return
		}
	}
}

// abandon gives back what a batch still has waiting.
func (p *Pool) abandon(j *job, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.abandonLocked(j, err)
}

func (p *Pool) abandonLocked(j *job, err error) {
	if j.err == nil && j.left > 0 {
		j.err = err
	}
	p.waiting -= len(j.queue)
	p.drop(j)
	j.giveBack()
}

// giveBack ends every batch that still has messages waiting.
func (p *Pool) giveBack(err error) {
	for len(p.jobs) > 0 {
		p.abandonLocked(p.jobs[0], err)
	}
}

// settle takes a result: final, or, when the message never left, to be tried again. A try counts
// against a message only when it was the first on a new connection, else the connection may have
// broken for other reasons, and not when the server said in words that it wants something of us.
func (p *Pool) settle(it item, r Result, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j := it.job
	if r.Outcome != NotSent {
		j.settle(it.index, r)
		if r.Outcome != Uncertain && p.breaker.replied() {
			p.rouse()
		}
		return
	}
	if first && r.Code == 0 {
		j.tries[it.index]++
	}
	switch {
	case p.closed && j.err == nil:
		j.err = errs.E(errs.Unavailable, "mail.pool.closed")
		j.settle(it.index, r)
	case j.err != nil:
		j.settle(it.index, r)
	case j.tries[it.index] >= maxTries:
		r.Outcome = Deferred
		if r.Reply == "" {
			r.Reply = sendingFailed
		}
		j.settle(it.index, r)
	default:
		if len(j.queue) == 0 {
			p.jobs = append(p.jobs, j)
		}
		j.queue = append(j.queue, it.index)
		p.waiting++
	}
}
