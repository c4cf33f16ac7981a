package api_test

import (
	"reflect"
	"testing"

	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestAFilterByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, _, officer, _ := campaignHouse(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		k.Contact("Benito", "", "es")
		const path = "/api/v1/cycles/bpf-2017/audience"
		first := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{Name: "First", Audience: api.CampaignAudience{All: true}}), 201)
		filter := api.CampaignAudience{
			StakeholderGroups: []string{"academia"}, Tags: nil, NRIs: []string{"none"}, Response: []string{"not_started"},
			NotSent: []api.CampaignStepRef{{Campaign: first.ID, Step: 1}}, NeverWritten: true,
		}
		got := answerOf[api.AudienceCount](t, officer.JSON("POST", path, filter), 200)
		want := api.AudienceCount{Count: 2, Mailable: 1, Groups: []api.AudienceGroupCount{{Group: "academia", Count: 2, Mailable: 1}}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v", got)
		}
		made := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{Name: "Second", Audience: filter}), 201)
		if !reflect.DeepEqual(made.Audience, filter) {
			t.Errorf("the filter came back as %+v", made.Audience)
		}
		for name, wrong := range map[string]api.CampaignAudience{
			"nobody": {}, "no initiative": {NRIs: []string{"some"}}, "no such step": {Sent: []api.CampaignStepRef{{Campaign: first.ID, Step: 2}}},
		} {
			if res := officer.JSON("POST", path, wrong); res.Status != 422 {
				t.Errorf("%s: %d %s", name, res.Status, res.Body)
			}
		}
	})
}
