package mail

import (
	"crypto/tls"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// TLSMode says when a connection is encrypted.
type TLSMode string

const (
	// TLSImplicit speaks TLS from the first byte (smtps://).
	TLSImplicit TLSMode = "implicit"
	// TLSRequired goes over to TLS by STARTTLS or gives up.
	TLSRequired TLSMode = "required"
	// TLSOpportunistic uses STARTTLS where offered, without believing the certificate.
	TLSOpportunistic TLSMode = "opportunistic"
	// TLSOff never encrypts.
	TLSOff TLSMode = "off"
)

// SMTPConfig is where and how mail is handed over.
type SMTPConfig struct {
	Host        string
	Port        int
	User        string
	Password    string
	Mode        TLSMode
	HELO        string        // the name we greet with
	Connections int           // at most so many at once
	Timeout     time.Duration // for connecting and for each reply
	TLS         *tls.Config   // nil: the system's certificates
}

const (
	defaultConnections = 4
	maxConnections     = 200
	defaultTimeout     = 30 * time.Second
	maxTimeout         = 10 * time.Minute
)

// Addr is host and port.
func (c SMTPConfig) Addr() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// String describes the server without the password.
func (c SMTPConfig) String() string { return "smtp " + c.Addr() + ", starttls " + string(c.Mode) }

// GoString keeps the password out of %#v.
func (c SMTPConfig) GoString() string { return c.String() }

// ParseURL reads smtp://user:pass@host:port?connections=20&starttls=required|opportunistic|off&helo=NAME&timeout=30s,
// or smtps:// for TLS from the first byte. Without a port it is 465 for smtps, 587 with a user,
// else 25. Without starttls it is required where a password would travel over a network, else
// opportunistic. What is wrong is an Invalid error with a field for each part; it never holds
// the password.
func ParseURL(raw string) (SMTPConfig, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil { // its text would repeat the password
		return SMTPConfig{}, errs.InvalidFields(errs.FieldError("url", "mail.smtp.url"))
	}
	p := urlParser{u: u, query: u.Query()}
	c := SMTPConfig{Host: u.Hostname(), User: u.User.Username(), HELO: p.helo()}
	c.Password, _ = u.User.Password()
	c.Mode = p.mode(c)
	c.Port = p.port(c)
	c.Connections = p.number("connections", defaultConnections, maxConnections)
	c.Timeout = p.timeout()
	p.rest(c)
	if len(p.fields) > 0 {
		return SMTPConfig{}, errs.InvalidFields(p.fields...)
	}
	return c, nil
}

type urlParser struct {
	u      *url.URL
	query  url.Values
	fields []errs.Field
}

func (p *urlParser) wrong(field, key string, args ...any) {
	p.fields = append(p.fields, errs.FieldError(field, key, args...))
}

func (p *urlParser) mode(c SMTPConfig) TLSMode {
	given := TLSMode(p.query.Get("starttls"))
	if p.u.Scheme == "smtps" {
		if given != "" {
			p.wrong("starttls", "mail.smtp.url_starttls_smtps")
		}
		return TLSImplicit
	}
	switch given {
	case TLSRequired, TLSOpportunistic, TLSOff:
		return given
	case "":
		if c.Password != "" && !isLoopback(c.Host) {
			return TLSRequired
		}
		return TLSOpportunistic
	}
	p.wrong("starttls", "mail.smtp.url_starttls", "Value", string(given))
	return ""
}

func (p *urlParser) port(c SMTPConfig) int {
	switch {
	case p.u.Port() != "":
		n, err := strconv.Atoi(p.u.Port())
		if err != nil || n < 1 || n > 65535 {
			p.wrong("port", "mail.smtp.url_port", "Value", p.u.Port())
		}
		return n
	case c.Mode == TLSImplicit:
		return 465
	case c.User != "":
		return 587
	}
	return 25
}

func (p *urlParser) number(name string, unset, most int) int {
	s := p.query.Get(name)
	if s == "" {
		return unset
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		p.wrong(name, "mail.smtp.url_number", "Value", s, "Most", most)
	}
	return n
}

func (p *urlParser) timeout() time.Duration {
	s := p.query.Get("timeout")
	if s == "" {
		return defaultTimeout
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 100*time.Millisecond || d > maxTimeout {
		p.wrong("timeout", "mail.smtp.url_timeout", "Value", s)
	}
	return d
}

func (p *urlParser) helo() string {
	name := p.query.Get("helo")
	if name == "" {
		name, _ = os.Hostname()
		if name == "" || !isToken(name) {
			name = "localhost"
		}
	}
	if !isToken(name) {
		p.wrong("helo", "mail.smtp.url_helo")
	}
	return name
}

// rest looks at what is left: the scheme, the host, and what does not belong there.
func (p *urlParser) rest(c SMTPConfig) {
	if p.u.Scheme != "smtp" && p.u.Scheme != "smtps" {
		p.wrong("url", "mail.smtp.url_scheme")
	}
	if c.Host == "" {
		p.wrong("host", "mail.smtp.url_host")
	}
	if p.u.Path != "" && p.u.Path != "/" || p.u.Fragment != "" {
		p.wrong("url", "mail.smtp.url_path")
	}
	if c.Password != "" && c.User == "" || strings.ContainsRune(c.User+c.Password, 0) {
		p.wrong("user", "mail.smtp.url_user")
	}
	if c.Password == "" && c.User != "" {
		p.wrong("password", "mail.smtp.url_password")
	}
	if c.Password != "" && c.Mode == TLSOpportunistic && !isLoopback(c.Host) {
		p.wrong("starttls", "mail.smtp.url_password_plain")
	}
	for name := range p.query {
		switch name {
		case "connections", "starttls", "helo", "timeout":
		default:
			p.wrong(name, "mail.smtp.url_parameter", "Name", name)
		}
	}
}

// isToken says whether a string may be a word of a command.
func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
