package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
)

func TestAMessageInOnesOwnNameByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ref, err := geo.Load()
		if err != nil {
			t.Fatal(err)
		}
		var k *campaigntest.Kit
		app := apitest.NewApp(t, d, func(a *servertest.App, deps *api.Deps) {
			who := a.Account("olu", account.Officer)
			officer := account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: who.ID, Name: who.Name}, Roles: []account.Role{account.Officer}}
			k = campaigntest.New(t, a.DB, a.Bundle, a.Accounts, a.Clock.Now, officer)
			deps.Outreach = outreach.New(outreach.Deps{DB: a.DB, Now: a.Clock.Now, Reference: ref, Contacts: contact.New(contact.Deps{
				DB: a.DB, Now: a.Clock.Now, Reference: ref, Secret: []byte("s"), Normalize: mail.Normalize, IsRole: mail.IsRole,
			})})
			k.Volunteers = adapt.Volunteers{Service: deps.Outreach}
			deps.Campaigns, deps.Cycles = k.Service, k.Cycles
		})
		officer, approver := app.Bearer(app.Account("olu", account.Officer)), app.Bearer(app.Account("ines", account.Lead))
		marta, omar := app.Bearer(app.Account("marta", account.Volunteer)), app.Bearer(app.Account("omar", account.Volunteer))
		id := k.Contact("Amina", "amina@example.org", "en")
		claim := answerOf[api.Claim](t, marta.JSON("POST", fmt.Sprintf("/api/v1/contacts/%d/claims", id), api.ClaimInput{Purpose: "reach_out"}), 201)
		path := fmt.Sprintf("/api/v1/claims/%d/message", claim.ID)

		none := answerOf[api.PersonalMessage](t, marta.Get(path), 200)
		if none.Ready || !strings.Contains(none.Refusal, "The secretariat has to write the call") {
			t.Errorf("before there is a campaign: %+v", none)
		}
		if res := marta.JSON("POST", path, api.PersonalMessageInput{}); res.Status != 409 || !strings.Contains(res.Body, "has to write the call") {
			t.Errorf("sending nothing: %d %s", res.Status, res.Body)
		}
		c := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{
			Name: "The call", Audience: api.CampaignAudience{All: true},
		}), 201)
		answerOf[api.Campaign](t, officer.JSON("POST", fmt.Sprintf("/api/v1/campaigns/%d/freeze", c.ID), nil), 200)
		answerOf[api.Campaign](t, approver.JSON("POST", fmt.Sprintf("/api/v1/campaigns/%d/approve", c.ID), nil), 200)

		ready := answerOf[api.PersonalMessage](t, marta.Get(path+"?opening=Hello+from+Geneva."), 200)
		if !ready.Ready || ready.To != "amina@example.org" || ready.Step != 1 || ready.Locale != "en" || ready.CampaignID != c.ID ||
			!strings.Contains(ready.Text, "Hello from Geneva.") || !strings.Contains(ready.Text, "Dear Amina") || ready.Seen == "" {
			t.Errorf("ready is %+v", ready)
		}
		for who, want := range map[*servertest.Client]int{omar: 404, officer: 404, approver: 403, app.Visitor(): 401} {
			if res := who.Get(path); res.Status != want {
				t.Errorf("%s reads it: %d, want %d", who.Account.Email, res.Status, want)
			}
			if res := who.JSON("POST", path, api.PersonalMessageInput{}); res.Status != want {
				t.Errorf("%s sends it: %d, want %d", who.Account.Email, res.Status, want)
			}
		}
		if res := marta.JSON("POST", path, api.PersonalMessageInput{Opening: "www.example.org"}); res.Status != 422 || !strings.Contains(res.Body, "Take out links and addresses") {
			t.Errorf("with a link: %d %s", res.Status, res.Body)
		}
		if res := marta.JSON("POST", path, api.PersonalMessageInput{Seen: "another"}); res.Status != 409 {
			t.Errorf("something else was seen: %d %s", res.Status, res.Body)
		}
		sent := answerOf[api.PersonalDelivery](t, marta.JSON("POST", path, api.PersonalMessageInput{Opening: "Hello.", Seen: ready.Seen}), 201)
		if sent.State != "queued" || sent.ContactID != id {
			t.Errorf("sent is %+v", sent)
		}
		k.Work()
		after := answerOf[api.PersonalMessage](t, marta.Get(path), 200)
		if after.Ready || len(after.Deliveries) != 1 || after.Deliveries[0].State != "sent" || after.Deliveries[0].ID != sent.ID {
			t.Errorf("afterwards: %+v", after)
		}
		var outcome string
		if err := d.Read(context.Background()).QueryRow("select outcome from attempt").Scan(&outcome); err != nil || outcome != "sent" {
			t.Errorf("logged %q, %v", outcome, err)
		}
	})
}
