// Package sink has a mail server that takes everything and keeps nothing: the fastest that we could write, so that what is
// measured is the sender. It speaks on loopback only.
package sink

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Probe begins the addresses of which the sink remembers when a message came: of a letter that is sent amid a campaign.
const Probe = "probe"

// Server takes mail.
type Server struct {
	listener net.Listener
	latency  atomic.Int64 // nanoseconds that a message takes
	accepted atomic.Int64
	bytes    atomic.Int64
	first    atomic.Int64 // microseconds since 1970, of the first message; 0 before
	last     atomic.Int64 // of the last, known in time to about a hundredth of a second
	probe    atomic.Int64

	mu   sync.Mutex
	open map[net.Conn]bool
	wg   sync.WaitGroup
}

// Listen starts a server at a port of loopback that is free. Each message takes so long to be accepted. Close it.
func Listen(latency time.Duration) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{listener: listener, open: map[net.Conn]bool{}}
	s.latency.Store(int64(latency))
	s.wg.Add(1)
	go s.serve()
	return s, nil
}

// Addr is host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends the server and every conversation.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return err
}

func (s *Server) serve() {
	defer s.wg.Done()
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[conn] = true
		s.mu.Unlock()
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			t := talk{server: s, conn: conn, in: make([]byte, 128<<10)}
			_ = t.run()
			_ = conn.Close()
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
		}()
	}
}

var errQuit = errors.New("the client said QUIT")

// The replies of the usual conversation.
var (
	greeting = []byte("220 sink.test ESMTP\r\n")
	hello    = []byte("250-sink.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
	ok       = []byte("250 2.0.0 ok\r\n")
	goOn     = []byte("354 go on\r\n")
	taken    = []byte("250 2.0.0 taken\r\n")
	unknown  = []byte("500 5.5.2 what?\r\n")
	endText  = []byte("\r\n.\r\n")
)

// talk is one conversation. Replies are kept until the client has to be waited for.
type talk struct {
	server *Server
	conn   net.Conn
	in     []byte
	r, w   int
	out    []byte
}

func (t *talk) run() error {
	t.out = append(t.out, greeting...)
	for {
		line, err := t.line()
		if err != nil {
			return err
		}
		if err := t.command(line); err != nil {
			return errors.Join(err, t.flush())
		}
	}
}

func (t *talk) command(line []byte) error {
	switch verb := line[:min(4, len(line))]; string(verb) {
	case "MAIL", "RSET", "NOOP":
		t.out = append(t.out, ok...)
	case "RCPT":
		if bytes.HasPrefix(line, []byte("RCPT TO:<"+Probe)) {
			t.server.probe.Store(time.Now().UnixMicro())
		}
		t.out = append(t.out, ok...)
	case "DATA":
		return t.text()
	case "EHLO":
		t.out = append(t.out, hello...)
	case "XSTA":
		t.out = append(t.out, "250 "+t.server.stat()+"\r\n"...)
	case "XRES":
		t.server.reset(line)
		t.out = append(t.out, ok...)
	case "QUIT":
		return errQuit
	default:
		t.out = append(t.out, unknown...)
	}
	return nil
}

// text reads to the final dot.
func (t *talk) text() error {
	t.out = append(t.out, goOn...)
	start := t.r - 2 // the line end of DATA may be that before the dot
	read := 0
	for {
		if n := bytes.Index(t.in[start:t.w], endText); n >= 0 {
			read += start + n + len(endText) - t.r
			t.r = start + n + len(endText)
			return t.take(read)
		}
		// What was searched is let go, but for what may be the beginning of the end.
		keep := min(t.w-start, len(endText)-1)
		read += t.w - keep - t.r
		t.r = t.w - keep
		if err := t.fill(); err != nil {
			return err
		}
		start = t.r
	}
}

func (t *talk) take(size int) error {
	s := t.server
	if latency := time.Duration(s.latency.Load()); latency > 0 {
		if err := t.flush(); err != nil {
			return err
		}
		<-time.After(latency)
	}
	n := s.accepted.Add(1)
	s.bytes.Add(int64(size))
	if n == 1 {
		s.first.Store(time.Now().UnixMicro())
	}
	if n%64 == 0 || time.Duration(s.latency.Load()) > 0 {
		s.last.Store(time.Now().UnixMicro())
	}
	t.out = append(t.out, taken...)
	return nil
}

func (s *Server) stat() string {
	return fmt.Sprintf("%d %d %d %d %d", s.accepted.Load(), s.bytes.Load(), s.first.Load(), s.last.Load(), s.probe.Load())
}

func (s *Server) reset(line []byte) {
	var milliseconds int64
	if _, err := fmt.Sscanf(string(line), "XRESET %d", &milliseconds); err == nil {
		s.latency.Store(milliseconds * int64(time.Millisecond))
	}
	s.accepted.Store(0)
	s.bytes.Store(0)
	s.first.Store(0)
	s.last.Store(0)
	s.probe.Store(0)
}

func (t *talk) flush() error {
	if len(t.out) == 0 {
		return nil
	}
	_, err := t.conn.Write(t.out)
	t.out = t.out[:0]
	return err
}

// fill reads more; what is to be said goes out first.
func (t *talk) fill() error {
	if err := t.flush(); err != nil {
		return err
	}
	if t.r > 0 {
		t.w = copy(t.in, t.in[t.r:t.w])
		t.r = 0
	}
	if t.w == len(t.in) {
		return errors.New("a line without end")
	}
	n, err := t.conn.Read(t.in[t.w:])
	t.w += n
	if n > 0 {
		return nil
	}
	return err
}

func (t *talk) line() ([]byte, error) {
	for {
		if n := bytes.IndexByte(t.in[t.r:t.w], '\n'); n >= 0 {
			line := bytes.TrimRight(t.in[t.r:t.r+n], "\r")
			t.r += n + 1
			return line, nil
		}
		if err := t.fill(); err != nil {
			return nil, err
		}
	}
}
