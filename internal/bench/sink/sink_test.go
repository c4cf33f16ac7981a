package sink_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/bench/sink"
	"github.com/convoke/convoke/internal/mail"
)

func listen(t *testing.T, latency time.Duration) (*sink.Server, *sink.Control) {
	t.Helper()
	s, err := sink.Listen(latency)
	if err != nil {
		t.Fatal(err)
	}
	c, err := sink.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(); _ = s.Close() })
	return s, c
}

// The bare sender and the product's own connections are counted alike, to the last byte.
func TestCountsWhatIsHandedIn(t *testing.T) {
	t.Parallel()
	s, c := listen(t, 0)
	text := append(bytes.Repeat([]byte("a line of a message\r\n"), 300), "..\r\n"...)
	if _, err := bench.BareSend(context.Background(), s.Addr(), 3, 500, [][]byte{text, text[:21]}); err != nil {
		t.Fatal(err)
	}
	seen, err := c.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(250 * (len(text) + 21 + 2*len(".\r\n"))); seen.Accepted != 500 || seen.Bytes != want || seen.First.IsZero() || !seen.Probe.IsZero() {
		t.Errorf("%+v, want 500 messages of %d bytes", seen, want)
	}
	if err := c.Reset(0); err != nil {
		t.Fatal(err)
	}
	if results := hand(t, s.Addr(), 40); len(results) != 40 {
		t.Fatal(len(results))
	}
	if seen, err = c.Stat(); err != nil || seen.Accepted != 40 || seen.Probe.IsZero() {
		t.Errorf("%+v, %v", seen, err)
	}
}

// hand sends messages by the product's own pool, one of them to the probe.
func hand(t *testing.T, addr string, n int) []mail.Result {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := mail.ParseURL("smtp://" + net.JoinHostPort(host, port) + "?starttls=off&connections=3")
	if err != nil {
		t.Fatal(err)
	}
	pool := mail.NewPool(mail.PoolConfig{Transport: mail.NewSMTP(cfg), Connections: 3})
	defer pool.Close()
	envelopes := make([]mail.Envelope, n)
	for i := range envelopes {
		envelopes[i] = mail.Envelope{ID: int64(i + 1), From: "a@example.org", To: fmt.Sprintf("p%d@example.org", i), Data: []byte("Subject: x\r\n\r\n.a dot at the beginning\r\n")}
	}
	envelopes[0].To = sink.Probe + "@example.org"
	results, err := pool.Send(context.Background(), envelopes, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Outcome != mail.Accepted {
			t.Errorf("%+v", r)
		}
	}
	return results
}

func TestTakesItsTimeForEachMessage(t *testing.T) {
	t.Parallel()
	const latency = 20 * time.Millisecond
	s, c := listen(t, latency)
	took, err := bench.BareSend(context.Background(), s.Addr(), 1, 5, [][]byte{[]byte("x\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := c.Stat(); err != nil || seen.Accepted != 5 || took < 5*latency {
		t.Errorf("%+v in %s, %v", seen, took, err)
	}
}
