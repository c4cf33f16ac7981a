package contribution

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// OfContact is the contribution that a contact has begun or given in a cycle, the latest; errs.NotFound where there is none.
func (s *Service) OfContact(ctx context.Context, by account.Actor, cycleID, contactID int64) (Contribution, error) {
	if err := by.Require(account.ContributionRead); err != nil {
		return Contribution{}, err
	}
	c, err := byRight(s.DB.Read(ctx), contactRight(Arrival{CycleID: cycleID, ContactID: contactID}), false)
	if db.IsNotFound(err) {
		return Contribution{}, notFound()
	}
	return c, errs.Wrap("contribution.of_contact", err)
}

// supplement allows an officer to add what came by another way: to what is not before the public, and to a draft, which is not
// submitted by that.
func (c *Contribution) supplement() error {
	if c.State == Draft {
		return nil
	}
	return c.complete()
}

// Supplementable says whether documents that came by another way may be added.
func (c Contribution) Supplementable() bool { return c.supplement() == nil }

// Supplement adds documents that came by another way to the contribution of a contact, a draft among them; also runs in the same
// transaction. What cannot be taken is named, and the others are added all the same. Errors are errs.NotFound where the contact has
// none, errs.Conflict where it is published or withdrawn, and where no document could be taken what is wrong with the first of them.
func (s *Service) Supplement(ctx context.Context, by account.Actor, cycleID, contactID int64, all []Upload, also func(*db.Tx, *Contribution) error) (notTaken []string, err error) {
	if err := by.Require(account.ContributionDecide); err != nil {
		return nil, err
	}
	c, err := s.OfContact(ctx, by, cycleID, contactID)
	if err == nil {
		err = c.supplement() // before anything is read
	}
	if err != nil {
		return nil, err
	}
	read := newSupplements(by, all)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		mine := read.again()
		c, err := byRight(tx, contactRight(Arrival{CycleID: cycleID, ContactID: contactID}), true)
		if db.IsNotFound(err) {
			return notFound()
		}
		if err != nil {
			return err
		}
		if err := s.supplementWith(tx, by, &c, &mine); err != nil {
			return err
		}
		if len(mine.refused) == len(all) {
			return mine.why
		}
		notTaken = mine.refused
		return also(tx, &c)
	})
	return notTaken, errs.Wrap("contribution.supplement", err)
}

// supplementWith adds those that can be taken, and notes the others.
func (s *Service) supplementWith(tx *db.Tx, by account.Actor, c *Contribution, mine *supplements) error {
	for i := range mine.taken {
		if err := mine.note(mine.taken[i].given, s.attach(tx, by.Who, c, &mine.taken[i].file, c.supplement)); err != nil {
			return err
		}
	}
	return nil
}

// supplements are documents that are being added, and those of them that cannot be.
type supplements struct {
	taken   []supplement
	refused []string
	why     error // of the first that was refused
}

type supplement struct {
	given string // its name, as it came
	file  Content
}

func newSupplements(by account.Actor, all []Upload) supplements {
	s := supplements{why: errs.E(errs.Invalid, "respond.files.choose")}
	for _, u := range all {
		f, err := u.read(true)
		if err != nil {
			s.refuse(u.Name, err)
			continue
		}
		f.UploadedBy = optional(by.ID)
		s.taken = append(s.taken, supplement{u.Name, f})
	}
	return s
}

// again is the same for another try of the transaction.
func (s supplements) again() supplements {
	s.taken, s.refused = append([]supplement(nil), s.taken...), append([]string(nil), s.refused...)
	return s
}

// note gives back an error that is not about the document.
func (s *supplements) note(name string, err error) error {
	if err == nil || !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooLarge) {
		return err
	}
	s.refuse(name, err)
	return nil
}

func (s *supplements) refuse(name string, why error) {
	if len(s.refused) == 0 {
		s.why = why
	}
	s.refused = append(s.refused, name)
}
