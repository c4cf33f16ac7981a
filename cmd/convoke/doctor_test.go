package main

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/config"
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
