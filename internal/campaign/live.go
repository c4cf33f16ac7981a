package campaign

import (
	"context"
	"sync"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Live is how far a campaign is at the moment, from the counters of its batches: it costs the same whatever their number of
// recipients. What volunteers send in person is not in it.
type Live struct {
	Campaign Campaign
	At       time.Time
	Planned  bool // whether all deliveries of the steps that were launched are made
	Queued   int
	Sent     int
	Deferred int
	Failed   int
	Skipped  int
	Unsure   int // may or may not have been accepted

	Second float64    // messages a second now, -1 where that is not known yet
	End    *time.Time // when the messages that are queued will have left, nil where that is not known
	Waits  Waits      // what a batch waits for
	Next   *time.Time // when the next messages leave that wait for an hour or a pause, nil for none
	Hour   bool       // that is the hour of their readers
	Away   bool       // it should be sending, but the queue is away
}

// Total is how many messages there are, sent or to be sent.
func (l *Live) Total() int { return l.Queued + l.Sent + l.Deferred + l.Failed + l.Unsure }

// WaitsFor says why a campaign that is under way does not go on as fast as it can; Next is when the hour and the pause are over.
func (l *Live) WaitsFor() Waits {
	switch {
	case l.Rests():
		return WaitsNot
	case l.Planned && l.Queued+l.Deferred == 0 && l.Unsure > 0:
		return WaitsDecision
	case l.Away:
		return WaitsQueue
	case l.Waits != WaitsNot:
		return l.Waits
	case l.Queued == 0 && l.Next != nil && l.Hour:
		return WaitsHour
	case l.Queued == 0 && l.Next != nil:
		return WaitsLater
	}
	return WaitsNot
}

// Rests says whether nothing is about to leave by itself.
func (l *Live) Rests() bool { return l.Campaign.State != Sending }

// Live looks at a campaign. Two looks within lookPause see the same counters, as long as it is in the same state.
func (s *Service) Live(ctx context.Context, by account.Actor, id int64) (Live, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return Live{}, err
	}
	tx := s.DB.Read(ctx)
	c, err := loadCampaign(tx, id)
	if err != nil {
		return Live{}, errs.Wrap("campaign.live", err)
	}
	if l, ok := s.looks.recent(id, s.Now()); ok && l.Campaign.State == c.State {
		l.Campaign = c
		return l, nil
	}
	l := Live{Campaign: c, At: s.Now(), Planned: true, Second: -1}
	var steps []int64
	for _, step := range c.Steps {
		if step.LaunchedAt == nil {
			continue
		}
		steps = append(steps, step.ID)
		l.Planned = l.Planned && step.State != StepLaunching
		l.Hour = l.Hour || step.AtOwnHour() && step.State != StepSent
	}
	if len(steps) > 0 {
		if err := countLive(tx, steps, &l); err != nil {
			return l, errs.Wrap("campaign.live", err)
		}
	}
	if c.State == Sending {
		l.Away = s.Queue.Away(ctx)
	}
	s.looks.keep(&l)
	return l, nil
}

// The times of looking: how long a look holds, over how long the speed is taken, and when a campaign is forgotten.
const (
	lookPause  = 500 * time.Millisecond
	lookWindow = 10 * time.Second
	lookForget = time.Minute
	maxLooked  = 200 // campaigns that are remembered at once
)

// looks remember what was seen of campaigns, for their speed and so that many who look at one cost little more than one.
type looks struct {
	mu  sync.Mutex
	all map[int64][]Live // the oldest first
}

func (k *looks) recent(id int64, now time.Time) (Live, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	seen := k.all[id]
	if len(seen) == 0 {
		return Live{}, false
	}
	last := seen[len(seen)-1]
	passed := now.Sub(last.At)
	return last, passed >= 0 && passed < lookPause
}

// keep adds a look and works out the speed since the oldest that counts.
func (k *looks) keep(l *Live) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[int64][]Live{}
	}
	id := l.Campaign.ID
	seen := k.all[id]
	for len(seen) > 0 && (l.At.Sub(seen[0].At) > lookWindow && len(seen) > 1 || l.At.Sub(seen[0].At) > lookForget || seen[0].At.After(l.At)) {
		seen = seen[1:]
	}
	if len(seen) > 0 {
		l.paced(&seen[0])
	}
	k.all[id] = append(seen, *l)
	for other, looked := range k.all {
		if len(k.all) > maxLooked || l.At.Sub(looked[len(looked)-1].At) > lookForget {
			if other != id {
				delete(k.all, other)
			}
		}
	}
}

// paced works out how fast messages leave since an earlier look, and when the last will have left.
func (l *Live) paced(before *Live) {
	passed := l.At.Sub(before.At).Seconds()
	if passed <= 0 || l.Sent < before.Sent {
		return
	}
	l.Second = float64(l.Sent-before.Sent) / passed
	if l.Campaign.State != Sending || l.Queued == 0 || l.Second == 0 {
		return
	}
	end := l.At.Add(time.Duration(float64(l.Queued) / l.Second * float64(time.Second)))
	l.End = &end
}
