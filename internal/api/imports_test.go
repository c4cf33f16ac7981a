package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver"
)

// A program checks a list, imports it, looks at what became of it and takes it back.
func TestImportsAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := outreachApp(t, d)
		officer := app.Bearer(app.Account("officer", account.Officer))
		const at = "/api/v1/imports/contacts"
		list := []byte("who,email,country\nZoe,zoe@example.org,Norway\nBo,bo@,Atlantis\n")
		plan := url.Values{"mapping": {`{"who":"name"}`}, "stakeholder_group": {"NGO"}, "cycle": {"bpf-2017"}}

		checked := answer[api.ContactImport](t, "preview", officer.PostFile(at+"?mode=preview", "list.csv", list, plan), http.StatusOK)
		if checked.State != "preview" || checked.ID != 0 || checked.Rows != 2 || checked.Counts.New != 1 || checked.Counts.Rejected != 1 {
			t.Errorf("checked %+v", checked)
		}
		if len(checked.Verdicts) != 2 || len(checked.Verdicts[1].Problems) != 2 {
			t.Fatalf("verdicts %+v", checked.Verdicts)
		}
		if p := checked.Verdicts[1].Problems[1]; p.Column != "country" || p.Cell != "C" || p.Key != "sheet.cell.country" || p.Reason != "We do not know the country “Atlantis”." {
			t.Errorf("problem %+v", p)
		}
		answer[httpserver.Problem](t, "nothing was kept", officer.Get("/api/v1/imports/1"), http.StatusNotFound)

		done := answer[api.ContactImport](t, "commit", officer.PostFile(at+"?mode=commit", "list.csv", list, plan), http.StatusOK)
		if done.State != "done" || done.ID == 0 || done.Counts != checked.Counts || done.FinishedAt == nil {
			t.Errorf("imported %+v", done)
		}
		path := fmt.Sprintf("/api/v1/imports/%d", done.ID)
		got := answer[api.ContactImport](t, "look", officer.Get(path), http.StatusOK)
		if len(got.Verdicts) != 1 || got.Verdicts[0].Row != 3 || got.Verdicts[0].Verdict != "rejected" {
			t.Errorf("looked at %+v", got)
		}
		undone := answer[api.ContactImport](t, "undo", officer.JSON("POST", path+"/undo", nil), http.StatusOK)
		if undone.State != "undone" || undone.Removed != 1 || undone.Kept != 0 {
			t.Errorf("undone %+v", undone)
		}
		answer[httpserver.Problem](t, "undo twice", officer.JSON("POST", path+"/undo", nil), http.StatusConflict)
	})
}

func TestImportsAPIRefuses(t *testing.T) {
	t.Parallel()
	app := outreachApp(t, dbtest.SQLite(t))
	officer, volunteer := app.Bearer(app.Account("officer", account.Officer)), app.Bearer(app.Account("amina", account.Volunteer))
	const at = "/api/v1/imports/contacts"
	list := []byte("name\nZoe\n")
	for _, c := range []struct {
		name, query string
		content     []byte
		plan        url.Values
		status      int
		key, field  string
	}{
		{"no mode", "", list, nil, 422, "error.invalid", "mode"},
		{"no list", "?mode=commit", []byte("%PDF-1.7\n"), nil, 422, "error.invalid", "file"},
		{"no such column", "?mode=preview", list, url.Values{"mapping": {`{"colour":"name"}`}}, 422, "error.invalid", "mapping"},
		{"no such meaning", "?mode=preview", list, url.Values{"mapping": {`{"name":"colour"}`}}, 422, "error.invalid", "mapping"},
		{"no JSON", "?mode=preview", list, url.Values{"mapping": {`{`}}, 422, "error.invalid", "mapping"},
		{"no such group", "?mode=commit", list, url.Values{"stakeholder_group": {"Martians"}}, 422, "error.invalid", "stakeholder_group"},
		{"no such cycle", "?mode=commit", list, url.Values{"cycle": {"bpf-1917"}}, 404, "", ""},
		{"too large", "?mode=commit", bytes.Repeat([]byte("x,y\n"), 9<<18), nil, 413, "contact.import.too_large_at_once", ""},
	} {
		got := answer[httpserver.Problem](t, c.name, officer.PostFile(at+c.query, "list.csv", c.content, c.plan), c.status)
		if c.key != "" && got.Key != c.key || c.field != "" && (len(got.Errors) != 1 || got.Errors[0].Field != c.field) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	for what, status := range map[string]int{
		"upload": volunteer.PostFile(at+"?mode=preview", "list.csv", list, nil).Status, "look": volunteer.Get("/api/v1/imports/1").Status,
		"undo": volunteer.JSON("POST", "/api/v1/imports/1/undo", nil).Status,
	} {
		if status != http.StatusForbidden {
			t.Errorf("a volunteer: %s: %d", what, status)
		}
	}
}
