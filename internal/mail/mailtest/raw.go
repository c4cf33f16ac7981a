// Package mailtest has SMTP servers for tests and benchmarks, on loopback only.
//
// Raw is written by hand: as fast as one can be, with faults by script. Server stands on
// emersion/go-smtp, an implementation that is not ours, with TLS and sign-in.
package mailtest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Event is a point of the conversation at which a script may decide.
type Event struct {
	Conn  int    // number of the connection, from 1
	Msg   int    // number of the MAIL command over all connections, from 1
	Nth   int    // number of the MAIL command on this connection, from 1
	Stage string // "connect", "ehlo", "mail", "rcpt", "data", "text"
	From  string
	To    string
}

// Action is what the server does. The zero Action is what an obliging server does.
type Action struct {
	Reply string // without CRLF; lines separated by "\n" become one reply of several lines
	Close bool   // close after the reply, if any
	After int    // at "data": say 354, read so many bytes of the text, then close
	Keep  bool   // at "text" with Close and no Reply: the message was taken all the same
}

// Message is one that the server took.
type Message struct {
	Conn int
	From string
	To   string
	UTF8 bool // it came with SMTPUTF8; said by Server only
	Data []byte
}

// RawOptions shape a Raw server.
type RawOptions struct {
	NoPipelining bool
	Extensions   []string // beside PIPELINING and 8BITMIME
	Latency      time.Duration
	Script       func(Event) Action
	Count        bool // only count messages, keep nothing: for benchmarks
}

// Raw is the server written by hand.
type Raw struct {
	opts RawOptions
	ln   net.Listener
	wg   sync.WaitGroup

	conns    atomic.Int64
	mails    atomic.Int64
	accepted atomic.Int64

	mu       sync.Mutex
	open     map[net.Conn]bool
	messages []Message
	peak     int
}

// NewRaw starts a server that ends with the test.
func NewRaw(tb testing.TB, o RawOptions) *Raw {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Raw{opts: o, ln: ln, open: map[net.Conn]bool{}}
	s.wg.Add(1)
	go s.serve()
	tb.Cleanup(s.Close)
	return s
}

// Addr is host:port.
func (s *Raw) Addr() string { return s.ln.Addr().String() }

// Messages are those taken so far, in the order of taking.
func (s *Raw) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Accepted is how many messages were taken.
func (s *Raw) Accepted() int { return int(s.accepted.Load()) }

// Peak is the largest number of connections at once; Conns is how many there were in all.
func (s *Raw) Peak() int { s.mu.Lock(); defer s.mu.Unlock(); return s.peak }

// Conns is how many connections there were in all.
func (s *Raw) Conns() int { return int(s.conns.Load()) }

// Drop closes every open connection at once, as a server that restarts.
func (s *Raw) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		_ = c.Close()
	}
}

// Close ends the server.
func (s *Raw) Close() {
	_ = s.ln.Close()
	s.Drop()
	s.wg.Wait()
}

func (s *Raw) serve() {
	defer s.wg.Done()
	for {
		nc, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[nc] = true
		s.peak = max(s.peak, len(s.open))
		s.mu.Unlock()
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			c := &rawConn{srv: s, nc: nc, buf: make([]byte, 64<<10), ev: Event{Conn: int(s.conns.Add(1))}}
			_ = c.talk()
			_ = nc.Close()
			s.mu.Lock()
			delete(s.open, nc)
			s.mu.Unlock()
		}()
	}
}

var errClosed = errors.New("closed by script")

type rawConn struct {
	srv  *Raw
	nc   net.Conn
	buf  []byte
	r, w int
	out  []byte
	ev   Event
	rcpt bool
}

func (c *rawConn) talk() error {
	if err := c.answer("connect", "220 sink.test ESMTP"); err != nil {
		return err
	}
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		if err := c.command(line); err != nil {
			return errors.Join(err, c.flush())
		}
	}
}

func (c *rawConn) command(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		lines := append([]string{"sink.test"}, c.srv.opts.Extensions...)
		if !c.srv.opts.NoPipelining {
			lines = append(lines, "PIPELINING")
		}
		return c.answer("ehlo", "250 "+strings.Join(append(lines, "8BITMIME"), "\n"))
	case "MAIL":
		c.ev.From, c.ev.To, c.rcpt = path(rest), "", false
		c.ev.Msg = int(c.srv.mails.Add(1))
		c.ev.Nth++
		return c.answer("mail", "250 2.1.0 ok")
	case "RCPT":
		c.ev.To = path(rest)
		err := c.answer("rcpt", "250 2.1.5 ok")
		c.rcpt = bytes.HasPrefix(c.out[bytes.LastIndexByte(c.out[:max(len(c.out)-2, 0)], '\n')+1:], []byte("25"))
		return err
	case "DATA":
		return c.data()
	case "RSET", "NOOP":
		c.rcpt = false
		c.reply("250 2.0.0 ok")
		return nil
	case "QUIT":
		c.reply("221 2.0.0 bye")
		return errClosed
	}
	c.reply("500 5.5.2 what?")
	return nil
}

func (c *rawConn) data() error {
	if !c.rcpt {
		c.reply("503 5.5.1 no valid recipients")
		return nil
	}
	act := c.decide("data")
	switch {
	case act.After > 0:
		c.reply("354 go on")
		if err := c.flush(); err != nil {
			return err
		}
		for got := c.w - c.r; got < act.After; got = c.w - c.r {
			if err := c.fill(); err != nil {
				return err
			}
		}
		return errClosed
	case act.Reply != "" || act.Close:
		return c.act(act, "")
	}
	c.reply("354 go on")
	text, err := c.text()
	if err != nil {
		return err
	}
	if c.srv.opts.Latency > 0 {
		if err := c.flush(); err != nil {
			return err
		}
		<-time.After(c.srv.opts.Latency)
	}
	c.rcpt = false
	act = c.decide("text")
	if act == (Action{}) || strings.HasPrefix(act.Reply, "2") || act.Keep {
		c.srv.take(Message{Conn: c.ev.Conn, From: c.ev.From, To: c.ev.To, Data: text})
	}
	return c.act(act, "250 2.0.0 taken")
}

func (s *Raw) take(m Message) {
	s.accepted.Add(1)
	if s.opts.Count {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
}

func (c *rawConn) decide(stage string) Action {
	if c.srv.opts.Script == nil {
		return Action{}
	}
	c.ev.Stage = stage
	return c.srv.opts.Script(c.ev)
}

func (c *rawConn) answer(stage, usual string) error { return c.act(c.decide(stage), usual) }

func (c *rawConn) act(a Action, usual string) error {
	if a.Reply == "" && !a.Close {
		a.Reply = usual
	}
	if a.Reply != "" {
		c.reply(a.Reply)
	}
	if a.Close {
		return errClosed
	}
	return nil
}

// reply writes "250 a\nb" as "250-a", "250 b".
func (c *rawConn) reply(s string) {
	code, text, _ := strings.Cut(s, " ")
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		mark := "-"
		if i == len(lines)-1 {
			mark = " "
		}
		c.out = append(append(append(append(c.out, code...), mark...), l...), "\r\n"...)
	}
}

func (c *rawConn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.nc.Write(c.out)
	c.out = c.out[:0]
	return err
}

// fill reads more; what is to be said goes out first.
func (c *rawConn) fill() error {
	if err := c.flush(); err != nil {
		return err
	}
	if c.r > 0 {
		c.w = copy(c.buf, c.buf[c.r:c.w])
		c.r = 0
	}
	if c.w == len(c.buf) {
		c.buf = append(c.buf, make([]byte, len(c.buf))...)
	}
	n, err := c.nc.Read(c.buf[c.w:])
	c.w += n
	if n > 0 {
		return nil
	}
	return err
}

func (c *rawConn) line() (string, error) {
	for {
		if n := bytes.IndexByte(c.buf[c.r:c.w], '\n'); n >= 0 {
			line := string(bytes.TrimRight(c.buf[c.r:c.r+n], "\r"))
			c.r += n + 1
			return line, nil
		}
		if err := c.fill(); err != nil {
			return "", err
		}
	}
}

// text reads to the final dot. The text is copied only when it is kept.
func (c *rawConn) text() ([]byte, error) {
	end := []byte("\r\n.\r\n")
	from := c.r
	for {
		if c.w-c.r >= 3 && bytes.HasPrefix(c.buf[c.r:c.w], end[2:]) {
			c.r += 3
			return nil, nil
		}
		if n := bytes.Index(c.buf[from:c.w], end); n >= 0 {
			raw := c.buf[c.r : from+n+2]
			c.r = from + n + len(end)
			if c.srv.opts.Count {
				return nil, nil
			}
			return unstuff(raw), nil
		}
		seen := max(c.w-c.r-len(end)+1, 0)
		if err := c.fill(); err != nil {
			return nil, err
		}
		from = c.r + seen
	}
}

func unstuff(raw []byte) []byte {
	out := bytes.ReplaceAll(raw, []byte("\r\n.."), []byte("\r\n."))
	if bytes.HasPrefix(raw, []byte(".")) {
		return bytes.Clone(out[1:])
	}
	return out
}

func path(s string) string {
	a, b := strings.IndexByte(s, '<'), strings.IndexByte(s, '>')
	if a < 0 || b < a {
		return fmt.Sprintf("?%s", s)
	}
	return s[a+1 : b]
}
