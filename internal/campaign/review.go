package campaign

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

// SetText sets a step's text in a language, by the document room: an edit of the source, or a
// translation that is saved and submitted for review. Only drafts whose text is not frozen take
// it; else the error is errs.Conflict.
func (s *Service) SetText(ctx context.Context, by account.Actor, id int64, position int, locale string, text Wording) error {
	if err := by.Require(account.CampaignWrite); err != nil {
		return err
	}
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	step, err := c.Step(position)
	if err != nil {
		return err
	}
	if c.State != Draft || step.RevisionID != nil {
		return errs.E(errs.Conflict, "campaign.text_frozen")
	}
	if err := s.Texts.SetText(ctx, by, step.DocumentID, locale, text); err != nil {
		return errs.Wrap("campaign.set_text", err)
	}
	_, err = s.change(ctx, by.Who, id, "campaign.text_set", func(*db.Tx, *Campaign) (map[string]any, error) {
		return map[string]any{"step": position, "locale": locale}, nil
	})
	return errs.Wrap("campaign.set_text", err)
}

// Freeze freezes the texts of all steps and the questionnaire that the personal links lead to.
// Where anything forbids it nothing is frozen, and the error is errs.Invalid with every place in
// every document, named "slug/segment". Whoever freezes answers for the wording, and so cannot
// approve it, unless somebody else submits it.
func (s *Service) Freeze(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	if err := by.Require(account.CampaignWrite); err != nil {
		return Campaign{}, err
	}
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return Campaign{}, err
	}
	if c.State != Draft {
		return Campaign{}, errs.E(errs.Conflict, "campaign.illegal_move", "From", string(c.State), "To", string(InReview))
	}
	documents, err := s.documentsOf(ctx, &c)
	if err != nil {
		return Campaign{}, errs.Wrap("campaign.freeze", err)
	}
	if err := s.checkDocuments(ctx, &c, documents); err != nil {
		return Campaign{}, errs.Wrap("campaign.freeze", err)
	}
	revisions, err := s.freezeAll(ctx, by, documents)
	if err != nil {
		return Campaign{}, errs.Wrap("campaign.freeze", err)
	}
	c, err = s.change(ctx, by.Who, id, "campaign.frozen", func(tx *db.Tx, c *Campaign) (map[string]any, error) {
		if c.State != Draft {
			return nil, errs.E(errs.Conflict, "error.conflict")
		}
		for i := range c.Steps {
			revision := revisions[c.Steps[i].DocumentID]
			c.Steps[i].RevisionID = &revision
			if err := saveStep(tx, &c.Steps[i]); err != nil {
				return nil, err
			}
		}
		c.SubmittedBy = accountOf(by)
		return map[string]any{"revisions": revisions}, nil
	})
	return c, errs.Wrap("campaign.freeze", err)
}

// documentsOf are the texts that must be frozen: those of the steps and the questionnaire.
func (s *Service) documentsOf(ctx context.Context, c *Campaign) ([]Document, error) {
	questionnaires, err := s.Texts.Documents(ctx, c.CycleID, KindQuestionnaire)
	if err != nil {
		return nil, err
	}
	if len(questionnaires) == 0 {
		return nil, errs.InvalidFields(errs.FieldError("questionnaire", "campaign.questionnaire_missing"))
	}
	documents := questionnaires
	for _, step := range c.Steps {
		d, err := s.Texts.Document(ctx, step.DocumentID)
		if err != nil {
			return nil, err
		}
		documents = append(documents, d)
	}
	return documents, nil
}

// checkDocuments refuses with every place that forbids freezing.
func (s *Service) checkDocuments(ctx context.Context, c *Campaign, documents []Document) error {
	var wrong []errs.Field
	revisions := make(map[int64]int64, len(documents))
	for _, d := range documents {
		revisions[d.ID] = d.RevisionID
		if d.Frozen {
			continue
		}
		problems, err := s.Texts.Problems(ctx, d.RevisionID)
		if err != nil {
			return err
		}
		for _, p := range problems {
			p.Name = d.Slug + "/" + p.Name
			wrong = append(wrong, p)
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return s.checkMessages(ctx, c, revisions)
}

// freezeAll freezes what is open and returns the revision of each document.
func (s *Service) freezeAll(ctx context.Context, by account.Actor, documents []Document) (map[int64]int64, error) {
	revisions := make(map[int64]int64, len(documents))
	for _, d := range documents {
		revisions[d.ID] = d.RevisionID
		if d.Frozen {
			continue
		}
		revision, err := s.Texts.Freeze(ctx, by, d.ID)
		if err != nil {
			return nil, err
		}
		revisions[d.ID] = revision
	}
	return revisions, nil
}

// checkMessages refuses texts that cannot be sent: none in the cycle's language, which everybody
// gets whose own is missing, or a merge field for which there is no value.
func (s *Service) checkMessages(ctx context.Context, c *Campaign, revisions map[int64]int64) error {
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return err
	}
	var wrong []errs.Field
	for _, step := range c.Steps {
		name := fieldName("steps", step.Position-1)
		locales, err := s.locales(ctx, c.CycleID, revisions[step.DocumentID], true)
		if err != nil {
			return err
		}
		if _, ok := i18n.ResolveAmong(locales, cycle.DefaultLanguage); !ok {
			wrong = append(wrong, errs.FieldError(name, "campaign.fallback_missing", "Language", cycle.DefaultLanguage))
			continue
		}
		missing, err := s.withoutValue(ctx, cycle, revisions[step.DocumentID], locales, name)
		if err != nil {
			return err
		}
		wrong = append(wrong, missing...)
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// withoutValue names the merge fields of a text for which there is no value, in each language and variant.
func (s *Service) withoutValue(ctx context.Context, cycle Cycle, revisionID int64, locales []string, name string) ([]errs.Field, error) {
	keys, err := s.Texts.Variants(ctx, revisionID)
	if err != nil {
		return nil, err
	}
	var wrong []errs.Field
	for _, locale := range locales {
		var missing []string
		for _, variant := range append([]string{""}, keys...) {
			composer, err := s.freshComposer(ctx, cycle, edition{revisionID: revisionID, locale: locale, variant: variant}, "")
			if faults := errs.FieldsOf(err); len(faults) > 0 { // it can be no message: too large, say
				wrong = append(wrong, errs.Field{Name: name + "." + locale, Key: faults[0].Key, Args: faults[0].Args})
				continue
			}
			if err != nil {
				return nil, err
			}
			missing = append(missing, composer.withoutValue()...)
		}
		slices.Sort(missing)
		for _, field := range slices.Compact(missing) {
			wrong = append(wrong, errs.FieldError(name+"."+locale, "campaign.value_missing", "Field", field))
		}
	}
	return wrong, nil
}

// pinPolicies fixes what readers get who have no approved language, in the transaction that approves: what a second
// person approved is what is sent.
func pinPolicies(tx *db.Tx, c *Campaign, policies map[int64]LanguagePolicy) error {
	for i := range c.Steps {
		step := &c.Steps[i]
		step.LanguagePolicy = policies[step.ID]
		if err := saveStep(tx, step); err != nil {
			return err
		}
	}
	return nil
}

// Submit puts the campaign before a second person.
func (s *Service) Submit(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	if err := by.Require(account.CampaignWrite); err != nil {
		return Campaign{}, err
	}
	c, err := s.change(ctx, by.Who, id, "campaign.submitted", func(_ *db.Tx, c *Campaign) (map[string]any, error) {
		return nil, c.Submit(accountOf(by), s.Now())
	})
	return c, errs.Wrap("campaign.submit", err)
}

// SendBack returns a campaign from review to its author.
func (s *Service) SendBack(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	if err := by.Require(account.CampaignApprove); err != nil {
		return Campaign{}, err
	}
	c, err := s.change(ctx, by.Who, id, "campaign.sent_back", func(_ *db.Tx, c *Campaign) (map[string]any, error) {
		return nil, c.SendBack()
	})
	return c, errs.Wrap("campaign.send_back", err)
}

// Approve is ApproveSeen without saying what was looked at.
func (s *Service) Approve(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	return s.ApproveSeen(ctx, by, id, "")
}

// ApproveSeen lets the campaign be launched. Where base names what was looked at (Progress.Base) and the campaign is
// another by now, the error is errs.Conflict. A frozen draft may be approved as well: approving it is reviewing it, and
// leaves the event of the submission too. The error is errs.Forbidden for the author, unless the cycle lets authors
// approve alone.
func (s *Service) ApproveSeen(ctx context.Context, by account.Actor, id int64, base string) (Campaign, error) {
	if err := by.Require(account.CampaignApprove); err != nil {
		return Campaign{}, err
	}
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return Campaign{}, err
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return Campaign{}, errs.Wrap("campaign.approve", err)
	}
	c, err = s.change(ctx, by.Who, id, "campaign.approved", func(tx *db.Tx, c *Campaign) (map[string]any, error) {
		if !c.Approvable(by.ID, cycle.AuthorMayApprove) {
			return nil, errs.E(errs.Forbidden, "campaign.approve.own")
		}
		policies, err := s.policies(tx, c)
		if err != nil {
			return nil, err
		}
		if err := s.stillAsSeen(ctx, c, policies, base); err != nil {
			return nil, err
		}
		if err := s.submitUnasked(tx, by, c); err != nil {
			return nil, err
		}
		if err := s.approveExceptions(tx, by, c, cycle.AuthorMayApprove); err != nil {
			return nil, err
		}
		if err := c.Approve(by.ID, cycle.AuthorMayApprove, s.Now()); err != nil {
			return nil, err
		}
		return map[string]any{"policies": policies}, pinPolicies(tx, c, policies)
	})
	return c, errs.Wrap("campaign.approve", err)
}

// submitUnasked submits a draft that is approved at once.
func (s *Service) submitUnasked(tx *db.Tx, by account.Actor, c *Campaign) error {
	if c.State != Draft {
		return nil
	}
	if err := c.Submit(c.answers(), s.Now()); err != nil {
		return err
	}
	return s.record(tx, by.Who, c, "campaign.submitted", map[string]any{"state": Draft}, map[string]any{"state": c.State})
}

// Pause holds back everything that has not left, within a second.
func (s *Service) Pause(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	return s.steer(ctx, by, id, "campaign.paused", (*Campaign).Pause)
}

// Resume goes on where Pause stopped.
func (s *Service) Resume(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	return s.steer(ctx, by, id, "campaign.resumed", (*Campaign).Resume)
}

// Cancel ends the campaign; what has not left within a second never will.
func (s *Service) Cancel(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	return s.steerWith(ctx, by, id, "campaign.cancelled", func(tx *db.Tx, c *Campaign) error {
		if err := c.Cancel(s.Now()); err != nil {
			return err
		}
		if err := hurryBatches(tx, c.ID); err != nil {
			return err
		}
		return dropAsked(tx, c)
	})
}

// dropAsked takes back what somebody asked to complete.
func dropAsked(tx *db.Tx, c *Campaign) error {
	for i := range c.Steps {
		step := &c.Steps[i]
		if step.Completion != CompletionAsked {
			continue
		}
		step.endCompletion()
		if err := saveStep(tx, step); err != nil {
			return err
		}
		if err := unmarkAsked(tx, step.ID, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) steer(ctx context.Context, by account.Actor, id int64, action string, move func(*Campaign) error) (Campaign, error) {
	return s.steerWith(ctx, by, id, action, func(_ *db.Tx, c *Campaign) error { return move(c) })
}

func (s *Service) steerWith(ctx context.Context, by account.Actor, id int64, action string, move func(*db.Tx, *Campaign) error) (Campaign, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return Campaign{}, err
	}
	c, err := s.change(ctx, by.Who, id, action, func(tx *db.Tx, c *Campaign) (map[string]any, error) {
		return nil, move(tx, c)
	})
	return c, errs.Wrap(action, err)
}
