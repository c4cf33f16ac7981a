package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestBulkEdit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := outreachApp(t, d)
		officer := app.Bearer(app.Account("officer", account.Officer))
		var ids []int64
		for _, name := range []string{"Ana", "Ben"} {
			made := answer[api.Contact](t, "create", officer.JSON("POST", "/api/v1/contacts", body{
				"kind": "person", "name": name, "stakeholder_group": "civil_society", "country": "PE", "language": "en",
			}), http.StatusCreated)
			ids = append(ids, made.ID)
		}
		const preview, commit = "/api/v1/contacts/bulk?mode=preview", "/api/v1/contacts/bulk?mode=commit"
		changes := body{"stakeholder_group": "government", "language": body{"how": "first", "tags": []string{"es"}}, "region": "weog", "note": "by API"}

		for what, c := range map[string]struct {
			path   string
			in     body
			fields []string
		}{
			"no mode":     {"/api/v1/contacts/bulk", body{"ids": ids, "changes": changes}, []string{"mode"}},
			"nobody":      {preview, body{"changes": changes}, []string{"contacts"}},
			"both":        {preview, body{"ids": ids, "filter": body{}, "changes": changes}, []string{"filter"}},
			"a bad field": {preview, body{"ids": ids, "changes": body{"country": "XX", "language": body{"how": "add", "tags": []string{"!"}}}}, []string{"country", "language"}},
			"no token":    {commit, body{"ids": ids, "changes": changes}, []string{"token"}},
			"no changes":  {preview, body{"ids": ids, "changes": body{}}, nil},
		} {
			res := officer.JSON("POST", c.path, c.in)
			problem := answer[struct {
				Errors []struct{ Field string }
			}](t, what, res, http.StatusUnprocessableEntity)
			var fields []string
			for _, f := range problem.Errors {
				fields = append(fields, f.Field)
			}
			if fmt.Sprint(fields) != fmt.Sprint(c.fields) {
				t.Errorf("%s: %s", what, res.Body)
			}
		}

		in := body{"filter": body{"country": "PE", "listed": "yes"}, "changes": changes}
		seen := answer[api.BulkResult](t, "preview", officer.JSON("POST", preview, in), http.StatusOK)
		if seen.Selected != 2 || seen.Changed != 2 || seen.Refused != 0 || len(seen.Contacts) != 2 || seen.ChangesetID != 0 ||
			seen.Contacts[0].Changes[0] != (api.FieldChange{Field: "stakeholder_group", Before: "civil_society", After: "government"}) {
			t.Fatalf("%+v", seen)
		}
		app.Clock.Advance(time.Minute)
		contactPath := fmt.Sprintf("/api/v1/contacts/%d", ids[1])
		answer[api.Contact](t, "a single edit", officer.JSON("PATCH", contactPath, body{"name": "Ben Ali"}), http.StatusOK)
		in["token"] = seen.Token
		if res := officer.JSON("POST", commit, in); res.Status != http.StatusConflict {
			t.Fatalf("changed meanwhile: %d %s", res.Status, res.Body)
		}
		seen = answer[api.BulkResult](t, "preview again", officer.JSON("POST", preview, body{"filter": in["filter"], "changes": changes}), http.StatusOK)
		in["token"] = seen.Token
		done := answer[api.BulkResult](t, "commit", officer.JSON("POST", commit, in), http.StatusOK)
		if done.Changed != 2 || done.ChangesetID == 0 {
			t.Errorf("%+v", done)
		}
		got := answer[api.Contact](t, "read", officer.Get(contactPath), http.StatusOK)
		if got.Name != "Ben Ali" || got.StakeholderGroup != "government" || got.Region != "weog" || got.Languages[0] != "es" || got.Notes != "by API" {
			t.Errorf("%+v", got)
		}
		undo := fmt.Sprintf("/api/v1/changesets/%d/undo", done.ChangesetID)
		if set := answer[api.Changeset](t, "undo", officer.JSON("POST", undo, body{}), http.StatusOK); set.Kind != "contact.bulk" || set.UndoneAt == nil {
			t.Errorf("%+v", set)
		}
		got = answer[api.Contact](t, "read", officer.Get(contactPath), http.StatusOK)
		if got.StakeholderGroup != "civil_society" || got.Region != "grulac" || got.Notes != "" {
			t.Errorf("%+v", got)
		}
		amina := app.Bearer(app.Account("amina", account.Volunteer))
		if res := amina.JSON("POST", preview, in); res.Status != http.StatusForbidden {
			t.Errorf("a volunteer: %d", res.Status)
		}
	})
}
