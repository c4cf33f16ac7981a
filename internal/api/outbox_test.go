package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
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
