package campaign

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// pails are buckets in memory, for what does not depend on Redis; the tests of the worker have the real ones.
type pails struct {
	mu    sync.Mutex
	now   func() time.Time
	begun map[string]time.Time
	used  map[string]int
	calls int
	away  bool
}

func newPails(now func() time.Time) *pails {
	return &pails{now: now, begun: map[string]time.Time{}, used: map[string]int{}}
}

func (p *pails) free(t Token) int {
	if t.Key == "" {
		return math.MaxInt
	}
	if p.begun[t.Key].IsZero() {
		p.begun[t.Key] = p.now()
	}
	return int(t.Second*p.now().Sub(p.begun[t.Key]).Seconds()) + 1 - p.used[t.Key]
}

func (p *pails) Take(_ context.Context, shared []Token, portions []Portion) ([]int, time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls++; p.away {
		return nil, 0, errs.E(errs.Unavailable, "error.queue_away")
	}
	granted, wait := make([]int, len(portions)), time.Duration(0)
	for i, w := range portions {
		n := min(w.Want, p.free(w.Token))
		for _, t := range shared {
			n = min(n, p.free(t))
		}
		granted[i] = max(0, n)
		for _, t := range append(shared, w.Token) {
			p.used[t.Key] += granted[i]
		}
		if granted[i] < w.Want {
			wait = time.Second
		}
	}
	return granted, wait, nil
}

func (p *pails) Give(_ context.Context, shared []Token, portions []Portion) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range portions {
		for _, t := range append(shared, w.Token) {
			p.used[t.Key] -= w.Want
		}
	}
	return nil
}

func TestRatesLimitACampaign(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		pails := newPails(h.clock.Now)
		h.Buckets = pails
		h.contacts(25)
		ctx := context.Background()
		c := h.launched()
		_, err := h.SetRate(ctx, h.officer, c.ID, Rate{Count: 5, Per: PerSecond})
		h.must(err)
		for second := range 3 {
			h.settle()
			if got, want := len(h.got()), 1+5*second; got != want {
				t.Errorf("after %d s %d messages have left, want %d", second, got, want)
			}
			if n := h.number("select count(*) from delivery_batch where waits = 'rate'"); n != 1 {
				t.Errorf("after %d s %d batches wait for the limit", second, n)
			}
			h.clock.Advance(time.Second)
		}
		compare(t, "deliveries", h.states(c.Steps[0].ID), map[string]int{"sent": 11, "queued": 14})
		_, err = h.SetRate(ctx, h.officer, c.ID, Rate{})
		h.must(err)
		calls := pails.calls
		h.settle() // though its second is not over
		compare(t, "without a limit", h.states(c.Steps[0].ID), map[string]int{"sent": 25})
		if pails.calls != calls {
			t.Error("somebody was asked though nothing is limited")
		}
		if _, err := h.SetRate(ctx, h.officer, c.ID, Rate{Count: 1, Per: PerHour}); !errs.Is(err, errs.Conflict) {
			t.Errorf("a limit for a campaign that was sent: %v", err)
		}
	})
}

func TestAChangedRateTakesEffectAtTheNextLook(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.Buckets = newPails(h.clock.Now)
	h.contacts(10)
	ctx := context.Background()
	c := h.launched()
	_, err := h.SetRate(ctx, h.officer, c.ID, Rate{Count: 1, Per: PerHour})
	h.must(err)
	h.settle()
	h.write("update delivery_batch set not_before = ?", h.Now().Add(time.Hour))
	_, err = h.SetRate(ctx, h.officer, c.ID, Rate{Count: 1000, Per: PerSecond})
	h.must(err)
	h.clock.Advance(time.Second)
	h.settle()
	compare(t, "a second later", h.states(c.Steps[0].ID), map[string]int{"sent": 10})
}

func TestDomainsHaveRatesOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.Buckets = newPails(h.clock.Now)
	h.Limits = Limits{Domain: Rate{Count: 4, Per: PerSecond}, Domains: map[string]Rate{"big.example": {Count: 2, Per: PerSecond}, "free.example": {}}}
	for i := range 20 {
		for _, domain := range []string{"BIG.example", "free.example", "small.example"} {
			h.contact("Somebody", fmt.Sprintf("p%d@%s", i, domain), "en")
		}
	}
	c := h.launched()
	for second := range 3 {
		h.settle()
		got := map[string]int{}
		for _, to := range h.got() {
			got[domainOf(to)]++
		}
		compare(t, fmt.Sprintf("after %d s", second), got, map[string]int{"big.example": 1 + 2*second, "small.example": 1 + 4*second, "free.example": 20})
		h.clock.Advance(time.Second)
	}
	for range 12 {
		h.settle()
		h.clock.Advance(time.Second)
	}
	compare(t, "in the end", h.states(c.Steps[0].ID), map[string]int{"sent": 60})
}

func TestSendingWaitsWhileNobodyKnowsTheLimits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		pails := newPails(h.clock.Now)
		h.Buckets, h.Limits, pails.away = pails, Limits{Overall: Rate{Count: 1000, Per: PerSecond}}, true
		h.contacts(5)
		c := h.launched()
		for range 3 {
			h.settle()
			compare(t, "while Redis is away", h.states(c.Steps[0].ID), map[string]int{"queued": 5})
			h.clock.Advance(awayPause)
		}
		if n := h.number("select count(*) from delivery_batch where waits = 'limits'"); n != 1 || len(h.got()) != 0 {
			t.Errorf("%d batches wait, %d messages have left", n, len(h.got()))
		}
		pails.away = false
		for range 3 {
			h.settle()
			h.clock.Advance(awayPause)
		}
		compare(t, "afterwards", h.states(c.Steps[0].ID), map[string]int{"sent": 5})
		h.Buckets = nil
		h.contact("Late", "late@example.org", "en")
		second := h.launched()
		h.settle()
		if got := h.states(second.Steps[0].ID); got["queued"] == 0 || got["sent"] != 0 {
			t.Errorf("limited, without buckets: %v", got)
		}
	})
}

func TestTokensOfWhatDidNotLeaveAreGivenBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	pails := newPails(h.clock.Now)
	h.Buckets, h.Limits = pails, Limits{Overall: Rate{Count: 100, Per: PerSecond}}
	h.contacts(5)
	c := h.launched()
	pails.free(token("all", h.Limits.Overall))
	h.clock.Advance(time.Second)
	away := h.service("worker-2")
	away.Transport, away.Buckets, away.Limits = unreachable{}, pails, h.Limits
	h.must(away.SendBatch(context.Background(), BatchRef{c.Steps[0].ID, 0}))
	if pails.used["all"] != 0 {
		t.Errorf("%d tokens are lost", pails.used["all"])
	}
}

func TestRatesAreRefusedAtTheirField(t *testing.T) {
	t.Parallel()
	for field, r := range map[string]Rate{"count": {Count: -1, Per: PerSecond}, "count ": {Count: maxRate + 1, Per: PerSecond}, "per": {Count: 1, Per: "year"}} {
		if fields := errs.FieldsOf(r.validate()); len(fields) != 1 || fields[0].Name != field[:len(fields[0].Name)] {
			t.Errorf("%+v: %v", r, fields)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := Rate{Count: rapid.IntRange(1, maxRate).Draw(rt, "count"), Per: rapid.SampledFrom(Pers()).Draw(rt, "per")}
		if r.validate() != nil || r.Second() <= 0 || r.burst() < 1 || float64(r.burst()) > 2*r.Second()+1 {
			rt.Errorf("%+v: %f a second, %d at once", r, r.Second(), r.burst())
		}
	})
}
