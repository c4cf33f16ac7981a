package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestCorrectingWhatIsPublished(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("María", "es"))
		c := app.Visitor()
		c.PostForm(base+"/answer/q1", url.Values{"q1": {"Con un eror"}, "language": {"es"}})
		if p := c.Get(base + "/correct"); p.Status != http.StatusSeeOther {
			t.Errorf("correcting a draft: %d", p.Status)
		}
		c.PostForm(base+"/check", url.Values{"consent": {"publish"}})
		page := c.Get(base + "/correct")
		if page.Status != http.StatusOK || !strings.Contains(page.Body, "Con un eror") || len(page.Body) > 60<<10 {
			t.Fatalf("the form: %d, %d bytes", page.Status, len(page.Body))
		}
		if p := c.PostForm(base+"/correct", url.Values{"q1": {"Con un eror"}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("nothing changed: %d", p.Status)
		}
		other := c.PostForm(base+"/correct", url.Values{"q1": {"Todavía no enviado"}, "note": {"porque sí"}, "lang": {"ar"}})
		if other.Status != http.StatusOK || !strings.Contains(other.Body, `lang="ar" dir="rtl"`) || !strings.Contains(other.Body, "Todavía no enviado") || !strings.Contains(other.Body, "porque sí") {
			t.Errorf("another language lost what was typed: %d", other.Status)
		}
		if p := c.PostForm(base+"/correct", url.Values{"q1": {"Sin <b>error</b>"}, "note": {"una errata"}}); p.Status != http.StatusSeeOther {
			t.Fatalf("asked: %d %.300s", p.Status, p.Body)
		}
		public := "/calls/bpf-2017/contributions/1"
		if p := c.Get(public); !strings.Contains(p.Body, "Con un eror") || strings.Contains(p.Body, "Sin &lt;b") {
			t.Error("the public reads what nobody approved")
		}
		officer := app.As(account.Officer)
		id := strconv.Itoa(k.Count("select max(id) from contribution"))
		if p := officer.Get("/contributions"); !strings.Contains(p.Body, `/contributions/`+id+`#correction`) {
			t.Error("the list does not say that a correction waits")
		}
		if p := officer.Get("/contributions/" + id); !strings.Contains(p.Body, "Sin &lt;b&gt;error") || !strings.Contains(p.Body, "una errata") {
			t.Error("the officer does not see what is asked for")
		}
		seen := strconv.Itoa(k.Count("select max(id) from correction"))
		if p := app.As(account.Lead).PostForm("/contributions/"+id+"/correction/approve", url.Values{"correction": {seen}}); p.Status != http.StatusForbidden {
			t.Errorf("a lead approves: %d", p.Status)
		}
		if p := officer.PostForm("/contributions/"+id+"/correction/refuse", url.Values{"correction": {seen}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("no reason: %d", p.Status)
		}
		if p := officer.PostForm("/contributions/"+id+"/correction/approve", url.Values{"correction": {seen}}); p.Status != http.StatusSeeOther {
			t.Fatalf("approved: %d %.300s", p.Status, p.Body)
		}
		if p := officer.PostForm("/contributions/"+id+"/correction/approve", url.Values{"correction": {seen}}); p.Status != http.StatusConflict {
			t.Errorf("approved twice: %d", p.Status)
		}
		for path, want := range map[string]string{
			public: public + "/versions/1", public + "/versions/1": "Con un eror", "/calls/bpf-2017/contributions.json": `"corrected_at"`,
			base: "/correct",
		} {
			if p := c.Get(path); p.Status != http.StatusOK || !strings.Contains(p.Body, want) {
				t.Errorf("%s: %d, without %q", path, p.Status, want)
			}
		}
		for _, path := range []string{"/versions/2", "/versions/x", "/versions/0"} {
			if p := c.Get(public + path); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d", path, p.Status)
			}
		}
		c.PostForm(base+"/withdraw", nil)
		if p := c.Get(public + "/versions/1"); p.Status != http.StatusGone || strings.Contains(p.Body, "eror") {
			t.Errorf("the old text after the withdrawal: %d", p.Status)
		}
	})
}
