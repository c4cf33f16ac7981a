package contribution

import (
	"context"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
)

// ApproveCorrection shows everybody what was asked for, keeps the old readable beside it, and tells the author. seen is the request that the officer
// read: errs.Conflict where the contributor asked for something else since then, or another officer was first.
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
		v, err := c.correctPublished(now, old, *k)
		if err != nil {
			return err
		}
		if err := s.settle(tx, by.Who, *c, k, Approved, "approved", ""); err != nil {
			return err
		}
		if err := insertVersion(tx, &v); err != nil {
			return err
		}
		if err := storeAnswers(tx, c.ID, old, k.Answers, writer{at: s.Now()}); err != nil {
			return err
		}
		if err := exchangeFiles(tx, *c, *k, v.Number, now); err != nil {
			return err
		}
		if err := keepsSomething(tx, c); err != nil {
			return err
		}
		c.UpdatedAt = now
		if err := store(tx, c); err != nil {
			return err
		}
		if err := s.asksAgain(tx, by.Who, *c); err != nil {
			return err
		}
		return s.tellDecision(tx, *c, "")
	})
}

// exchangeFiles puts the new documents into their places and takes out those that are not wanted; those that were there until this version
// stay readable with it.
func exchangeFiles(tx *db.Tx, c Contribution, k Correction, until int, at time.Time) error {
	have, err := filesOf(tx, c.ID, false)
	if err != nil {
		return err
	}
	if err := fitTogether(k.after(have)); err != nil { // an officer may have changed them meanwhile
		return err
	}
	there := map[int]bool{}
	for _, f := range have {
		there[f.Position] = true
		if !k.gone(f.Position) {
			continue
		}
		if err := keepEarlier(tx, c.ID, f.Position, until); err != nil {
			return err
		}
		if err := emptyFileAt(tx, c.ID, f.Position, at); err != nil {
			return err
		}
	}
	for _, f := range k.Files {
		if !there[f.Position] {
			f.Position = 0
		}
		if err := takeIn(tx, f, until+1); err != nil {
			return err
		}
	}
	return dropWaiting(tx, k.ID)
}

// RefuseCorrection leaves what is published as it is, and deletes the documents that were to be added. The reason is told to the author.
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
		if err := s.settle(tx, by.Who, *c, k, Refused, "refused", reason); err != nil {
			return err
		}
		if err := dropWaiting(tx, k.ID); err != nil {
			return err
		}
		return s.tellDecision(tx, *c, reason)
	})
}

// tellDecision writes to the author what became of the correction, where there is a mailbox that may be written to; a reason says that it was refused.
func (s *Service) tellDecision(tx *db.Tx, c Contribution, reason string) error {
	to, err := s.mailTo(tx, c)
	if err != nil || to == "" || c.PublicNumber == nil {
		return err
	}
	round, err := s.Cycles.Round(tx.Context(), c.CycleID)
	if err != nil {
		return err
	}
	l, err := s.Letters.Prepare(tx.Context(), letter.CorrectionDecided{
		Person: letter.Person{Email: to, Name: c.Name, Language: c.Language}, Cycle: round.Name, Refused: reason,
		Public: s.PublicURL + "/calls/" + round.Slug + "/contributions/" + strconv.Itoa(*c.PublicNumber), Link: s.ownLink(c),
	})
	if err != nil {
		return err
	}
	return post(tx, l)
}

// ownLink is the address at which a contact of the list reads, corrects and withdraws what they gave; "" for everybody else, whose link is a secret
// that is not kept.
func (s *Service) ownLink(c Contribution) string {
	if c.ContactID == nil {
		return ""
	}
	t := link.Target{CycleID: c.CycleID, ContactID: *c.ContactID}
	if c.DeliveryID != nil {
		t.DeliveryID = *c.DeliveryID
	}
	return s.LinkOf(s.Links.Token(link.Respond, t))
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

// CorrectionFile is a new document of the correction that waits, by its id, for those who read contributions.
func (s *Service) CorrectionFile(ctx context.Context, by account.Actor, contributionID, id int64) (Content, error) {
	if err := by.Require(account.ContributionRead); err != nil {
		return Content{}, err
	}
	f, err := waitingFile(s.DB.Read(ctx), contributionID, id)
	if db.IsNotFound(err) {
		return Content{}, noFile()
	}
	return f, errs.Wrap("contribution.correction_file", err)
}
