package httpserver

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

// Limiter counts what somebody did within a time.
type Limiter interface {
	// Allow counts one more for the key and says whether it was within limit per window; if not,
	// how long to wait.
	Allow(ctx context.Context, key string, limit int, window time.Duration) (ok bool, wait time.Duration, err error)
}

type limit struct {
	times  int
	window time.Duration
	told   bool // the handler asks Limited
}

// Limit allows each address (a whole /64 of IPv6) so many requests to the route within the window.
func Limit(times int, window time.Duration) Option {
	return func(r *rules) { r.limit = &limit{times: times, window: window} }
}

// LimitTold is Limit where the handler asks Limited itself, so that what was typed is not lost.
func LimitTold(times int, window time.Duration) Option {
	return func(r *rules) { r.limit = &limit{times: times, window: window, told: true} }
}

// Limited is errs.TooMany where the request is over what LimitTold allows.
func Limited(c *fiber.Ctx) error {
	if wait := requestOf(c).limited; wait > 0 {
		return tooMany(wait)
	}
	return nil
}

// tooMany says how long to wait, in minutes where it is more than one.
func tooMany(wait time.Duration) error {
	if wait <= time.Minute {
		return errs.E(errs.TooMany, "error.too_many")
	}
	return errs.E(errs.TooMany, "error.too_many.minutes", "Count", int((wait+time.Minute-1)/time.Minute))
}

func (s *Server) checkLimit(c *fiber.Ctx, route Route) error {
	l := route.rules.limit
	if l == nil {
		return nil
	}
	ok, wait, err := s.Limiter.Allow(c.UserContext(), route.Method+" "+route.Path+" "+peer(c), l.times, l.window)
	if err != nil {
		return errs.Wrap("httpserver.limit", err)
	}
	if !ok {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(wait.Seconds())+1))
		if l.told {
			requestOf(c).limited = max(wait, 1)
			return nil
		}
		return tooMany(wait)
	}
	return nil
}

// peer is the network that a request comes from. Proxies on this machine and in private networks are believed,
// from the right: what a client wrote itself stands further left.
func peer(c *fiber.Ctx) string {
	remote, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	remote = remote.Unmap()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; ok && i >= 0 && (remote.IsLoopback() || remote.IsPrivate()); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		remote = hop.Unmap()
	}
	if remote.Is6() {
		if network, err := remote.Prefix(64); err == nil {
			return network.String()
		}
	}
	return remote.String()
}

// maxCounters bounds the memory of a MemoryLimiter.
const maxCounters = 10_000

// MemoryLimiter counts within one process, in fixed windows.
type MemoryLimiter struct {
	mu       sync.Mutex
	now      func() time.Time
	counters map[string]counter
}

type counter struct {
	n    int
	ends time.Time
}

// NewMemoryLimiter counts by this clock.
func NewMemoryLimiter(now func() time.Time) *MemoryLimiter {
	return &MemoryLimiter{now: now, counters: map[string]counter{}}
}

// Allow implements Limiter.
func (m *MemoryLimiter) Allow(_ context.Context, key string, limit int, window time.Duration) (bool, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	c, known := m.counters[key]
	if !now.Before(c.ends) {
		c = counter{ends: now.Add(window)}
	}
	if !known && len(m.counters) >= maxCounters {
		m.makeRoom(now)
	}
	c.n++
	m.counters[key] = c
	return c.n <= limit, c.ends.Sub(now), nil
}

// makeRoom forgets what is over, or else a tenth of all, so that not every stranger costs a walk over them.
func (m *MemoryLimiter) makeRoom(now time.Time) {
	for key, c := range m.counters {
		if !now.Before(c.ends) {
			delete(m.counters, key)
		}
	}
	for key := range m.counters {
		if len(m.counters) <= maxCounters-maxCounters/10 {
			return
		}
		delete(m.counters, key)
	}
}
