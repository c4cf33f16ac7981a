package demo

import (
	"context"

	"github.com/convoke/convoke/internal/campaign"
)

// addCampaign prepares the call of 15 August and its follow-up, by an officer: another one is to
// approve it. Beside it a filter is kept for later.
func (l *loader) addCampaign(ctx context.Context) error {
	officer := l.as("olu@secretariat.example.org")
	all, err := l.Campaigns.List(ctx, officer, l.cycle.ID)
	if err != nil || len(all) > 0 {
		return err
	}
	message, err := l.Documents.BySlug(ctx, l.cycle.ID, "message")
	if err != nil {
		return err
	}
	followUp, err := l.Documents.BySlug(ctx, l.cycle.ID, "follow-up")
	if err != nil {
		return err
	}
	_, err = l.Campaigns.SaveSegment(ctx, officer, l.cycle.ID, campaign.SegmentDraft{
		Name: "Research and media, not yet written to", Audience: campaign.Audience{Groups: []string{"academia", "media"}, NeverWritten: true},
	})
	if err != nil {
		return err
	}
	_, err = l.Campaigns.Create(ctx, officer, campaign.Proposal{
		CycleID: l.cycle.ID, Name: "Call for contributions 2017", Audience: campaign.Audience{All: true},
		Steps: []campaign.StepDraft{
			{Kind: campaign.Call, DocumentID: message.ID},
			{Kind: campaign.FollowUp, DocumentID: followUp.ID, OffsetDays: 14, OffsetFrom: campaign.FromLaunch},
		},
	})
	return err
}
