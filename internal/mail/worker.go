package mail

import (
	"time"
)

// work is one connection's life: it opens when there is work, sends what the pool gives, waits
// for more and ends after a time without any.
func (p *Pool) work() {
	defer p.wg.Done()
	var conn Conn
	for p.awaitWork() {
		l := &lane{pool: p, reused: conn != nil}
		if conn == nil {
			var ok bool
			if conn, ok = p.openConn(); !ok {
				return
			}
		}
		err := conn.Send(p.ctx, l.next, l, l.report)
		l.giveUp(err)
		if err != nil {
			_ = conn.Close()
			conn = nil
		}
		p.judge(l, err)
	}
	if conn != nil {
		_ = conn.Close()
		p.mu.Lock()
		p.open--
		p.mu.Unlock()
	}
}

// awaitWork says whether there is work; false ends the worker, which is then no longer counted.
func (p *Pool) awaitWork() bool {
	timer := time.NewTimer(p.cfg.Idle)
	defer timer.Stop()
	late := false
	for {
		p.mu.Lock()
		switch {
		case p.waiting > 0:
			p.mu.Unlock()
			return true
		case late || p.closed:
			p.workers--
			p.mu.Unlock()
			return false
		}
		p.idle++
		p.mu.Unlock()
		select {
		case <-p.wake:
		case <-timer.C:
			late = true
		case <-p.ctx.Done():
			late = true
		}
		p.mu.Lock()
		p.idle--
		p.mu.Unlock()
	}
}

// openConn opens a connection, or ends the worker: with others still working it means that the
// server limits connections, without any that it is away.
func (p *Pool) openConn() (Conn, bool) {
	p.mu.Lock()
	p.opening++
	p.mu.Unlock()
	conn, err := p.cfg.Transport.Open(p.ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opening--
	if err == nil {
		p.open++
		return conn, true
	}
	p.workers--
	switch {
	case p.open > 0:
		p.breaker.refuse(p.cfg.Now(), p.open)
	case p.opening == 0:
		p.breaker.trip(p.cfg.Now(), err)
		p.giveBack(err)
	}
	return nil, false
}

// judge draws the conclusion from what a connection brought. One that the server closed while
// it was idle is no trouble.
func (p *Pool) judge(l *lane, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		p.rouse()
		return
	}
	p.open--
	stale := l.reused && l.replies == 0 && !l.uncertain
	troubled := l.uncertain || l.replies == 0 && l.taken > 0
	if troubled && !stale && !l.journalFailed && p.breaker.trouble() {
		p.breaker.trip(p.cfg.Now(), err)
		p.giveBack(err)
	}
	if p.closed {
		p.giveBack(err)
	}
}

// lane is what one connection has taken and not yet reported, first in, first out.
type lane struct {
	pool          *Pool
	flight        []item
	taken         int
	reported      int
	replies       int // results that a server's reply decided
	uncertain     bool
	reused        bool // the connection has been idle before
	journalFailed bool
}

func (l *lane) next() (Envelope, bool) {
	it, ok := l.pool.take()
	if !ok {
		return Envelope{}, false
	}
	l.flight = append(l.flight, it)
	l.taken++
	e := it.job.envelopes[it.index]
	if sign := l.pool.cfg.Sign; sign != nil {
		e.Data, e.Rendered = sign(e.Data), false
	}
	return e, true
}

func (l *lane) report(r Result) {
	if len(l.flight) == 0 {
		return
	}
	it := l.flight[0]
	l.flight = append(l.flight[:0], l.flight[1:]...)
	switch r.Outcome {
	case Accepted, Deferred, Failed:
		l.replies++
	case Uncertain:
		l.uncertain = true
	}
	first := l.reported == 0 && !l.reused
	l.reported++
	l.pool.settle(it, r, first)
}

// giveUp settles what a connection took and, against its contract, did not report.
func (l *lane) giveUp(err error) {
	for len(l.flight) > 0 {
		r := Result{Outcome: Uncertain}
		if err != nil {
			r.Reply = err.Error()
		}
		l.report(r)
	}
}

func (l *lane) journal(ref Ref) (*job, Recorder) {
	for _, it := range l.flight {
		if it.job.envelopes[it.index].Ref() == ref {
			return it.job, it.job.journal
		}
	}
	return nil, NoJournal{}
}

// Begun passes on to the batch's journal. A journal that cannot record ends the batch.
func (l *lane) Begun(ref Ref) error {
	j, rec := l.journal(ref)
	err := rec.Begun(ref)
	if err != nil && j != nil {
		l.journalFailed = true
		l.pool.abandon(j, err)
	}
	return err
}

// Accepted passes on to the batch's journal.
func (l *lane) Accepted(ref Ref) { _, rec := l.journal(ref); rec.Accepted(ref) }

// Refused passes on to the batch's journal.
func (l *lane) Refused(ref Ref) { _, rec := l.journal(ref); rec.Refused(ref) }

// Uncertain passes on to the batch's journal.
func (l *lane) Uncertain(ref Ref) { _, rec := l.journal(ref); rec.Uncertain(ref) }
