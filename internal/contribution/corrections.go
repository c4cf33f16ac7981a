package contribution

import (
	"context"
	"maps"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Propose asks for another text in place of the published one. What was asked for before and not decided is replaced. Answers that are
// not named stay, an empty text takes one back. Errors are errs.Invalid with the fields or where nothing would change, errs.Conflict where the
// contribution is not published.
func (s *Service) Propose(ctx context.Context, by account.Actor, token string, change Answers, note string) (Correction, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Correction{}, err
	}
	r, err := s.right(ctx, token)
	if err != nil {
		return Correction{}, err
	}
	c, _, err := s.opened(ctx, r)
	if err != nil {
		return Correction{}, errs.Wrap("contribution.propose", err)
	}
	note, problem := cleanText(note, AnswerLimit)
	q, err := s.Questions.Questionnaire(ctx, c.CycleID, c.Language)
	if err != nil {
		return Correction{}, errs.Wrap("contribution.propose", err)
	}
	e, err := s.checked(q, c, Entry{Answers: change})
	if err != nil {
		return Correction{}, errs.Wrap("contribution.propose", err)
	}
	if problem != "" {
		return Correction{}, errs.InvalidFields(errs.FieldError("note", problem, "Max", AnswerLimit))
	}
	var k Correction
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := byRight(tx, r, true)
		if db.IsNotFound(err) {
			return errs.E(errs.Conflict, "correction.not_published")
		}
		if err != nil {
			return err
		}
		k, err = s.propose(tx, author(by, c), c, e.Answers, note)
		return err
	})
	return k, errs.Wrap("contribution.propose", err)
}

func (s *Service) propose(tx *db.Tx, who audit.Who, c Contribution, wanted Answers, note string) (Correction, error) {
	if c.State != Published {
		return Correction{}, errs.E(errs.Conflict, "correction.not_published")
	}
	old, err := answersOf(tx, c.ID)
	if err != nil {
		return Correction{}, err
	}
	answers, changed := merge(old, wanted)
	files, err := countFiles(tx, c.ID)
	if err != nil {
		return Correction{}, err
	}
	switch {
	case !changed:
		return Correction{}, errs.InvalidFields(errs.FieldError("answers", "correction.nothing"))
	case len(answers) == 0 && files == 0:
		return Correction{}, errs.E(errs.Conflict, "contribution.empty")
	}
	k := Correction{ContributionID: c.ID, Answers: answers, Note: note, State: Proposed, ProposedAt: s.Now()}
	if before, err := proposedFor(tx, c.ID); err != nil {
		return k, err
	} else if before != nil {
		if maps.Equal(before.Answers, k.Answers) && before.Note == k.Note { // pressed twice
			return *before, nil
		}
		if err := s.settle(tx, who, c, before, TakenBack, "replaced", ""); err != nil {
			return k, err
		}
	}
	if err := insertCorrection(tx, &k); err != nil {
		return k, err
	}
	return k, audit.Record(tx, who, k.ProposedAt, change(c, "correction_proposed", nil, map[string]any{"correction": k.ID, "answers": answers.keys()}))
}

// settle decides what becomes of a correction that waits.
func (s *Service) settle(tx *db.Tx, who audit.Who, c Contribution, k *Correction, to CorrectionState, verb, reason string) error {
	if err := k.decide(to, s.Now()); err != nil {
		return err
	}
	k.Reason = reason
	if who.Kind == audit.ByAccount {
		k.DecidedBy = optional(who.ID)
	}
	if err := storeCorrection(tx, k); err != nil {
		return err
	}
	after := map[string]any{"correction": k.ID, "state": to}
	if reason != "" {
		after["reason"] = reason
	}
	return audit.Record(tx, who, s.Now(), change(c, "correction_"+verb, map[string]any{"correction": k.ID, "state": Proposed}, after))
}

// TakeBackCorrection lets the contributor's own request rest. Where none waits nothing happens.
func (s *Service) TakeBackCorrection(ctx context.Context, by account.Actor, token string) error {
	if err := by.Require(account.PublicAnswer); err != nil {
		return err
	}
	r, err := s.right(ctx, token)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := byRight(tx, r, true)
		if db.IsNotFound(err) {
			return errs.E(errs.NotFound, "link.unknown")
		}
		if err != nil {
			return err
		}
		k, err := proposedFor(tx, c.ID)
		if err != nil || k == nil {
			return err
		}
		return s.settle(tx, author(by, c), c, k, TakenBack, "taken_back", "")
	})
	return errs.Wrap("contribution.take_back_correction", err)
}

// ApproveCorrection shows a corrected text to everybody, and keeps the old one readable beside it. seen is the request that the officer read:
// errs.Conflict where the contributor asked for something else since then, or another officer was first.
func (s *Service) ApproveCorrection(ctx context.Context, by account.Actor, id, seen int64) (Contribution, error) {
	return s.decide(ctx, by, id, func(tx *db.Tx, c *Contribution) error {
		k, err := waiting(tx, c.ID, seen)
		if err != nil {
			return err
		}
		old, err := answersOf(tx, c.ID)
		if err != nil {
			return err
		}
		now := s.Now()
		v, err := c.correctPublished(now, old)
		if err != nil {
			return err
		}
		if err := s.settle(tx, by.Who, *c, k, Approved, "approved", ""); err != nil {
			return err
		}
		if err := insertVersion(tx, &v); err != nil {
			return err
		}
		if err := storeAnswers(tx, c.ID, old, k.Answers); err != nil {
			return err
		}
		c.UpdatedAt = now
		if err := store(tx, c); err != nil {
			return err
		}
		return s.asksAgain(tx, by.Who, *c)
	})
}

// RefuseCorrection leaves the published text as it is; the reason is told to the contributor.
func (s *Service) RefuseCorrection(ctx context.Context, by account.Actor, id, seen int64, reason string) (Contribution, error) {
	if err := by.Require(account.ContributionDecide); err != nil {
		return Contribution{}, err
	}
	reason, problem := cleanLine(reason)
	if problem == "" && errs.Blank(reason) {
		problem = "field.required"
	}
	if problem != "" {
		return Contribution{}, errs.InvalidFields(errs.FieldError("correction_reason", problem, "Max", LineLimit))
	}
	return s.decide(ctx, by, id, func(tx *db.Tx, c *Contribution) error {
		k, err := waiting(tx, c.ID, seen)
		if err != nil {
			return err
		}
		return s.settle(tx, by.Who, *c, k, Refused, "refused", reason)
	})
}

// waiting is the request that an officer saw, as long as it still waits.
func waiting(tx *db.Tx, contributionID, seen int64) (*Correction, error) {
	k, err := proposedFor(tx, contributionID)
	if err != nil {
		return nil, err
	}
	if k == nil || k.ID != seen {
		return nil, errs.E(errs.Conflict, "correction.decided")
	}
	return k, nil
}

// AwaitingCorrection are the contributions of a cycle of which a correction waits for an officer.
func (s *Service) AwaitingCorrection(ctx context.Context, by account.Actor, cycleID int64) ([]Contribution, error) {
	if err := by.Require(account.ContributionRead); err != nil {
		return nil, err
	}
	all, err := awaiting(s.DB.Read(ctx), cycleID)
	return all, errs.Wrap("contribution.awaiting_correction", err)
}

// PublishedVersion is a text that was published and replaced since then, with what is public of its contribution now. Errors are
// those of PublishedOne, and errs.Gone after a withdrawal.
func (s *Service) PublishedVersion(ctx context.Context, cycleID int64, number, version int) (Public, Version, error) {
	p, err := s.PublishedOne(ctx, cycleID, number)
	if err != nil {
		return p, Version{}, err
	}
	if p.Withdrawn() {
		return p, Version{}, errs.E(errs.Gone, "contribution.not_public")
	}
	tx := s.DB.Read(ctx)
	c, err := byNumber(tx, cycleID, number)
	if err != nil {
		return p, Version{}, errs.Wrap("contribution.published_version", err)
	}
	v, err := versionAt(tx, c.ID, version)
	if db.IsNotFound(err) {
		return p, v, notFound()
	}
	return p, v, errs.Wrap("contribution.published_version", err)
}

// Changed gives what is public, what changed last first: published, corrected or withdrawn, for those who follow.
func (s *Service) Changed(ctx context.Context, cycleID int64, limit int) ([]Public, error) {
	tx := s.DB.Read(ctx)
	rows, err := changed(tx, cycleID, bounded(limit))
	if err != nil {
		return nil, errs.Wrap("contribution.changed", err)
	}
	all, err := publics(tx, rows)
	return all, errs.Wrap("contribution.changed", err)
}

// ChangedAt is when what everybody sees changed last.
func (p Public) ChangedAt() time.Time {
	switch {
	case p.WithdrawnAt != nil:
		return *p.WithdrawnAt
	case p.CorrectedAt != nil && p.CorrectedAt.After(p.PublishedAt):
		return *p.CorrectedAt
	}
	return p.PublishedAt
}
