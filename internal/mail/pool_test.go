package mail

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

func configFor(tb testing.TB, addr, query string) SMTPConfig {
	tb.Helper()
	c, err := ParseURL("smtp://" + addr + "?starttls=off&helo=client.test&timeout=10s" + query)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func poolFor(tb testing.TB, addr string, connections int) *Pool {
	tb.Helper()
	p := NewPool(PoolConfig{Transport: NewSMTP(configFor(tb, addr, "")), Connections: connections})
	tb.Cleanup(p.Close)
	return p
}

func envelopesOf(batch int64, n int) []Envelope {
	es := make([]Envelope, n)
	for i := range es {
		id := batch*10000 + int64(i)
		es[i] = Envelope{
			ID: id, Batch: batch, Attempt: 1, From: fmt.Sprintf("bounce+%d@example.org", id), To: fmt.Sprintf("r%d@example.net", id),
			Data: fmt.Appendf(nil, "Subject: %d\r\n\r\nhello\r\n.\r\n..dots\r\nend\r\n", id),
		}
	}
	return es
}

// ledger is a Recorder that checks the order of what it is told.
type ledger struct {
	mu   sync.Mutex
	last map[Ref]string
	bad  []string
}

func newLedger() *ledger { return &ledger{last: map[Ref]string{}} }

func (l *ledger) note(r Ref, word string, after ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range after {
		if l.last[r] == a {
			l.last[r] = word
			return
		}
	}
	l.bad = append(l.bad, fmt.Sprintf("%v %s after %q", r, word, l.last[r]))
}

func (l *ledger) Begun(r Ref) error { l.note(r, "begun", "", "refused"); return nil }
func (l *ledger) Accepted(r Ref)    { l.note(r, "accepted", "begun") }
func (l *ledger) Refused(r Ref)     { l.note(r, "refused", "begun") }
func (l *ledger) Uncertain(r Ref)   { l.note(r, "uncertain", "begun") }

// checkResults holds what every sending must keep: one result for each envelope, the sink agrees
// with it, the journal agrees with it, and nothing arrives twice.
func checkResults(t *testing.T, es []Envelope, rs []Result, l *ledger, sink *mailtest.Raw) map[Outcome]int {
	t.Helper()
	got := map[string]int{}
	for _, m := range sink.Messages() {
		got[m.To]++
	}
	counts := map[Outcome]int{}
	if len(rs) != len(es) {
		t.Fatalf("%d results for %d envelopes", len(rs), len(es))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, r := range rs {
		e := es[i]
		counts[r.Outcome]++
		if r.ID != e.ID {
			t.Errorf("result %d is of %d, want %d", i, r.ID, e.ID)
		}
		n, word := got[e.To], l.last[e.Ref()]
		want := map[Outcome]string{Accepted: "accepted", Uncertain: "uncertain"}[r.Outcome]
		switch {
		case n > 1:
			t.Errorf("%s arrived %d times", e.To, n)
		case r.Outcome == Accepted && n != 1, r.Outcome != Accepted && r.Outcome != Uncertain && n != 0:
			t.Errorf("%s is %s and arrived %d times", e.To, r.Outcome, n)
		case want != "" && word != want, want == "" && word != "" && word != "refused":
			t.Errorf("%s is %s and the journal says %q", e.To, r.Outcome, word)
		}
	}
	for _, b := range l.bad {
		t.Error(b)
	}
	return counts
}

func TestPoolDelivers(t *testing.T) {
	t.Parallel()
	for _, lockStep := range []bool{false, true} {
		sink := mailtest.NewRaw(t, mailtest.RawOptions{NoPipelining: lockStep})
		p := poolFor(t, sink.Addr(), 4)
		l := newLedger()
		for batch := range int64(3) {
			es := envelopesOf(batch+1, 200)
			rs, err := p.Send(context.Background(), es, l)
			if err != nil {
				t.Fatal(err)
			}
			if c := checkResults(t, es, rs, l, sink); c[Accepted] != 200 {
				t.Errorf("lock step %v: %v", lockStep, c)
			}
			if rs[0].Code != 250 || rs[0].Enhanced != "2.0.0" || rs[0].Server != "sink.test" || rs[0].Reply != "taken" {
				t.Errorf("%+v", rs[0])
			}
		}
		for _, m := range sink.Messages() {
			id := strings.TrimSuffix(strings.TrimPrefix(m.To, "r"), "@example.net")
			if string(m.Data) != "Subject: "+id+"\r\n\r\nhello\r\n.\r\n..dots\r\nend\r\n" || m.From != "bounce+"+id+"@example.org" {
				t.Fatalf("%+v %q", m, m.Data)
			}
		}
		if sink.Conns() > 4 {
			t.Errorf("%d connections: they did not stay open", sink.Conns())
		}
	}
}

func TestPoolFaults(t *testing.T) {
	t.Parallel()
	every := func(n int, stage string, a mailtest.Action) func(mailtest.Event) mailtest.Action {
		return func(e mailtest.Event) mailtest.Action {
			if e.Stage == stage && e.Msg%n == 0 {
				return a
			}
			return mailtest.Action{}
		}
	}
	for name, c := range map[string]struct {
		script func(mailtest.Event) mailtest.Action
		want   map[Outcome]int // of 100; nil: only the invariants
		away   bool            // the server counts as unreachable
	}{
		"450 at RCPT":                      {every(10, "rcpt", mailtest.Action{Reply: "450 4.2.1 later"}), map[Outcome]int{Accepted: 90, Deferred: 10}, false},
		"550 at RCPT":                      {every(10, "rcpt", mailtest.Action{Reply: "550 5.1.1 no such\nuser here"}), map[Outcome]int{Accepted: 90, Failed: 10}, false},
		"451 at MAIL":                      {every(10, "mail", mailtest.Action{Reply: "451 4.3.0 later"}), map[Outcome]int{Accepted: 90, Deferred: 10}, false},
		"552 at text":                      {every(10, "text", mailtest.Action{Reply: "552 5.3.4 too large"}), map[Outcome]int{Accepted: 90, Failed: 10}, false},
		"451 at text":                      {every(10, "text", mailtest.Action{Reply: "451 4.3.0 later"}), map[Outcome]int{Accepted: 90, Deferred: 10}, false},
		"452 at DATA":                      {every(10, "data", mailtest.Action{Reply: "452 4.3.1 no room"}), map[Outcome]int{Accepted: 90, Deferred: 10}, false},
		"554 at DATA":                      {every(10, "data", mailtest.Action{Reply: "554 5.5.1 no"}), map[Outcome]int{Accepted: 90, Failed: 10}, false},
		"421 at MAIL":                      {every(10, "mail", mailtest.Action{Reply: "421 4.3.2 leaving", Close: true}), map[Outcome]int{Accepted: 100}, false},
		"421 at RCPT":                      {every(10, "rcpt", mailtest.Action{Reply: "421 4.3.2 leaving", Close: true}), map[Outcome]int{Accepted: 100}, false},
		"421 at text":                      {every(10, "text", mailtest.Action{Reply: "421 4.3.2 leaving", Close: true}), nil, false},
		"closed at MAIL":                   {every(10, "mail", mailtest.Action{Close: true}), map[Outcome]int{Accepted: 100}, false},
		"nonsense":                         {every(10, "rcpt", mailtest.Action{Reply: "xyz what"}), map[Outcome]int{Accepted: 100}, false},
		"dropped after the dot, taken":     {every(10, "text", mailtest.Action{Close: true, Keep: true}), nil, false},
		"dropped after the dot, not taken": {every(10, "text", mailtest.Action{Close: true}), nil, false},
		"closed in mid-DATA":               {every(10, "data", mailtest.Action{After: 10}), nil, false},
		"refused at once": {func(e mailtest.Event) mailtest.Action {
			return mailtest.Action{Reply: "554 5.7.1 go away", Close: true}
		}, map[Outcome]int{NotSent: 100}, true},
		"421 for ever":                 {every(1, "mail", mailtest.Action{Reply: "421 4.3.2 leaving", Close: true}), nil, true},
		"always dropped after the dot": {every(1, "text", mailtest.Action{Close: true}), nil, true},
		"one at a time": {func(e mailtest.Event) mailtest.Action {
			if e.Stage == "mail" && e.Nth > 1 {
				return mailtest.Action{Reply: "421 4.7.0 one message each", Close: true}
			}
			return mailtest.Action{}
		}, map[Outcome]int{Accepted: 100}, false},
	} {
		for _, lockStep := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, lock step %v", name, lockStep), func(t *testing.T) {
				t.Parallel()
				sink := mailtest.NewRaw(t, mailtest.RawOptions{NoPipelining: lockStep, Script: c.script})
				p := poolFor(t, sink.Addr(), 2)
				l, es := newLedger(), envelopesOf(1, 100)
				rs, err := p.Send(context.Background(), es, l)
				if errs.Is(err, errs.Unavailable) != c.away && (c.want != nil || c.away) {
					t.Errorf("error %v", err)
				}
				got := checkResults(t, es, rs, l, sink)
				if c.want != nil && fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
				if got[Uncertain] > 12 {
					t.Errorf("%d uncertain", got[Uncertain])
				}
			})
		}
	}
}

func TestPoolUnreachable(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_ = ln.Close()
	var mu sync.Mutex
	now := time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC)
	p := NewPool(PoolConfig{Transport: NewSMTP(configFor(t, addr, "")), Connections: 5, Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	t.Cleanup(p.Close)
	for i := range 3 {
		rs, err := p.Send(context.Background(), envelopesOf(1, 20), newLedger())
		if !errs.Is(err, errs.Unavailable) || len(rs) != 20 || rs[7].Outcome != NotSent || rs[7].ID != 10007 {
			t.Fatalf("%d: %v %+v", i, err, rs)
		}
		if until, why := p.Paused(); until.Sub(now) != time.Second || why == nil {
			t.Errorf("paused until %v: %v", until, why)
		}
	}
	mu.Lock()
	now = now.Add(2 * time.Second)
	mu.Unlock()
	if until, _ := p.Paused(); !until.IsZero() {
		t.Errorf("still paused until %v", until)
	}
	_, port, _ := net.SplitHostPort(addr)
	if err := p.Check(context.Background()); !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), port) {
		t.Errorf("check: %v", err)
	}
	if _, err := p.Send(context.Background(), envelopesOf(1, 1), nil); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
	if until, _ := p.Paused(); until.Sub(now) != 2*time.Second {
		t.Errorf("the pause did not double: %v", until.Sub(now))
	}
}

func TestPoolRecoversAfterRestart(t *testing.T) {
	t.Parallel()
	sink := mailtest.NewRaw(t, mailtest.RawOptions{})
	p := poolFor(t, sink.Addr(), 5)
	for batch := range int64(4) {
		l, es := newLedger(), envelopesOf(batch+1, 50)
		rs, err := p.Send(context.Background(), es, l)
		if err != nil {
			t.Fatal(err)
		}
		if c := checkResults(t, es, rs, l, sink); c[Accepted] != 50 {
			t.Errorf("batch %d: %v", batch, c)
		}
		sink.Drop() // while idle: what the server closed then is no fault of a message
	}
}

func TestPoolIsFair(t *testing.T) {
	t.Parallel()
	sink := mailtest.NewRaw(t, mailtest.RawOptions{Latency: 2 * time.Millisecond})
	p := poolFor(t, sink.Addr(), 1)
	started, done := make(chan struct{}), make(chan error, 1)
	go func() {
		close(started)
		_, err := p.Send(context.Background(), envelopesOf(1, 300), nil)
		done <- err
	}()
	<-started
	rs, err := p.Send(context.Background(), envelopesOf(2, 1), nil)
	if err != nil || rs[0].Outcome != Accepted {
		t.Fatalf("%v %+v", err, rs)
	}
	if n := sink.Accepted(); n > 100 {
		t.Errorf("the single mail waited for %d others", n)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestPoolCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	sink := mailtest.NewRaw(t, mailtest.RawOptions{Script: func(e mailtest.Event) mailtest.Action {
		if e.Msg == 20 {
			cancel()
		}
		return mailtest.Action{}
	}})
	p := poolFor(t, sink.Addr(), 2)
	l, es := newLedger(), envelopesOf(1, 5000)
	rs, err := p.Send(ctx, es, l)
	if err == nil {
		t.Error("no error")
	}
	c := checkResults(t, es, rs, l, sink)
	if c[NotSent] == 0 || c[Accepted] < 19 || c[Uncertain] > 0 {
		t.Errorf("%v", c)
	}
	rs, err = p.Send(context.Background(), es[:1], NoJournal{})
	if err != nil || rs[0].Outcome != Accepted {
		t.Errorf("after a cancelled batch: %v %+v", err, rs)
	}
}

func TestPoolClose(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{})
	sink := mailtest.NewRaw(t, mailtest.RawOptions{Script: func(e mailtest.Event) mailtest.Action {
		if e.Msg == 20 && e.Stage == "text" {
			close(reached)
		}
		return mailtest.Action{}
	}})
	p := poolFor(t, sink.Addr(), 1)
	go func() { <-reached; p.Close() }()
	l, es := newLedger(), envelopesOf(1, 50000)
	rs, err := p.Send(context.Background(), es, l)
	c := checkResults(t, es, rs, l, sink)
	if !errs.Is(err, errs.Unavailable) || c[Accepted] < 20 || c[NotSent] == 0 || c[Uncertain] > 0 {
		t.Errorf("%v %v", err, c)
	}
	if _, err := p.Send(context.Background(), es[:1], nil); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a closed pool: %v", err)
	}
}

func TestPoolLimitedByServer(t *testing.T) {
	t.Parallel()
	sink := mailtest.NewRaw(t, mailtest.RawOptions{Latency: time.Millisecond, Script: func(e mailtest.Event) mailtest.Action {
		if e.Stage == "connect" && e.Conn > 2 {
			return mailtest.Action{Reply: "421 4.7.0 too many connections", Close: true}
		}
		return mailtest.Action{}
	}})
	p := poolFor(t, sink.Addr(), 10)
	l, es := newLedger(), envelopesOf(1, 200)
	rs, err := p.Send(context.Background(), es, l)
	if err != nil {
		t.Fatal(err)
	}
	if c := checkResults(t, es, rs, l, sink); c[Accepted] != 200 {
		t.Errorf("%v", c)
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	sink := mailtest.NewRaw(t, mailtest.RawOptions{Extensions: []string{"SIZE 1000"}})
	p := poolFor(t, sink.Addr(), 1)
	es := envelopesOf(1, 6)
	es[0].To = "a@example.org>\r\nRCPT TO:<eve@example.org"
	es[1].From = "a b@example.org"
	es[2].To = ""
	es[3].Data = make([]byte, 2000)
	es[4].To = "用户@example.org"
	rs, err := p.Send(context.Background(), es, newLedger())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rs {
		got = append(got, r.Outcome.String()+" "+strconv.Itoa(r.Code)+" "+r.Enhanced)
	}
	want := "failed 553 5.1.3, failed 553 5.1.7, failed 553 5.1.3, failed 552 5.3.4, failed 553 5.6.7, accepted 250 2.0.0"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// TestPoolGoesOnAfterALateReply lets three connections break, so that the pool pauses, and then a fourth bring the reply that it
// still waited for: the server is there after all, and the next batch goes out.
func TestPoolGoesOnAfterALateReply(t *testing.T) {
	t.Parallel()
	var texts atomic.Int64
	late := make(chan struct{})
	sink := mailtest.NewRaw(t, mailtest.RawOptions{Script: func(e mailtest.Event) mailtest.Action {
		if e.Stage != "text" {
			return mailtest.Action{}
		}
		switch n := texts.Add(1); {
		case n == 1:
			<-late
		case n < 5:
			return mailtest.Action{Close: true}
		}
		return mailtest.Action{}
	}})
	p := poolFor(t, sink.Addr(), 4)
	first := make(chan error, 1)
	go func() {
		_, err := p.Send(context.Background(), envelopesOf(1, 50), newLedger())
		first <- err
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(10 * time.Second); !holdsBack(p); <-tick.C {
		if time.Now().After(until) {
			t.Fatal("three broken connections did not make the pool pause")
		}
	}
	close(late)
	if err := <-first; !errs.Is(err, errs.Unavailable) {
		t.Errorf("the batch that met broken connections: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	rs, err := p.Send(ctx, envelopesOf(2, 20), newLedger())
	for errs.Is(err, errs.Unavailable) && ctx.Err() == nil { // until the pause is over
		<-tick.C
		rs, err = p.Send(ctx, envelopesOf(2, 20), newLedger())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rs {
		if r.Outcome != Accepted {
			t.Fatalf("%+v", r)
		}
	}
}

func holdsBack(p *Pool) bool {
	until, _ := p.Paused()
	return !until.IsZero()
}
