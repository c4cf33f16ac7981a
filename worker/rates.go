package worker

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/queue"
)

// CampaignBuckets implements campaign.Buckets with those of the queue's Redis.
type CampaignBuckets struct{ Buckets *queue.Buckets }

// Take implements campaign.Buckets.
func (b CampaignBuckets) Take(ctx context.Context, shared []campaign.Token, portions []campaign.Portion) ([]int, time.Duration, error) {
	granted, err := b.Buckets.Take(ctx, bucketsOf(shared), portionsOf(portions))
	return granted.Portions, granted.Wait, err
}

// Give implements campaign.Buckets.
func (b CampaignBuckets) Give(ctx context.Context, shared []campaign.Token, portions []campaign.Portion) error {
	return b.Buckets.Give(ctx, bucketsOf(shared), portionsOf(portions))
}

func bucketsOf(tokens []campaign.Token) []queue.Bucket {
	all := make([]queue.Bucket, len(tokens))
	for i, t := range tokens {
		all[i] = queue.Bucket(t)
	}
	return all
}

func portionsOf(portions []campaign.Portion) []queue.Portion {
	all := make([]queue.Portion, len(portions))
	for i, p := range portions {
		all[i] = queue.Portion{Bucket: queue.Bucket(p.Token), Want: p.Want}
	}
	return all
}
