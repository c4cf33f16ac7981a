package web_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// writers is a site on which volunteers write.
type writers struct {
	*servertest.App
	*campaigntest.Kit
	contacts *contact.Service
	officer  account.Actor
	second   account.Actor
	t        *testing.T
}

func newWriters(t *testing.T, d *db.DB) *writers {
	t.Helper()
	w := &writers{t: t}
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	w.App = webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
		as := func(name string) account.Actor {
			who := a.Account(name, account.Officer)
			return account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: who.ID, Name: who.Name}, Roles: []account.Role{account.Officer}}
		}
		w.officer, w.second = as("olu"), as("helene")
		w.Kit = campaigntest.New(t, a.DB, a.Bundle, a.Accounts, a.Clock.Now, w.officer)
		w.contacts = contact.New(contact.Deps{
			DB: a.DB, Now: a.Clock.Now, Reference: ref, Secret: []byte("s"), Normalize: mail.Normalize, IsRole: mail.IsRole,
			Claims: outreach.Revoker{Now: a.Clock.Now},
		})
		deps.Outreach = outreach.New(outreach.Deps{DB: a.DB, Now: a.Clock.Now, Reference: ref, Contacts: w.contacts})
		w.Volunteers = adapt.Volunteers{Service: deps.Outreach}
		deps.Geo, deps.Contacts, deps.Campaigns, deps.Cycles = ref, w.contacts, w.Service, w.Cycles
	})
	return w
}

// approve makes a campaign to everybody that only has to be launched.
func (w *writers) approve() int64 {
	w.t.Helper()
	ctx := context.Background()
	c, err := w.Create(ctx, w.officer, campaign.Proposal{CycleID: w.CycleID, Name: "The call", Audience: campaign.Audience{All: true}})
	if err == nil {
		_, err = w.Freeze(ctx, w.officer, c.ID)
	}
	if err == nil {
		_, err = w.Approve(ctx, w.second, c.ID)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return c.ID
}

func (w *writers) want(what string, got servertest.Response, status int, texts ...string) servertest.Response {
	w.t.Helper()
	if got.Status != status || !got.Shows(texts...) {
		w.t.Fatalf("%s: %d %s, want %d %q", what, got.Status, got.Text(), status, texts)
	}
	return got
}

var seenField = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

func TestAVolunteerWritesFromThePage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWriters(t, d)
		id := w.Contact("Ana Pérez", "ana@example.org", "en")
		path := fmt.Sprintf("/contacts/%d", id)
		marta, omar := w.SignIn(w.Account("marta", account.Volunteer)), w.SignIn(w.Account("omar", account.Volunteer))

		w.want("without a claim", marta.Get(path+"/message"), 404, "You do not hold this contact")
		marta.PostForm(path+"/claims", url.Values{"purpose": {"reach_out"}})
		w.want("before the call is written", marta.Get(path), 200, "The secretariat has to write the call", "Log an attempt")
		campaignID := w.approve()
		w.want("ready", marta.Get(path), 200, "The call is ready to send", "ana@example.org", "marta via BPF Cybersecurity", "Dear Ana Pérez", "and the secretariat")
		if p := marta.Get(path); regexp.MustCompile(`href="[^"]*/preview`).MatchString(p.Body) {
			t.Error("a link of the preview can be followed")
		}
		if p := omar.Get(path); p.Shows("ready to send") || p.Shows("ana@example.org") {
			t.Errorf("who does not hold the contact sees %s", p.Text())
		}
		bad := url.Values{"opening": {"See https://evil.example"}}
		if p := w.want("a link", marta.PostForm(path+"/message/check", bad), 422, "Take out links and addresses"); !p.Shows("See https://evil.example") {
			t.Error("what was typed is lost")
		}
		opening := url.Values{"opening": {"We met in <Geneva>.\n\nMarta"}}
		checked := w.want("checked", marta.PostForm(path+"/message/check", opening), 200, "We met in <Geneva>.", "Send to Ana Pérez at ana@example.org")
		seen := seenField.FindStringSubmatch(checked.Body)
		if seen == nil {
			t.Fatal(checked.Body)
		}
		if p := marta.PostForm(path+"/message", opening); p.Status != 303 || p.Location() != path+"/message" {
			t.Errorf("sending unseen: %d to %s", p.Status, p.Location())
		}
		opening.Set("seen", seen[1])
		if p := marta.PostForm(path+"/message", opening); p.Status != 303 || p.Location() != path+"#message" {
			t.Fatalf("sending: %d %s", p.Status, p.Text())
		}
		w.want("on its way", marta.Get(path), 200, "Your message is on its way", "marta wrote on", "Waiting")
		w.want("a second time", marta.PostForm(path+"/message", opening), 409, "A message in the name of marta is on its way")
		w.Work()
		w.want("sent", marta.Get(path), 200, "Sent", "no follow-up is left", "sent, waiting for an answer", "E-mail")
		w.want("for others", omar.Get(path), 200, "marta wrote on", "Sent")
		officer := w.SignIn(w.Account("olu", account.Officer))
		w.want("the campaign", officer.Get(fmt.Sprintf("/campaigns/%d", campaignID)), 200, "volunteers sent 1 message in person", "1 written to personally")
		w.want("its deliveries", officer.Get(fmt.Sprintf("/campaigns/%d/deliveries", campaignID)), 200, "in the name of marta")
	})
}

func TestAnOfficerDecidesAboutAddressesInDoubt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWriters(t, d)
		var paths []string
		marta := w.SignIn(w.Account("marta", account.Volunteer))
		officer := w.SignIn(w.Account("olu", account.Officer))
		w.want("nothing", officer.Get("/doubts"), 200, "No address is in doubt.")
		for i := range 2 {
			id := w.Contact(fmt.Sprintf("Person %d", i), fmt.Sprintf("p%d@example.org", i), "en")
			path := fmt.Sprintf("/contacts/%d", id)
			claimed := marta.PostForm(path+"/claims", url.Values{"purpose": {"reach_out"}})
			if claimed.Status != 303 {
				t.Fatal(claimed.Text())
			}
			form := regexp.MustCompile(`action="([^"]+/attempts)"`).FindStringSubmatch(marta.Get(path).Body)
			logged := marta.PostForm(form[1], url.Values{"channel": {"call"}, "outcome": {"wrong_address"}, "note": {"left in May"}})
			if logged.Status != 303 {
				t.Fatal(logged.Text())
			}
			if p := marta.Get(path); p.Shows("It does not work") {
				t.Error("a volunteer decides")
			}
			paths = append(paths, path)
		}
		list := w.want("the list", officer.Get("/doubts"), 200, "Person 0", "p0@example.org", "left in May", "It does not work")
		forms := regexp.MustCompile(`action="(/doubts/\d+)"`).FindAllStringSubmatch(list.Body, -1)
		w.want("the contact", officer.Get(paths[0]), 200, "marta says that p0@example.org is wrong")
		if p := officer.PostForm(forms[0][1], url.Values{"decision": {"wrong"}, "next": {paths[0]}}); p.Status != 303 || p.Location() != paths[0] {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		w.want("wrong", officer.Get(paths[0]), 200, "The address is marked as one that does not work")
		w.want("its volunteer", marta.Get(paths[0]), 200, "The address does not work any more. Find another one")
		if p := officer.PostForm(forms[1][1], url.Values{"decision": {"right"}}); p.Status != 303 || p.Location() != "/doubts" {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		w.want("right", officer.Get("/doubts"), 200, "The address stays in use.", "No address is in doubt.")
		w.want("again", officer.PostForm(forms[1][1], url.Values{"decision": {"wrong"}}), 409)
		w.want("nonsense", officer.PostForm(forms[1][1], url.Values{"decision": {"maybe"}}), 422)
		w.want("a volunteer", marta.PostForm(forms[1][1], url.Values{"decision": {"wrong"}}), 403)
	})
}
