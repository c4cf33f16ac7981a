package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/mail"
)

// A client of SMTP brings mail to the program: what it offers, what it refuses and why, and what is kept to the byte.
func TestMailOverSMTP(t *testing.T) {
	t.Parallel()
	env, count := inboundEnv(t)
	address := freeAddress(t)
	process := start(t, env, "inbound", "--smtp", address)
	waitFor(t, "its greeting", func() bool { return run(t, env, "health", "--mail", address).code == 0 })
	conn, err := net.Dial("tcp", address) //nolint:noctx // of this machine
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClient(conn)
	defer func() { _ = c.Close() }()
	if err := c.Hello("mx.example.org"); err != nil {
		t.Fatal(err)
	}
	for extension, want := range map[string]bool{"PIPELINING": true, "8BITMIME": true, "SMTPUTF8": true, "STARTTLS": false, "AUTH": false} {
		if got, _ := c.Extension(extension); got != want {
			t.Errorf("%s is offered: %t", extension, got)
		}
	}
	if size, ok := c.MaxMessageSize(); !ok || size != mail.MaxIncoming {
		t.Errorf("it announces %d, %t", size, ok)
	}
	refused := func(err error, code int) {
		t.Helper()
		var answer *smtp.SMTPError
		if !errors.As(err, &answer) || answer.Code != code || strings.Contains(answer.Message, "sql") {
			t.Errorf("%v, want %d", err, code)
		}
	}
	give := func(content []byte) error {
		t.Helper()
		if err := errors.Join(c.Mail("ana@example.org", nil), c.Rcpt("bpf@convoke.test", nil)); err != nil {
			t.Fatal(err)
		}
		w, err := c.Data()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			return err
		}
		return w.Close()
	}
	refused(c.Mail("ana@example.org", &smtp.MailOptions{Size: mail.MaxIncoming + 1}), 552)
	refused(c.Rcpt("bpf@convoke.test", nil), 502)
	if err := c.Mail("ana@example.org", nil); err != nil {
		t.Fatal(err)
	}
	refused(c.Rcpt("nobody@convoke.test", nil), 550)
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	odd := []byte("From: Ana <ana@example.org>\r\nSubject: a\x00b \xff\r\n\r\n" + strings.Repeat("long ", 100_000) + "\r\n")
	if err := give(odd); err != nil {
		t.Errorf("NUL and a long line: %v", err)
	}
	refused(give(bytes.Repeat([]byte(strings.Repeat("x", 998)+"\r\n"), mail.MaxIncoming/1000+1)), 552)
	if err := give([]byte("Subject: the next\r\n\r\nx\r\n")); err != nil {
		t.Errorf("after one that was refused: %v", err)
	}
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
	if n := count(); n != 2 {
		t.Errorf("%d mails are kept, want 2", n)
	}
	d, err := migrated(t.Context(), env[config.DatabaseURL], newLogger("text"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var raw []byte
	if err := d.Read(context.Background()).QueryRow("select raw from inbound_raw order by mail_id limit 1").Scan(&raw); err != nil || !bytes.Equal(raw, odd) {
		t.Errorf("%d bytes are kept of %d, %v", len(raw), len(odd), err)
	}
	if err := stop(process); err != nil {
		t.Errorf("it does not end in order: %v", err)
	}
	if got := run(t, env, "health", "--mail", address); got.code == 0 || !strings.Contains(got.stderr, "Nothing answers at "+address) {
		t.Errorf("once it has ended: exit %d, %s", got.code, got.stderr)
	}
}
