package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestConsentIsAPlainQuestion(t *testing.T) {
	t.Parallel()
	app, k := contributing(t, dbtest.SQLite(t))
	c, base := app.Visitor(), "/r/"+k.Respond(k.Contact("Ana", "en"))
	c.PostForm(base+"/answer/q1", url.Values{"q1": {"Words"}, "language": {"en"}})
	if p := c.Get(base + "/check"); strings.Contains(p.Body, "checked") || !strings.Contains(p.Body, `type="radio" id="f-consent" name="consent" value="publish"`) {
		t.Errorf("the question: %s", p.Body)
	}
	for _, nothing := range []url.Values{{}, {"consent": {""}}, {"consent": {"yes"}}} {
		p := c.PostForm(base+"/check", nothing)
		if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `href="#f-consent"`) || !p.Shows("Choose whether it may be published.", "Words") {
			t.Errorf("%v: %d %s", nothing, p.Status, p.Text())
		}
	}
	if n := k.Count("select count(*) from contribution where state <> 'draft'"); n != 0 {
		t.Errorf("%d were handed in without an answer", n)
	}
	c.PostForm(base+"/check", url.Values{"consent": {"count"}})
	if p := c.Get(base); !p.Shows("It is counted, but not published.") {
		t.Errorf("counted: %s", p.Text())
	}
	if p := c.Get(base + "/check"); !strings.Contains(p.Body, `value="count" checked`) {
		t.Errorf("what was said is not shown: %s", p.Body)
	}
	if p := c.Get(base + "/consent"); p.Location() != base {
		t.Errorf("asked again beside the form: %d", p.Status)
	}
	c.PostForm(base+"/check", url.Values{"consent": {"publish"}})
	public := "/calls/" + contributiontest.Slug + "/contributions/1"
	if p := app.Visitor().Get(public); !p.Shows("Words") {
		t.Errorf("public: %d %s", p.Status, p.Text())
	}
	again := base + "/consent"
	if p := c.Get(base); !strings.Contains(p.Body, `href="`+again+`"`) {
		t.Errorf("no way back: %s", p.Text())
	}
	if p := c.Get(again); !strings.Contains(p.Body, `value="publish" checked`) || !p.Shows("Everybody can read your contribution now.") {
		t.Errorf("asked again: %s", p.Text())
	}
	if p := c.PostForm(again, nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("nothing chosen: %d", p.Status)
	}
	if p := c.PostForm(again, url.Values{"consent": {"count"}}); p.Location() != base {
		t.Errorf("held back: %d %s", p.Status, p.Text())
	}
	for _, page := range []string{public, "/calls/" + contributiontest.Slug + "/contributions", "/calls/" + contributiontest.Slug + "/contributions.atom", "/calls/" + contributiontest.Slug + "/contributions.json"} {
		if p := app.Visitor().Get(page); strings.Contains(p.Body, "Words") || strings.Contains(p.Body, "Ana") {
			t.Errorf("%s still shows it: %s", page, p.Text())
		}
	}
	if p := c.PostForm(again, url.Values{"consent": {"publish"}}); p.Status != http.StatusSeeOther || app.Visitor().Get(public).Status != http.StatusGone {
		t.Errorf("published again without the secretariat: %d", p.Status)
	}
}

func TestWhoRecordsIsAskedForConsentToo(t *testing.T) {
	t.Parallel()
	app, k := contributing(t, dbtest.SQLite(t))
	c := app.As(account.Officer)
	told := url.Values{
		"channel": {"meeting"}, "received_at": {"2017-08-01T10:00"}, "language": {"en"}, "name": {"Somebody"}, "capacity": {"individual"},
		"stakeholder_group": {"media"}, "country": {"KE"}, "q1": {"Said at a meeting"},
	}
	p := c.PostForm("/contributions/new", told)
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "Said at a meeting</textarea>") || !strings.Contains(p.Body, `href="#f-consent"`) {
		t.Errorf("not asked: %d %s", p.Status, p.Text())
	}
	told.Set("consent", "count")
	if p = c.PostForm("/contributions/new", told); p.Status != http.StatusSeeOther {
		t.Fatalf("recorded: %d %s", p.Status, p.Text())
	}
	if n := k.Count("select count(*) from contribution where state = 'received' and not consent_publication"); n != 1 {
		t.Errorf("%d are recorded without consent", n)
	}
}
