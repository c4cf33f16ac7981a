package api_test

import (
	"fmt"
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

func TestASegmentByTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, _, officer, lead := campaignHouse(t, d)
		const path = "/api/v1/cycles/bpf-2017/segments"
		filter := api.CampaignAudience{StakeholderGroups: []string{"academia"}}
		g := answerOf[api.Segment](t, officer.JSON("POST", path, api.SegmentInput{Name: "Scholars", Audience: filter}), 201)
		if res := lead.JSON("POST", path, api.SegmentInput{Name: "Mine", Audience: filter}); res.Status != 403 {
			t.Errorf("saved by a lead: %d", res.Status)
		}
		c := answerOf[api.Campaign](t, officer.JSON("POST", "/api/v1/cycles/bpf-2017/campaigns", api.CampaignInput{Name: "c", Segment: g.ID}), 201)
		if !reflect.DeepEqual(c.Audience, filter) || c.Segment == nil || *c.Segment != (api.CampaignSegment{ID: g.ID, Name: "Scholars", State: "same"}) {
			t.Errorf("made %+v", c)
		}
		one := fmt.Sprintf("/api/v1/segments/%d", g.ID)
		answerOf[api.Segment](t, officer.JSON("PUT", one, api.SegmentInput{Name: "Scholars", Audience: api.CampaignAudience{All: true}}), 200)
		if got := answerOf[api.Segment](t, lead.Get(one), 200); !got.Audience.All {
			t.Errorf("changed %+v", got)
		}
		if all := answerOf[api.List[api.Segment]](t, lead.Get(path), 200); len(all.Items) != 1 {
			t.Errorf("the list is %+v", all)
		}
		if res := officer.JSON("DELETE", one, nil); res.Status != 204 {
			t.Errorf("deleted: %d", res.Status)
		}
		if c = answerOf[api.Campaign](t, officer.Get(fmt.Sprintf("/api/v1/campaigns/%d", c.ID)), 200); c.Segment.State != "deleted" {
			t.Errorf("afterwards %+v", c.Segment)
		}
	})
}
