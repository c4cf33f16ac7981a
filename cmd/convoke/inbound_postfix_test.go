//go:build unix

package main

import (
	"context"
	"fmt"
	"net"
	"net/smtp"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
	"github.com/convoke/convoke/internal/testenv"
)

const repliesAt = "replies.convoke.test"

// correspondence is a campaign that left through a Postfix, which brings what comes back to convoke inbound.
type correspondence struct {
	t       *testing.T
	kit     *campaigntest.Kit
	db      *db.DB
	env     map[string]string
	postfix string
	lmtp    string // where convoke inbound listens
	sink    *mailtest.Raw
}

func newCorrespondence(t *testing.T, d *db.DB, url string) *correspondence {
	t.Helper()
	c := &correspondence{t: t, db: d, lmtp: freeAddress(t)}
	c.sink = mailtest.NewRaw(t, mailtest.RawOptions{Script: func(e mailtest.Event) mailtest.Action {
		if e.Stage == "rcpt" && strings.HasPrefix(e.To, "gone@") {
			return mailtest.Action{Reply: "550 5.1.1 no such user here"}
		}
		return mailtest.Action{}
	}})
	c.postfix = testenv.Postfix(t, c.sink.Addr(), 26<<20,
		"transport_maps = inline:{"+repliesAt+"=lmtp:inet:"+c.lmtp+"}", "relay_domains = "+repliesAt, "recipient_delimiter = +",
		"transport_retry_time = 1s", "minimal_backoff_time = 1s", "maximal_backoff_time = 1s", "queue_run_delay = 1s")
	c.env = map[string]string{
		config.Data: t.TempDir(), config.DatabaseURL: url, config.Secret: "a key of the test, long enough to be one", config.MailFrom: "BPF <bpf@convoke.test>",
		config.InboundMail: repliesAt,
	}
	now := time.Now().UTC().Truncate(time.Second)
	clock := func() time.Time { return now }
	accounts := account.New(account.Deps{DB: d, Now: clock, Normalize: mail.Normalize})
	officer := func(name string) account.Actor {
		a, err := accounts.Add(t.Context(), audit.System("test"), account.Account{Name: name, Email: name + "@example.org"}, account.Officer)
		if err != nil {
			t.Fatal(err)
		}
		actor, err := accounts.Actor(t.Context(), a, "")
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	host, port, err := net.SplitHostPort(c.postfix)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	pool := mail.NewPool(mail.PoolConfig{
		Transport:   mail.NewSMTP(mail.SMTPConfig{Host: host, Port: n, Mode: mail.TLSOff, HELO: "convoke.test", Timeout: time.Minute}),
		Connections: 1,
	})
	t.Cleanup(pool.Close)
	one, two := officer("one"), officer("two")
	c.kit = campaigntest.NewWith(t, d, i18ntest.Bundle(t), accounts, clock, one, func(deps *campaign.Deps) {
		deps.Transport, deps.InboundDomain = pool, repliesAt
	})
	for _, name := range []string{"reply", "away", "gone", "angry", "leaves"} {
		c.kit.Contact(name, name+"@people.test", "en")
	}
	c.launch(one, two)
	return c
}

func (c *correspondence) launch(one, two account.Actor) {
	c.t.Helper()
	ctx := c.t.Context()
	made, err := c.kit.Create(ctx, one, campaign.Proposal{CycleID: c.kit.CycleID, Name: "The call", Audience: campaign.Audience{All: true}})
	if err == nil {
		_, err = c.kit.Freeze(ctx, one, made.ID)
	}
	if err == nil {
		_, err = c.kit.Approve(ctx, two, made.ID)
	}
	if err == nil {
		_, err = c.kit.Launch(ctx, one, made.ID)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.kit.Work()
}

// tokenOf is that of the message which somebody got.
func (c *correspondence) tokenOf(name string) string {
	c.t.Helper()
	token := ""
	waitFor(c.t, "the message to "+name, func() bool {
		for _, m := range c.sink.Messages() {
			found := regexp.MustCompile(`bpf\+re-([a-z2-7]+)@`).FindSubmatch(m.Data)
			if m.To == name+"@people.test" && found != nil {
				token = string(found[1])
			}
		}
		return token != ""
	})
	return token
}

// send hands a mail to the Postfix, as somebody's server would.
func (c *correspondence) send(from, to string, lines ...string) {
	c.t.Helper()
	if err := smtp.SendMail(c.postfix, nil, from, []string{to}, []byte(strings.Join(lines, "\r\n")+"\r\n")); err != nil {
		c.t.Fatal(err)
	}
}

// sorted counts the mails of a kind that ended so.
func (c *correspondence) sorted(kind, state, outcome string) int {
	var n int
	err := c.db.Read(context.Background()).QueryRow("select count(*) from inbound_mail where kind = ? and state = ? and outcome = ?", kind, state, outcome).Scan(&n)
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

// What comes back after a campaign went through a real Postfix, brought by it to the built program: a reply, a reply by a machine,
// a bounce that the Postfix itself writes, a complaint, a wish for no more. What comes while nobody listens waits with the Postfix,
// and is received when it came.
func TestAPostfixBringsWhatComesBack(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return "sqlite:" + t.TempDir() + "/inbound.db" },
		"postgres": func(t *testing.T) string { t.Helper(); return dbtest.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bringsWhatComesBack(t, url(t))
		})
	}
}

func bringsWhatComesBack(t *testing.T, url string) {
	t.Helper()
	d, err := migrated(t.Context(), url, newLogger("text"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	c := newCorrespondence(t, d, url)
	re := func(name string) string { return "bpf+re-" + c.tokenOf(name) + "@" + repliesAt }

	c.send("reply@people.test", re("reply"), "From: =?utf-8?B?2YTZitmE2Yk=?= <reply@people.test>", "To: "+re("reply"), "Subject: Re: Call", "Message-ID: <r1@people.test>", "",
		"Our answer is in the file.")
	waiting := time.Now()
	process := start(t, c.env, "inbound", "--lmtp", c.lmtp)
	waitFor(t, "the reply that came before", func() bool { return c.sorted("reply", "new", "undecided") == 1 })

	c.send("", re("away"), "From: away@people.test", "To: "+re("away"), "Subject: Out of office", "Auto-Submitted: auto-replied", "", "Back in May.")
	c.send("", "bpf@"+repliesAt, "From: fbl@provider.test", "To: bpf@"+repliesAt, "Subject: complaint", "MIME-Version: 1.0",
		"Content-Type: multipart/report; report-type=feedback-report; boundary=r", "", "--r", "Content-Type: text/plain", "", "A complaint.",
		"--r", "Content-Type: message/feedback-report", "", "Feedback-Type: abuse", "User-Agent: Test/1", "Version: 1", "",
		"--r", "Content-Type: message/rfc822", "", "From: bpf@convoke.test", "Reply-To: <"+re("angry")+">", "Subject: Call", "", "Dear", "--r--")
	c.send("leaves@people.test", "bpf+stop-"+c.tokenOf("leaves")+"@"+repliesAt, "From: leaves@people.test", "Subject: unsubscribe", "", "")
	for _, want := range [][3]string{
		{"auto_reply", "filed", "by_machine"}, {"bounce", "handled", "bounced"}, {"complaint", "handled", "complained"}, {"unsubscribe", "handled", "stopped"},
	} {
		waitFor(t, fmt.Sprint(want), func() bool { return c.sorted(want[0], want[1], want[2]) == 1 })
	}
	if err := smtp.SendMail(c.postfix, nil, "x@people.test", []string{"other@" + repliesAt}, []byte("Subject: x\r\n\r\nx\r\n")); err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	rows, err := d.Read(t.Context()).Query("select m.email, d.state, a.status from delivery d join delivery_mailbox m on m.delivery_id = d.id join address a on a.id = d.address_id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var email, state, status string
		if err := rows.Scan(&email, &state, &status); err != nil {
			t.Fatal(err)
		}
		states[email] = state + " " + status
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"reply": "sent ok", "away": "sent ok", "gone": "bounced bounced", "angry": "complained complained", "leaves": "sent ok"} {
		if got := states[name+"@people.test"]; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	var received time.Time
	if err := d.Read(t.Context()).QueryRow("select received_at from inbound_mail where kind = 'reply'").Scan(&received); err != nil || received.After(waiting) {
		t.Errorf("the reply was received at %s, after %s when it had come: %v", received, waiting, err)
	}
	if err := stop(process); err != nil {
		t.Errorf("it does not end in order: %v", err)
	}
}
