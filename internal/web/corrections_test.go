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

func TestCorrectingDocumentsAndNames(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("María", "es"))
		c := app.Visitor()
		c.PostForm(base+"/answer/q1", url.Values{"q1": {"Texto"}, "language": {"es"}})
		c.PostFile(base+"/files", "anexo.txt", []byte("El anexo"), url.Values{"action": {"attach"}, "language": {"es"}})
		c.PostForm(base+"/check", url.Values{"consent": {"publish"}})
		if p := c.Get(base + "/correct"); !strings.Contains(p.Body, `enctype="multipart/form-data"`) || !p.Shows("En lugar de anexo.txt") || !strings.Contains(p.Body, `name="remove" value="1"`) {
			t.Fatalf("the form: %d %s", p.Status, p.Body)
		}
		values := url.Values{"q1": {"Texto"}, "name": {"María Pérez"}, "organization": {""}, "replaces": {"1"}, "note": {"mejor así"}}
		if p := c.PostFile(base+"/correct", "anexo.pdf", []byte("%PDF-1.7 x"), values); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `id="f-file-error"`) || !strings.Contains(p.Body, "mejor así") {
			t.Errorf("a PDF: %d %.200s", p.Status, p.Body)
		}
		if p := c.PostFile(base+"/correct", "nuevo.rtf", []byte(paper), values); p.Status != http.StatusSeeOther {
			t.Fatalf("asked: %d %s", p.Status, p.Body)
		}
		if p := c.Get(base + "/correct"); !strings.Contains(p.Body, `name="drop"`) || !p.Shows("nuevo.rtf") || !strings.Contains(p.Body, `value="María Pérez"`) {
			t.Error("the form has forgotten what was asked for")
		}
		officer := app.As(account.Officer)
		id := strconv.Itoa(k.Count("select max(id) from contribution"))
		file := "/contributions/" + id + "/correction/files/" + strconv.Itoa(k.Count("select max(id) from correction_file"))
		page := officer.Get("/contributions/" + id)
		if !strings.Contains(page.Body, `href="`+file+`"`) || !page.Shows("María Pérez") || !page.Shows("anexo.txt") {
			t.Errorf("the officer does not see what is asked for: %s", page.Body)
		}
		if p := officer.Get(file); p.Status != http.StatusOK || !strings.Contains(p.Header.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(p.Body, `{\rtf`) {
			t.Errorf("the new document: %d %s", p.Status, p.Header)
		}
		for who, p := range map[string]int{"nobody": c.Get(file).Status, "a volunteer": app.As(account.Volunteer).Get(file).Status} {
			if p == http.StatusOK {
				t.Errorf("%s reads what nobody approved", who)
			}
		}
		public := "/calls/bpf-2017/contributions/1"
		if p := c.Get(public + "/versions/1/files/1"); p.Status != http.StatusNotFound {
			t.Errorf("a version that is none: %d", p.Status)
		}
		officer.PostForm("/contributions/"+id+"/correction/approve", url.Values{"correction": {strconv.Itoa(k.Count("select max(id) from correction"))}})
		for path, want := range map[string]string{
			public: "nuevo.rtf", public + "/versions/1": "/versions/1/files/1", public + "/versions/1/files/1": "El anexo", public + "/files/1": `{\rtf`,
		} {
			if p := c.Get(path); p.Status != http.StatusOK || !strings.Contains(p.Body, want) {
				t.Errorf("%s: %d, without %q", path, p.Status, want)
			}
		}
		if p := c.Get(public); !p.Shows("María Pérez") || p.Shows("anexo.txt") {
			t.Error("the public page has not changed")
		}
		if p := c.Get(public + "/versions/1"); p.Shows("María Pérez") || !p.Shows("María") {
			t.Error("the old version has another name")
		}
		for _, path := range []string{"/versions/1/files/2", "/versions/1/files/x", "/versions/2/files/1", "/versions/x/files/1"} {
			if p := c.Get(public + path); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d", path, p.Status)
			}
		}
		c.PostForm(base+"/withdraw", nil)
		if p := c.Get(public + "/versions/1/files/1"); p.Status != http.StatusGone || strings.Contains(p.Body, "anexo") {
			t.Errorf("after the withdrawal: %d", p.Status)
		}
	})
}

func TestNothingPublicIsLeftAfterAWithdrawal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("Zenobia", "en"))
		c := app.Visitor()
		c.PostForm(base+"/answer/q1", url.Values{"q1": {"Unmistakable words"}})
		c.PostFile(base+"/files", "annex.txt", []byte("Unmistakable annex"), url.Values{"action": {"attach"}})
		c.PostForm(base+"/check", url.Values{"consent": {"publish"}})
		c.PostFile(base+"/correct", "other.txt", []byte("Unmistakable second annex"), url.Values{"q1": {"Unmistakable, corrected"}, "name": {"Zenobia Q"}, "replaces": {"1"}})
		id := strconv.Itoa(k.Count("select max(id) from contribution"))
		app.As(account.Officer).PostForm("/contributions/"+id+"/correction/approve", url.Values{"correction": {strconv.Itoa(k.Count("select max(id) from correction"))}})
		c.PostForm(base+"/correct", url.Values{"q1": {"Unmistakable, once more"}})
		call := "/calls/bpf-2017"
		public := []string{
			call, call + "/contributions", call + "/contributions.json", call + "/contributions.atom", call + "/contributions/1", call + "/contributions/1/files/1",
			call + "/contributions/1/versions/1", call + "/contributions/1/versions/1/files/1", call + "/numbers", base, base + "/correct", base + "/files", base + "/check",
		}
		seen := 0
		for _, path := range public {
			if p := c.Get(path); strings.Contains(p.Body, "Unmistakable") || strings.Contains(p.Body, "Zenobia") {
				seen++
			}
		}
		if seen < 8 {
			t.Fatalf("only %d of %d addresses show it before", seen, len(public))
		}
		c.PostForm(base+"/withdraw", nil)
		everybody := app.Visitor()
		for _, path := range public {
			if p := everybody.Get(path); strings.Contains(p.Body, "Unmistakable") || strings.Contains(p.Body, "Zenobia") && !strings.HasPrefix(path, base) {
				t.Errorf("%s: %d still shows it: %s", path, p.Status, p.Body)
			}
		}
	})
}
