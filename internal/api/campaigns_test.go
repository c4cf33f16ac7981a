package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

// campaignHouse is the API with a campaign room, and an officer and somebody who approves.
func campaignHouse(t *testing.T, d *db.DB) (k *campaigntest.Kit, app *servertest.App, officer, approver *servertest.Client) {
	t.Helper()
	return campaignHouseWith(t, d, func(*servertest.App, *api.Deps) {})
}

// campaignHouseWith is campaignHouse with other rooms beside it.
func campaignHouseWith(t *testing.T, d *db.DB, more apitest.Option) (k *campaigntest.Kit, app *servertest.App, officer, approver *servertest.Client) {
	t.Helper()
	app = apitest.NewApp(t, d, more, func(a *servertest.App, deps *api.Deps) {
		who := a.Account("olu", account.Officer)
		actor := account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: who.ID, Name: who.Name}, Roles: []account.Role{account.Officer}}
		k = campaigntest.New(t, a.DB, a.Bundle, a.Accounts, a.Clock.Now, actor)
		deps.Campaigns, deps.Cycles, deps.Documents = k.Service, k.Cycles, k.Documents
	})
	return k, app, app.Bearer(app.Account("olu", account.Officer)), app.Bearer(app.Account("ines", account.Lead))
}

func answerOf[T any](t *testing.T, res servertest.Response, status int) T {
	t.Helper()
	var v T
	if res.Status != status {
		t.Fatalf("%d %s, want %d", res.Status, res.Body, status)
	}
	if err := res.Into(&v); err != nil {
		t.Fatalf("%v in %s", err, res.Body)
	}
	return v
}

func TestACampaignByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _, officer, approver := campaignHouse(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		k.Contact("Nobody's mailbox", "", "en")
		answered := k.Contact("Benito", "benito@example.org", "es")

		c := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{
			Name: "The call", Audience: api.CampaignAudience{All: true},
			Steps: []api.CampaignStepInput{{Kind: "call"}, {Kind: "follow_up", OffsetDays: 7}},
		}), 201)
		path := fmt.Sprintf("/api/v1/campaigns/%d", c.ID)
		text := api.CampaignText{Subject: "The call", Body: "Dear {{contact}}, please [answer]({{personal_link}}) by {{deadline}}."}
		answerOf[api.Campaign](t, officer.JSON("PUT", path+"/texts/en", text), 200)
		if res := approver.JSON("POST", path+"/approve", nil); res.Status != 409 {
			t.Errorf("approved before it is frozen: %d %s", res.Status, res.Body)
		}
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/freeze", nil), 200)
		if res := officer.JSON("PUT", path+"/texts/en", text); res.Status != 409 {
			t.Errorf("a frozen text is set: %d", res.Status)
		}
		outbox := answerOf[api.CampaignOutbox](t, officer.Get(path+"/outbox"), 200)
		if outbox.Summary != "2 recipients: 1 in English, 1 in English instead of their own language; 1 excluded: 1 no address" || len(outbox.Samples) != 2 || !strings.Contains(outbox.Samples[0].Text, "Dear Amina") {
			t.Errorf("the outbox is %+v", outbox)
		}
		if res := officer.JSON("POST", path+"/approve", nil); res.Status != 403 {
			t.Errorf("approved by its author: %d", res.Status)
		}
		seen := answerOf[api.Campaign](t, approver.JSON("GET", path, nil), 200)
		if res := approver.JSON("POST", path+"/approve", api.CampaignApproval{Base: "another"}); res.Status != 409 || seen.Base == "" {
			t.Errorf("approved what nobody looked at: %d, base %q", res.Status, seen.Base)
		}
		answerOf[api.Campaign](t, approver.JSON("POST", path+"/approve", api.CampaignApproval{Base: seen.Base}), 200)
		if res := approver.JSON("POST", path+"/launch", nil); res.Status != 403 {
			t.Errorf("launched by a lead: %d", res.Status)
		}
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/launch", nil), 202)
		k.Work()

		c = answerOf[api.Campaign](t, officer.Get(path), 200)
		if c.State != "scheduled" || c.Counts.States["sent"] != 2 || c.Counts.Reasons["no_address"] != 1 || c.ApprovedBy != "ines" {
			t.Errorf("the campaign is %+v", c)
		}
		sent := answerOf[api.List[api.Delivery]](t, officer.Get(path+"/deliveries?state=sent&limit=1"), 200)
		if len(sent.Items) != 1 || sent.Next == "" || sent.Items[0].Name != "Amina" {
			t.Errorf("the first page of what was sent: %+v", sent)
		}
		sent = answerOf[api.List[api.Delivery]](t, officer.Get(path+"/deliveries?state=sent&limit=1&cursor="+sent.Next), 200)
		if len(sent.Items) != 1 || sent.Items[0].ContactID != answered {
			t.Errorf("the second page: %+v", sent)
		}
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/steps/2/launch", nil), 202)
		k.Work()
		c = answerOf[api.Campaign](t, officer.Get(path), 200)
		if c.State != "sent" || c.Steps[1].Counts.States["sent"] != 2 {
			t.Errorf("after the follow-up: %+v", c)
		}
		all := answerOf[api.List[api.Campaign]](t, officer.Get("/api/v1/cycles/bpf-2017/campaigns"), 200)
		if len(all.Items) != 1 || all.Items[0].ID != c.ID {
			t.Errorf("the list is %+v", all)
		}
	})
}

func TestAnUncertainDeliveryIsDecidedByTheAPI(t *testing.T) {
	t.Parallel()
	k, _, officer, approver := campaignHouse(t, dbtest.SQLite(t))
	k.Contact("Amina", "amina@example.org", "en")
	c := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{Name: "The call", Audience: api.CampaignAudience{All: true}}), 201)
	path := fmt.Sprintf("/api/v1/campaigns/%d", c.ID)
	for _, move := range []string{"freeze", "submit"} {
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/"+move, nil), 200)
	}
	answerOf[api.Campaign](t, approver.JSON("POST", path+"/approve", nil), 200)
	answerOf[api.Campaign](t, officer.JSON("POST", path+"/launch", nil), 202)
	k.Work()
	row := answerOf[api.List[api.Delivery]](t, officer.Get(path+"/deliveries"), 200).Items[0]
	resolve := fmt.Sprintf("/api/v1/deliveries/%d/resolve", row.ID)
	if res := officer.JSON("POST", resolve, api.DeliveryDecision{State: "sent"}); res.Status != 409 {
		t.Errorf("a decision where there is none to make: %d", res.Status)
	}
	k.MakeUncertain(row.ID)
	if res := officer.JSON("POST", resolve, api.DeliveryDecision{State: "sent"}); res.Status != 204 {
		t.Errorf("the decision: %d %s", res.Status, res.Body)
	}
}

func TestBadCampaigns(t *testing.T) {
	t.Parallel()
	k, _, officer, _ := campaignHouse(t, dbtest.SQLite(t))
	for name, in := range map[string]api.CampaignInput{
		"an empty filter": {Name: "x"},
		"no name":         {Audience: api.CampaignAudience{All: true}},
		"follow-up first": {Name: "x", Audience: api.CampaignAudience{All: true}, Steps: []api.CampaignStepInput{{Kind: "follow_up", OffsetDays: 7}}},
		"no such text":    {Name: "x", Audience: api.CampaignAudience{All: true}, Steps: []api.CampaignStepInput{{Kind: "call", DocumentID: 99}}},
	} {
		if res := officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", in); res.Status != 422 {
			t.Errorf("%s: %d %s", name, res.Status, res.Body)
		}
	}
	if res := officer.Get("/api/v1/campaigns/99/outbox"); res.Status != 404 {
		t.Errorf("an unknown campaign: %d", res.Status)
	}
	if res := officer.Get(fmt.Sprintf("/api/v1/campaigns/%d/outbox?step=0", k.CycleID)); res.Status != 422 {
		t.Errorf("no such step: %d", res.Status)
	}
}

func TestVariantsAndPoliciesByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _, officer, approver := campaignHouse(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		k.Contact("Zoé", "zoe@example.org", "fr")
		c := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{Name: "The call", Audience: api.CampaignAudience{All: true}}), 201)
		path := fmt.Sprintf("/api/v1/campaigns/%d", c.ID)
		text := api.CampaignText{
			Subject: "The call", Opening: "Dear {{contact}},", Body: "Please [answer]({{personal_link}}).", Ask: "Soon.",
			Variants: map[string]api.CampaignTextVariant{"academia": {Ask: "With your students."}},
		}
		answerOf[api.Campaign](t, officer.JSON("PUT", path+"/texts/en", text), 200)
		text.Variants = map[string]api.CampaignTextVariant{"martians": {Ask: "x"}}
		if res := officer.JSON("PUT", path+"/texts/en", text); res.Status != 422 || !strings.Contains(res.Body, "martians") {
			t.Errorf("a variant for nobody: %d %s", res.Status, res.Body)
		}
		policy := fmt.Sprintf("/api/v1/documents/%d/language-policy", c.Steps[0].DocumentID)
		detail := answerOf[api.DocumentDetail](t, officer.JSON("PUT", policy, api.LanguagePolicyInput{Policy: "hold"}), 200)
		if detail.LanguagePolicy != "hold" || detail.Segments[len(detail.Segments)-1].Key != "academia.ask" {
			t.Errorf("the text is %+v", detail)
		}
		if res := approver.JSON("PUT", policy, api.LanguagePolicyInput{Policy: "fallback"}); res.Status != 403 {
			t.Errorf("the policy set by a lead: %d", res.Status)
		}
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/freeze", nil), 200)
		outbox := answerOf[api.CampaignOutbox](t, officer.Get(path+"/outbox"), 200)
		if outbox.Policy != "hold" || outbox.Counts.Reasons["held_for_translation"] != 1 || len(outbox.Counts.Variants) != 1 ||
			outbox.Counts.Variants[0] != (api.CampaignVariantCount{Variant: "academia", Locale: "en", Count: 1}) || !strings.Contains(outbox.Samples[0].Text, "With your students.") {
			t.Errorf("the outbox is %+v", outbox)
		}
		if res := officer.Get(path + "/steps/1/held"); res.Status != 409 {
			t.Errorf("what is held before the launch: %d %s", res.Status, res.Body)
		}
		answerOf[api.Campaign](t, approver.JSON("POST", path+"/approve", nil), 200)
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/launch", nil), 202)
		k.Work()
		if held := answerOf[api.CampaignCounts](t, officer.Get(path+"/steps/1/held"), 200); held.Recipients != 0 || held.Reasons["held_for_translation"] != 1 {
			t.Errorf("held: %+v", held)
		}
		if res := officer.JSON("POST", path+"/steps/1/completion", nil); res.Status != 409 {
			t.Errorf("a completion for nobody: %d %s", res.Status, res.Body)
		}
		for _, move := range []string{"/approve", "/decline"} {
			if res := approver.JSON("POST", path+"/steps/1/completion"+move, nil); res.Status != 409 {
				t.Errorf("%s of what nobody asked for: %d %s", move, res.Status, res.Body)
			}
		}
		sent := answerOf[api.List[api.Delivery]](t, officer.Get(path+"/deliveries?state=sent"), 200)
		if len(sent.Items) != 1 || sent.Items[0].Variant != "academia" {
			t.Errorf("sent: %+v", sent)
		}
		if c = answerOf[api.Campaign](t, officer.Get(path), 200); c.Steps[0].Policy != "hold" {
			t.Errorf("the step is %+v", c.Steps[0])
		}
	})
}

func TestACampaignIsScheduledByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, app, officer, approver := campaignHouse(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		c := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{
			Name: "The call", Audience: api.CampaignAudience{All: true}, Steps: []api.CampaignStepInput{{Kind: "call"}, {Kind: "follow_up", OffsetDays: 7}},
		}), 201)
		path := fmt.Sprintf("/api/v1/campaigns/%d", c.ID)
		answerOf[api.Campaign](t, officer.JSON("PUT", path+"/texts/en", api.CampaignText{Subject: "The call", Body: "Dear {{contact}}, [answer]({{personal_link}})."}), 200)
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/freeze", nil), 200)
		answerOf[api.Campaign](t, approver.JSON("POST", path+"/approve", nil), 200)
		at := api.CampaignSchedule{Kind: "at", Day: app.Clock.Now().AddDate(0, 0, -2).Format("2006-01-02"), Time: "09:00", Zone: "Asia/Tokyo"}
		if res := officer.JSON("PUT", path+"/schedule", at); res.Status != 422 || !strings.Contains(res.Body, "day") {
			t.Errorf("in the past: %d %s", res.Status, res.Body)
		}
		at.Day = app.Clock.Now().AddDate(0, 0, 2).Format("2006-01-02")
		c = answerOf[api.Campaign](t, officer.JSON("PUT", path+"/schedule", at), 200)
		if c.State != "scheduled" || c.Schedule == nil || *c.Schedule != at || c.ScheduledAt.Format("15:04") != "00:00" {
			t.Errorf("on the schedule: %+v at %v", c.Schedule, c.ScheduledAt)
		}
		c = answerOf[api.Campaign](t, officer.JSON("PUT", path+"/steps/2/hour", api.CampaignHour{Time: "08:30"}), 200)
		if c.Steps[1].OwnHour != "08:30" {
			t.Errorf("the follow-up: %+v", c.Steps[1])
		}
		if res := officer.JSON("PUT", path+"/rate", api.CampaignRate{Count: -5, Per: "second"}); res.Status != 422 {
			t.Errorf("a rate below nothing: %d %s", res.Status, res.Body)
		}
		c = answerOf[api.Campaign](t, officer.JSON("PUT", path+"/rate", api.CampaignRate{Count: 50, Per: "minute"}), 200)
		if c.Rate == nil || *c.Rate != (api.CampaignRate{Count: 50, Per: "minute"}) {
			t.Errorf("the rate is %+v", c.Rate)
		}
		c = answerOf[api.Campaign](t, officer.Do("DELETE", path+"/schedule", "", nil), 200)
		if c.State != "approved" || c.Schedule != nil || c.ScheduledAt != nil {
			t.Errorf("off the schedule: %+v", c)
		}
		if res := officer.Do("DELETE", path+"/schedule", "", nil); res.Status != 409 {
			t.Errorf("off the schedule twice: %d", res.Status)
		}
	})
}
