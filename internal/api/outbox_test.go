package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/mail"
)

func TestSingleMessagesByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _, officer, approver := campaignHouse(t, d)
		amina, benito := k.Contact("Amina", "amina@example.org", "en"), k.Contact("Benito", "benito@example.org", "en")
		c := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{
			Name: "c", Audience: api.CampaignAudience{All: true}, Steps: []api.CampaignStepInput{{Kind: "call"}, {Kind: "follow_up", OffsetDays: 7}},
		}), 201)
		path := fmt.Sprintf("/api/v1/campaigns/%d", c.ID)
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/freeze", nil), 200)
		of := func(id int64, rest string) string { return fmt.Sprintf("%s/outbox/%d%s", path, id, rest) }
		dropped := answerOf[api.OutboxMessage](t, officer.JSON("PUT", of(amina, "/drop"), api.MessageDrop{Reason: "asked us"}), 200)
		if dropped.State != "skipped" || dropped.Reason != "dropped" || dropped.Dropped == nil || dropped.Dropped.By != "olu" || dropped.Message != nil {
			t.Errorf("dropped %+v", dropped)
		}
		if back := answerOf[api.OutboxMessage](t, officer.JSON("DELETE", of(amina, "/drop"), nil), 200); back.Message == nil || back.Dropped != nil {
			t.Errorf("taken back %+v", back)
		}
		if res := officer.JSON("PUT", of(benito, "/edit"), api.MessageEdit{Subject: "s", Body: "[link to be completed]"}); res.Status != 422 || !strings.Contains(res.Body, `"body"`) {
			t.Errorf("a placeholder: %d %s", res.Status, res.Body)
		}
		words := api.MessageEdit{Subject: "For you", Body: "Dear {{contact}}, [answer]({{personal_link}})."}
		edited := answerOf[api.OutboxMessage](t, officer.JSON("PUT", of(benito, "/edit"), words), 200)
		if edited.Edited == nil || edited.Edited.Waits || edited.Message.Subject != "For you" || !strings.Contains(edited.Message.Text, "Dear Benito, answer") {
			t.Errorf("edited %+v", edited)
		}
		if res := approver.JSON("PUT", of(benito, "/edit"), words); res.Status != 403 {
			t.Errorf("edited by a lead: %d", res.Status)
		}
		if sent := answerOf[api.CampaignTested](t, approver.JSON("POST", path+"/test", api.CampaignTest{}), 202); sent.Email != "ines@example.org" || sent.Messages != 1 {
			t.Errorf("the test: %+v", sent)
		}
		answerOf[api.Campaign](t, approver.JSON("POST", path+"/approve", nil), 200)
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/launch", nil), 202)
		k.Work()
		edited = answerOf[api.OutboxMessage](t, officer.JSON("PUT", of(benito, "/edit?step=2"), words), 200)
		if !edited.Edited.Waits || edited.Reason != "edit_waits" {
			t.Errorf("edited after the approval: %+v", edited)
		}
		if res := approver.JSON("POST", of(benito, "/edit/approve?step=2"), api.MessageApproval{}); res.Status != 409 {
			t.Errorf("approved without a look: %d %s", res.Status, res.Body)
		}
		approved := answerOf[api.OutboxMessage](t, approver.JSON("POST", of(benito, "/edit/approve?step=2"), api.MessageApproval{At: edited.Edited.At}), 200)
		if !approved.Edited.Approved || approved.State != "planned" {
			t.Errorf("approved %+v", approved)
		}
		if back := answerOf[api.OutboxMessage](t, officer.JSON("DELETE", of(benito, "/edit?step=2"), nil), 200); back.Edited != nil {
			t.Errorf("taken back %+v", back)
		}
	})
}

// The outbox lists who gets the step and who does not, page by page, and finds people by name as the page does.
func TestAnOutboxIsListedAndSearchedByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var contacts *contact.Service
		k, app, officer, approver := campaignHouseWith(t, d, func(a *servertest.App, deps *api.Deps) {
			ref, err := geo.Load()
			if err != nil {
				t.Fatal(err)
			}
			contacts = contact.New(contact.Deps{DB: a.DB, Now: a.Clock.Now, Reference: ref, Secret: []byte("a secret of the test"), Normalize: mail.Normalize, IsRole: mail.IsRole})
			deps.Contacts = contacts
		})
		k.Crowd(campaign.PageSize)
		zoe, none := k.Contact("Zoë Okafor", "zoe@example.org", "en"), k.Contact("Zoltan Okafor", "", "en")
		if _, err := contacts.Rebuild(t.Context()); err != nil { // the kit writes contacts past their room
			t.Fatal(err)
		}
		path, _ := draftByAPI(t, officer, api.CampaignText{Subject: "The call", Body: "Dear {{contact}}, [answer]({{personal_link}})."})
		first := answerOf[api.CampaignOutbox](t, officer.Get(path+"/outbox"), 200)
		if len(first.Recipients) != campaign.PageSize || first.Next.Recipients == 0 || first.Next.Excluded != 0 || first.Found != nil {
			t.Errorf("the first page has %d, and then %+v", len(first.Recipients), first.Next)
		}
		if len(first.Excluded) != 1 || first.Excluded[0].ContactID != none || first.Excluded[0].Reason != "no_address" || first.Excluded[0].State != "skipped" {
			t.Errorf("excluded: %+v", first.Excluded)
		}
		second := answerOf[api.CampaignOutbox](t, officer.Get(fmt.Sprintf("%s/outbox?recipients=%d", path, first.Next.Recipients)), 200)
		if len(second.Recipients) != 1 || second.Recipients[0].ContactID != zoe || second.Recipients[0].State != "planned" || second.Recipients[0].Locale != "en" || second.Next.Recipients != 0 {
			t.Errorf("the second page: %+v, %+v", second.Recipients, second.Next)
		}
		find := func(q string) []api.OutboxContact {
			return answerOf[api.CampaignOutbox](t, officer.Get(path+"/outbox?q="+url.QueryEscape(q)), 200).Found
		}
		if found := find("okafor"); len(found) != 2 || found[0].ContactID != none || found[0].Reason != "no_address" || found[1].ContactID != zoe {
			t.Errorf("found %+v", found)
		}
		if found := find("nobody of that name"); len(found) != 0 {
			t.Errorf("found %+v", found)
		}
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/freeze", nil), 200)
		answerOf[api.Campaign](t, approver.JSON("POST", path+"/approve", nil), 200)
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/launch", nil), 202)
		k.Work()
		if found := find("Zoë"); len(found) != 1 || found[0].State != "sent" || found[0].Reason != "" {
			t.Errorf("after it was sent: %+v", found)
		}
		if res := app.Bearer(app.Account("vera", account.Volunteer)).Get(path + "/outbox?q=z"); res.Status != 403 {
			t.Errorf("to a volunteer: %d", res.Status)
		}
	})
}

// Programs see what the page shows: how far, how fast, and why it waits.
func TestTheProgressOfACampaignByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, app, officer, approver := campaignHouse(t, d)
		for i := range 3 {
			k.Contact(fmt.Sprintf("Person %d", i), fmt.Sprintf("p%d@example.org", i), "en")
		}
		k.Contact("Nobody's mailbox", "", "en")
		path, _ := draftByAPI(t, officer, api.CampaignText{Subject: "The call", Body: "Dear {{contact}}, [answer]({{personal_link}})."})
		look := func() api.CampaignProgress {
			t.Helper()
			return answerOf[api.CampaignProgress](t, officer.Get(path+"/progress"), 200)
		}
		if p := look(); p.State != "draft" || p.Total != 0 || p.PerSecond != nil || p.WaitsFor != "" || p.Rate != nil {
			t.Errorf("of a draft: %+v", p)
		}
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/freeze", nil), 200)
		answerOf[api.Campaign](t, approver.JSON("POST", path+"/approve", nil), 200)
		answerOf[api.Campaign](t, officer.JSON("PUT", path+"/rate", api.CampaignRate{Count: 1, Per: "minute"}), 200)
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/launch", nil), 202)
		k.Work() // nobody hands out tokens here, so that everything limited waits
		app.Clock.Advance(time.Second)
		p := look()
		if p.State != "sending" || !p.Complete || p.Total != 3 || p.Queued != 3 || p.Skipped != 1 || p.WaitsFor != "limits" || p.Rate == nil || *p.Rate != (api.CampaignRate{Count: 1, Per: "minute"}) || p.PerSecond == nil {
			t.Errorf("under way: %+v", p)
		}
		answerOf[api.Campaign](t, officer.JSON("PUT", path+"/rate", api.CampaignRate{}), 200)
		app.Clock.Advance(time.Minute)
		k.Work()
		if p := look(); p.State != "sent" || p.Sent != 3 || p.Queued != 0 || p.WaitsFor != "" || p.EndsAt != nil || p.PerSecond != nil {
			t.Errorf("in the end: %+v", p)
		}
		if res := app.Bearer(app.Account("vera", account.Volunteer)).Get(path + "/progress"); res.Status != 403 {
			t.Errorf("to a volunteer: %d", res.Status)
		}
		if res := officer.Get("/api/v1/campaigns/99/progress"); res.Status != 404 {
			t.Errorf("of no campaign: %d", res.Status)
		}
	})
}
