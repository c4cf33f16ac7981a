package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

type desk struct{ id int64 }

func (d desk) Reviewers(context.Context) ([]contribution.Reviewer, error) {
	return []contribution.Reviewer{{ID: d.id, Name: "Maren"}}, nil
}

func TestTheReviewList(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("=María", "es"))
		c := app.Visitor()
		c.PostForm(base+"/answer/q1", url.Values{"q1": {"Mucho"}})
		c.PostForm(base+"/check", url.Values{"consent": {"count"}})
		lead := app.As(account.Lead)
		k.Reviewers = desk{int64(k.Count("select max(id) from account"))}
		const path = "/contributions/review"
		if p := lead.Get(path); p.Status != http.StatusOK || !strings.Contains(p.Body, "=María") {
			t.Fatalf("the list: %d", p.Status)
		}
		if p := lead.PostForm(path, url.Values{"action": {"mine"}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("nothing chosen: %d", p.Status)
		}
		id := strconv.Itoa(k.Count("select max(id) from contribution"))
		maren := strconv.Itoa(k.Count("select max(id) from account"))
		if p := lead.PostForm(path+"?done=no", url.Values{"contribution": {id}, "action": {"give"}, "reviewer": {maren}}); p.Status != http.StatusSeeOther || !strings.HasSuffix(p.Header.Get("Location"), "?done=no") {
			t.Errorf("given: %d to %s", p.Status, p.Header.Get("Location"))
		}
		lead.PostForm(path, url.Values{"contribution": {id}, "action": {"done"}})
		if p := lead.Get(path + "?done=yes&reviewer=" + maren); !strings.Contains(p.Body, `<bdi>Maren</bdi>`) {
			t.Error("it is not said who looked at it")
		}
		if p := lead.Get(path + "?done=no&state=nonsense&before=-1&reviewer=x"); p.Status != http.StatusOK || strings.Contains(p.Body, `href="/contributions/`+id+`"`) {
			t.Errorf("what is done is to be done: %d", p.Status)
		}
		for _, format := range []string{"csv", "xlsx"} {
			p := lead.Get(path + "/export?format=" + format)
			if p.Status != http.StatusOK || !strings.Contains(p.Header.Get("Content-Disposition"), "."+format) || len(p.Body) < 100 {
				t.Errorf("%s: %d, %d bytes", format, p.Status, len(p.Body))
			}
			if format == "csv" && (!strings.Contains(p.Body, "Maren") || strings.Contains(p.Body, "example.org")) {
				t.Errorf("the file: %s", p.Body)
			}
		}
		if p := app.As(account.Volunteer).Get(path); p.Status != http.StatusForbidden {
			t.Errorf("a volunteer: %d", p.Status)
		}
	})
}
