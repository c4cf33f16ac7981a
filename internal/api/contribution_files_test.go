package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestDocumentsInJSON(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		path := "/api/v1/respond/" + k.Respond(k.Contact("Ana", "en"))
		c := app.Visitor()
		var f api.ContributionFile
		res := c.PostFile(path+"/files", "paper.txt", []byte("See https://example.org/guide"), nil)
		if err := res.Into(&f); err != nil || res.Status != http.StatusCreated || f.Number != 1 || f.Kind != "txt" || f.Words == 0 || len(f.Links) != 1 {
			t.Fatalf("attached: %d %s, %v", res.Status, res.Body, err)
		}
		if res := c.PostFile(path+"/files", "paper.pdf", []byte("%PDF-1.7"), nil); res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Body, "This is a PDF") {
			t.Errorf("a PDF: %d %s", res.Status, res.Body)
		}
		if res := c.PostFile(path+"/files", "", nil, nil); res.Status != http.StatusUnprocessableEntity {
			t.Errorf("without a file: %d %s", res.Status, res.Body)
		}
		if res := c.PostFile(path+"/files?question=q6", "slides.md", []byte("# Slides"), nil); res.Status != http.StatusCreated {
			t.Errorf("for a question: %d %s", res.Status, res.Body)
		}
		if res := c.JSON(http.MethodDelete, path+"/files/2", nil); res.Status != http.StatusNoContent {
			t.Errorf("removed: %d %s", res.Status, res.Body)
		}
		var form api.RespondForm
		if err := c.Get(path).Into(&form); err != nil || len(form.Files) != 1 || form.Words != f.Words {
			t.Errorf("form: %+v, %v", form, err)
		}
		if res := c.JSON(http.MethodPost, path+"/submit", nil); res.Status != http.StatusOK {
			t.Fatalf("submitted: %d %s", res.Status, res.Body)
		}

		o := app.Bearer(app.Account("officer", account.Officer))
		own := "/api/v1/contributions/" + strconv.Itoa(k.Count("select max(id) from contribution"))
		if res := o.PostFile(own+"/files", "scan.pdf", []byte("%PDF-1.7"), nil); res.Status != http.StatusCreated {
			t.Errorf("an officer's PDF: %d %s", res.Status, res.Body)
		}
		var l api.List[api.ContributionFile]
		if err := o.Get(own + "/files").Into(&l); err != nil || len(l.Items) != 2 || l.Items[0].Text == "" || l.Items[1].Kind != "pdf" {
			t.Errorf("list: %+v, %v", l, err)
		}
		if res := o.Get(own + "/files/1"); res.Body != "See https://example.org/guide\n" || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("download: %q", res.Body)
		}
		if res := o.JSON(http.MethodDelete, own+"/files/2", nil); res.Status != http.StatusNoContent {
			t.Errorf("removed by an officer: %d %s", res.Status, res.Body)
		}
		for _, bad := range []string{"/files/2", "/files/9", "/files/x"} {
			if res := o.Get(own + bad); res.Status != http.StatusNotFound && res.Status != http.StatusGone {
				t.Errorf("%s: %d", bad, res.Status)
			}
		}
		if res := app.Bearer(app.Account("volunteer", account.Volunteer)).Get(own + "/files"); res.Status != http.StatusForbidden {
			t.Errorf("as a volunteer: %d", res.Status)
		}
	})
}
