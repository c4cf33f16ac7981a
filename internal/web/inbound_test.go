package web_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// A mail is shown as the text that it is, and made a contribution by one button.
func TestAMailIsReadAndMadeAContribution(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var mails *inbound.Service
		app := webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
			k := contributiontest.New(t, d, a.Clock.Now)
			ref, err := geo.Load()
			if err != nil {
				t.Fatal(err)
			}
			mails = inbound.New(inbound.Deps{
				DB: d, Now: a.Clock.Now, Links: k.Signer, Boxes: inbound.Boxes{Local: "bpf", Domains: []string{"convoke.test"}},
				Contributions: adapt.MailedContributions{Service: k.Service}, Normalize: mail.Normalize,
			})
			deps.Contributions, deps.Contacts, deps.Geo, deps.Inbound = k.Service, k.Contacts, ref, mails
		})
		take := func(n int) string {
			raw := fmt.Sprintf("From: Zo\xc3\xab <b>X</b> <zoe@example.net>\r\nSubject: Our answer %d <script>alert(1)</script>\r\nContent-Language: xx, pt-BR\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"+
				"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>We think so.<img src=https://track.example.com/x.png>%s\r\n"+
				"--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=\"a\\\"b.html\"\r\n\r\n<script>alert(2)</script>\r\n"+
				"--b\r\nContent-Disposition: attachment; filename=answer.md\r\n\r\n# The answer\r\n--b--\r\n", n, strings.Repeat(" word", 10_000))
			id, err := mails.Receive(context.Background(), inbound.Delivered{Raw: []byte(raw)})
			if err == nil {
				err = mails.Sweep(context.Background())
			}
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("/inbound/%d", id)
		}
		path, other := take(1), take(2)
		c := app.As(account.Officer)
		if p := c.Get("/inbound?state=new&kind=unknown"); !p.Shows("Waits: 2", "Our answer 1 <script>alert(1)</script>") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		for _, none := range []string{"?state=%00", "?kind=%ff", "?state=lost"} { // what no database takes, and what is no state
			if p := c.Get("/inbound" + none); p.Status != 200 || strings.Contains(p.Body, "Our answer") {
				t.Errorf("%s: %d", none, p.Status)
			}
		}
		p := c.Get(path)
		if !p.Shows("We think so.", "Only the beginning is shown", "answer.md") || strings.Contains(p.Body, "track.example.com") || strings.Contains(p.Body, "<script>alert") || len(p.Body) > 60<<10 {
			t.Errorf("%d, %d bytes, %s", p.Status, len(p.Body), p.Text())
		}
		if !strings.Contains(p.Body, `<option value="pt" selected`) {
			t.Error("its language is not proposed")
		}
		for _, file := range []string{path + "/files/0", path + "/raw"} {
			f := c.Get(file)
			if f.Status != 200 || f.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(f.Header.Get("Content-Disposition"), "attachment; ") ||
				!strings.HasPrefix(f.Header.Get("Content-Security-Policy"), "sandbox") || f.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d %v", file, f.Status, f.Header)
			}
		}
		for _, missing := range []string{path + "/files/9", path + "/files/x", path + "/files/-1", "/inbound/999", "/inbound/999/raw"} {
			if f := c.Get(missing); f.Status != 404 {
				t.Errorf("%s: %d", missing, f.Status)
			}
		}
		if p := c.PostForm(path+"/contribution", url.Values{"contact_id": {""}, "name": {"Zoë"}, "language": {"fr"}}); p.Status != 422 || !strings.Contains(p.Body, `value="Zoë"`) {
			t.Errorf("without a group: %d %s", p.Status, p.Text())
		}
		if p := c.PostForm(path+"/contribution", url.Values{"contact_id": {"x"}}); p.Status != 422 {
			t.Errorf("of no contact: %d", p.Status)
		}
		whole := url.Values{
			"name": {"Zoë"}, "capacity": {"individual"}, "stakeholder_group": {"academia"}, "country": {"FR"}, "language": {"fr"}, "consent": {"publish"},
		}
		made := c.PostForm(path+"/contribution", whole)
		if made.Status != 303 {
			t.Fatalf("made: %d %s", made.Status, made.Text())
		}
		var names string // its text is longer than an answer may be, and comes as a document too
		rows := "select coalesce(group_concat(name, ','), '') from (select name from contribution_file order by id)"
		if d.Dialect() == db.Postgres {
			rows = "select coalesce(string_agg(name, ',' order by id), '') from contribution_file"
		}
		if err := d.Read(context.Background()).QueryRow(rows).Scan(&names); err != nil || names != "mail.txt,answer.md" {
			t.Errorf("documents %q, %v", names, err)
		}
		if p := c.Get(made.Location()); !p.Shows("We think so.", "E-mail") {
			t.Errorf("%s", p.Text())
		}
		if p := c.PostForm(path+"/contribution", whole); p.Status != 409 {
			t.Errorf("made twice: %d", p.Status)
		}
		if p := c.PostForm(other+"/close", url.Values{"outcome": {"bounced"}, "note": {"my note"}}); p.Status != 422 || !strings.Contains(p.Body, "my note") {
			t.Errorf("an outcome that nobody chooses: %d", p.Status)
		}
		if p := c.PostForm(other+"/close", url.Values{"outcome": {"answered"}, "note": {"by phone"}}); p.Status != 303 {
			t.Errorf("closed: %d %s", p.Status, p.Text())
		}
		if p := c.PostForm(other+"/close", url.Values{"outcome": {"left"}}); p.Status != 409 || !p.Shows("Somebody has handled this mail already") {
			t.Errorf("closed twice: %d %s", p.Status, p.Text())
		}
		if p := c.Get(other); !p.Shows("Answered in another way", "by phone", "Let it wait for a decision again") {
			t.Errorf("%s", p.Text())
		}
		if p := c.PostForm(other+"/reopen", nil); p.Status != 303 {
			t.Errorf("reopened: %d", p.Status)
		}
		for _, role := range []account.Role{account.Volunteer, account.Lead} {
			if p := app.As(role).Get(path); p.Status != 403 {
				t.Errorf("as %s: %d", role, p.Status)
			}
		}
	})
}
