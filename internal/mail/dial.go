package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// NewSMTP makes the transport that hands mail to a server.
func NewSMTP(c SMTPConfig) Transport { return &smtpTransport{cfg: c} }

type smtpTransport struct{ cfg SMTPConfig }

// Name is the server's address.
func (t *smtpTransport) Name() string { return t.cfg.Addr() }

// Open connects, greets, encrypts and signs in as configured.
func (t *smtpTransport) Open(ctx context.Context) (Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Timeout)
	defer cancel()
	nc, err := t.dial(ctx)
	if key, found := distrust(err); found {
		return nil, t.unavailable(key, err)
	}
	if err != nil {
		return nil, t.unavailable("mail.smtp.unreachable", err)
	}
	c := &smtpConn{cfg: t.cfg, nc: nc, br: bufio.NewReader(nc), server: t.cfg.Addr()}
	stop := c.watch(ctx, 0)
	err = c.prepare()
	stop()
	if err != nil {
		_ = c.nc.Close()
		return nil, err
	}
	return c, nil
}

func (t *smtpTransport) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	if t.cfg.Mode != TLSImplicit {
		return d.DialContext(ctx, "tcp", t.cfg.Addr())
	}
	td := tls.Dialer{NetDialer: &d, Config: tlsConfig(t.cfg)}
	return td.DialContext(ctx, "tcp", t.cfg.Addr())
}

func (t *smtpTransport) unavailable(key string, err error) error {
	return unavailable(t.cfg, key, "", err)
}

func unavailable(cfg SMTPConfig, key, said string, err error) error {
	return &errs.Error{Code: errs.Unavailable, Key: key, Op: "mail.smtp", Err: err, Args: errs.Args{"Server": cfg.Addr(), "Reply": said}}
}

// tlsConfig believes any certificate only where encryption is a bonus and no password travels.
func tlsConfig(c SMTPConfig) *tls.Config {
	t := &tls.Config{}
	if c.TLS != nil {
		t = c.TLS.Clone()
	}
	if t.ServerName == "" {
		t.ServerName = c.Host
	}
	t.MinVersion = tls.VersionTLS12
	if c.Mode == TLSOpportunistic && c.Password == "" {
		t.InsecureSkipVerify = true
	}
	return t
}

// distrust is what is wrong with a certificate, where that is what keeps us from a server; or that it speaks no TLS.
func distrust(err error) (key string, found bool) {
	var expired x509.CertificateInvalidError
	var name x509.HostnameError
	var issuer x509.UnknownAuthorityError
	var plain tls.RecordHeaderError
	var other *tls.CertificateVerificationError
	switch {
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return "mail.smtp.certificate_expired", true
	case errors.As(err, &name):
		return "mail.smtp.certificate_name", true
	case errors.As(err, &issuer):
		return "mail.smtp.certificate_issuer", true
	case errors.As(err, &other):
		return "mail.smtp.certificate", true
	case errors.As(err, &plain):
		return "mail.smtp.handshake", true
	}
	return "", false
}

// smtpConn is one conversation. See conn.go for how messages go through it.
type smtpConn struct {
	cfg    SMTPConfig
	nc     net.Conn
	br     *bufio.Reader
	server string

	pipelining bool
	eightBit   bool
	utf8       bool
	sizeLimit  int64 // 0: none told
	authWays   string
	tlsOffered bool

	out       []byte // what the next write sends
	announced bool   // the next envelope's commands went out with the text before it
	dirty     bool   // a transaction was begun and refused: RSET comes first
	lost      bool   // the conversation is out of step: nothing more can be said

	mu     sync.Mutex
	armed  time.Time
	ending bool
}

func (c *smtpConn) prepare() error {
	r, err := c.read(false)
	if err != nil {
		return unavailable(c.cfg, "mail.smtp.unreachable", "", err)
	}
	if r.code != 220 {
		return unavailable(c.cfg, "mail.smtp.greeting", r.String(), nil)
	}
	if name, _, _ := strings.Cut(r.text, " "); isToken(name) && len(name) <= 255 {
		c.server = name
	}
	if err := c.hello(); err != nil {
		return err
	}
	if err := c.startTLS(); err != nil {
		return err
	}
	return c.auth()
}

func (c *smtpConn) hello() error {
	r, err := c.command("EHLO "+c.cfg.HELO, true)
	if err == nil && r.never() {
		r, err = c.command("HELO "+c.cfg.HELO, false)
	}
	if err != nil {
		return unavailable(c.cfg, "mail.smtp.unreachable", "", err)
	}
	if !r.ok() {
		return unavailable(c.cfg, "mail.smtp.greeting", r.String(), nil)
	}
	c.pipelining, c.eightBit, c.utf8, c.sizeLimit, c.authWays, c.tlsOffered = false, false, false, 0, "", false
	for _, line := range r.lines {
		name, value, _ := strings.Cut(strings.ToUpper(line), " ")
		switch name {
		case "PIPELINING":
			c.pipelining = true
		case "8BITMIME":
			c.eightBit = true
		case "SMTPUTF8":
			c.utf8 = true
		case "STARTTLS":
			c.tlsOffered = true
		case "SIZE":
			c.sizeLimit, _ = strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		case "AUTH":
			c.authWays = " " + value + " "
		}
	}
	return nil
}

func (c *smtpConn) startTLS() error {
	switch c.cfg.Mode {
	case TLSImplicit, TLSOff:
		return nil
	case TLSOpportunistic:
		if !c.tlsOffered {
			return nil
		}
	}
	if !c.tlsOffered {
		return unavailable(c.cfg, "mail.smtp.starttls_missing", "", nil)
	}
	r, err := c.command("STARTTLS", false)
	if err != nil {
		return unavailable(c.cfg, "mail.smtp.unreachable", "", err)
	}
	if r.code != 220 {
		if c.cfg.Mode == TLSOpportunistic && !r.leaves() {
			return nil
		}
		return unavailable(c.cfg, "mail.smtp.starttls_refused", r.String(), nil)
	}
	if c.br.Buffered() > 0 { // somebody between put words into the server's mouth
		return unavailable(c.cfg, "mail.smtp.starttls_refused", "", errReply)
	}
	secure := tls.Client(c.nc, tlsConfig(c.cfg))
	c.arm()
	if err := secure.Handshake(); err != nil {
		key, found := distrust(err)
		if !found {
			key = "mail.smtp.handshake"
		}
		return unavailable(c.cfg, key, "", err)
	}
	c.swapConn(secure)
	return c.hello()
}

func (c *smtpConn) swapConn(nc net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nc, c.br = nc, bufio.NewReader(nc)
}

// auth signs in where a password is configured. Over a network that happens in the clear only
// where the configuration says that TLS is off.
func (c *smtpConn) auth() error {
	if c.cfg.Password == "" {
		return nil
	}
	if _, secure := c.nc.(*tls.Conn); !secure && c.cfg.Mode != TLSOff && !isLoopback(c.cfg.Host) {
		return unavailable(c.cfg, "mail.smtp.starttls_missing", "", nil)
	}
	var lines []string
	switch {
	case strings.Contains(c.authWays, " PLAIN "):
		lines = []string{"AUTH PLAIN " + encode64("\x00"+c.cfg.User+"\x00"+c.cfg.Password)}
	case strings.Contains(c.authWays, " LOGIN "):
		lines = []string{"AUTH LOGIN", encode64(c.cfg.User), encode64(c.cfg.Password)}
	default:
		return unavailable(c.cfg, "mail.smtp.auth_missing", "", nil)
	}
	for i, line := range lines {
		r, err := c.command(line, false)
		if err != nil {
			return unavailable(c.cfg, "mail.smtp.unreachable", "", err)
		}
		if i < len(lines)-1 && r.code == 334 {
			continue
		}
		if r.ok() && i == len(lines)-1 {
			return nil
		}
		return unavailable(c.cfg, "mail.smtp.auth_refused", r.String(), nil)
	}
	return nil
}

func encode64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// command sends one line and reads its reply.
func (c *smtpConn) command(line string, keep bool) (reply, error) {
	c.arm()
	if _, err := c.nc.Write([]byte(line + "\r\n")); err != nil {
		return reply{}, err
	}
	return c.read(keep)
}

func (c *smtpConn) read(keep bool) (reply, error) {
	c.arm()
	return readReply(c.br, keep)
}

// arm gives the server the configured time from now. Moving the deadline for every message
// would cost more than it tells, so a quarter of the time may be missing.
func (c *smtpConn) arm() {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending || now.Sub(c.armed) < c.cfg.Timeout/4 {
		return
	}
	c.armed = now
	_ = c.nc.SetDeadline(now.Add(c.cfg.Timeout))
}

// watch shortens the deadline to grace once ctx ends; the returned function ends the watch.
func (c *smtpConn) watch(ctx context.Context, grace time.Duration) func() {
	stop := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ending = true
		_ = c.nc.SetDeadline(time.Now().Add(grace))
	})
	return func() { stop() }
}

// Close says QUIT where the conversation allows, and does not wait for long.
func (c *smtpConn) Close() error {
	if !c.lost {
		_ = c.nc.SetDeadline(time.Now().Add(time.Second))
		if _, err := c.nc.Write([]byte("QUIT\r\n")); err == nil {
			_, _ = readReply(c.br, false)
		}
	}
	err := c.nc.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
