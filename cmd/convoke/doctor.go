package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/queue"
	"github.com/convoke/convoke/migrations"
)

type doctorCmd struct{}

// finding is what one look found: the state in words, or an error and what to do about it.
type finding struct {
	name, state, remedy string
	err                 error
}

// Run looks at everything the settings name, prints a line each, and fails if one needs work.
func (doctorCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	findings := []finding{
		{name: "settings", state: "read; data folder " + cfg.Data},
	}
	findings = append(findings, lookAtDatabase(ctx, cfg)...)
	findings = append(findings, lookAtQueue(ctx, cfg), lookAtMail(ctx, cfg), lookAtRates(cfg), lookAtNames(ctx, cfg))
	findings = append(findings, lookAtInbound(ctx, cfg, net.DefaultResolver.LookupMX))
	findings = append(findings, lookAtKeys(ctx, cfg, net.DefaultResolver.LookupTXT)...)
	sick := false
	for _, f := range findings {
		if f.err == nil {
			fmt.Printf("ok    %-9s %s\n", f.name, f.state)
			continue
		}
		sick = true
		fmt.Printf("WRONG %-9s %s\n      %-9s do: %s\n", f.name, said(f.err), "", f.remedy)
	}
	if sick {
		return errs.E(errs.Unavailable, "cli.doctor.sick")
	}
	return nil
}

// lookAtDatabase also looks into a database that is whole.
func lookAtDatabase(ctx context.Context, cfg config.Config) []finding {
	f := finding{name: "database"}
	d, err := db.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		f.err, f.remedy = err, databaseRemedy(cfg.DatabaseURL, err)
		return []finding{f}
	}
	defer func() { _ = d.Close() }()
	pending, err := pendingIn(ctx, d)
	switch {
	case err != nil:
		f.err, f.remedy = err, databaseRemedy(cfg.DatabaseURL, err)
	case pending > 0:
		f.err, f.remedy = fmt.Errorf("%d migrations are missing", pending), "run: convoke migrate up"
	}
	if f.err != nil {
		return []finding{f}
	}
	f.state = string(d.Dialect()) + ", schema up to date"
	return append([]finding{f, lookAtCounts(ctx, d)}, lookAtRefusals(ctx, cfg, d)...)
}

// lookAtRefusals says what the workers found out about a mail server that lets us in and takes nothing: only a message
// shows that.
func lookAtRefusals(ctx context.Context, cfg config.Config, d *db.DB) []finding {
	if cfg.SMTPURL == "" {
		return nil
	}
	t, err := mail.NewHealth(mail.HealthDeps{DB: d, Now: db.Now}).Trouble(ctx)
	if err != nil || t == nil || !t.OfMessages() {
		return nil // what keeps us from the server is seen by going there
	}
	return []finding{{name: "messages", err: t.Why, remedy: mailRemedy(t.Why)}}
}

func pendingIn(ctx context.Context, d *db.DB) (int, error) {
	m, err := d.Migrator(migrations.FS)
	if err != nil {
		return 0, err
	}
	return m.Pending(ctx)
}

// lookAtCounts holds the kept numbers of the coverage against the lists.
func lookAtCounts(ctx context.Context, d *db.DB) finding {
	f := finding{name: "coverage", state: "every cell counts what is on its list", remedy: "run: convoke recount"}
	n, err := contact.Miscounted(ctx, d)
	switch {
	case err != nil:
		f.err, f.remedy = err, "run convoke doctor again; if it says the same, look into the log of the database"
	case n == 1:
		f.err = errors.New("1 cell of the coverage counts otherwise than its list: somebody changed the database by hand")
	case n > 1:
		f.err = fmt.Errorf("%d cells of the coverage count otherwise than their lists: somebody changed the database by hand", n)
	}
	return f
}

// databaseRemedy is what helps against an error of the database that the URL names.
func databaseRemedy(url string, err error) string {
	if errs.Is(err, errs.Conflict) {
		return "use the program of the version that migrated this database, or a newer one"
	}
	file, isFile := strings.CutPrefix(url, "sqlite:")
	if !isFile {
		return "check " + config.DatabaseURL + " and that the server runs and lets this user in"
	}
	if key, _ := errs.Message(err); key == "error.database_damaged" {
		return "put a copy of " + file + " back, or name another file with " + config.DatabaseURL
	}
	return "make " + file + " a file that this user may read and write, in a folder that exists, or name another with " + config.DatabaseURL
}

func lookAtQueue(ctx context.Context, cfg config.Config) finding {
	f := finding{name: "queue", remedy: "check " + config.RedisURL + " and that the server runs; until then work waits in the database"}
	if cfg.RedisURL == "" {
		f.state = "in the process (" + config.RedisURL + " is not set)"
		return f
	}
	q, err := queue.Open(cfg.RedisURL, newLogger(cfg.LogFormat))
	if err != nil {
		f.err = err
		return f
	}
	defer q.Close()
	client := q.Client()
	defer func() { _ = client.Close() }()
	f.err = client.Ping(ctx)
	f.state = "Redis answers"
	return f
}

func lookAtMail(ctx context.Context, cfg config.Config) finding {
	f := finding{name: "mail", remedy: "correct " + config.SMTPURL}
	if cfg.SMTPURL == "" {
		f.state = "captured (" + config.SMTPURL + " is not set): every officer can read all of it at /mailbox, sign-in links included"
		return f
	}
	smtp, err := mail.ParseURL(cfg.SMTPURL)
	if err != nil {
		f.err = err
		return f
	}
	conn, err := mail.NewSMTP(smtp).Open(ctx)
	if err != nil {
		f.err, f.remedy = err, mailRemedy(err)
		return f
	}
	f.err = conn.Close()
	f.state = "the server at " + smtp.Addr() + " lets us in"
	return f
}

// lookAtRates says how fast mail may go out; what is wrong with it was said before anything else.
func lookAtRates(cfg config.Config) finding {
	state := "all campaigns together: " + cfg.SendRate.String() + "; to one domain: " + cfg.DomainRate.String()
	for _, d := range cfg.DomainRates {
		state += ", " + d.Domain + ": " + d.Rate.String()
	}
	return finding{name: "rates", state: state}
}

// mailRemedy is what helps against an error of the mail server. Messages wait meanwhile.
func mailRemedy(err error) string {
	key, _ := errs.Message(err)
	switch strings.TrimPrefix(key, "mail.smtp.") {
	case "auth_refused", "auth_missing":
		return "correct user and password in " + config.SMTPURL + " (special characters are percent-encoded), or let the server take this user"
	case "certificate_name":
		return "write the name that the certificate has as the host of " + config.SMTPURL + ", or give the server a certificate with this name"
	case "certificate_issuer", "certificate":
		return "give the server a certificate of a known authority, or make its authority known to this machine (SSL_CERT_FILE)"
	case "certificate_expired":
		return "renew the server's certificate; check the clock of this machine"
	case "starttls_missing", "starttls_refused", "handshake":
		return "name the port that encrypts (587, or smtps://host:465), or write starttls=off in " + config.SMTPURL + " where nobody can listen on the way"
	case "sender_refused":
		return "set " + config.MailFrom + " to an address for which this server lets us send, or let the server take it"
	case "relay_refused":
		return "let the server pass mail on for this machine or user, or name one that does in " + config.SMTPURL
	case "greeting", "takes_nothing":
		return "ask who runs the server to let this machine send"
	}
	return "check host and port in " + config.SMTPURL + ", and that the server runs and can be reached from here; messages wait until then"
}

func lookAtNames(ctx context.Context, cfg config.Config) finding {
	f := finding{name: "names"}
	public, err := url.Parse(cfg.PublicURL)
	if err != nil {
		f.err = err
		return f
	}
	host := public.Hostname()
	if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
		f.state = host + " is this machine: links in mails work here only"
		return f
	}
	if _, err := net.DefaultResolver.LookupHost(ctx, host); err != nil {
		f.err, f.remedy = fmt.Errorf("%s has no address", host), "make the name known in the DNS, or correct "+config.PublicURL
		return f
	}
	domain := senderDomain(cfg)
	if records, err := net.DefaultResolver.LookupTXT(ctx, domain); err != nil || !hasSPF(records) {
		f.err, f.remedy = fmt.Errorf("%s names no servers that may send its mail (SPF)", domain), "add a TXT record such as: v=spf1 mx -all"
		return f
	}
	f.state = host + " has an address, " + domain + " has SPF"
	return f
}

func hasSPF(records []string) bool {
	for _, r := range records {
		if strings.HasPrefix(r, "v=spf1") {
			return true
		}
	}
	return false
}

// said is an error in one line: the house's own errors by their sentences, what a look itself found
// as it stands.
func said(err error) string {
	var wrong config.Error
	if errors.As(err, &wrong) {
		return wrong.Error()
	}
	if errs.Find(err) != nil {
		return sentence(err)
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
