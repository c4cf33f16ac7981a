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

// A program does what the pages do: a plan, a plate, and claims that change hands.
func TestClaimsChangeHands(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := outreachApp(t, d)
		officer := app.Bearer(app.Account("officer", account.Officer))
		first, second := app.Account("amina", account.Volunteer), app.Account("boris", account.Volunteer)
		amina, boris := app.Bearer(first), app.Bearer(second)
		for i := range 4 {
			answer[api.Contact](t, "create", officer.JSON("POST", "/api/v1/contacts", body{
				"kind": "person", "name": fmt.Sprint("Ana ", i), "stakeholder_group": "civil_society", "country": "PE", "language": "en",
			}), http.StatusCreated)
		}
		plate := answer[api.List[api.PlateItem]](t, "plate", amina.JSON("POST", "/api/v1/me/plate", body{"count": 1}), http.StatusOK)
		if len(plate.Items) != 1 || plate.Items[0].Claim == nil {
			t.Fatalf("plate %+v", plate)
		}
		claim := fmt.Sprintf("/api/v1/claims/%d", plate.Items[0].Claim.ID)
		again := answer[api.List[api.PlateItem]](t, "the same for another", boris.JSON("POST", "/api/v1/me/plate", body{
			"contacts": []body{{"contact_id": plate.Items[0].ContactID, "purpose": plate.Items[0].Claim.Purpose}},
		}), http.StatusOK)
		if again.Items[0].Claim != nil || again.Items[0].Refused == "" {
			t.Errorf("taken twice: %+v", again)
		}
		answer[api.Offer](t, "offer", amina.JSON("POST", claim+"/hand-over", body{"volunteer_id": second.ID, "note": "yours?"}), http.StatusCreated)
		offers := answer[api.List[api.Offer]](t, "offers", boris.Get("/api/v1/me/offers"), http.StatusOK)
		if len(offers.Items) != 1 || offers.Items[0].Note != "yours?" || offers.Items[0].Contact == "" {
			t.Fatalf("offers %+v", offers)
		}
		if res := boris.JSON("POST", claim+"/decline", body{"answer": "no"}); res.Status != http.StatusNoContent {
			t.Errorf("declined: %d %s", res.Status, res.Body)
		}
		answer[api.Offer](t, "offer", amina.JSON("POST", claim+"/hand-over", body{"volunteer_id": second.ID}), http.StatusCreated)
		next := answer[api.Claim](t, "accept", boris.JSON("POST", claim+"/accept", body{}), http.StatusOK)
		if next.State != "active" {
			t.Errorf("accepted %+v", next)
		}
		third := app.Account("chen", account.Volunteer)
		moved := answer[api.Claim](t, "reassign", officer.JSON("POST", fmt.Sprintf("/api/v1/claims/%d/reassign", next.ID), body{
			"volunteer_id": third.ID, "reason": "on the spot",
		}), http.StatusOK)
		if res := officer.JSON("POST", fmt.Sprintf("/api/v1/claims/%d/revoke", moved.ID), body{}); res.Status != http.StatusUnprocessableEntity {
			t.Errorf("revoked without a reason: %d", res.Status)
		}
		plan := answer[api.Plan](t, "plan", officer.JSON("POST", "/api/v1/cycles/bpf-2017/plans", nil), http.StatusCreated)
		if len(plan.Lines) != 3 || plan.Lines[0].State != "proposed" || len(plan.Lines[0].Reasons) == 0 {
			t.Fatalf("plan %+v", plan)
		}
		path := fmt.Sprintf("/api/v1/plans/%d", plan.ID)
		dropped := answer[api.Plan](t, "drop a line", officer.JSON("PATCH", fmt.Sprintf("%s/lines/%d", path, plan.Lines[0].ID), body{}), http.StatusOK)
		if last := len(dropped.Lines) - 1; last != 2 || dropped.Lines[last].State != "dropped" { // those that nobody will get stand last
			t.Errorf("after dropping a line: %+v", dropped)
		}
		done := answer[api.PlanResult](t, "confirm", officer.JSON("POST", path+"/confirm", nil), http.StatusOK)
		if done.Made != 2 || done.Overtaken != 0 {
			t.Errorf("confirmed %+v", done)
		}
		if res := amina.Get(path); res.Status != http.StatusForbidden {
			t.Errorf("a volunteer reads a plan: %d", res.Status)
		}
	})
}
