package mail

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"
)

const (
	receiveConnections = 50 // at once; whoever comes then waits
	receiveRecipients  = 100
	receiveTimeout     = 5 * time.Minute // RFC 5321, 4.5.3.2.7
	// receiveLine is how many bytes a line may have. Some programs send a whole page as one line, and the servers on the way let it.
	receiveLine = 1 << 20
)

// Arrived is a message as a server handed it over.
type Arrived struct {
	From string   // of the envelope, "" where a server wrote
	To   []string // of the envelope, each taken
	Data []byte
}

// ReceiverConfig is what a Receiver works with.
type ReceiverConfig struct {
	LMTP   bool   // RFC 2033, else SMTP
	Domain string // how it greets
	// Takes says whether there is such a mailbox here.
	Takes func(address string) bool
	// Store keeps a message. Once it returned nil, whoever sent it forgets it; with an error they keep it and try again.
	Store func(ctx context.Context, m Arrived) error
	// Patience is how long a command, or a whole message, may take to come; five minutes if zero.
	Patience time.Duration
	Log      *slog.Logger
}

// Receiver is a server for mail that comes in from a mail server beside it. It speaks no TLS and asks nobody who they are: give it
// a socket or an address that only that server reaches.
type Receiver struct {
	cfg    ReceiverConfig
	server *smtp.Server
}

// NewReceiver makes the server.
func NewReceiver(c ReceiverConfig) *Receiver {
	r := &Receiver{cfg: c}
	r.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &receiving{r: r}, nil }))
	r.server.LMTP, r.server.Domain = c.LMTP, c.Domain
	r.server.MaxMessageBytes, r.server.MaxRecipients = MaxIncoming, receiveRecipients
	r.server.MaxLineLength = receiveLine
	r.server.ReadTimeout, r.server.WriteTimeout = receiveTimeout, receiveTimeout
	if c.Patience != 0 {
		r.server.ReadTimeout, r.server.WriteTimeout = c.Patience, c.Patience
	}
	r.server.EnableSMTPUTF8 = true
	r.server.ErrorLog = log.New(io.Discard, "", 0)
	return r
}

// Serve takes mail until ctx ends; what is being taken then has ten seconds to come to its end, and if it does not, nobody was told
// that it was taken.
func (r *Receiver) Serve(ctx context.Context, l net.Listener) error {
	done := make(chan error, 1)
	go func() { done <- r.server.Serve(netutil.LimitListener(l, receiveConnections)) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	patience, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	if err := r.server.Shutdown(patience); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// receiving is one conversation.
type receiving struct {
	r *Receiver
	m Arrived
}

func (s *receiving) Reset()        { s.m = Arrived{} }
func (s *receiving) Logout() error { return nil }

func (s *receiving) Mail(from string, _ *smtp.MailOptions) error {
	s.m = Arrived{From: from}
	return nil
}

func (s *receiving) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !s.r.cfg.Takes(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	}
	s.m.To = append(s.m.To, to)
	return nil
}

// Data stores the message before it is said to be taken. Over LMTP all recipients get the same answer, because it is stored once.
func (s *receiving) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return halfCome(err)
	}
	s.m.Data = b
	ctx, stop := context.WithTimeout(context.Background(), receiveTimeout)
	defer stop()
	if err := s.r.cfg.Store(ctx, s.m); err != nil {
		s.r.cfg.Log.ErrorContext(ctx, "a mail could not be stored, and waits with the server that brought it", "from", s.m.From, "error", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "It cannot be stored now; try again"}
	}
	return nil
}

// halfCome says what became of a message that did not come whole. Nothing of it is kept.
func halfCome(err error) error {
	var known *smtp.SMTPError
	switch {
	case errors.As(err, &known): // too large
		return known
	case errors.Is(err, smtp.ErrTooLongLine):
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "A line of it is too long"}
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "It did not come whole; try again"}
}
