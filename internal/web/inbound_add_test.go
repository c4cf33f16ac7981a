package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/contribution"
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

// The page of a mail offers to add its documents where its sender has a contribution that takes them, and says what stayed behind.
func TestTheDocumentsOfAMailAreAddedByAButton(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var mails *inbound.Service
		var k *contributiontest.Kit
		app := webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
			k = contributiontest.New(t, d, a.Clock.Now)
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
		from := k.Text("select email from address where id = (select max(address_id) from contact_address where contact_id = ?)", k.Contact("Zoë", "fr"))
		take := func(n int, files ...string) string {
			raw := fmt.Sprintf("From: %s\r\nSubject: Our paper %d\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the files.\r\n", from, n)
			for _, f := range files {
				raw += "--b\r\nContent-Disposition: attachment; filename=" + f + "\r\n\r\nThe paper.\r\n"
			}
			id, err := mails.Receive(ctx, inbound.Delivered{Raw: []byte(raw + "--b--\r\n")})
			if err == nil {
				err = mails.Sweep(ctx)
			}
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("/inbound/%d", id)
		}
		c := app.As(account.Officer)
		path := take(1, "paper.txt", "paper.md")
		if p := c.Get(path); strings.Contains(p.Body, path+"/documents") {
			t.Error("documents are offered to a contribution that is not there")
		}
		if p := c.PostForm(path+"/documents", nil); p.Status != 409 || !p.Shows("There is no contribution by whoever sent this mail") {
			t.Errorf("to none: %d %s", p.Status, p.Text())
		}
		contactID := k.Count("select max(contact_id) from contact_address")
		token := k.Respond(int64(contactID))
		_, err := k.Save(ctx, account.Nobody(""), token, contribution.Entry{Answers: contribution.Answers{"q1": "Beaucoup."}})
		if err != nil {
			t.Fatal(err)
		}
		if p := c.Get(path); !p.Shows("Add its documents to their contribution", "They have not submitted it yet", "Draft") {
			t.Errorf("with a draft: %s", p.Text())
		}
		if bare := take(2); strings.Contains(c.Get(bare).Body, bare+"/documents") {
			t.Error("a mail without a document offers to add some")
		}
		p := c.PostForm(path+"/documents", nil)
		if p.Status != 303 || !strings.HasPrefix(p.Location(), "/contributions/") {
			t.Fatalf("added: %d %s", p.Status, p.Text())
		}
		if p := c.Get(p.Location()); !p.Shows("The documents are with the contribution now", "paper.txt", "paper.md") {
			t.Errorf("%s", p.Text())
		}
		if p := c.PostForm(path+"/documents", nil); p.Status != 409 && p.Status != 422 {
			t.Errorf("added twice: %d", p.Status)
		}
		if p := c.Get(path); !p.Shows("Its documents were added to a contribution") || strings.Contains(p.Body, path+"/documents") {
			t.Errorf("afterwards: %s", p.Text())
		}
		other := take(3, "paper.txt", "other.pdf")
		if p := c.PostForm(other+"/documents", nil); p.Status != 422 {
			t.Errorf("nothing of it is taken: %d %s", p.Status, p.Text())
		}
		if p := app.As(account.Lead).PostForm(other+"/documents", nil); p.Status != 403 {
			t.Errorf("by a lead: %d", p.Status)
		}
	})
}
