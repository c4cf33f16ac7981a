package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// seenStep is what decides of a step who gets which words.
type seenStep struct {
	DocumentID, RevisionID int64
	Policy                 LanguagePolicy
	Locales                []string // in which it may go out
	Editions               map[string]int
	OffsetDays             int
	OffsetFrom             string
	EndsAt                 *time.Time
	Exceptions             int // changes with every message that is dropped or edited by hand
}

// seen is what an approval is for.
type seen struct {
	Name        string
	Audience    Audience
	SubmittedAt *time.Time
	Steps       []seenStep
}

// mark stands for all that an approval is for: the wording of every step, its approved editions and its policy, the
// audience, and when it was submitted. It is "" where there is nothing to approve.
func (s *Service) mark(ctx context.Context, c *Campaign, policies map[int64]LanguagePolicy) (string, error) {
	if !c.Frozen() || c.State != Draft && c.State != InReview {
		return "", nil
	}
	all := seen{Name: c.Name, Audience: c.Audience, SubmittedAt: utc(c.SubmittedAt)}
	for i := range c.Steps {
		step := &c.Steps[i]
		one := seenStep{
			DocumentID: step.DocumentID, RevisionID: *step.RevisionID, Policy: policies[step.ID],
			OffsetDays: step.OffsetDays, OffsetFrom: step.OffsetFrom, EndsAt: utc(step.EndsAt), Exceptions: step.Exceptions,
		}
		var err error
		if one.Locales, err = s.locales(ctx, c.CycleID, one.RevisionID, false); err != nil {
			return "", err
		}
		slices.Sort(one.Locales)
		if one.Editions, err = s.Texts.Editions(ctx, one.RevisionID); err != nil {
			return "", err
		}
		all.Steps = append(all.Steps, one)
	}
	text, err := json.Marshal(all)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12]), err
}

// utc makes instants that are the same look the same, whatever a database gives.
func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	t := at.UTC().Truncate(time.Microsecond)
	return &t
}

// policies are those of the texts at the moment, by step.
func (s *Service) policies(tx *db.Tx, c *Campaign) (map[int64]LanguagePolicy, error) {
	all := make(map[int64]LanguagePolicy, len(c.Steps))
	for _, step := range c.Steps {
		policy, err := s.Texts.PolicyOf(tx, step.DocumentID)
		if err != nil {
			return nil, err
		}
		all[step.ID] = policy
	}
	return all, nil
}

// markNow is the mark of the campaign as it stands.
func (s *Service) markNow(ctx context.Context, c *Campaign) (string, error) {
	policies, err := s.policies(s.DB.Read(ctx), c)
	if err != nil {
		return "", err
	}
	return s.mark(ctx, c, policies)
}

// stillAsSeen refuses where the campaign is not any more what somebody looked at. Who names nothing has not said what
// they looked at, and decides about what there is.
func (s *Service) stillAsSeen(ctx context.Context, c *Campaign, policies map[int64]LanguagePolicy, base string) error {
	if base == "" {
		return nil
	}
	now, err := s.mark(ctx, c, policies)
	if err == nil && now != base {
		return errs.E(errs.Conflict, "campaign.approve.changed")
	}
	return err
}
