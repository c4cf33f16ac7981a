package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		want  SMTPConfig
		field string // of the one thing that is wrong
		key   string
	}{
		{in: "smtp://mx.example.org?helo=me.example.org", want: SMTPConfig{Host: "mx.example.org", Port: 25, Mode: TLSOpportunistic, Connections: 4, Timeout: 30 * time.Second}},
		{in: "smtp://u:p%40ss@mx.example.org?helo=me.example.org", want: SMTPConfig{Host: "mx.example.org", Port: 587, User: "u", Password: "p@ss", Mode: TLSRequired, Connections: 4, Timeout: 30 * time.Second}},
		{in: "smtps://mx.example.org?connections=20&timeout=5s&helo=me.example.org", want: SMTPConfig{Host: "mx.example.org", Port: 465, Mode: TLSImplicit, Connections: 20, Timeout: 5 * time.Second}},
		{in: "smtp://[::1]:2525?starttls=off&helo=me.example.org", want: SMTPConfig{Host: "::1", Port: 2525, Mode: TLSOff, Connections: 4, Timeout: 30 * time.Second}},
		{in: "http://mx.example.org", field: "url", key: "mail.smtp.url_scheme"},
		{in: "smtp://:25", field: "host", key: "mail.smtp.url_host"},
		{in: "smtp://mx.example.org:70000", field: "port", key: "mail.smtp.url_port"},
		{in: "smtp://mx.example.org/inbox", field: "url", key: "mail.smtp.url_path"},
		{in: "smtp://mx.example.org?connections=0", field: "connections", key: "mail.smtp.url_number"},
		{in: "smtp://mx.example.org?connections=many", field: "connections", key: "mail.smtp.url_number"},
		{in: "smtp://mx.example.org?timeout=30", field: "timeout", key: "mail.smtp.url_timeout"},
		{in: "smtp://mx.example.org?starttls=yes", field: "starttls", key: "mail.smtp.url_starttls"},
		{in: "smtps://mx.example.org?starttls=off", field: "starttls", key: "mail.smtp.url_starttls_smtps"},
		{in: "smtp://u:secret@mx.example.org?starttls=opportunistic", field: "starttls", key: "mail.smtp.url_password_plain"},
		{in: "smtp://u@mx.example.org", field: "password", key: "mail.smtp.url_password"},
		{in: "smtp://mx.example.org?conections=3", field: "conections", key: "mail.smtp.url_parameter"},
		{in: "smtp://mx.example.org?helo=a%0d%0ab", field: "helo", key: "mail.smtp.url_helo"},
		{in: "smtp://u:secret@mx.example.org:x", field: "url", key: "mail.smtp.url"},
	} {
		got, err := ParseURL(c.in)
		if c.key != "" {
			f := errs.FieldsOf(err)
			if !errs.Is(err, errs.Invalid) || len(f) != 1 || f[0].Name != c.field || f[0].Key != c.key {
				t.Errorf("%s: %v", c.in, err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, f), "secret") {
				t.Errorf("%s: the password is in the error", c.in)
			}
			continue
		}
		c.want.HELO = "me.example.org"
		if err != nil || got != c.want {
			t.Errorf("%s: %#v %v", c.in, got, err)
		}
	}
	c := SMTPConfig{Host: "h", Password: "secret"}
	if s := fmt.Sprintf("%v %+v %#v %s", c, c, c, c); strings.Contains(s, "secret") {
		t.Errorf("the password is printed: %s", s)
	}
}

// TestTLSAndSignIn talks to an implementation that is not ours.
func TestTLSAndSignIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server mailtest.ServerOptions
		query  string
		user   string
		trust  bool
		key    string // of the error; empty: it works
	}{
		"plain":                           {mailtest.ServerOptions{}, "starttls=off", "", false, ""},
		"opportunistic, none":             {mailtest.ServerOptions{}, "starttls=opportunistic", "", false, ""},
		"opportunistic, self-signed":      {mailtest.ServerOptions{TLS: true}, "starttls=opportunistic", "", false, ""},
		"required, none":                  {mailtest.ServerOptions{}, "starttls=required", "", false, "mail.smtp.starttls_missing"},
		"required, not believed":          {mailtest.ServerOptions{TLS: true}, "starttls=required", "", false, "mail.smtp.certificate_issuer"},
		"required":                        {mailtest.ServerOptions{TLS: true}, "starttls=required", "", true, ""},
		"signed in":                       {mailtest.ServerOptions{TLS: true, User: "u", Password: "p"}, "starttls=required", "u:p@", true, ""},
		"wrong password":                  {mailtest.ServerOptions{TLS: true, User: "u", Password: "p"}, "starttls=required", "u:q@", true, "mail.smtp.auth_refused"},
		"no sign-in offered":              {mailtest.ServerOptions{TLS: true}, "starttls=required", "u:p@", true, "mail.smtp.auth_missing"},
		"sign-in needed, none configured": {mailtest.ServerOptions{User: "u", Password: "p"}, "starttls=off", "", false, "mail.smtp.auth_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := mailtest.NewServer(t, c.server)
			cfg, err := ParseURL("smtp://" + c.user + srv.Addr() + "?helo=client.test&" + c.query)
			if err != nil {
				t.Fatal(err)
			}
			if c.trust {
				cfg.TLS = &tls.Config{RootCAs: srv.Roots}
			}
			p := NewPool(PoolConfig{Transport: NewSMTP(cfg), Connections: 3})
			t.Cleanup(p.Close)
			es := envelopesOf(1, 40)
			es[7].To, es[8].To = "unknown@example.org", "用户@example.org"
			rs, err := p.Send(context.Background(), es, newLedger())
			if c.key != "" {
				if !errs.Is(err, errs.Unavailable) || errs.Find(err).Key != c.key || rs[0].Outcome != NotSent {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if rs[7].Outcome != Failed || rs[7].Stage != StageTo || rs[7].Enhanced != "5.1.1" || rs[8].Outcome != Accepted || rs[0].Server != "server.test" {
				t.Errorf("%+v %+v", rs[7], rs[8])
			}
			got := map[string]string{}
			for _, m := range srv.Messages() {
				got[m.To] = string(m.Data)
				if m.UTF8 != (m.To == "用户@example.org") {
					t.Errorf("to %s, SMTPUTF8 %t", m.To, m.UTF8)
				}
			}
			if len(got) != 39 || len(srv.Messages()) != 39 || got[es[3].To] != string(es[3].Data) {
				t.Errorf("%d arrived; %q", len(got), got[es[3].To])
			}
		})
	}
}

func TestServerSilentAfterTheDot(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	sink := mailtest.NewRaw(t, mailtest.RawOptions{Script: func(e mailtest.Event) mailtest.Action {
		if e.Stage == "text" {
			<-release
		}
		return mailtest.Action{}
	}})
	t.Cleanup(func() { close(release) })
	cfg := configFor(t, sink.Addr(), "")
	cfg.Timeout = 300 * time.Millisecond
	p := NewPool(PoolConfig{Transport: NewSMTP(cfg)})
	t.Cleanup(p.Close)
	rs, err := p.Send(context.Background(), envelopesOf(1, 1), newLedger())
	if err != nil || rs[0].Outcome != Uncertain {
		t.Errorf("%+v %v", rs, err)
	}
}

func TestAppendWire(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                ".\r\n",
		"a":               "a\r\n.\r\n",
		"a\r\n":           "a\r\n.\r\n",
		".a\r\n..b\r\n":   "..a\r\n...b\r\n.\r\n",
		"a\n.\nMAIL\n":    "a\r\n..\r\nMAIL\r\n.\r\n",
		"a\r.\rb":         "a\r\n..\r\nb\r\n.\r\n",
		"a\r\n.\r\nb\r\n": "a\r\n..\r\nb\r\n.\r\n",
		"a\n.\r\nb":       "a\r\n..\r\nb\r\n.\r\n",
		"\r\n":            "\r\n.\r\n",
		"a\r\r\n.b":       "a\r\n\r\n..b\r\n.\r\n",
	} {
		if got := string(appendWire(nil, []byte(in), false)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, s := range []string{"250 ok\r\n", "250-a\r\n250 b\r\n", "550 5.1.1 no\r\n", "999\r\n", "25", "250-a\r\n251 b\r\n", "550 5.\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := readReply(bufio.NewReader(strings.NewReader(string(b))), true)
		if err == nil && (r.code < 200 || r.code > 599 || len(r.text) > 3*maxReplyText || strings.ContainsAny(r.text, "\r\n")) {
			t.Errorf("%+v", r)
		}
	})
}
