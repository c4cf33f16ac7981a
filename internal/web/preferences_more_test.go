package web_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// letterTo is the newest letter to an address, in plain text; "" for none.
func letterTo(t *testing.T, k *contributiontest.Kit, email string) string {
	t.Helper()
	var raw [][]byte
	if err := k.DB.Read(context.Background()).Gorm().Raw("select raw from outgoing_mail where recipient = ? order by id desc limit 1", email).Scan(&raw).Error; err != nil {
		t.Fatal(err)
	}
	if len(raw) == 0 {
		return ""
	}
	e, err := enmime.ReadEnvelope(bytes.NewReader(raw[0]))
	if err != nil {
		t.Fatal(err)
	}
	return e.GetHeader("Subject") + "\n" + e.Text
}

var confirmLink = regexp.MustCompile(`/confirm/[A-Za-z0-9_-]+`)

func TestAnotherAddressIsConfirmedAndTheOldOneTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, id, path := reading(t, d, "fr")
		old := k.Text("select email from mailable_address where contact_id = ?", id)
		app.Visitor().Post(path+"/stop", url.Values{"scope": {"campaign"}})
		p := led(app, app.Visitor().Post(path+"/address?lang=es", url.Values{"new_email": {" New@Example.net "}}))
		if !p.Shows("Su enlace vale catorce días") {
			t.Errorf("after asking: %s", p.Text())
		}
		if k.Text("select email from mailable_address where contact_id = ?", id) != old {
			t.Fatal("asking was enough")
		}
		letter := letterTo(t, k, "new@example.net")
		link := confirmLink.FindString(letter)
		if link == "" || strings.Contains(letter, "Ana") || !strings.Contains(letter, "Confirme") {
			t.Fatalf("the letter: %s", letter)
		}
		for range 2 {
			if p := app.Visitor().Get(link); p.Status != http.StatusOK || !p.Shows("n•••@example.net") || p.Shows("Ana") {
				t.Fatalf("looking at the link: %d %s", p.Status, p.Text())
			}
		}
		if k.Text("select email from mailable_address where contact_id = ?", id) != old {
			t.Fatal("looking was enough")
		}
		for range 2 {
			if p := led(app, app.Visitor().Post(link, url.Values{"sure": {"yes"}})); !p.Shows("n•••@example.net") || strings.Contains(p.Body, `<form method="post" action="/confirm`) {
				t.Fatalf("confirmed: %d %s", p.Status, p.Text())
			}
		}
		if got := k.Text("select email from mailable_address where contact_id = ?", id); got != "new@example.net" {
			t.Errorf("messages go to %s", got)
		}
		told := letterTo(t, k, old)
		if !strings.Contains(told, "n•••@example.net") || strings.Contains(told, "new@example.net") || !strings.Contains(told, "/u/") {
			t.Errorf("the old address reads %q", told)
		}
		if n := k.Count("select count(*) from contact_opt_out where contact_id = ?", id); n != 1 {
			t.Error("what was asked at the old address does not hold any more")
		}
		if p := app.Visitor().Get(path + "?lang=en"); !p.Shows("go to n•••@example.net now", "Send them to this mailbox again") {
			t.Errorf("the page of the old address: %s", p.Text())
		}
		app.Visitor().Post(path+"/address/back", url.Values{"sure": {"yes"}})
		if got := k.Text("select email from mailable_address where contact_id = ?", id); got != old {
			t.Errorf("afterwards messages go to %s", got)
		}
		for _, action := range []string{"preference.address_asked", "preference.address_confirmed", "preference.address_back"} {
			if n := k.Count("select count(*) from audit_event where action = ? and object_id = ? and after not like '%@%'", action, id); n != 1 {
				t.Errorf("%d events %s", n, action)
			}
		}
	})
}

// The answer is the same whatever the address is, and the letters are few.
func TestAskingForAnAddressTellsNothingOfIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, _, path := reading(t, d, "en")
		bia := k.Contact("Bia", "pt")
		theirs := k.Text("select email from mailable_address where contact_id = ?", bia)
		app.Visitor().Post("/u/"+k.Mailed(bia, "pt")+"/stop", url.Values{"scope": {"everything"}})
		if k.Count("select count(*) from suppression") != 1 {
			t.Fatal("she is still written to")
		}
		strange := led(app, app.Visitor().Post(path+"/address", url.Values{"new_email": {"nobody@example.net"}})).Body
		known := led(app, app.Visitor().Post(path+"/address", url.Values{"new_email": {theirs}})).Body
		if strange != known {
			t.Error("the answers differ")
		}
		if letterTo(t, k, theirs) != "" {
			t.Error("a suppressed address got a letter")
		}
		if p := app.Visitor().Post(path+"/address", url.Values{"new_email": {"no address"}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `value="no address"`) || !strings.Contains(p.Body, "<details open>") {
			t.Errorf("no address: %d", p.Status)
		}
		app.Visitor().Post(path+"/address", url.Values{"new_email": {"third@example.net"}})
		if p := app.Visitor().Post(path+"/address", url.Values{"new_email": {"fourth@example.net"}}); p.Status != http.StatusTooManyRequests {
			t.Errorf("the fourth of a day: %d", p.Status)
		}
		link := confirmLink.FindString(letterTo(t, k, "nobody@example.net"))
		app.Clock.Advance(15 * 24 * time.Hour)
		if p := app.Visitor().Get(link); p.Status != http.StatusGone {
			t.Errorf("after its time: %d", p.Status)
		}
		if p := app.Visitor().Post(link, url.Values{"sure": {"yes"}}); p.Status != http.StatusGone {
			t.Errorf("confirmed after its time: %d", p.Status)
		}
		if p := app.Visitor().Get("/confirm/forged"); p.Status != http.StatusNotFound {
			t.Errorf("forged: %d", p.Status)
		}
	})
}

func TestAskMyColleagueInstead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k, id, path := reading(t, d, "en")
		wrong := app.Visitor().Post(path+"/colleague", url.Values{"name": {"Bruno"}, "why": {""}, "email": {""}})
		if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, `value="Bruno"`) {
			t.Errorf("without an address: %d", wrong.Status)
		}
		named := url.Values{"name": {"Bruno <b>"}, "email": {"bruno@example.org"}, "why": {"He leads it."}, "still": {"yes"}}
		for range 4 {
			if p := led(app, app.Visitor().Post(path+"/colleague", named)); !p.Shows("The secretariat looks at your suggestion") {
				t.Errorf("named: %s", p.Text())
			}
		}
		if k.Count("select count(*) from opt_out") != 0 {
			t.Error("who wants the messages as well gets them no more")
		}
		named.Set("still", "no")
		app.Visitor().Post(path+"/colleague", named)
		if n := k.Count("select count(*) from cycle_opted_out_contact where contact_id = ?", id); n != 1 {
			t.Error("who wants no more messages gets them")
		}
		if p := app.Visitor().Post(path+"/colleague", named); p.Status != http.StatusTooManyRequests {
			t.Errorf("the sixth of a day: %d", p.Status)
		}
		if n := k.Count(`select count(*) from candidate k join delivery_origin o on o.delivery_id = k.delivery_id
			where o.contact_id = ? and k.origin = 'reader' and k.state = 'proposed' and k.note = 'He leads it.' and k.stakeholder_group = 'government'`, id); n != 5 {
			t.Errorf("%d candidates with where they are from", n)
		}
		if n := k.Count("select count(*) from outgoing_mail"); n != 0 {
			t.Errorf("%d letters to people whom nobody has looked at", n)
		}
	})
}
