package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestPreferencesAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := outreachApp(t, d)
		officer, volunteer := app.Bearer(app.Account("officer", account.Officer)), app.Bearer(app.Account("amina", account.Volunteer))
		made := answer[api.Contact](t, "create", officer.JSON("POST", "/api/v1/contacts", body{
			"kind": "person", "name": "Ana", "stakeholder_group": "civil_society", "country": "PE", "email": "ana@example.org",
		}), http.StatusCreated)
		one := fmt.Sprintf("/api/v1/contacts/%d", made.ID)
		path := one + "/preferences"
		if res := volunteer.Get(path); res.Status != http.StatusForbidden {
			t.Errorf("a volunteer: %d", res.Status)
		}
		for _, wrong := range []body{{"scope": "campaign", "note": "x"}, {"scope": "cycle"}, {"scope": "cycle", "cycle": "none", "note": "x"}} {
			if res := officer.JSON("POST", path, wrong); res.Status != http.StatusUnprocessableEntity && res.Status != http.StatusNotFound {
				t.Errorf("%v: %d %s", wrong, res.Status, res.Body)
			}
		}
		asked := answer[api.List[api.Preference]](t, "record", officer.JSON("POST", path, body{"scope": "everything", "note": "By mail."}), http.StatusCreated)
		if len(asked.Items) != 1 || asked.Items[0].Scope != "everything" || asked.Items[0].How != "officer" || asked.Items[0].AddressID != made.Addresses[0].ID {
			t.Fatalf("recorded %+v", asked.Items)
		}
		if got := answer[api.Contact](t, "the contact", officer.Get(one), http.StatusOK); !got.OptedOut {
			t.Error("she can still be written to")
		}
		end := fmt.Sprintf("%s/%d/end", path, asked.Items[0].ID)
		if res := officer.JSON("POST", end, body{"reason": ""}); res.Status != http.StatusUnprocessableEntity {
			t.Errorf("without a reason: %d", res.Status)
		}
		asked = answer[api.List[api.Preference]](t, "end", officer.JSON("POST", end, body{"reason": "She asked again."}), http.StatusOK)
		if asked.Items[0].EndedAt == nil || asked.Items[0].EndedReason != "She asked again." {
			t.Errorf("ended %+v", asked.Items[0])
		}
		if got := answer[api.Contact](t, "the contact again", officer.Get(one), http.StatusOK); got.OptedOut {
			t.Error("she cannot be written to again")
		}
	})
}
