// Package config reads the settings from the environment. Every variable may also be given as a
// file: CONVOKE_SECRET_FILE names a file that holds the value of CONVOKE_SECRET.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// The variables.
const (
	DatabaseURL = "CONVOKE_DATABASE_URL"
	RedisURL    = "CONVOKE_REDIS_URL"
	SMTPURL     = "CONVOKE_SMTP_URL"
	Listen      = "CONVOKE_LISTEN"
	PublicURL   = "CONVOKE_PUBLIC_URL"
	Secret      = "CONVOKE_SECRET" //nolint:gosec // the name of the variable, not a secret
	Data        = "CONVOKE_DATA"
	MailFrom    = "CONVOKE_MAIL_FROM"
	InboundMail = "CONVOKE_INBOUND_DOMAIN"
	DKIMKeys    = "CONVOKE_DKIM_KEYS"
	SendRate    = "CONVOKE_SEND_RATE"
	DomainRates = "CONVOKE_DOMAIN_RATES"
	LogFormat   = "CONVOKE_LOG_FORMAT"
)

// Names lists every variable, for the documentation's test.
func Names() []string {
	return []string{DatabaseURL, RedisURL, SMTPURL, Listen, PublicURL, Secret, Data, MailFrom, InboundMail, DKIMKeys, SendRate, DomainRates, LogFormat}
}

// Config is the settings, checked. Zero values mean what the documentation says for "unset".
type Config struct {
	DatabaseURL string // "postgres://…" or "sqlite:PATH"
	RedisURL    string // "" means in-process
	SMTPURL     string // "" means captured
	Listen      string // host:port
	PublicURL   string // without a trailing slash
	Secret      []byte // at least 32 bytes
	Data        string // an existing, writable folder
	MailFrom    string // the address that mail comes from, with or without a name (RFC 5322)
	InboundMail string // the domain whose mail "convoke inbound" reads, in ASCII; "" where it reads none
	DKIMKeys    string // a folder with keys; "" means that mail is not signed
	SendRate    Rate   // of all campaigns together
	DomainRate  Rate   // of each domain that is not named
	DomainRates []DomainRate
	LogFormat   string // "text" or "json"
}

// Error says which variable is wrong, how, and what would be right: one line for the operator.
type Error struct{ Variable, Wrong, Right string }

func (e Error) Error() string { return fmt.Sprintf("%s: %s; %s", e.Variable, e.Wrong, e.Right) }

// Source is where variables come from; os.LookupEnv in production.
type Source func(name string) (string, bool)

// Overrides are what the command line says before the environment is asked; empty does not override.
type Overrides struct{ Data, Listen string }

// Load reads and checks all settings. It makes the data folder and the signing key where they
// are missing. The error is an Error for a setting that is wrong.
func Load(source Source, o Overrides) (Config, error) {
	r := reader{source: source}
	c := Config{
		Data:      orDefault(o.Data, r.get(Data), "./convoke-data"),
		Listen:    orDefault(o.Listen, r.get(Listen), "127.0.0.1:8080"),
		RedisURL:  r.get(RedisURL),
		SMTPURL:   r.get(SMTPURL),
		DKIMKeys:  r.get(DKIMKeys),
		LogFormat: orDefault(r.get(LogFormat), "text"),
	}
	c.DatabaseURL = orDefault(r.get(DatabaseURL), "sqlite:"+filepath.Join(c.Data, "convoke.db"))
	c.PublicURL = strings.TrimSuffix(orDefault(r.get(PublicURL), "http://"+browsable(c.Listen)), "/")
	c.MailFrom = orDefault(r.get(MailFrom), "secretariat@"+hostOf(c.PublicURL))
	c.InboundMail = asciiDomain(r.get(InboundMail))
	overall, domains := r.get(SendRate), r.get(DomainRates)
	if r.err != nil {
		return Config{}, r.err
	}
	if err := c.readRates(overall, domains); err != nil {
		return Config{}, err
	}
	if err := check(c); err != nil {
		return Config{}, err
	}
	if err := folder(c.Data); err != nil {
		return Config{}, err
	}
	secret, err := signingKey(r.get(Secret), c.Data)
	if err != nil {
		return Config{}, err
	}
	c.Secret = secret
	return c, r.err
}

// Secure says whether people reach the product over https.
func (c Config) Secure() bool { return strings.HasPrefix(c.PublicURL, "https://") }

func check(c Config) error {
	if err := checkAddresses(c); err != nil {
		return err
	}
	if err := checkSender(c.MailFrom); err != nil {
		return err
	}
	if err := checkInbound(c.InboundMail); err != nil {
		return err
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return Error{LogFormat, fmt.Sprintf("%q is no format", c.LogFormat), "write text or json"}
	}
	return nil
}

// browsable turns a listening address into one that a browser on this machine can open.
func browsable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || net.ParseIP(u.Hostname()) != nil || !strings.Contains(u.Hostname(), ".") {
		return "convoke.test"
	}
	return u.Hostname()
}

func orDefault(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// reader asks the source, following NAME_FILE, and keeps the first error.
type reader struct {
	source Source
	err    error
}

func (r *reader) get(name string) string {
	value, _ := r.source(name)
	file, _ := r.source(name + "_FILE")
	switch {
	case file == "":
		return value
	case value != "":
		r.fail(Error{name, "is set, and so is " + name + "_FILE", "set one of the two"})
		return ""
	}
	b, err := os.ReadFile(file)
	if err != nil {
		r.fail(Error{name + "_FILE", "cannot be read: " + cause(err), "name a file that this process may read"})
		return ""
	}
	return strings.TrimSpace(string(b))
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func cause(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
