package mail

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/mail/mailtest"
)

// bareSend is the ruler: one goroutine a connection, one prepared message, the same pipelining,
// no rendering, no journal, no results.
func bareSend(addr string, n *atomic.Int64, text []byte) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = nc.Close() }()
	buf := make([]byte, 4096)
	seen := 0
	readLines := func(want int) error {
		for seen < want {
			m, err := nc.Read(buf)
			if err != nil {
				return err
			}
			seen += bytes.Count(buf[:m], []byte{'\n'})
		}
		seen -= want
		return nil
	}
	if err := readLines(1); err != nil {
		return err
	}
	if _, err := nc.Write([]byte("EHLO bare.test\r\n")); err != nil {
		return err
	}
	if err := readLines(3); err != nil {
		return err
	}
	envelope := []byte("MAIL FROM:<bounce+1234567@example.org>\r\nRCPT TO:<recipient1234567@example.net>\r\nDATA\r\n")
	if _, err := nc.Write(envelope); err != nil {
		return err
	}
	whole := append(append(append([]byte{}, text...), ".\r\n"...), envelope...)
	for {
		if err := readLines(3); err != nil {
			return err
		}
		last := n.Add(-1) < 0
		if last {
			return nil
		}
		if _, err := nc.Write(whole); err != nil {
			return err
		}
		if err := readLines(1); err != nil {
			return err
		}
	}
}

// BenchmarkPipelined sends 6 KB messages to the fast sink: bare, and through skeleton, pool and
// journal in batches of 500 with two batches at a time.
func BenchmarkPipelined(b *testing.B) {
	sk, r := benchSkeleton(b)
	text := sk.Render(nil, r)
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		for _, connections := range []int{1, 4, 10, 20} {
			if latency > 0 && connections < 20 {
				continue
			}
			name := fmt.Sprintf("connections=%d/latency=%s", connections, latency)
			b.Run("bare/"+name, func(b *testing.B) {
				sink := mailtest.NewRaw(b, mailtest.RawOptions{Count: true, Latency: latency})
				var left atomic.Int64
				left.Store(int64(b.N))
				b.ResetTimer()
				var wg sync.WaitGroup
				for range connections {
					wg.Go(func() {
						if err := bareSend(sink.Addr(), &left, text); err != nil {
							b.Error(err)
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			})
			b.Run("pool/"+name, func(b *testing.B) { benchPool(b, sk, r, connections, latency) })
		}
	}
}

func benchPool(b *testing.B, sk *Skeleton, r Recipient, connections int, latency time.Duration) {
	sink := mailtest.NewRaw(b, mailtest.RawOptions{Count: true, Latency: latency})
	j, err := OpenJournal(b.TempDir(), "bench")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	p := poolFor(b, sink.Addr(), connections)
	var next atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			var arena []byte
			for {
				batch := next.Add(1)
				n := min(b.N-int(batch-1)*500, 500)
				if n <= 0 {
					return
				}
				es := make([]Envelope, n)
				arena = arena[:0]
				for i := range es {
					from := len(arena)
					arena = sk.Render(arena, r)
					es[i] = Envelope{
						ID: batch*500 + int64(i), Batch: batch, Attempt: 1, From: "bounce+1234567@example.org",
						To: "recipient1234567@example.net", Data: arena[from:len(arena):len(arena)],
					}
				}
				rs, err := p.Send(context.Background(), es, j)
				if err != nil {
					b.Error(err)
					return
				}
				for i := range rs {
					if rs[i].Outcome != Accepted {
						b.Errorf("%+v", rs[i])
						return
					}
				}
				if err := j.Finished(batch, 1); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	if sink.Accepted() != b.N {
		b.Errorf("%d of %d arrived", sink.Accepted(), b.N)
	}
}
