package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/mail"
)

// post is a mail room whose mails come without a server.
type post struct {
	t     *testing.T
	mails *inbound.Service
}

func mailing(t *testing.T, d *db.DB) (*servertest.App, *contributiontest.Kit, post) {
	t.Helper()
	var k *contributiontest.Kit
	p := post{t: t}
	app := apitest.NewApp(t, d, func(a *servertest.App, deps *api.Deps) {
		k = contributiontest.New(t, d, a.Clock.Now)
		p.mails = inbound.New(inbound.Deps{
			DB: d, Now: a.Clock.Now, Links: k.Signer, Boxes: inbound.Boxes{Local: "bpf", Domains: []string{"convoke.test"}},
			Contributions: adapt.MailedContributions{Service: k.Service}, Normalize: mail.Normalize,
		})
		deps.Contributions, deps.Inbound = k.Service, p.mails
	})
	return app, k, p
}

// take gives the address of a mail; each file has a document in it.
func (p post) take(from, subject string, files ...string) string {
	p.t.Helper()
	raw := fmt.Sprintf("From: %s\r\nSubject: %s\r\nX-Mine: =?utf-8?q?na=C3=AFve?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the files.\r\n", from, subject)
	for _, f := range files {
		raw += "--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=" + f + "\r\n\r\n" + subject + " <script>The paper</script>\r\n"
	}
	id, err := p.mails.Receive(context.Background(), inbound.Delivered{From: "x@example.org", To: []string{"bpf@convoke.test"}, Raw: []byte(raw + "--b--\r\n")})
	if err == nil {
		err = p.mails.Sweep(context.Background())
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return fmt.Sprintf("/api/v1/inbound/%d", id)
}

func TestMailThatCameInJSON(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, p := mailing(t, d)
		contact := k.Contact("Zoë", "fr")
		from := "Zoë <" + k.Text("select email from address where id = (select max(address_id) from contact_address where contact_id = ?)", contact) + ">"
		known, other, third := p.take(from, "One", "paper.txt", "old.doc"), p.take("Someone <someone@example.net>", "Two"), p.take(from, "Three", "more.txt")
		o := app.Bearer(app.Account("officer", account.Officer))
		into := func(res servertest.Response, status int, v any) {
			t.Helper()
			if err := res.Into(v); err != nil || res.Status != status {
				t.Errorf("%d, want %d, %s: %v", res.Status, status, res.Body, err)
			}
		}

		var all []string
		for cursor := ""; ; {
			var l api.List[api.InboundMail]
			into(o.Get("/api/v1/inbound?limit=2&cursor="+cursor), 200, &l)
			for _, m := range l.Items {
				all = append(all, m.Subject)
			}
			if cursor = l.Next; cursor == "" {
				break
			}
		}
		if got := strings.Join(all, " "); got != "Three Two One" {
			t.Errorf("listed %s", got)
		}
		for query, want := range map[string]int{
			"?kind=unknown&state=new": 1, "?kind=contribution": 2, fmt.Sprintf("?contact_id=%d", contact): 2, "?state=handled": 0, "?kind=lost": 0, "?kind=%00": 0,
		} {
			var l api.List[api.InboundMail]
			if into(o.Get("/api/v1/inbound"+query), 200, &l); len(l.Items) != want {
				t.Errorf("%s: %d mails, want %d", query, len(l.Items), want)
			}
		}
		for _, bad := range []string{"?limit=0", "?cursor=%21", "?contact_id=x", "?contact_id=-1"} {
			if res := o.Get("/api/v1/inbound" + bad); res.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", bad, res.Status)
			}
		}

		var m api.InboundMessage
		into(o.Get(known), 200, &m)
		if m.Kind != "contribution" || m.State != "new" || m.MatchedBy != "sender" || m.ContactID != contact || m.Contact != "Zoë" || m.FromName != "Zoë" || m.Text != "See the files." ||
			len(m.Attachments) != 2 || m.Attachments[0] != (api.InboundFile{Number: 0, Name: "paper.txt", Type: "text/html", Size: 30, Document: true}) ||
			m.EnvelopeFrom != "x@example.org" || strings.Join(m.EnvelopeTo, " ") != "bpf@convoke.test" || m.Headers[2] != (api.InboundHeader{Name: "X-Mine", Value: "naïve"}) {
			t.Errorf("%+v", m)
		}
		for _, path := range []string{known + "/files/0", known + "/raw"} {
			if f := o.Get(path); f.Status != 200 || f.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(f.Header.Get("Content-Disposition"), "attachment; ") ||
				!strings.Contains(f.Body, "<script>The paper</script>") || !strings.Contains(f.Header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s: %d %v", path, f.Status, f.Header)
			}
		}
		for _, missing := range []string{known + "/files/9", known + "/files/x", known + "/files/-1", "/api/v1/inbound/999", "/api/v1/inbound/999/raw"} {
			if res := o.Get(missing); res.Status != 404 {
				t.Errorf("%s: %d", missing, res.Status)
			}
		}

		if res := o.JSON(http.MethodPost, other+"/contribution", nil); res.Status != http.StatusUnprocessableEntity {
			t.Errorf("of nobody: %d %s", res.Status, res.Body)
		}
		if res := o.JSON(http.MethodPost, third+"/documents", nil); res.Status != http.StatusConflict {
			t.Errorf("to none: %d %s", res.Status, res.Body)
		}
		var made api.InboundMade
		into(o.JSON(http.MethodPost, known+"/contribution", api.InboundContribution{Consent: true}), http.StatusCreated, &made)
		if len(made.NotTaken) != 1 || made.NotTaken[0] != "old.doc" { // it is the same as the other
			t.Errorf("made %+v", made)
		}
		var c api.Contribution
		into(o.Get(fmt.Sprintf("/api/v1/contributions/%d", made.ContributionID)), 200, &c)
		if c.ContactID != contact || c.State != "received" || c.Channel != "email" || !c.Consent || c.Answers["other"] != "See the files." {
			t.Errorf("%+v", c)
		}
		if res := o.JSON(http.MethodPost, known+"/contribution", nil); res.Status != http.StatusConflict {
			t.Errorf("made twice: %d %s", res.Status, res.Body)
		}
		var added api.InboundMade
		into(o.JSON(http.MethodPost, third+"/documents", nil), 200, &added)
		if added.ContributionID != made.ContributionID {
			t.Errorf("added to %d, want %d", added.ContributionID, made.ContributionID)
		}
		into(o.Get(third), 200, &m)
		if m.Outcome != "added" || m.ContributionID != made.ContributionID || m.HandledBy == "" || m.HandledAt == nil {
			t.Errorf("%+v", m.InboundMail)
		}

		if res := o.JSON(http.MethodPost, other+"/close", api.InboundClosing{Outcome: "bounced"}); res.Status != http.StatusUnprocessableEntity {
			t.Errorf("an outcome that nobody chooses: %d", res.Status)
		}
		into(o.JSON(http.MethodPost, other+"/close", api.InboundClosing{Outcome: "answered", Note: "by phone"}), 200, &m)
		if m.State != "handled" || m.Note != "by phone" {
			t.Errorf("%+v", m.InboundMail)
		}
		if res := o.JSON(http.MethodPost, other+"/close", api.InboundClosing{Outcome: "left"}); res.Status != http.StatusConflict {
			t.Errorf("closed twice: %d", res.Status)
		}
		into(o.JSON(http.MethodPost, other+"/reopen", nil), 200, &m)
		if m.State != "new" {
			t.Errorf("%+v", m.InboundMail)
		}
		into(o.JSON(http.MethodPost, other+"/contribution", api.InboundContribution{Name: "Somebody", StakeholderGroup: "academia", Country: "FR", Language: "fr"}), http.StatusCreated, &made)

		for _, role := range []account.Role{account.Volunteer, account.Lead, account.Coordinator} {
			r := app.Bearer(app.Account(string(role), role))
			for _, path := range []string{"/api/v1/inbound", known, known + "/raw", known + "/files/0"} {
				if res := r.Get(path); res.Status != http.StatusForbidden {
					t.Errorf("%s as %s: %d", path, role, res.Status)
				}
			}
			for _, path := range []string{"/contribution", "/documents", "/close", "/reopen"} {
				if res := r.JSON(http.MethodPost, known+path, nil); res.Status != http.StatusForbidden {
					t.Errorf("%s as %s: %d", path, role, res.Status)
				}
			}
		}
	})
}
