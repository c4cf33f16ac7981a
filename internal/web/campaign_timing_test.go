package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

var seenSchedule = regexp.MustCompile(`name="seen" value="([^"]+)"`)

func TestACampaignIsScheduledByItsPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, c, second := campaignSite(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		path := c.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}, "follow_up_1": {"7"}}).Location()
		if p := c.PostForm(path+"/schedule", url.Values{"when": {"at"}, "day": {"2099-01-01"}, "time": {"09:00"}, "zone": {"UTC"}}); p.Status != 409 {
			t.Errorf("a draft on the schedule: %d %s", p.Status, p.Text())
		}
		press(t, c, path, "freeze")
		press(t, c, path, "submit")
		press(t, second, path, "approve", "When it goes out")
		if p := c.Get(path + "/timing"); !p.Shows("at the same hour of each reader", "for follow-up 1") || !strings.Contains(p.Body, `value="09:00"`) {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		past := url.Values{"when": {"at"}, "day": {"2017-01-01"}, "time": {"08:15"}, "zone": {"Asia/Kolkata"}}
		if p := c.PostForm(path+"/schedule", past); p.Status != 422 || !p.Shows("This time is over") || !strings.Contains(p.Body, `value="08:15"`) || !strings.Contains(p.Body, `href="#f-day"`) {
			t.Errorf("in the past: %d %s", p.Status, p.Text())
		}
		if p := c.PostForm(path+"/schedule", url.Values{"when": {"at"}, "day": {"x"}, "time": {"25:00"}, "zone": {"Mars"}}); p.Status != 422 || !p.Shows("Enter a time, like 09:00", "Enter a time zone", "Enter a date") {
			t.Errorf("nonsense: %d %s", p.Status, p.Text())
		}
		tomorrow := k.Now().AddDate(0, 0, 2).Format(time.DateOnly)
		if p := c.PostForm(path+"/schedule", url.Values{"when": {"at"}, "day": {tomorrow}, "time": {"10:30"}, "zone": {"Asia/Kathmandu"}}); p.Status != 303 {
			t.Fatalf("at a time: %d %s", p.Status, p.Text())
		}
		if p := c.Get(path); !p.Shows("(Asia/Kathmandu, UTC+5:45), to everybody at once") || p.Shows("When you send it") || p.Shows("next step") || !p.Shows("On the schedule") {
			t.Errorf("at a time: %s", p.Text())
		}
		if p := c.Get("/campaigns"); !p.Shows("On the schedule") {
			t.Errorf("in the list: %s", p.Text())
		}
		seen := seenSchedule.FindStringSubmatch(c.Get(path + "/timing").Body)[1]
		if p := c.PostForm(path+"/schedule", url.Values{"when": {"own_hour"}, "day": {tomorrow}, "time": {"10:30"}, "seen": {seen}}); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := c.Get(path); !p.Shows("10:30", "of each reader’s own day", "The first message leaves", "Take it off the schedule") || p.Shows("Pause") {
			t.Errorf("on the schedule: %s", p.Text())
		}
		if p := c.PostForm(path+"/steps/2/hour", url.Values{"hour_2": {"nine"}}); p.Status != 422 || !strings.Contains(p.Body, `href="#f-hour_2"`) {
			t.Errorf("no hour: %d %s", p.Status, p.Text())
		}
		if p := c.PostForm(path+"/steps/2/hour", url.Values{"hour_2": {"09:00"}}); p.Status != 303 {
			t.Errorf("an hour: %d %s", p.Status, p.Text())
		}
		if p := c.PostForm(path+"/rate", url.Values{"count": {"fast"}, "per": {"minute"}}); p.Status != 422 || !strings.Contains(p.Body, `value="fast"`) || !strings.Contains(p.Body, `value="minute" selected`) {
			t.Errorf("no rate: %d %s", p.Status, p.Text())
		}
		if p := c.PostForm(path+"/rate", url.Values{"count": {"600"}, "per": {"minute"}}); p.Status != 303 {
			t.Errorf("a rate: %d %s", p.Status, p.Text())
		}
		if p := c.Get(path + "/timing"); !strings.Contains(p.Body, `value="600"`) {
			t.Errorf("the rate is not shown: %s", p.Text())
		}
		press(t, c, path, "unschedule", "Everything is approved", "off the schedule")
	})
}

func TestOfficersSeeWhyACampaignDidNotGoOut(t *testing.T) {
	t.Parallel()
	k, app, c, second := campaignApp(t, dbtest.SQLite(t))
	k.Contact("Amina", "amina@example.org", "en")
	path := c.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}}).Location()
	press(t, c, path, "freeze")
	press(t, c, path, "submit")
	press(t, second, path, "approve")
	at := k.Now().Add(time.Hour).Truncate(time.Minute)
	if p := c.PostForm(path+"/schedule", url.Values{"when": {"at"}, "day": {at.Format(time.DateOnly)}, "time": {at.Format("15:04")}, "zone": {"UTC"}}); p.Status != 303 {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if err := app.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec("update address set status = 'bounced'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	app.Clock.Advance(2 * time.Hour)
	k.Work()
	for _, page := range []string{"/", path} {
		if p := c.Get(page); !p.Shows("did not go out when its time had come", "Nobody would get this message now") {
			t.Errorf("%s: %s", page, p.Text())
		}
	}
	if p := app.As(account.Volunteer).Get("/"); p.Shows("did not go out") {
		t.Errorf("a volunteer is asked to decide: %s", p.Text())
	}
	if p := app.As(account.Volunteer).Get(path + "/timing"); p.Status != 403 {
		t.Errorf("a volunteer may choose the time: %d", p.Status)
	}
}

// Two officers have the page open. What the one decides is not undone by the other, who does not know of it.
func TestWhoScheduledIsNotOverruledUnseen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, app, officer, second := campaignApp(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		path := officer.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}}).Location()
		press(t, officer, path, "freeze")
		press(t, officer, path, "submit")
		press(t, second, path, "approve")
		at := func(days int, seen string) url.Values {
			return url.Values{"when": {"at"}, "day": {app.Clock.Now().AddDate(0, 0, days).Format(time.DateOnly)}, "time": {"09:00"}, "zone": {"UTC"}, "seen": {seen}}
		}
		if p := officer.PostForm(path+"/schedule", at(2, "")); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		late := second.PostForm(path+"/schedule", at(3, ""))
		if late.Status != 409 || !late.Shows("was changed since you looked", "to everybody at once") || !strings.Contains(late.Body, `value="`+at(3, "").Get("day")+`"`) {
			t.Errorf("another time, unseen: %d %s", late.Status, late.Text())
		}
		if p := second.PostForm(path+"/launch", url.Values{"seen": {""}}); p.Status != 409 || !p.Shows("was changed since you looked", "Take it off the schedule") {
			t.Errorf("sent at once, unseen: %d %s", p.Status, p.Text())
		}
		seen := seenSchedule.FindStringSubmatch(late.Body)
		if seen == nil {
			t.Fatal("the form does not say what is shown now")
		}
		if p := second.PostForm(path+"/schedule", at(3, seen[1])); p.Status != 303 {
			t.Errorf("another time, seen: %d %s", p.Status, p.Text())
		}
		if p := officer.PostForm(path+"/launch", url.Values{"seen": {seen[1]}}); p.Status != 409 {
			t.Errorf("sent at once by who saw the first time: %d", p.Status)
		}
		k.Work()
		if p := officer.Get(path); !p.Shows("It goes out by itself when its time comes") {
			t.Errorf("in the end: %s", p.Text())
		}
	})
}
