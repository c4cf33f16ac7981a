package faults

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"net"
	"strings"
	"time"
)

// talk is one conversation. Replies are kept until the client has to be waited for.
type talk struct {
	server   *Server
	conn     net.Conn
	in       *bufio.Reader
	out      *bufio.Writer
	secure   bool
	from, to string
}

func newTalk(s *Server, conn net.Conn) *talk {
	return &talk{server: s, conn: conn, in: bufio.NewReaderSize(conn, 32<<10), out: bufio.NewWriter(conn)}
}

func (t *talk) run() error {
	t.say("220 faults.test ESMTP")
	for {
		line, err := t.line()
		if err != nil {
			return err
		}
		if err := t.command(string(line)); err != nil {
			_ = t.out.Flush()
			return err
		}
	}
}

func (t *talk) command(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		t.hello()
	case "STARTTLS":
		return t.startTLS()
	case "MAIL":
		t.from, t.to = path(rest), ""
		return t.answer(StageMail, "250 2.1.0 ok", func() {}, func() { t.from = "" })
	case "RCPT":
		if t.from == "" {
			t.say("503 5.5.1 no sender")
			return nil
		}
		return t.answer(StageRcpt, "250 2.1.5 ok", func() { t.to = path(rest) }, func() {})
	case "DATA":
		return t.data()
	case "RSET", "NOOP":
		t.from, t.to = "", ""
		t.say("250 2.0.0 ok")
	case "QUIT":
		t.say("221 2.0.0 bye")
		return errEnded
	default:
		t.say("500 5.5.2 what?")
	}
	return nil
}

func (t *talk) hello() {
	lines := []string{"faults.test", "PIPELINING", "8BITMIME"}
	if t.server.encryption() != NotOffered && !t.secure {
		lines = append(lines, "STARTTLS")
	}
	for i, l := range lines {
		mark := "-"
		if i == len(lines)-1 {
			mark = " "
		}
		t.say("250" + mark + l)
	}
}

func (t *talk) startTLS() error {
	if t.server.encryption() != SpeaksTLS || t.secure || t.server.secure == nil {
		t.server.turn()
		t.say("454 4.7.0 TLS not available")
		return nil
	}
	t.say("220 2.0.0 go ahead")
	if err := t.out.Flush(); err != nil {
		return err
	}
	conn := tls.Server(t.conn, t.server.secure)
	t.in, t.out, t.secure = bufio.NewReaderSize(conn, 32<<10), bufio.NewWriter(conn), true
	return nil
}

// answer says the usual, or refuses.
func (t *talk) answer(stage Stage, usual string, well, ill func()) error {
	r, refused := t.server.refusal(stage, t.from)
	if !refused {
		well()
		t.say(usual)
		return nil
	}
	ill()
	t.say(r.String())
	if r.Code == 421 {
		return errEnded
	}
	return nil
}

func (t *talk) data() error {
	if t.to == "" {
		t.say("503 5.5.1 no valid recipients")
		return nil
	}
	ready := false
	if err := t.answer(StageData, "354 go on", func() { ready = true }, func() {}); err != nil || !ready {
		return err
	}
	kind := t.server.breaks(t.from)
	if kind == inText {
		_, err := t.line()
		return firstOf(err, errEnded)
	}
	id, err := t.text()
	if err != nil {
		return err
	}
	if latency := t.server.latency(); latency > 0 {
		if err := t.out.Flush(); err != nil {
			return err
		}
		<-time.After(latency)
	}
	to := t.to
	t.to = ""
	if kind == afterTake {
		t.server.take(id, to)
		return errEnded
	}
	return t.answer(StageText, "250 2.0.0 taken", func() { t.server.take(id, to) }, func() {})
}

func firstOf(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

var messageID = []byte("message-id:")

// text reads to the final dot and gives the Message-ID.
func (t *talk) text() (id string, err error) {
	header := true
	for {
		line, err := t.line()
		if err != nil {
			return "", err
		}
		switch {
		case len(line) == 1 && line[0] == '.':
			return id, nil
		case len(line) == 0:
			header = false
		case header && len(line) > len(messageID) && bytes.EqualFold(line[:len(messageID)], messageID):
			id = path(string(line))
		}
	}
}

func (t *talk) say(line string) { _, _ = t.out.WriteString(line + "\r\n") }

// line reads one; what is to be said goes out before the client is waited for.
func (t *talk) line() ([]byte, error) {
	if t.in.Buffered() == 0 {
		if err := t.out.Flush(); err != nil {
			return nil, err
		}
	}
	line, err := t.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull { //nolint:errorlint // the reader gives it as it is
		return nil, errEnded
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// path is what stands between angle brackets.
func path(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}
