package web_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// campaignSite is the site with a campaign room, an officer and a second one.
func campaignSite(t *testing.T, d *db.DB) (k *campaigntest.Kit, officer, second *servertest.Client) {
	t.Helper()
	k, _, officer, second = campaignApp(t, d)
	return k, officer, second
}

func campaignApp(t *testing.T, d *db.DB) (k *campaigntest.Kit, app *servertest.App, officer, second *servertest.Client) {
	t.Helper()
	app = webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
		who := a.Account("olu", account.Officer)
		actor := account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: who.ID, Name: who.Name}, Roles: []account.Role{account.Officer}}
		k = campaigntest.New(t, a.DB, a.Bundle, a.Accounts, a.Clock.Now, actor)
		ref, err := geo.Load()
		if err != nil {
			t.Fatal(err)
		}
		deps.Campaigns, deps.Cycles, deps.Mailbox, deps.Geo = k.Service, k.Cycles, k.Captured, ref
	})
	return k, app, app.SignIn(app.Account("olu", account.Officer)), app.SignIn(app.Account("ines", account.Officer))
}

func TestACampaignByItsPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, officer, second := campaignSite(t, d)
		k.Contact("Amina <b>", "amina@example.org", "en")
		k.Contact("No mailbox", "", "en")
		c := officer
		if p := c.Get("/campaigns"); !p.Shows("No campaign yet") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		bad := url.Values{"name": {"The call"}, "follow_up_1": {"3"}}
		if p := c.PostForm("/campaigns/new", bad); p.Status != 422 || !p.Shows("an empty filter means nobody", "Leave more time") || !strings.Contains(p.Body, `value="The call"`) {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		made := c.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}, "follow_up_1": {"7"}})
		if made.Status != 303 {
			t.Fatalf("%d %s", made.Status, made.Text())
		}
		path := made.Location()
		if p := c.Get(path); !p.Shows("The texts are complete", "1 recipient: 1 in English; 1 excluded: 1 no address", "7 days after the call", "Ready to be frozen") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		press(t, c, path, "freeze", "Then ask for approval")
		if p := c.Get(path + "/outbox"); !p.Shows("Samples: each language", "No mailbox", "no address", "English: Call for contributions") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		press(t, c, path, "submit", "You made or submitted this campaign. A second person must approve it.")
		if p := c.Get(path); strings.Contains(p.Body, path+`/approve"`) {
			t.Errorf("the author is offered to approve: %s", p.Text())
		}
		if p := c.PostForm(path+"/approve", nil); p.Status != 403 {
			t.Errorf("approved by its author: %d %s", p.Status, p.Text())
		}
		press(t, second, path, "approve", "Everything is approved", "Approved by ines")
		press(t, c, path, "launch", "The messages are on their way")
		if p := c.PostForm(path+"/launch", nil); p.Status != 409 || !p.Shows("There is a problem") {
			t.Errorf("launched twice: %d %s", p.Status, p.Text())
		}
		k.Work()
		if p := c.Get(path); !p.Shows("Message of step 1 Sent", "Waiting for the next step", "1 of 1 sent, 1 left out", "Send it now") {
			t.Errorf("%s", p.Text())
		}
		if p := c.Get(path + "/deliveries?state=sent"); !p.Shows("Amina <b>", "captured") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		press(t, c, path, "steps/2/launch", "on their way")
		k.Work()
		if p := c.Get(path); !p.Shows("All steps are done") {
			t.Errorf("%s", p.Text())
		}
	})
}

func press(t *testing.T, c *servertest.Client, path, button string, shows ...string) {
	t.Helper()
	if p := c.PostForm(path+"/"+button, looked(c.Get(path).Body)); p.Status != 303 || p.Location() != path {
		t.Fatalf("%s: %d %s", button, p.Status, p.Text())
	}
	if p := c.Get(path); !p.Shows(shows...) {
		t.Errorf("after %s: %s", button, p.Text())
	}
}

// looked is the form of somebody who looked at the page of a campaign.
func looked(page string) url.Values {
	if mark := regexp.MustCompile(`name="base" value="(\w+)"`).FindStringSubmatch(page); mark != nil {
		return url.Values{"base": mark[1:]}
	}
	return nil
}

// Approved is what was looked at: neither another wording, nor others who get it, nor another language for them.
func TestACampaignThatChangedIsNotApprovedUnseen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, officer, second := campaignSite(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		path := officer.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}}).Location()
		press(t, officer, path, "freeze")
		press(t, officer, path, "submit")
		old := looked(second.Get(path).Body)
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec("update campaign set audience = ?", `{"all":true,"languages":["en"]}`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		p := second.PostForm(path+"/approve", old)
		if p.Status != 409 || !p.Shows("This campaign changed since you looked at it", "A second person looks at the outbox") || looked(p.Body).Get("base") == old.Get("base") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		if p := second.PostForm(path+"/approve", nil); p.Status != 409 {
			t.Errorf("approved without looking: %d", p.Status)
		}
		if p := second.PostForm(path+"/approve", looked(p.Body)); p.Status != 303 {
			t.Errorf("what was shown again: %d %s", p.Status, p.Text())
		}
	})
}

func TestTheMailbox(t *testing.T) {
	t.Parallel()
	k, officer, second := campaignSite(t, dbtest.SQLite(t))
	contact := k.Contact("Amina", "amina@example.org", "en")
	path := officer.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}}).Location()
	press(t, officer, path, "freeze")
	if p := officer.Get(fmt.Sprintf("%s/outbox/%d", path, contact)); !p.Shows("To Amina", "links lead nowhere", "Dear Amina") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	press(t, officer, path, "submit")
	press(t, second, path, "approve")
	press(t, officer, path, "launch")
	k.Work()
	list := officer.Get("/mailbox?q=AMINA")
	link := regexp.MustCompile(`/mailbox/\d+`).FindString(list.Body)
	if !list.Shows("Call for contributions", "amina@example.org") || link == "" {
		t.Fatalf("%d %s", list.Status, list.Text())
	}
	if p := officer.Get("/mailbox?q=nobody"); !p.Shows("Nothing found") {
		t.Errorf("%s", p.Text())
	}
	mail := officer.Get(link)
	if !mail.Shows("Dear Amina", "List-Unsubscribe-Post", "Return path") || !regexp.MustCompile(`href="https://convoke.test/r/[a-z2-7]+"`).MatchString(mail.Body) {
		t.Errorf("%d %s", mail.Status, mail.Body)
	}
	if source := officer.Get(link + "/source"); source.Status != 200 || !strings.Contains(source.Body, "Message-ID: <d") || source.Header.Get("Content-Type") != "message/rfc822" {
		t.Errorf("%d %v", source.Status, source.Header)
	}
	if p := officer.Get("/mailbox/999"); p.Status != 404 {
		t.Errorf("an unknown mail: %d", p.Status)
	}
}

func TestAnUncertainMessageIsDecidedOnItsPage(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	k, app, officer, second := campaignApp(t, d)
	k.Contact("Amina", "amina@example.org", "en")
	path := officer.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}}).Location()
	press(t, officer, path, "freeze")
	press(t, officer, path, "submit")
	press(t, second, path, "approve")
	press(t, officer, path, "launch")
	k.Work()
	k.MakeUncertain(1<<32 + 1)
	err := d.Write(t.Context(), func(tx *db.Tx) error { // which holds the campaign open
		if _, err := tx.Exec("update campaign set state = 'sending'"); err != nil {
			return err
		}
		_, err := tx.Exec("update campaign_step set state = 'sending'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	app.Clock.Advance(time.Second) // the page looks again
	if p := officer.Get(path); !p.Shows("Decide about the messages that may or may not have been accepted", "Nothing else is about to leave") || p.Shows("on their way") {
		t.Errorf("the campaign: %s", p.Text())
	}
	p := officer.Get(path + "/deliveries?state=uncertain")
	action := regexp.MustCompile(path + `/deliveries/\d+/resolve`).FindString(p.Body)
	if !p.Shows("may or may not have been accepted", "Send again") || action == "" {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := officer.PostForm(action, url.Values{"state": {"sent"}}); p.Status != 303 {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := officer.PostForm(action, url.Values{"state": {"sent"}}); p.Status != 409 {
		t.Errorf("a second time: %d %s", p.Status, p.Text())
	}
}

// What is wrong with the texts is said with links that lead somewhere on the page.
func TestWhatForbidsFreezingLeadsSomewhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, officer, _ := campaignSite(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		officer.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}})
		path := officer.PostForm("/campaigns/new", url.Values{"name": {"Not written yet"}, "everybody": {"all"}}).Location()
		p := officer.PostForm(path+"/freeze", nil)
		links := regexp.MustCompile(`href="#(f-[^"]*)"`).FindAllStringSubmatch(p.Body, -1)
		if p.Status != 422 || len(links) == 0 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		for _, link := range links {
			if !strings.Contains(p.Body, `id="`+link[1]+`"`) {
				t.Errorf("a link to %s, which is not on the page", link[1])
			}
		}
	})
}
