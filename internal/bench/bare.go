package bench

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// The envelope of a bare message, as long as those of the product are.
var bareEnvelope = []byte("MAIL FROM:<secretariat+bounce-bare12345678901234567890@convoke.example.org>\r\n" +
	"RCPT TO:<recipient1234567@example.net>\r\nDATA\r\n")

// BareSend is the ruler: messages that were made before, over so many connections that stay open, text of one message and
// envelope of the next in one write. Nothing is rendered, decided or stored. It gives the time from the first connection to
// the last reply.
func BareSend(ctx context.Context, addr string, connections, count int, texts [][]byte) (time.Duration, error) {
	if len(texts) == 0 {
		return 0, errors.New("there is nothing to send")
	}
	whole := make([][]byte, len(texts))
	for i, text := range texts {
		whole[i] = append(append(bytes.Clone(text), ".\r\n"...), bareEnvelope...)
	}
	var left atomic.Int64
	left.Store(int64(count))
	group, _ := errgroup.WithContext(ctx)
	began := time.Now()
	for range connections {
		group.Go(func() error { return bareConnection(addr, &left, whole) })
	}
	err := group.Wait()
	return time.Since(began), err
}

func bareConnection(addr string, left *atomic.Int64, whole [][]byte) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	l := lines{conn: conn, buffer: make([]byte, 4096)}
	if err := l.await(1); err != nil {
		return err
	}
	if err := l.say([]byte("EHLO bare.test\r\n"), 3); err != nil {
		return err
	}
	if err := l.say(bareEnvelope, 3); err != nil {
		return err
	}
	for {
		n := left.Add(-1)
		if n < 0 {
			return nil
		}
		// The reply to the text and the three to the next envelope.
		if err := l.say(whole[int(n)%len(whole)], 4); err != nil {
			return err
		}
	}
}

// lines counts the lines of a server without looking at them.
type lines struct {
	conn   net.Conn
	buffer []byte
	seen   int
}

func (l *lines) say(what []byte, replies int) error {
	if _, err := l.conn.Write(what); err != nil {
		return err
	}
	return l.await(replies)
}

func (l *lines) await(n int) error {
	for l.seen < n {
		m, err := l.conn.Read(l.buffer)
		if err != nil {
			return err
		}
		l.seen += bytes.Count(l.buffer[:m], []byte{'\n'})
	}
	l.seen -= n
	return nil
}
