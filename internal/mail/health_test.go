package mail

import (
	"context"
	"crypto/tls"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// What one process finds out about the mail server, every other can tell: since when, with the server's words, until
// somebody gets a message through.
func TestTroubleIsKnownToEveryProcess(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clock := clocktest.At(testDate)
		server := mailtest.NewServer(t, mailtest.ServerOptions{TLS: true, User: "u", Password: "p"})
		pool := func(password string) *Pool {
			cfg, err := ParseURL("smtp://u:" + password + "@" + server.Addr() + "?starttls=required")
			if err != nil {
				t.Fatal(err)
			}
			cfg.TLS = &tls.Config{RootCAs: server.Roots}
			p := NewPool(PoolConfig{Transport: NewSMTP(cfg), Now: clock.Now})
			t.Cleanup(p.Close)
			return p
		}
		worker, page := NewHealth(HealthDeps{DB: d, Now: clock.Now}), NewHealth(HealthDeps{DB: d, Now: clock.Now})
		known := func() *Trouble {
			found, err := page.Trouble(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		wrong, before := pool("q"), Fortune{}
		send := func(p *Pool) Fortune {
			_, _ = p.Send(context.Background(), envelopesOf(1, 3), nil)
			now := p.Fortune()
			if err := worker.Note(t.Context(), before, now); err != nil {
				t.Fatal(err)
			}
			return now
		}
		if known() != nil {
			t.Fatal("trouble before anything was tried")
		}
		before = send(wrong)
		for range 3 {
			clock.Advance(90 * time.Second)
			before = send(wrong)
		}
		found := known()
		if found == nil || !found.Since.Equal(testDate) || !found.Tried.Equal(clock.Now()) {
			t.Fatalf("%+v at %v", found, clock.Now())
		}
		e := errs.Find(found.Why)
		if e.Key != "mail.smtp.auth_refused" || e.Args["Server"] != server.Addr() || e.Args["Reply"] == "" {
			t.Errorf("%+v", e)
		}
		before = Fortune{} // it was started anew, with the right password
		send(pool("p"))
		if found := known(); found != nil {
			t.Errorf("after a message was taken: %+v", found)
		}
		before = Fortune{}
		clock.Advance(time.Hour)
		again := clock.Now()
		send(pool("q"))
		if found := known(); found == nil || !found.Since.Equal(again) {
			t.Errorf("trouble once more: %+v", found)
		}
		clock.Advance(stale + time.Second)
		if found := known(); found != nil {
			t.Errorf("nobody has repeated it for long: %+v", found)
		}
		before = Fortune{}
		send(pool("q"))
		if found := known(); found == nil || !found.Since.Equal(clock.Now()) {
			t.Errorf("what was long ago counts: %+v", found)
		}
	})
}

// Each way in which TLS fails has its own words.
func TestWhyAServerIsNotTrusted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options mailtest.ServerOptions
		query   string
		change  func(*mailtest.Server, *SMTPConfig)
		key     string
	}{
		"nobody knows the issuer": {mailtest.ServerOptions{TLS: true}, "", func(*mailtest.Server, *SMTPConfig) {}, "mail.smtp.certificate_issuer"},
		"another name": {mailtest.ServerOptions{TLS: true}, "", func(s *mailtest.Server, c *SMTPConfig) {
			c.TLS = &tls.Config{RootCAs: s.Roots, ServerName: "mail.example.org"}
		}, "mail.smtp.certificate_name"},
		"expired": {mailtest.ServerOptions{TLS: true}, "", func(s *mailtest.Server, c *SMTPConfig) {
			c.TLS = &tls.Config{RootCAs: s.Roots, Time: func() time.Time { return time.Now().Add(48 * time.Hour) }}
		}, "mail.smtp.certificate_expired"},
		"no TLS on the port": {mailtest.ServerOptions{}, "", func(_ *mailtest.Server, c *SMTPConfig) { c.Mode = TLSImplicit }, "mail.smtp.handshake"},
		"not offered":        {mailtest.ServerOptions{}, "", func(*mailtest.Server, *SMTPConfig) {}, "mail.smtp.starttls_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.NewServer(t, tt.options)
			cfg, err := ParseURL("smtp://" + server.Addr() + "?starttls=required")
			if err != nil {
				t.Fatal(err)
			}
			tt.change(server, &cfg)
			p := NewPool(PoolConfig{Transport: NewSMTP(cfg)})
			t.Cleanup(p.Close)
			results, err := p.Send(context.Background(), envelopesOf(1, 2), nil)
			if key, _ := errs.Message(err); key != tt.key || results[0].Outcome != NotSent {
				t.Errorf("%v, %v; want %s", err, results, tt.key)
			}
		})
	}
	refusing := mailtest.NewRaw(t, mailtest.RawOptions{Extensions: []string{"STARTTLS"}})
	cfg, err := ParseURL("smtp://" + refusing.Addr() + "?starttls=required")
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewSMTP(cfg).Open(t.Context())
	if key, args := errs.Message(err); key != "mail.smtp.starttls_refused" || args["Reply"] == "" {
		t.Errorf("offered and refused: %v %v", key, args)
	}
}

// Whatever keeps all messages from leaving is told, with its own words, until one is taken; what a server says of one reader
// or of one message is not.
func TestFollowNotesWhatKeepsMailFromLeaving(t *testing.T) {
	t.Parallel()
	at := func(stage, reply string) func(mailtest.Event) mailtest.Action {
		return func(e mailtest.Event) mailtest.Action {
			if e.Stage == stage {
				return mailtest.Action{Reply: reply}
			}
			return mailtest.Action{}
		}
	}
	tests := map[string]struct {
		extensions []string
		mode       TLSMode
		script     func(mailtest.Event) mailtest.Action
		key        string // "" for no trouble
		lasting    bool   // still told when nobody has tried for a while
	}{
		"the sender is refused":       {script: at("mail", "550 5.7.1 not your address"), key: "mail.smtp.sender_refused", lasting: true},
		"the sender is refused later": {script: at("mail", "451 4.3.0 not now"), key: "mail.smtp.takes_nothing", lasting: true},
		"nothing is passed on":        {script: at("rcpt", "554 5.7.1 <p1@example.org>: Relay access denied"), key: "mail.smtp.relay_refused", lasting: true},
		"the server leaves":           {script: at("mail", "421 4.3.2 going down"), key: "mail.smtp.broken"},
		"no welcome":                  {script: at("connect", "554 5.7.1 you are on a list"), key: "mail.smtp.greeting"},
		"no encryption":               {mode: TLSRequired, key: "mail.smtp.starttls_missing"},
		"encryption refused":          {mode: TLSRequired, extensions: []string{"STARTTLS"}, key: "mail.smtp.starttls_refused"},
		"not TLS":                     {mode: TLSImplicit, key: "mail.smtp.handshake"},
		"a mailbox that is none":      {script: at("rcpt", "550 5.1.1 no such user")},
		"a message that is too large": {script: at("mail", "552 5.3.4 too large")},
		"a message that is refused":   {script: at("text", "554 5.7.1 spam")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := clocktest.At(testDate)
			bad := true
			var mu sync.Mutex
			server := mailtest.NewRaw(t, mailtest.RawOptions{Extensions: tt.extensions, Script: func(e mailtest.Event) mailtest.Action {
				mu.Lock()
				defer mu.Unlock()
				if !bad || tt.script == nil {
					return mailtest.Action{}
				}
				return tt.script(e)
			}})
			cfg, err := ParseURL("smtp://" + server.Addr() + "?starttls=off&timeout=2s")
			if err != nil {
				t.Fatal(err)
			}
			if tt.mode != "" {
				cfg.Mode = tt.mode
			}
			p := Watch(NewPool(PoolConfig{Transport: NewSMTP(cfg), Now: clock.Now}))
			t.Cleanup(p.Close)
			ticks := make(chan time.Time)
			h := NewHealth(HealthDeps{DB: dbtest.SQLite(t), Now: clock.Now, Log: slog.New(slog.DiscardHandler), Ticks: ticks})
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); h.Follow(ctx, p) }()
			defer func() { stop(); <-done }()
			known := func() string {
				t.Helper()
				ticks <- clock.Now()
				ticks <- clock.Now() // it has finished with the one before
				found, err := h.Trouble(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if found == nil {
					return ""
				}
				key, args := errs.Message(found.Why)
				if args["Server"] == "" {
					t.Errorf("%s names no server", key)
				}
				return key
			}
			_, _ = p.Send(t.Context(), envelopesOf(1, 3), nil)
			if got := known(); got != tt.key {
				t.Errorf("told: %q, want %q", got, tt.key)
			}
			clock.Advance(time.Hour)
			if got := known(); (got != "") != tt.lasting {
				t.Errorf("an hour later it is told: %q", got)
			}
			if tt.mode != "" {
				return // such a server does not mend itself
			}
			mu.Lock()
			bad = false
			mu.Unlock()
			if _, err := p.Send(t.Context(), envelopesOf(4, 1), nil); err != nil {
				t.Fatal(err)
			}
			if got := known(); got != "" {
				t.Errorf("after a message was taken it is told: %q", got)
			}
		})
	}
}
