package campaign

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Asked is a completion that somebody asked for and that waits for a second person.
type Asked struct {
	CampaignID int64
	Campaign   string
	Position   int
	Count      int // messages that it would send, as far as nothing speaks against them by now
}

// askedFilter narrows by what is not 0.
type askedFilter struct{ cycleID, campaignID int64 }

// Asked lists the completions that wait for a second person, of all cycles where cycleID is 0.
func (s *Service) Asked(ctx context.Context, by account.Actor, cycleID int64) ([]Asked, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	all, err := askedRows(s.DB.Read(ctx), askedFilter{cycleID: cycleID})
	return all, errs.Wrap("campaign.asked", err)
}

// EditsWaiting lists, by step, the words of single messages that wait for somebody's approval: nobody would get them when the
// step goes out by itself. Of all cycles where cycleID is 0.
func (s *Service) EditsWaiting(ctx context.Context, by account.Actor, cycleID int64) ([]Asked, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	all, err := editsWaiting(s.DB.Read(ctx), cycleID)
	return all, errs.Wrap("campaign.edits_waiting", err)
}

// samples renders one message of each language and variant, as many as there is room for.
func (s *Service) samples(ctx context.Context, by account.Actor, o *Outbox, firsts []Planned) error {
	for _, v := range o.Tally.Variants {
		at := slices.IndexFunc(firsts, func(p Planned) bool {
			return p.Variant == v.Variant && p.Locale == v.Locale && p.Fallback == v.Fallback
		})
		if at < 0 {
			continue
		}
		if len(o.Samples) == MaxSamples {
			o.More = append(o.More, firsts[at])
			continue
		}
		m, err := s.preview(ctx, by, o, firsts[at])
		switch {
		case textFails(err):
			o.Broken = append(o.Broken, Broken{Locale: v.Locale, Variant: v.Variant, Why: whatFails(err)})
		case err != nil:
			return err
		default:
			o.Samples = append(o.Samples, m)
		}
	}
	return nil
}

// newer are the languages of which an edition was approved after somebody asked for what they would send.
func (s *Service) newer(ctx context.Context, step *Step, firsts []Planned) ([]string, error) {
	editions, err := s.Texts.Editions(ctx, *step.RevisionID)
	var locales []string
	for _, p := range firsts {
		if editions[p.Locale] > p.edition {
			locales = append(locales, p.Locale)
		}
	}
	slices.Sort(locales)
	return slices.Compact(locales), err
}
