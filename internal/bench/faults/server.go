package faults

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// Server is a mail server that fails by rules and remembers which messages it took. It speaks on loopback only.
type Server struct {
	secure *tls.Config
	addr   string
	wg     sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while the server is down
	open     map[net.Conn]bool
	rules    Rules
	seen     seen
}

// seen is what a server remembers.
type seen struct {
	taken    map[string]taken // by Message-ID
	accepted int
	doubles  int
	refused  map[string]int // by sender
	broken   int            // conversations that ended by our fault with a message under way
	turned   int            // connections that were refused, or that did not get TLS
	peak     int            // connections at once
}

type taken struct {
	to string
	at time.Time
}

// Seen is what a server saw since its rules were set.
type Seen struct {
	Accepted, Doubles, Broken, Refused, Turned, Peak int
}

// Listen starts an obliging server on a free port. Close it. With secure it can speak TLS.
func Listen(secure *tls.Config) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{secure: secure, addr: listener.Addr().String(), open: map[net.Conn]bool{}}
	s.Reset(Rules{})
	s.listen(listener)
	return s, nil
}

// Addr is host:port.
func (s *Server) Addr() string { return s.addr }

// Reset forgets what was seen, and sets rules.
func (s *Server) Reset(r Rules) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = r
	s.seen = seen{taken: map[string]taken{}, refused: map[string]int{}}
}

// Change sets other rules, and keeps what was seen.
func (s *Server) Change(change func(*Rules)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.rules)
}

// Seen counts.
func (s *Server) Seen() Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := 0
	for _, n := range s.seen.refused {
		refused += n
	}
	return Seen{
		Accepted: s.seen.accepted, Doubles: s.seen.doubles, Broken: s.seen.broken, Refused: refused, Turned: s.seen.turned, Peak: s.seen.peak,
	}
}

// Taken says when each message was taken first, by its Message-ID.
func (s *Server) Taken() map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]time.Time, len(s.seen.taken))
	for id, t := range s.seen.taken {
		all[id] = t.at
	}
	return all
}

// Down ends every conversation and takes no more until Up. It says how many conversations were cut.
func (s *Server) Down() int {
	s.mu.Lock()
	listener := s.listener
	s.listener = nil
	cut := len(s.open)
	s.seen.broken += cut
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	if listener != nil {
		_ = listener.Close()
	}
	return cut
}

// Up takes mail again, at the same address.
func (s *Server) Up() error {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	s.listen(listener)
	return nil
}

// Close ends the server.
func (s *Server) Close() error {
	s.Down()
	s.wg.Wait()
	return nil
}

func (s *Server) listen(listener net.Listener) {
	s.mu.Lock()
	s.listener = listener
	s.mu.Unlock()
	s.wg.Add(1)
	go s.serve(listener)
}

func (s *Server) serve(listener net.Listener) {
	defer s.wg.Done()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if !s.welcome(listener, conn) {
			continue
		}
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			_ = newTalk(s, conn).run()
			_ = conn.Close()
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
		}()
	}
}

// welcome says whether a connection may stay.
func (s *Server) welcome(listener net.Listener, conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != listener { // it went down meanwhile
		_ = conn.Close()
		return false
	}
	if s.rules.Limit > 0 && len(s.open) >= s.rules.Limit {
		s.seen.turned++
		_, _ = conn.Write([]byte("421 4.7.0 too many connections\r\n"))
		_ = conn.Close()
		return false
	}
	s.open[conn] = true
	s.seen.peak = max(s.seen.peak, len(s.open))
	return true
}

// refusal is what a message meets at a stage, if it is refused there.
func (s *Server) refusal(stage Stage, from string) (Refusal, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.rules.chosen(from)
	if !ok || len(s.rules.Refuse) == 0 || s.rules.Times > 0 && s.seen.refused[from] >= s.rules.Times {
		return Refusal{}, false
	}
	r := s.rules.Refuse[n%len(s.rules.Refuse)]
	if r.Stage != stage {
		return Refusal{}, false
	}
	s.seen.refused[from]++
	return r, true
}

// breakKind is how a conversation breaks in mid-text.
type breakKind int

const (
	noBreak   breakKind = iota
	inText              // before the final dot was read
	afterTake           // the message was taken, and nobody is told
)

// breaks says whether the conversation breaks with this message.
func (s *Server) breaks(from string) breakKind {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rules.Breaks <= 0 {
		return noBreak
	}
	if _, ok := s.rules.chosen(from); !ok {
		return noBreak
	}
	s.rules.Breaks--
	s.seen.broken++
	if s.rules.Breaks%2 == 0 {
		return afterTake
	}
	return inText
}

func (s *Server) take(id, to string) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen.accepted++
	if _, double := s.seen.taken[id]; double {
		s.seen.doubles++
		return
	}
	s.seen.taken[id] = taken{to: to, at: now}
}

func (s *Server) turn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen.turned++
}

func (s *Server) latency() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules.Latency
}

func (s *Server) encryption() TLS {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules.TLS
}

var errEnded = errors.New("the conversation ended")
