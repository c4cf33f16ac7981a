package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// Whatever keeps mail from leaving, doctor says it in the server's words, and what helps.
func TestDoctorSaysWhatHelpsTheMailServer(t *testing.T) {
	t.Parallel()
	signIn := mailtest.NewServer(t, mailtest.ServerOptions{User: "u", Password: "p"}).Addr()
	unknown := mailtest.NewServer(t, mailtest.ServerOptions{TLS: true}).Addr()
	plain := mailtest.NewServer(t, mailtest.ServerOptions{}).Addr()
	refusing := mailtest.NewRaw(t, mailtest.RawOptions{Extensions: []string{"STARTTLS"}}).Addr()
	for name, tt := range map[string]struct{ url, says, remedy string }{
		"wrong password":   {"smtp://u:hunter2@" + signIn, "did not accept the user name and password: 535", "correct user and password in " + config.SMTPURL},
		"not trusted":      {"smtp://" + unknown + "?starttls=required", "was issued by nobody whom this machine trusts", "SSL_CERT_FILE"},
		"no encryption":    {"smtp://" + plain + "?starttls=required", "does not offer encryption", "starttls=off"},
		"STARTTLS refused": {"smtp://" + refusing + "?starttls=required", "refused to encrypt the connection: 5", "the port that encrypts"},
		"no TLS":           {"smtps://" + plain, "could not be encrypted", "the port that encrypts"},
		"away":             {"smtp://127.0.0.1:1", "cannot be reached", "check host and port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, map[string]string{config.Data: t.TempDir(), config.SMTPURL: tt.url}, "doctor")
			if got.code != 1 || !strings.Contains(got.stdout, "WRONG mail") || !strings.Contains(got.stdout, tt.says) || !strings.Contains(got.stdout, tt.remedy) || strings.Contains(got.stdout, "hunter2") {
				t.Errorf("exit %d, %s", got.code, got.stdout)
			}
		})
	}
}

// That a server lets us in and takes nothing only a message shows: doctor says what the workers noted.
func TestDoctorSaysWhatMessagesShowed(t *testing.T) {
	t.Parallel()
	env := map[string]string{config.Data: t.TempDir(), config.SMTPURL: "smtp://" + mailtest.NewServer(t, mailtest.ServerOptions{}).Addr()}
	if got := run(t, env, "migrate", "up"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(env[config.Data], "convoke.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec("insert into mail_trouble (id, since, tried_at, kind, server, reply) values (1, ?, ?, 'mail.smtp.sender_refused', 'mail.example.org', '550 no')", db.Now(), db.Now())
		return err
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	got := run(t, env, "doctor")
	if got.code != 1 || !strings.Contains(got.stdout, "WRONG messages") || !strings.Contains(got.stdout, "mail.example.org") || !strings.Contains(got.stdout, config.MailFrom) {
		t.Errorf("exit %d, %s", got.code, got.stdout)
	}
	for kind, remedy := range map[string]string{"relay_refused": "pass mail on", "takes_nothing": "ask who runs the server"} {
		if said := mailRemedy(errs.E(errs.Unavailable, "mail.smtp."+kind)); !strings.Contains(said, remedy) {
			t.Errorf("%s: %s", kind, said)
		}
	}
}
