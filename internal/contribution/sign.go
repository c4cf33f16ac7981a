package contribution

import (
	"context"
	"errors"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// Signature is what somebody reads who was asked to sign.
type Signature struct {
	Signatory     Signatory
	Contribution  Contribution
	Answers       Answers
	Files         []File
	Others        []Signatory // who signed already, without the reader
	Round         Round
	Questionnaire Questionnaire
	Locale        string // the language that the page is shown in
	Digest        string // of the text, to be sent along with a confirmation
}

// OpenSignature shows what a link in a mail asks for, and changes nothing. A locale that is none of ours means the contact's, else
// that of the contribution. The error is errs.NotFound where the link is not one of ours.
func (s *Service) OpenSignature(ctx context.Context, token, locale string) (Signature, error) {
	id, err := s.signatoryOf(token)
	if err != nil {
		return Signature{}, err
	}
	v, err := s.signature(s.DB.Read(ctx), id)
	if err != nil {
		return Signature{}, errs.Wrap("contribution.open_signature", err)
	}
	if v.Locale = locale; !s.speaks(locale) {
		v.Locale, err = s.localeOfSignatory(s.DB.Read(ctx), v)
		if err != nil {
			return Signature{}, errs.Wrap("contribution.open_signature", err)
		}
	}
	if v.Round, err = s.Cycles.Round(ctx, v.Contribution.CycleID); err != nil {
		return Signature{}, errs.Wrap("contribution.open_signature", err)
	}
	v.Questionnaire, err = s.Questions.Questionnaire(ctx, v.Contribution.CycleID, v.Locale)
	return v, errs.Wrap("contribution.open_signature", err)
}

func (s *Service) signature(tx *db.Tx, id int64) (v Signature, err error) {
	v.Signatory, err = signatoryByID(tx, id)
	if db.IsNotFound(err) {
		return v, errs.E(errs.NotFound, "link.unknown")
	}
	if err != nil {
		return v, err
	}
	if v.Contribution, err = byID(tx, v.Signatory.ContributionID, false); err != nil {
		return v, err
	}
	if v.Answers, err = answersOf(tx, v.Contribution.ID); err != nil {
		return v, err
	}
	if v.Files, err = filesOf(tx, v.Contribution.ID, true); err != nil {
		return v, err
	}
	all, err := signatoriesOf(tx, v.Contribution.ID)
	for _, g := range confirmedAmong(all) {
		if g.ID != id {
			v.Others = append(v.Others, g)
		}
	}
	v.Digest = digestOf(v.Contribution, v.Answers, v.Files)
	return v, err
}

func (s *Service) localeOfSignatory(tx *db.Tx, v Signature) (string, error) {
	return s.languageOf(tx, v.Contribution, v.Signatory.ContactID)
}

// signatoryOf is whose page a token opens.
func (s *Service) signatoryOf(token string) (int64, error) {
	t, err := s.Links.Parse(link.Sign, token)
	if err == nil && t.ContactID == 0 {
		err = errs.E(errs.NotFound, "link.unknown")
	}
	return t.ContactID, err
}

// ConfirmSignature signs the text with this digest. Confirming again is no error. Errors are errs.Conflict where the text was
// changed since it was read, or where there is nothing to sign any more.
func (s *Service) ConfirmSignature(ctx context.Context, by account.Actor, token, digest string) (Signature, error) {
	return s.sign(ctx, by, token, Confirmed, func(tx *db.Tx, v *Signature) error {
		switch v.Contribution.State {
		case Draft, Withheld:
			return errs.E(errs.Conflict, "signatory.not_yet")
		case Withdrawn:
			return errs.E(errs.Conflict, "signatory.contribution_withdrawn")
		}
		if digest != v.Digest {
			return errs.E(errs.Conflict, "signatory.changed")
		}
		return s.moveSignature(tx, signer(by, v.Signatory), v.Contribution, &v.Signatory, "confirmed", func() error {
			return v.Signatory.confirm(s.Now(), digest)
		})
	})
}

// DeclineSignature says that somebody does not sign. Their name is shown to nobody. Where the contribution goes by it, it is
// WithdrawSignature.
func (s *Service) DeclineSignature(ctx context.Context, by account.Actor, token string) (Signature, error) {
	return s.sign(ctx, by, token, Declined, func(tx *db.Tx, v *Signature) error {
		if v.Contribution.ledBy(v.Signatory.ID) { // who stands for it and does not sign its new text leaves it
			return s.quit(tx, by, v)
		}
		return s.moveSignature(tx, signer(by, v.Signatory), v.Contribution, &v.Signatory, "declined", func() error {
			return v.Signatory.decline(s.Now())
		})
	})
}

// WithdrawSignature takes a signature back. The others stay; with the last one the contribution is withdrawn.
func (s *Service) WithdrawSignature(ctx context.Context, by account.Actor, token string) (Signature, error) {
	return s.sign(ctx, by, token, Left, func(tx *db.Tx, v *Signature) error {
		if v.Signatory.State != Confirmed && !v.Contribution.ledBy(v.Signatory.ID) {
			return errs.E(errs.Conflict, "signatory.not_signed")
		}
		return s.quit(tx, by, v)
	})
}

// quit takes a name off the contribution, which goes on under another, or is withdrawn, where it went by this one.
func (s *Service) quit(tx *db.Tx, by account.Actor, v *Signature) error {
	who := signer(by, v.Signatory)
	if err := s.moveSignature(tx, who, v.Contribution, &v.Signatory, "withdrawn", func() error { return v.Signatory.leave(s.Now()) }); err != nil {
		return err
	}
	if !v.Contribution.ledBy(v.Signatory.ID) || v.Contribution.State == Withdrawn {
		return nil
	}
	return s.passOnOrWithdraw(tx, who, &v.Contribution)
}

// sign locks the contribution of a token and lets fn answer for its signatory. What is so already is no error and changes nothing.
func (s *Service) sign(ctx context.Context, by account.Actor, token string, to SignatoryState, fn func(*db.Tx, *Signature) error) (Signature, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Signature{}, err
	}
	id, err := s.signatoryOf(token)
	if err != nil {
		return Signature{}, err
	}
	var v Signature
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		g, err := signatoryByID(tx, id)
		if db.IsNotFound(err) {
			return errs.E(errs.NotFound, "link.unknown")
		}
		if err != nil {
			return err
		}
		if _, err = byID(tx, g.ContributionID, true); err != nil {
			return err
		}
		if v, err = s.signature(tx, id); err != nil || v.Signatory.State == to {
			return err
		}
		return fn(tx, &v)
	})
	return v, errs.Wrap("contribution.sign", err)
}

// passOnOrWithdraw lets a contribution go on under the first of those who stay when the one who led leaves, or withdraws it.
func (s *Service) passOnOrWithdraw(tx *db.Tx, who audit.Who, c *Contribution) error {
	all, err := signatoriesOf(tx, c.ID)
	if err != nil {
		return err
	}
	rest := remaining(all)
	if len(rest) == 0 {
		return s.withdraw(tx, who, c)
	}
	return s.passOn(tx, who, c, rest[0])
}

func (s *Service) passOn(tx *db.Tx, who audit.Who, c *Contribution, to Signatory) error {
	unit, err := unitOf(tx, c.CycleID, to)
	if err != nil {
		return err
	}
	if err := errors.Join(s.letRest(tx, who, *c), forgetName(tx, c.ID)); err != nil {
		return err
	}
	former := c.ContactID
	c.goOn(to, unit)
	c.UpdatedAt, c.LeadSignatoryID = s.Now(), &to.ID
	if err := store(tx, c); err != nil {
		return err
	}
	if former != nil {
		if err := s.Lists.Recount(tx, c.CycleID, []int64{*former}); err != nil {
			return err
		}
	}
	return audit.Record(tx, who, s.Now(), change(*c, "passed_on", nil, map[string]any{"signatory": to.ID}))
}

// unitOf is the unit that a signatory answers for; nil where nobody knows them.
func unitOf(tx *db.Tx, cycleID int64, g Signatory) (*int64, error) {
	if g.ContactID == nil {
		return nil, nil
	}
	p, err := profileOf(tx, cycleID, *g.ContactID)
	if err != nil {
		return nil, err
	}
	if g.Capacity == Individual {
		return &p.ContactID, nil
	}
	return &p.UnitID, nil
}

// leave takes the author's own signature back where others signed too: they keep the contribution, and the author's link opens a
// new form.
func (s *Service) leave(tx *db.Tx, who audit.Who, c *Contribution, to Signatory) error {
	now := s.Now()
	g := Signatory{
		ContributionID: c.ID, CycleID: c.CycleID, State: Left, Capacity: c.Capacity, ContactID: c.ContactID, NRIID: c.NRIID,
		StakeholderGroup: c.StakeholderGroup, Region: c.Region, Country: c.Country,
		InvitedAt: *c.ReceivedAt, AnsweredAt: &now, ConfirmedAt: c.ReceivedAt, SecretHash: c.SecretHash,
	}
	if _, err := insertSignatory(tx, &g); err != nil {
		return err
	}
	if err := letEditorsGo(tx, c.ID, now); err != nil {
		return err
	}
	return s.passOn(tx, who, c, to)
}

// withdraw deletes what was answered and leaves a stub.
func (s *Service) withdraw(tx *db.Tx, who audit.Who, c *Contribution) error {
	if err := s.move(tx, who, c, "withdrawn", "", func() error { return c.withdraw(s.Now()) }); err != nil {
		return err
	}
	err := errors.Join(deleteAnswers(tx, c.ID), emptyFiles(tx, c.ID, s.Now()), forgetSignatories(tx, c.ID), letEditorsGo(tx, c.ID, s.Now()), forgetTexts(tx, c.ID))
	if err == nil && s.Mails != nil {
		err = s.Mails.Withdrawn(tx, who, c.ID)
	}
	if err != nil || s.Excerpts == nil {
		return err
	}
	return s.Excerpts.Withdrawn(tx, who, c.ID)
}

// ledBy says whether the contribution goes by the name of this signatory, because its author left.
func (c Contribution) ledBy(id int64) bool {
	return c.LeadSignatoryID != nil && *c.LeadSignatoryID == id
}

func signer(by account.Actor, g Signatory) audit.Who {
	if by.SignedIn() {
		return by.Who
	}
	return audit.Who{Kind: audit.ByContributor, Name: g.Name, RequestID: by.RequestID}
}
