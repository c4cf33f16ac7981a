package httpserver

import (
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestMemoryLimiterCountsAndForgets(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 8, 7, 9, 0, 0, 0, time.UTC)
	m := NewMemoryLimiter(func() time.Time { return now })
	allow := func(key string) bool {
		ok, wait, err := m.Allow(t.Context(), key, 2, time.Minute)
		if err != nil || wait <= 0 || wait > time.Minute {
			t.Fatalf("wait %s, %v", wait, err)
		}
		return ok
	}
	got := []bool{allow("a"), allow("a"), allow("a"), allow("b")}
	if !slices.Equal(got, []bool{true, true, false, true}) {
		t.Errorf("counted wrongly: %v", got)
	}
	now = now.Add(time.Minute)
	if !allow("a") {
		t.Error("the window does not end")
	}
	for i := range 2 * maxCounters {
		allow(strconv.Itoa(i))
	}
	if len(m.counters) > maxCounters {
		t.Errorf("%d counters are kept", len(m.counters))
	}
}

func TestPeerBelievesOnlyNearProxies(t *testing.T) {
	t.Parallel()
	app := fiber.New()
	for _, tc := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9", "", "203.0.113.9"},
		{"203.0.113.9", "198.51.100.1", "203.0.113.9"},
		{"10.0.0.2", "198.51.100.1", "198.51.100.1"},
		{"127.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.3", "198.51.100.1"},
		{"10.0.0.2", "rubbish", "10.0.0.2"},
		{"10.0.0.2", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
	} {
		var raw fasthttp.RequestCtx
		raw.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.ParseIP(tc.remote)}, nil)
		raw.Request.Header.Set("X-Forwarded-For", tc.forwarded)
		c := app.AcquireCtx(&raw)
		if got := peer(c); got != tc.want {
			t.Errorf("%s forwarded %q: %s", tc.remote, tc.forwarded, got)
		}
		app.ReleaseCtx(c)
	}
}
