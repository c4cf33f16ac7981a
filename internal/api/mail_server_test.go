package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// draftByAPI makes a campaign to everybody with this text of its call.
func draftByAPI(t *testing.T, officer *servertest.Client, text api.CampaignText) (path string, set servertest.Response) {
	t.Helper()
	c := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{
		Name: "The call", Audience: api.CampaignAudience{All: true}, Steps: []api.CampaignStepInput{{Kind: "call"}},
	}), 201)
	path = fmt.Sprintf("/api/v1/campaigns/%d", c.ID)
	return path, officer.JSON("PUT", path+"/texts/en", text)
}

func TestAMailServerThatRefusesUsIsSaidByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, app, officer, approver := campaignHouse(t, d)
		server := mailtest.NewServer(t, mailtest.ServerOptions{User: "convoke", Password: "right"})
		k.Contact("Ann", "ann@example.org", "en")
		path, _ := draftByAPI(t, officer, api.CampaignText{Subject: "The call", Body: "Dear {{contact}}, please [answer]({{personal_link}})."})
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/freeze", nil), 200)
		answerOf[api.Campaign](t, approver.JSON("POST", path+"/approve", nil), 200)
		answerOf[api.Campaign](t, officer.JSON("POST", path+"/launch", nil), 202)
		k.Behind(t, server, "wrong")
		c := answerOf[api.Campaign](t, officer.Get(path), 200)
		if m := c.MailServer; m == nil || !m.Since.Equal(app.Clock.Now()) || !strings.Contains(m.Why, "did not accept the user name and password: 535") {
			t.Errorf("%+v", c.MailServer)
		}
		app.Clock.Advance(time.Minute)
		k.Behind(t, server, "right")
		if c = answerOf[api.Campaign](t, officer.Get(path), 200); c.MailServer != nil || len(server.Messages()) != 1 {
			t.Errorf("mended: %+v, %d messages", c.MailServer, len(server.Messages()))
		}
	})
}
