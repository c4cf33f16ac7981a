package campaigntest

import (
	"context"
	"testing"

	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// Behind lets the kit send through a server that wants a password, with this one, and works until nothing is left to do. What
// that tells about the server is noted as a worker notes it.
func (k *Kit) Behind(t testing.TB, server *mailtest.Server, password string) {
	t.Helper()
	cfg, err := mail.ParseURL("smtp://convoke:" + password + "@" + server.Addr() + "?starttls=off")
	k.must(err)
	pool := mail.NewPool(mail.PoolConfig{Transport: mail.NewSMTP(cfg), Now: k.now})
	t.Cleanup(pool.Close)
	health := mail.NewHealth(mail.HealthDeps{DB: k.db, Now: k.now})
	k.Transport, k.MailServer = pool, health
	k.Work()
	k.must(health.Note(context.Background(), mail.Fortune{}, pool.Fortune()))
}
