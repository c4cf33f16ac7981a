package mail_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/mail"
)

// receiving is a Receiver that keeps what it takes.
type receiving struct {
	address string
	mu      sync.Mutex
	got     []mail.Arrived
	err     error // of storing
}

func receives(t *testing.T, patience time.Duration) *receiving {
	t.Helper()
	r := &receiving{}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens until the test ends
	if err != nil {
		t.Fatal(err)
	}
	r.address = l.Addr().String()
	server := mail.NewReceiver(mail.ReceiverConfig{
		Domain: "replies.convoke.test", Patience: patience, Log: slog.New(slog.DiscardHandler),
		Takes: func(address string) bool { return strings.HasSuffix(address, "@convoke.test") },
		Store: func(_ context.Context, m mail.Arrived) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.err == nil {
				r.got = append(r.got, m)
			}
			return r.err
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *receiving) all() []mail.Arrived {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}

// conversation is one side of SMTP, to the byte.
type conversation struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func converse(t *testing.T, address string) *conversation {
	t.Helper()
	conn, err := net.Dial("tcp", address) //nolint:noctx // of this machine
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &conversation{t: t, conn: conn, in: bufio.NewReader(conn)}
}

func (c *conversation) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Fatal(err)
	}
}

// hears reads one answer after the other, and holds their codes against these.
func (c *conversation) hears(codes ...string) {
	c.t.Helper()
	for _, code := range codes {
		line := "-   "
		for len(line) > 3 && (line[0] == '-' || line[3] == '-') {
			var err error
			if line, err = c.in.ReadString('\n'); err != nil {
				c.t.Fatalf("instead of %s: %v", code, err)
			}
		}
		if !strings.HasPrefix(line, code+" ") {
			c.t.Fatalf("%q, want %s", line, code)
		}
	}
}

// closed says that the server hung up.
func (c *conversation) closed() {
	c.t.Helper()
	if _, err := c.in.ReadByte(); !errors.Is(err, io.EOF) && !strings.Contains(err.Error(), "reset") {
		c.t.Errorf("the server goes on: %v", err)
	}
}

const hello = "EHLO mx.example.org\r\n"

// Whatever comes, in whatever order, there is one answer to each command, and a mail is taken whole or not at all.
func TestConversationsOfSMTP(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 900_000)
	type turn struct {
		say  string
		hear []string
	}
	for name, tt := range map[string]struct {
		turns []turn
		taken []string // the data of what was taken
	}{
		"one mail": {[]turn{
			{hello, []string{"250"}},
			{"MAIL FROM:<a@example.org>\r\n", []string{"250"}},
			{"RCPT TO:<bpf@convoke.test>\r\n", []string{"250"}},
			{"DATA\r\n", []string{"354"}},
			{"Subject: x\r\n\r\n..dot\r\n.\r\n", []string{"250"}},
			{"QUIT\r\n", []string{"221"}},
		}, []string{"Subject: x\r\n\r\n.dot\r\n"}},
		"pipelined, and some recipients unknown": {[]turn{
			{hello, []string{"250"}},
			{"MAIL FROM:<a@example.org>\r\nRCPT TO:<x@example.org>\r\nRCPT TO:<bpf@convoke.test>\r\nDATA\r\n", []string{"250", "550", "250", "354"}},
			{"one\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<bpf@convoke.test>\r\nDATA\r\n", []string{"250", "250", "250", "354"}},
			{"two\r\n.\r\nNOOP\r\nQUIT\r\n", []string{"250", "250", "221"}},
		}, []string{"one\r\n", "two\r\n"}},
		"nobody is known": {[]turn{
			{hello, []string{"250"}},
			{"MAIL FROM:<a@example.org>\r\nRCPT TO:<x@example.org>\r\nDATA\r\n", []string{"250", "550", "502"}},
		}, nil},
		"in a bad order": {[]turn{
			{"MAIL FROM:<a@example.org>\r\n", []string{"502"}},
			{"HELO mx.example.org\r\n", []string{"250"}},
			{"RCPT TO:<bpf@convoke.test>\r\n", []string{"502"}},
			{"DATA\r\n", []string{"502"}},
			{"MAIL FROM:<a@example.org>\r\nRSET\r\nRCPT TO:<bpf@convoke.test>\r\n", []string{"250", "250", "502"}},
			{"STARTTLS\r\n", []string{"502"}}, // which is not offered
		}, nil},
		"LMTP where SMTP is spoken": {[]turn{{"LHLO mx.example.org\r\n", []string{"500"}}}, nil},
		"no command":                {[]turn{{"\x00\x01\x02\x03\r\n", []string{"500"}}, {hello, []string{"250"}}}, nil},
		"announced as too large": {[]turn{
			{hello, []string{"250"}},
			{"MAIL FROM:<a@example.org> SIZE=26214401\r\n", []string{"552"}},
			{"MAIL FROM:<a@example.org> SIZE=26214400\r\n", []string{"250"}},
		}, nil},
		"NUL, no UTF-8 and a page in one line": {[]turn{
			{hello, []string{"250"}},
			{"MAIL FROM:<a@example.org>\r\nRCPT TO:<bpf@convoke.test>\r\nDATA\r\n", []string{"250", "250", "354"}},
			{"Subject: a\x00b\xff\r\n\r\n" + long + "\r\n.\r\n", []string{"250"}},
		}, []string{"Subject: a\x00b\xff\r\n\r\n" + long + "\r\n"}},
		"an end that is none": { // or two servers would see different mails (SMTP smuggling)
			[]turn{
				{hello, []string{"250"}},
				{"MAIL FROM:<a@example.org>\r\nRCPT TO:<bpf@convoke.test>\r\nDATA\r\n", []string{"250", "250", "354"}},
				{"one\n.\nMAIL FROM:<b@example.org>\r\n.\r\n", []string{"250"}},
			},
			[]string{"one\n.\nMAIL FROM:<b@example.org>\r\n"},
		},
		"in chunks (RFC 3030)": {[]turn{
			{hello, []string{"250"}},
			{"MAIL FROM:<a@example.org> BODY=8BITMIME\r\nRCPT TO:<bpf@convoke.test>\r\nBDAT 5\r\none\r\n", []string{"250", "250", "250"}},
			{"BDAT 5 LAST\r\ntwo\r\n", []string{"250"}},
		}, []string{"one\r\ntwo\r\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receives(t, 0)
			c := converse(t, r.address)
			c.hears("220")
			for _, turn := range tt.turns {
				c.send(turn.say)
				c.hears(turn.hear...)
			}
			got := r.all()
			if len(got) != len(tt.taken) {
				t.Fatalf("%d mails were taken, want %d", len(got), len(tt.taken))
			}
			for i, want := range tt.taken {
				if string(got[i].Data) != want || len(got[i].To) != 1 || got[i].To[0] != "bpf@convoke.test" {
					t.Errorf("%q to %q, want %.100q", got[i].Data[:min(100, len(got[i].Data))], got[i].To, want)
				}
			}
		})
	}
}

// What does not come whole is not taken, whyever: the server that brought it keeps it, or tells its sender.
func TestAMailThatDoesNotComeWhole(t *testing.T) {
	t.Parallel()
	begun := hello + "MAIL FROM:<a@example.org>\r\nRCPT TO:<bpf@convoke.test>\r\nDATA\r\n"
	for name, tt := range map[string]struct {
		patience time.Duration
		more     string
		ends     bool // the other side hangs up
		hear     []string
	}{
		"the other side hangs up":   {0, "Subject: x\r\n\r\nha", true, nil},
		"it is too large":           {0, strings.Repeat(strings.Repeat("x", 998)+"\r\n", mail.MaxIncoming/1000+1) + ".\r\n", false, []string{"552"}},
		"a line is without end":     {0, strings.Repeat("x", 2<<20) + "\r\n.\r\n", false, []string{"554"}},
		"it stops":                  {300 * time.Millisecond, "Subject: x\r\n", false, []string{"451"}},
		"no command comes":          {300 * time.Millisecond, ".\r\n", false, []string{"250", "421"}},
		"a command has no line end": {0, ".\r\nNOOP " + strings.Repeat("x", 2<<20), false, []string{"250", "500"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receives(t, tt.patience)
			c := converse(t, r.address)
			c.hears("220")
			c.send(begun)
			c.hears("250", "250", "250", "354")
			if tt.ends {
				c.send(tt.more)
				if err := c.conn.(*net.TCPConn).CloseWrite(); err != nil {
					t.Fatal(err)
				}
			} else {
				go func() { _, _ = io.WriteString(c.conn, tt.more) }() // whoever is refused may be so before all is said
			}
			c.hears(tt.hear...)
			if name != "it is too large" { // after which the next may come
				_, _ = io.Copy(io.Discard, c.in)
			}
			want := 0
			if len(tt.hear) > 0 && tt.hear[0] == "250" {
				want = 1
			}
			if got := r.all(); len(got) != want {
				t.Errorf("%d mails were taken, want %d", len(got), want)
			}
		})
	}
}

// Where a mail cannot be stored, the server that brought it tries again.
func TestAMailThatCannotBeStored(t *testing.T) {
	t.Parallel()
	r := receives(t, 0)
	r.err = errors.New("the database is away")
	c := converse(t, r.address)
	c.hears("220")
	c.send(hello + "MAIL FROM:<a@example.org>\r\nRCPT TO:<bpf@convoke.test>\r\nDATA\r\nx\r\n.\r\n")
	c.hears("250", "250", "250", "354", "451")
	r.mu.Lock()
	r.err = nil
	r.mu.Unlock()
	c.send("MAIL FROM:<a@example.org>\r\nRCPT TO:<bpf@convoke.test>\r\nDATA\r\nx\r\n.\r\n")
	c.hears("250", "250", "354", "250")
	if got := r.all(); len(got) != 1 {
		t.Errorf("%d mails were taken", len(got))
	}
}

// Who comes when fifty are there waits, and is served when one goes; recipients are bounded.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	r := receives(t, 0)
	var all []*conversation
	for range 50 {
		c := converse(t, r.address)
		c.hears("220")
		all = append(all, c)
	}
	one := converse(t, r.address)
	if err := one.conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if b, err := one.in.ReadByte(); err == nil {
		t.Errorf("the one too many hears %q", b)
	}
	if err := one.conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	all[0].send("QUIT\r\n")
	all[0].hears("221")
	all[0].closed()
	one.hears("220")
	one.send(hello + "MAIL FROM:<a@example.org>\r\n" + strings.Repeat("RCPT TO:<bpf@convoke.test>\r\n", 101))
	one.hears("250", "250")
	for range 100 {
		one.hears("250")
	}
	one.hears("452")
}
