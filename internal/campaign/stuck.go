package campaign

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// mendPause is how long messages wait whose text cannot be rendered, before it is tried again.
const mendPause = time.Minute

// Stuck are messages of a step in a language that wait because their text cannot be rendered. All other
// languages go on; these do as soon as the text is in order.
type Stuck struct {
	CampaignID int64
	Campaign   string
	Position   int // of the step
	DocumentID int64
	Locale     string
	Count      int
	Why        error // nil where the text is in order again, and the messages are about to go out
}

// textFails says whether a text cannot be rendered as it stands, which trying again at once does not change. Anything
// else, such as a database that is away, passes by itself.
func textFails(err error) bool {
	switch errs.CodeOf(err) {
	case errs.Invalid, errs.Conflict, errs.NotFound:
		return err != nil
	}
	return false
}

// waits is the outcome of a message whose text cannot be rendered now.
func (s *Service) waits(row *queuedRow) outcome {
	return outcome{
		ID: row.person.DeliveryID, State: DeliveryDeferred, Reason: Unrenderable, Attempts: row.attempts,
		Until: micros(s.Now().Add(mendPause)),
	}
}

// Stuck lists what waits in a cycle because its text cannot be rendered; in all cycles where cycleID is 0.
func (s *Service) Stuck(ctx context.Context, by account.Actor, cycleID int64) ([]Stuck, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	all, err := s.stuck(ctx, stuckFilter{cycleID: cycleID})
	return all, errs.Wrap("campaign.stuck", err)
}

// StuckIn lists what waits in a campaign because its text cannot be rendered.
func (s *Service) StuckIn(ctx context.Context, by account.Actor, id int64) ([]Stuck, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	all, err := s.stuck(ctx, stuckFilter{campaignID: id})
	return all, errs.Wrap("campaign.stuck_in", err)
}

func (s *Service) stuck(ctx context.Context, f stuckFilter) ([]Stuck, error) {
	rows, err := stuckRows(s.DB.Read(ctx), f)
	if err != nil {
		return nil, err
	}
	var all []Stuck
	for i, r := range rows {
		why, err := s.whyStuck(ctx, r)
		if err != nil {
			return nil, err
		}
		if i > 0 && rows[i-1].StepID == r.StepID && rows[i-1].Locale == r.Locale {
			last := &all[len(all)-1]
			last.Count += r.Count
			if last.Why == nil {
				last.Why = why
			}
			continue
		}
		all = append(all, Stuck{
			CampaignID: r.CampaignID, Campaign: r.Name, Position: r.Position, DocumentID: r.DocumentID,
			Locale: r.Locale, Count: r.Count, Why: why,
		})
	}
	return all, nil
}

// whyStuck renders a message of the edition for nobody, and says what is wrong; nil where nothing is any more.
func (s *Service) whyStuck(ctx context.Context, r stuckRow) (why, err error) {
	cycle, err := s.Cycles.Cycle(ctx, r.CycleID)
	if err != nil {
		return nil, err
	}
	of := edition{revisionID: r.RevisionID, locale: r.Locale, variant: r.Variant, bilingual: r.LanguagePolicy == PolicyBilingual}
	c, err := s.freshComposer(ctx, cycle, of, "") // not one that was kept from before
	if err == nil {
		_, err = c.envelope(person{Name: "x", Email: hiddenAddress})
	}
	if textFails(err) {
		return whatFails(err), nil
	}
	return nil, err
}

// whatFails is what to tell people of a text that cannot be rendered: of several faults the first.
func whatFails(err error) error {
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		return &errs.Error{Code: errs.Conflict, Key: fields[0].Key, Args: fields[0].Args}
	}
	key, args := errs.Message(err)
	return &errs.Error{Code: errs.Conflict, Key: key, Args: args}
}

// RetryStuck tries at once what waits of a step in a language because its text cannot be rendered.
func (s *Service) RetryStuck(ctx context.Context, by account.Actor, id int64, position int, locale string) error {
	return errs.Wrap("campaign.retry_stuck", s.unstick(ctx, by, id, position, locale, "campaign.stuck_retried", func(tx *db.Tx, ref BatchRef) error {
		return retryStuck(tx, ref, locale, s.Now())
	}))
}

// DropStuck takes out what waits of a step in a language because its text cannot be rendered: it is not sent any more.
func (s *Service) DropStuck(ctx context.Context, by account.Actor, id int64, position int, locale string) error {
	return errs.Wrap("campaign.drop_stuck", s.unstick(ctx, by, id, position, locale, "campaign.stuck_dropped", func(tx *db.Tx, ref BatchRef) error {
		return dropStuck(tx, ref, locale)
	}))
}

// unstick changes what waits of a step, batch by batch under their locks. Where nothing waits it is errs.Conflict.
func (s *Service) unstick(ctx context.Context, by account.Actor, id int64, position int, locale, action string, change func(*db.Tx, BatchRef) error) error {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return err
	}
	var batches []BatchRef
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := lockCampaign(tx, id)
		if err != nil {
			return err
		}
		step, err := c.Step(position)
		if err != nil {
			return err
		}
		if batches, err = stuckBatches(tx, step.ID, locale); err != nil {
			return err
		}
		if len(batches) == 0 {
			return errs.E(errs.Conflict, "campaign.stuck.nothing")
		}
		for _, ref := range batches {
			if err := s.unstickBatch(tx, ref, change); err != nil {
				return err
			}
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: action, ObjectKind: "campaign_step", ObjectID: step.ID, CycleID: c.CycleID,
			After: map[string]any{"campaign": c.ID, "step": step.Position, "locale": locale},
		})
	})
	if err != nil {
		return err
	}
	for _, ref := range batches {
		s.wakePersonal(ctx, ref)
	}
	return nil
}

func (s *Service) unstickBatch(tx *db.Tx, ref BatchRef, change func(*db.Tx, BatchRef) error) error {
	if err := lockBatch(tx, ref); err != nil {
		return err
	}
	if err := change(tx, ref); err != nil {
		return err
	}
	if err := countBatch(tx, ref, s.Now()); err != nil {
		return err
	}
	return s.tellVolunteers(tx, ref)
}
