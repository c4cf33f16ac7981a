package api_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
)

// outreachApp is the API with one cycle, contacts and outreach.
func outreachApp(t *testing.T, d *db.DB) *servertest.App {
	t.Helper()
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	app := apitest.NewApp(t, d, func(a *servertest.App, deps *api.Deps) {
		deps.Contacts = contact.New(contact.Deps{
			DB: a.DB, Now: a.Clock.Now, Reference: ref, Secret: []byte("s"), Normalize: mail.Normalize, IsRole: mail.IsRole,
			Claims: outreach.Revoker{Now: a.Clock.Now}, Followers: adapt.Followers(a.Clock.Now),
		})
		deps.Imports = contact.NewImports(deps.Contacts, contact.ImportDeps{Unique: func() string { return "api" }})
		deps.Outreach = outreach.New(outreach.Deps{DB: a.DB, Now: a.Clock.Now, Reference: ref, Contacts: deps.Contacts})
		deps.Cycles = cycle.New(cycle.Deps{DB: a.DB, Now: a.Clock.Now})
	})
	officer, err := app.Accounts.Actor(context.Background(), app.Account("officer", account.Officer), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = cycle.New(cycle.Deps{DB: d, Now: app.Clock.Now}).Create(context.Background(), officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF"})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func answer[T any](t *testing.T, what string, res servertest.Response, status int) T {
	t.Helper()
	var v T
	if res.Status != status {
		t.Fatalf("%s: %d %s, want %d", what, res.Status, res.Body, status)
	}
	if err := res.Into(&v); err != nil {
		t.Fatalf("%s: %v in %s", what, err, res.Body)
	}
	return v
}

func TestOutreachChain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := outreachApp(t, d)
		officer := app.Bearer(app.Account("officer", account.Officer))
		amina, boris := app.Bearer(app.Account("amina", account.Volunteer)), app.Bearer(app.Account("boris", account.Volunteer))

		made := answer[api.Contact](t, "create", officer.JSON("POST", "/api/v1/contacts", body{
			"kind": "person", "name": "Ana Pérez", "organization": "Red", "stakeholder_group": "civil_society", "country": "PE", "language": "en es",
		}), http.StatusCreated)
		if made.Organization != "Red" || made.Region != "grulac" || !slices.Equal(made.LanguageChain, []string{"en", "es"}) || made.Addressable {
			t.Errorf("created %+v", made)
		}
		gaps := answer[api.List[api.Gap]](t, "gaps", amina.Get("/api/v1/cycles/bpf-2017/gaps"), http.StatusOK)
		if len(gaps.Items) != 1 || gaps.Items[0].Kinds[0] != "no_address" || gaps.Items[0].Purpose != "find_address" ||
			gaps.Items[0].Reasons[0].Text != "You share a language: English." {
			t.Fatalf("gaps %+v", gaps.Items)
		}
		at := fmt.Sprintf("/api/v1/contacts/%d", made.ID)
		claim := answer[api.Claim](t, "claim", amina.JSON("POST", at+"/claims", body{"purpose": "find_address"}), http.StatusCreated)
		if claim.State != "active" || !claim.ExpiresAt.Equal(app.Clock.Now().Add(outreach.Lease)) {
			t.Errorf("claim %+v", claim)
		}
		refused := answer[httpserver.Problem](t, "second claim", boris.JSON("POST", at+"/claims", body{"purpose": "find_address"}), http.StatusConflict)
		if refused.Holder != "amina" || refused.Until == nil || !refused.Until.Equal(claim.ExpiresAt) || refused.Key != "outreach.claim.held" {
			t.Errorf("refused with %+v", refused)
		}
		answer[httpserver.Problem](t, "no claim", boris.JSON("POST", at+"/addresses", body{"email": "ana@example.org"}), http.StatusForbidden)
		bad := answer[httpserver.Problem](t, "no address", amina.JSON("POST", at+"/addresses", body{"email": "ana"}), http.StatusUnprocessableEntity)
		if len(bad.Errors) != 1 || bad.Errors[0].Field != "email" {
			t.Errorf("refused with %+v", bad)
		}
		answer[api.AddressAdded](t, "address", amina.JSON("POST", at+"/addresses", body{"email": "ana@example.org"}), http.StatusCreated)
		if seen := answer[api.Contact](t, "after", amina.Get(at), http.StatusOK); !seen.Addressable || seen.Addresses != nil {
			t.Errorf("without a claim %+v", seen)
		}
		claim = answer[api.Claim](t, "claim to reach out", amina.JSON("POST", at+"/claims", body{"purpose": "reach_out"}), http.StatusCreated)
		if seen := answer[api.Contact](t, "under the claim", amina.Get(at), http.StatusOK); len(seen.Addresses) != 1 || seen.Addresses[0].Email != "ana@example.org" {
			t.Errorf("under the claim %+v", seen)
		}
		app.Clock.Advance(24 * time.Hour)
		work := fmt.Sprintf("/api/v1/claims/%d", claim.ID)
		answer[httpserver.Problem](t, "a promise without a day", amina.JSON("POST", work+"/attempts", body{"channel": "mail", "outcome": "promised"}), http.StatusUnprocessableEntity)
		tried := answer[api.Attempt](t, "attempt", amina.JSON("POST", work+"/attempts", body{"channel": "mail", "outcome": "no_answer", "note": "n"}), http.StatusCreated)
		if tried.ClaimID != claim.ID || tried.Outcome != "no_answer" {
			t.Errorf("attempt %+v", tried)
		}
		renewed := answer[api.Claim](t, "renew", amina.JSON("POST", work+"/renew", nil), http.StatusOK)
		if renewed.Renewable || !renewed.ExpiresAt.Equal(app.Clock.Now().Add(2*outreach.Lease)) {
			t.Errorf("renewed %+v", renewed)
		}
		answer[httpserver.Problem](t, "renew twice", amina.JSON("POST", work+"/renew", nil), http.StatusConflict)
		answer[httpserver.Problem](t, "another's", boris.JSON("DELETE", work, nil), http.StatusNotFound)
		if res := amina.JSON("DELETE", work, nil); res.Status != http.StatusNoContent {
			t.Errorf("release: %d %s", res.Status, res.Body)
		}
		answer[httpserver.Problem](t, "release twice", amina.JSON("DELETE", work, nil), http.StatusConflict)
		again := answer[httpserver.Problem](t, "cooldown", amina.JSON("POST", at+"/claims", body{"purpose": "reach_out"}), http.StatusConflict)
		if again.Key != "outreach.claim.cooldown" || again.Until == nil || again.Holder != "" {
			t.Errorf("cooldown %+v", again)
		}
		claim = answer[api.Claim](t, "the next", boris.JSON("POST", at+"/claims", body{"purpose": "brief", "cycle": "bpf-2017"}), http.StatusCreated)
		done := answer[api.Claim](t, "done", boris.JSON("POST", fmt.Sprintf("/api/v1/claims/%d/done", claim.ID), nil), http.StatusOK)
		if done.State != "done" {
			t.Errorf("done %+v", done)
		}
	})
}

func TestContactsAPI(t *testing.T) {
	t.Parallel()
	app := outreachApp(t, dbtest.SQLite(t))
	officer, volunteer := app.Bearer(app.Account("officer", account.Officer)), app.Bearer(app.Account("vol", account.Volunteer))
	bad := answer[httpserver.Problem](t, "bad input", officer.JSON("POST", "/api/v1/contacts", body{
		"kind": "person", "name": "", "stakeholder_group": "nri", "country": "XX", "language": "??", "email": "x",
	}), http.StatusUnprocessableEntity)
	var fields []string
	for _, f := range bad.Errors {
		fields = append(fields, f.Field)
	}
	if !slices.Equal(fields, []string{"name", "stakeholder_group", "country", "language", "email"}) {
		t.Errorf("fields %v", fields)
	}
	for i := range 5 {
		answer[api.Contact](t, "create", officer.JSON("POST", "/api/v1/contacts", body{
			"kind": "person", "name": fmt.Sprint("Zoe ", i), "stakeholder_group": "media", "country": "FR", "email": fmt.Sprintf("z%d@example.org", i),
			"expertise": []string{"ics"}, "notes": "private",
		}), http.StatusCreated)
	}
	var names []string
	cursor := ""
	for range 3 {
		page := answer[api.List[api.Contact]](t, "list", volunteer.Get("/api/v1/contacts?q=zoe&stakeholder_group=media&region=weog&country=FR&language=fr&gap=no_language&limit=2&cursor="+cursor), http.StatusOK)
		for _, c := range page.Items {
			names = append(names, c.Name)
			if c.Addresses != nil || c.Notes != "" {
				t.Errorf("a list shows %+v", c)
			}
		}
		cursor = page.Next
	}
	if !slices.Equal(names, []string{"Zoe 0", "Zoe 1", "Zoe 2", "Zoe 3", "Zoe 4"}) || cursor != "" {
		t.Errorf("pages give %v and then %q", names, cursor)
	}
	for _, query := range []string{"gap=x", "cursor=x", "limit=0"} {
		answer[httpserver.Problem](t, query, volunteer.Get("/api/v1/contacts?"+query), http.StatusUnprocessableEntity)
	}
	answer[httpserver.Problem](t, "cycle", volunteer.Get("/api/v1/contacts?cycle=none"), http.StatusNotFound)
	changed := answer[api.Contact](t, "patch", officer.JSON("PATCH", "/api/v1/contacts/1", body{"country": "KE", "expertise": []string{"ddos"}}), http.StatusOK)
	if changed.Region != "african_group" || changed.Name != "Zoe 0" || !slices.Equal(changed.Expertise, []string{"ddos"}) || changed.Notes != "private" {
		t.Errorf("patched %+v", changed)
	}
	if moved := answer[api.List[api.Contact]](t, "the list of the cycle follows", volunteer.Get("/api/v1/contacts?region=african_group"), http.StatusOK); len(moved.Items) != 1 {
		t.Errorf("%+v", moved.Items)
	}
	answer[httpserver.Problem](t, "a name that is not ours", officer.JSON("PATCH", "/api/v1/contacts/1", body{"sort_name": "x"}), http.StatusUnprocessableEntity)
	answer[httpserver.Problem](t, "a volunteer edits", volunteer.JSON("PATCH", "/api/v1/contacts/1", body{"name": "x"}), http.StatusForbidden)
	answer[httpserver.Problem](t, "a volunteer adds", volunteer.JSON("POST", "/api/v1/contacts", body{"kind": "person", "name": "x", "stakeholder_group": "media"}), http.StatusForbidden)
	answer[httpserver.Problem](t, "a coordinator of no country", app.Bearer(app.Account("co", account.Coordinator)).Get("/api/v1/contacts/1"), http.StatusNotFound)
	answer[httpserver.Problem](t, "a translator", app.Bearer(app.Account("tr", account.Translator)).Get("/api/v1/contacts"), http.StatusForbidden)
	answer[httpserver.Problem](t, "nobody", app.Visitor().Get("/api/v1/contacts"), http.StatusUnauthorized)
}

func TestCandidatesAPI(t *testing.T) {
	t.Parallel()
	app := outreachApp(t, dbtest.SQLite(t))
	officer, member := app.Bearer(app.Account("officer", account.Officer)), app.Bearer(app.Account("tr", account.Translator))
	in := func(name string) body {
		return body{"kind": "person", "name": name, "stakeholder_group": "academia", "country": "KE", "language": "sw", "email": name + "@example.org"}
	}
	for _, name := range []string{"wanjiru", "kamau", "otieno"} {
		answer[api.Candidate](t, name, member.JSON("POST", "/api/v1/cycles/bpf-2017/candidates", in(name)), http.StatusCreated)
	}
	answer[httpserver.Problem](t, "no such cycle", member.JSON("POST", "/api/v1/cycles/none/candidates", in("x")), http.StatusNotFound)
	answer[httpserver.Problem](t, "no name", member.JSON("POST", "/api/v1/cycles/bpf-2017/candidates", body{"kind": "person", "name": "", "stakeholder_group": "academia"}), http.StatusUnprocessableEntity)
	accepted := answer[api.Candidate](t, "accept", officer.JSON("POST", "/api/v1/candidates/1/accept", body{}), http.StatusOK)
	if accepted.State != "accepted" || accepted.ContactID == nil {
		t.Fatalf("%+v", accepted)
	}
	merged := answer[api.Candidate](t, "merge", officer.JSON("POST", "/api/v1/candidates/2/merge", body{"contact_id": *accepted.ContactID}), http.StatusOK)
	if merged.State != "merged" || *merged.ContactID != *accepted.ContactID {
		t.Errorf("%+v", merged)
	}
	answer[httpserver.Problem](t, "reject without a word", officer.JSON("POST", "/api/v1/candidates/3/reject", body{}), http.StatusUnprocessableEntity)
	answer[api.Candidate](t, "reject", officer.JSON("POST", "/api/v1/candidates/3/reject", body{"note": "left"}), http.StatusOK)
	answer[httpserver.Problem](t, "decide twice", officer.JSON("POST", "/api/v1/candidates/3/accept", body{}), http.StatusConflict)
	answer[httpserver.Problem](t, "a member decides", member.JSON("POST", "/api/v1/candidates/3/accept", body{}), http.StatusForbidden)
	mine := answer[api.List[api.Candidate]](t, "list", member.Get("/api/v1/cycles/bpf-2017/candidates"), http.StatusOK)
	if len(mine.Items) != 3 || mine.Items[0].DecisionNote != "left" {
		t.Errorf("%+v", mine.Items)
	}
	rejected := answer[api.List[api.Candidate]](t, "by state", officer.Get("/api/v1/cycles/bpf-2017/candidates?state=rejected"), http.StatusOK)
	if len(rejected.Items) != 1 {
		t.Errorf("%+v", rejected.Items)
	}
}
