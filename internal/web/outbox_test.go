package web_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

func TestSingleMessagesByTheirPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, officer, second := campaignSite(t, d)
		amina, benito := k.Contact("Amina", "amina@example.org", "en"), k.Contact("بنيتو", "benito@example.org", "en")
		path := officer.PostForm("/campaigns/new", url.Values{"name": {"The call"}, "everybody": {"all"}, "follow_up_1": {"7"}}).Location()
		of := func(id int64, rest string, step int) string {
			return fmt.Sprintf("%s/outbox/%d%s?step=%d", path, id, rest, step)
		}
		if p := officer.Get(of(amina, "/edit", 1)); p.Status != 200 || !p.Shows("once the texts are frozen") {
			t.Errorf("before the freeze: %d %s", p.Status, p.Text())
		}
		press(t, officer, path, "freeze")
		if p := officer.Get(path + "/outbox"); !p.Shows("A name written from right to left: بنيتو", "English: Call for contributions") || strings.Contains(p.Body, "Dear Amina") {
			t.Errorf("the outbox: %s", p.Text())
		}
		if p := officer.PostForm(of(amina, "/drop", 1), nil); p.Status != 422 || !strings.Contains(p.Body, `href="#f-reason"`) {
			t.Errorf("without a reason: %d %s", p.Status, p.Text())
		}
		if p := officer.PostForm(of(amina, "/drop", 1), url.Values{"reason": {"asked by phone"}}); p.Status != 303 || p.Location() != of(amina, "", 1) {
			t.Fatalf("dropped: %d %s", p.Status, p.Text())
		}
		if p := officer.Get(of(amina, "", 1)); !p.Shows("Taken out by", "asked by phone", "Put it back") {
			t.Errorf("who was dropped: %s", p.Text())
		}
		words := officer.Get(of(benito, "/edit", 1))
		if !strings.Contains(words.Body, "Dear {{contact}}") || !strings.Contains(words.Body, `value="Call for contributions"`) {
			t.Errorf("the words to begin with: %s", words.Text())
		}
		typed := url.Values{"subject": {"Just for you"}, "body": {"Please see [link to be completed]"}}
		if p := officer.PostForm(of(benito, "/edit", 1), typed); p.Status != 422 || !strings.Contains(p.Body, "Please see [link to be completed]") || !strings.Contains(p.Body, `href="#f-body"`) {
			t.Errorf("a placeholder: %d %s", p.Status, p.Text())
		}
		typed.Set("body", "Dear {{contact}}, see {{personal_link}}")
		if p := officer.PostForm(of(benito, "/edit", 1), typed); p.Status != 303 {
			t.Fatalf("edited: %d %s", p.Status, p.Text())
		}
		other := url.Values{"subject": {"From a colleague"}, "body": {"Dear {{contact}}"}} // who had the page open meanwhile
		late := second.PostForm(of(benito, "/edit", 1), other)
		if late.Status != 409 || !late.Shows("edited since you opened it", "Just for you") || !strings.Contains(late.Body, `value="From a colleague"`) || !strings.Contains(late.Body, `name="seen" value="20`) {
			t.Errorf("edited by two: %d %s", late.Status, late.Text())
		}
		if p := officer.Get(of(benito, "", 1)); !p.Shows("Just for you", "Edited by", "The approval of the campaign is for these words too") {
			t.Errorf("the edited message: %s", p.Text())
		}
		if p := second.Get(path + "/outbox"); !p.Shows("Single messages changed by hand", "Edited", "Taken out asked by phone", "1 recipient: 1 in English; 1 excluded: 1 taken out by hand") {
			t.Errorf("the outbox afterwards: %s", p.Text())
		}
		if p := officer.PostForm(path+"/test?step=1", url.Values{"variants": {"all"}}); p.Status != 303 {
			t.Errorf("a test: %d %s", p.Status, p.Text())
		} else if p := officer.Get(p.Location()); !p.Shows("Test messages on their way to olu@example.org: 1") {
			t.Errorf("after the test: %s", p.Text())
		}
		press(t, officer, path, "submit")
		press(t, second, path, "approve")
		press(t, officer, path, "launch")
		k.Work()
		if p := officer.PostForm(of(benito, "/edit", 2), typed); p.Status != 303 {
			t.Fatalf("the follow-up: %d %s", p.Status, p.Text())
		}
		seen := regexp.MustCompile(`name="seen" value="([^"]+)"`)
		if p := officer.Get(of(benito, "", 2)); !p.Shows("Another person must approve these words", "Somebody else must approve") || seen.MatchString(p.Body) {
			t.Errorf("to its author: %s", p.Text())
		}
		shown := seen.FindStringSubmatch(second.Get(of(benito, "", 2)).Body)
		if shown == nil {
			t.Fatal("nobody is offered to approve the words")
		}
		if p := second.PostForm(of(benito, "/approve", 2), nil); p.Status != 409 {
			t.Errorf("approved without a look: %d", p.Status)
		}
		const waits = "1 message was edited by hand and waits for another person’s approval"
		if p := second.Get("/"); !p.Shows("What needs a decision today", waits) || !strings.Contains(p.Body, path+"/outbox?step=2#exceptions") {
			t.Errorf("the first page says nothing of the words that wait: %s", p.Text())
		}
		if p := second.PostForm(of(benito, "/approve", 2), url.Values{"seen": {shown[1]}}); p.Status != 303 {
			t.Errorf("approved: %d %s", p.Status, p.Text())
		}
		if p := second.Get("/"); p.Shows(waits) {
			t.Errorf("after the approval the first page says: %s", p.Text())
		}
		if p := officer.Get(of(benito, "", 2)); !p.Shows("These words are approved") {
			t.Errorf("after it: %s", p.Text())
		}
	})
}

// Whoever has no name is called by an address or a number, and no link is without words.
func TestWhoHasNoNameIsCalledSomething(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWriters(t, d)
		officer, marta := w.SignIn(w.Account("olu", account.Officer)), w.SignIn(w.Account("marta", account.Volunteer))
		id := w.Contact("Amina", "amina@example.org", "en")
		w.Contact("Benito", "benito@example.org", "en")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec("update contact set name = '' where id = ?", id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		wordless := regexp.MustCompile(`<(a|h1)[^>]*>(<bdi[^>]*>)?\s*(</bdi>)?</`)
		look := func(c *servertest.Client, page, called string) {
			p := c.Get(page)
			if found := wordless.FindString(p.Body); p.Status != 200 || found != "" || !p.Shows(called) {
				t.Errorf("%s: %d, %q", page, p.Status, found)
			}
		}
		campaignID := w.approve()
		path := fmt.Sprint("/campaigns/", campaignID)
		look(officer, path+"/outbox", "amina@example.org")
		look(officer, fmt.Sprintf("%s/outbox?q=%s", path, "amina@example.org"), "amina@example.org")
		if _, err := w.Launch(t.Context(), w.officer, campaignID); err != nil {
			t.Fatal(err)
		}
		w.Work()
		look(officer, path+"/deliveries", "amina@example.org")
		look(officer, regexp.MustCompile(`/deliveries/\d+`).FindString(officer.Get(path+"/deliveries").Body), "amina@example.org")
		for _, page := range []string{fmt.Sprint("/contacts/", id), fmt.Sprintf("/contacts/%d/preferences", id)} {
			look(officer, page, "amina@example.org")
		}
		marta.PostForm(fmt.Sprintf("/contacts/%d/claims", id), url.Values{"purpose": {"brief"}})
		look(marta, "/outreach", fmt.Sprint("#", id))
	})
}
