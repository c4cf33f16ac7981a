package contribution

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
)

// Submit gives the contribution to the secretariat, which publishes it at once where there is
// consent. Submitting again is no error: it changes nothing, except that a consent given since
// then publishes. Errors are errs.Invalid where nothing was answered, errs.Conflict after a withdrawal.
func (s *Service) Submit(ctx context.Context, by account.Actor, token string) (Contribution, error) {
	return s.HandIn(ctx, by, token, nil, "")
}

// HandIn is Submit with the last word of the contributor, in one transaction: whether it may be published, nil for what was said
// before (who says no of what is published takes it from the public, as by Reconsider), and the language, "" or one that is none of ours for the one that it has.
func (s *Service) HandIn(ctx context.Context, by account.Actor, token string, consent *bool, language string) (Contribution, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Contribution{}, err
	}
	r, err := s.right(ctx, token)
	if err != nil {
		return Contribution{}, err
	}
	c, _, err := s.opened(ctx, r)
	if err != nil {
		return Contribution{}, errs.Wrap("contribution.submit", err)
	}
	now := s.Now()
	due, err := s.due(ctx, c, now)
	if err != nil {
		return Contribution{}, errs.Wrap("contribution.submit", err)
	}
	if !s.speaks(language) {
		language = ""
	}
	c.apply(s, Entry{Consent: consent, Language: language}) // the acknowledgement goes by the last word too
	thanks, err := s.thanks(ctx, c, token, due)
	if err != nil {
		return Contribution{}, errs.Wrap("contribution.submit", err)
	}
	first := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = byRight(tx, r, true); db.IsNotFound(err) {
			return nothingAnswered()
		}
		if err != nil {
			return err
		}
		if err := s.lastWord(tx, by, r, &c, consent, language); err != nil {
			return err
		}
		if first, err = s.submit(tx, by, &c, instant(due), now); err != nil || !first || thanks == nil {
			return err
		}
		return thanks.Store(tx)
	})
	if err == nil && first && thanks != nil {
		thanks.Wake(ctx)
	}
	return c, errs.Wrap("contribution.submit", err)
}

// lastWord saves what was said while handing in, where there is still something to be said. The language is "" or one of ours.
func (s *Service) lastWord(tx *db.Tx, by account.Actor, r right, c *Contribution, consent *bool, language string) error {
	if (c.State == Published || c.State == Withheld) && consent != nil && !*consent { // from a page that was open for longer
		return s.reconsider(tx, author(by, *c), c, false)
	}
	if !c.Editable() || consent == nil && language == "" {
		return nil
	}
	_, err := s.save(tx, by, r, c, Entry{Consent: consent, Language: language})
	return err
}

// submit is the move itself; first says whether the contribution arrived by it.
func (s *Service) submit(tx *db.Tx, by account.Actor, c *Contribution, due *time.Time, now time.Time) (first bool, err error) {
	switch c.State {
	case Withdrawn:
		return false, errs.E(errs.Conflict, "contribution.withdrawn")
	case Draft:
		if err := s.receive(tx, author(by, *c), c, due, now); err != nil {
			return false, err
		}
		first = true
	}
	return first, s.publishAsReceived(tx, c, now)
}

// receive notes the arrival, with the group and place of that moment.
func (s *Service) receive(tx *db.Tx, who audit.Who, c *Contribution, due *time.Time, at time.Time) error {
	n, err := countGiven(tx, c.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return nothingAnswered()
	}
	if c.ContactID != nil {
		p, err := profileOf(tx, c.CycleID, *c.ContactID)
		if err != nil {
			return err
		}
		c.take(p)
	}
	before := c.State
	if err := c.receive(at, due); err != nil {
		return err
	}
	c.UpdatedAt = s.Now()
	if err := s.storeCounted(tx, c, before); err != nil {
		return err
	}
	if err := s.inviteAll(tx, *c); err != nil {
		return err
	}
	return audit.Record(tx, who, s.Now(), change(*c, "received", map[string]any{"state": before}, map[string]any{
		"state": c.State, "channel": c.Channel, "late": c.Late, "received_at": at, "consent": c.ConsentPublication, "answers": n, // and documents
	}))
}

// publishAsReceived keeps the promise of the call: what its author wants published waits for nobody.
func (s *Service) publishAsReceived(tx *db.Tx, c *Contribution, now time.Time) error {
	if !c.ConsentPublication || (c.State != Received && c.State != Checked) {
		return nil
	}
	system := audit.System("contribution.publish_as_received")
	if c.State == Received {
		if err := s.move(tx, system, c, "checked", "", func() error { return c.check(now) }); err != nil {
			return err
		}
	}
	return s.publish(tx, system, c, now)
}

func (s *Service) publish(tx *db.Tx, who audit.Who, c *Contribution, now time.Time) error {
	number, err := nextNumber(tx, c.CycleID)
	if err != nil {
		return err
	}
	return s.move(tx, who, c, "published", "", func() error { return c.publish(now, number) })
}

// storeCounted stores a contribution whose state changed, and lets the lists count it where it counts by now, or does not any
// more; those of who signed it too.
func (s *Service) storeCounted(tx *db.Tx, c *Contribution, before State) error {
	if err := store(tx, c); err != nil || before.Counted() == c.State.Counted() {
		return err
	}
	whom, err := signers(tx, c.ID)
	if err != nil {
		return err
	}
	switch {
	case c.ContactID == nil:
	case c.State.Counted():
		if err := s.Lists.Answered(tx, c.CycleID, []int64{*c.ContactID}); err != nil {
			return err
		}
	default:
		whom = append(whom, *c.ContactID)
	}
	if len(whom) == 0 {
		return nil
	}
	return s.Lists.Recount(tx, c.CycleID, whom)
}

// move does one change of state with its audit event.
func (s *Service) move(tx *db.Tx, who audit.Who, c *Contribution, verb, reason string, step func() error) error {
	from := c.State
	if err := step(); err != nil {
		return err
	}
	c.UpdatedAt = s.Now()
	if err := s.storeCounted(tx, c, from); err != nil {
		return err
	}
	before, after := states(from, c.State)
	if reason != "" {
		after["reason"] = reason
	}
	return audit.Record(tx, who, s.Now(), change(*c, verb, before, after))
}

// Withdraw takes the contribution back: its answers and documents are deleted, a stub stays. Where others signed it, it is only the
// author who leaves, and the first of them stands for it; then the token opens it no more. Withdrawing twice is no error. The error is errs.Conflict for a draft, which nobody has received.
func (s *Service) Withdraw(ctx context.Context, by account.Actor, token string) (Contribution, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Contribution{}, err
	}
	r, err := s.right(ctx, token)
	if err != nil {
		return Contribution{}, err
	}
	var c Contribution
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = byRight(tx, r, true); db.IsNotFound(err) {
			return errs.E(errs.Conflict, "contribution.nothing_to_withdraw")
		}
		if err != nil || c.State == Withdrawn {
			return err
		}
		if c.State == Draft {
			return errs.E(errs.Conflict, "contribution.nothing_to_withdraw")
		}
		others, err := signatoriesOf(tx, c.ID)
		if err != nil {
			return err
		}
		if rest := remaining(others); len(rest) > 0 {
			return s.leave(tx, author(by, c), &c, rest[0])
		}
		return s.withdraw(tx, author(by, c), &c)
	})
	return c, errs.Wrap("contribution.withdraw", err)
}

// thanks is the acknowledgement for a draft that is about to arrive; nil where there is no mailbox to
// send it to, or nothing new to acknowledge.
func (s *Service) thanks(ctx context.Context, c Contribution, token string, due *Deadline) (*letter.Prepared, error) {
	if c.State != Draft {
		return nil, nil
	}
	to, err := s.mailTo(s.DB.Read(ctx), c)
	if err != nil || to == "" {
		return nil, err
	}
	round, err := s.Cycles.Round(ctx, c.CycleID)
	if err != nil {
		return nil, err
	}
	a := letter.Acknowledgement{
		CycleID: c.CycleID, Cycle: round.Name, To: to, Name: c.Name, Organization: c.Organization, Language: c.Language,
		Link: s.LinkOf(token), Call: s.PublicURL + "/calls/" + round.Slug, Published: c.ConsentPublication,
		Late: due != nil && !s.Now().Before(due.At),
	}
	if due != nil {
		a.Deadline = due.Day
	}
	return s.Letters.Prepare(ctx, a)
}

// mailTo is the address that a contribution is acknowledged to; "" where there is none, or where its
// owner wants no mail: anybody can type anybody's address into the public form.
func (s *Service) mailTo(tx *db.Tx, c Contribution) (string, error) {
	if c.ContactID != nil {
		return mailboxFor(tx, *c.ContactID, c.DeliveryID)
	}
	if c.Email == "" {
		return "", nil
	}
	may, err := s.Lists.MayMail(tx, c.Email, c.CycleID)
	if err != nil || !may {
		return "", err
	}
	return c.Email, nil
}

func nothingAnswered() error {
	return errs.InvalidFields(errs.FieldError("answers", "contribution.answers.none"))
}
