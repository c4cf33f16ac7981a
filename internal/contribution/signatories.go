package contribution

import (
	"context"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
)

// Cosigner is somebody who is to sign, as the contributor names them.
type Cosigner struct {
	Name         string
	Organization string // "" for a person who signs for nobody else
	Email        string
}

// NameSignatory puts somebody under the contribution that a token opens, to sign it by their own word. They get a mail with a link as soon
// as the contribution is submitted, unless they asked us not to write: which of both is told to nobody. Errors are errs.Invalid
// with the fields, errs.Conflict where somebody answers for themselves alone or where there are enough signatories.
func (s *Service) NameSignatory(ctx context.Context, by account.Actor, token string, n Cosigner) (Signatory, error) {
	var g Signatory
	err := s.namePerson(ctx, by, token, n, func(tx *db.Tx, c Contribution, n Cosigner) (err error) {
		if g, err = s.name(tx, c, n); err != nil {
			return err
		}
		if err := s.recordSignature(tx, author(by, c), c, g, "named", ""); err != nil {
			return err
		}
		if c.State == Draft {
			return nil
		}
		return s.invite(tx, c, &g)
	})
	return g, errs.Wrap("contribution.name_signatory", err)
}

func (s *Service) cleanCosigner(n Cosigner) (Cosigner, []errs.Field) {
	var wrong []errs.Field
	for field, text := range map[string]*string{"name": &n.Name, "organization": &n.Organization} {
		var problem string
		if *text, problem = cleanLine(*text); problem != "" {
			wrong = append(wrong, errs.FieldError(field, problem, "Max", LineLimit))
		}
	}
	wrong = append(wrong, checkNames(n.Name, n.Organization)...)
	if errs.Blank(n.Name) {
		wrong = append(wrong, errs.FieldError("name", "field.required"))
	}
	email, err := s.Normalize(n.Email)
	if err != nil {
		wrong = append(wrong, errs.FieldError("email", "field.email"))
	}
	n.Email = email
	slices.SortFunc(wrong, func(a, b errs.Field) int { return strings.Compare(b.Name, a.Name) }) // as on the form: organization after name
	return n, wrong
}

// name adds the row.
func (s *Service) name(tx *db.Tx, c Contribution, n Cosigner) (Signatory, error) {
	if err := c.signable(); err != nil {
		return Signatory{}, err
	}
	have, err := signatoriesOf(tx, c.ID)
	if err != nil {
		return Signatory{}, err
	}
	asked := slices.DeleteFunc(slices.Clone(have), func(g Signatory) bool { return g.State == Left })
	if len(asked) >= MaxSignatories || len(have) >= maxNamed {
		return Signatory{}, errs.E(errs.Conflict, "signatory.too_many", "Max", MaxSignatories)
	}
	g := Signatory{
		ContributionID: c.ID, CycleID: c.CycleID, Name: n.Name, Organization: n.Organization, Capacity: Individual,
		Email: n.Email, State: Invited, InvitedAt: s.Now(),
	}
	if n.Organization != "" {
		g.Capacity = Organizational
	}
	if err := s.recognize(tx, &g); err != nil {
		return g, err
	}
	own, err := s.isOwn(tx, c, n.Email, g.ContactID)
	if err != nil {
		return g, err
	}
	if own {
		return g, errs.InvalidFields(errs.FieldError("email", "signatory.yourself"))
	}
	mine, err := insertSignatory(tx, &g)
	if err == nil && !mine {
		err = errs.InvalidFields(errs.FieldError("email", "signatory.twice"))
	}
	return g, err
}

// recognize notes which contact has the address, with its group and place.
func (s *Service) recognize(tx *db.Tx, g *Signatory) error {
	id, err := contactAt(tx, g.CycleID, g.Email, g.Name)
	if err != nil || id == 0 {
		return err
	}
	p, err := profileOf(tx, g.CycleID, id)
	if err != nil {
		return err
	}
	g.ContactID, g.NRIID = &p.ContactID, p.NRIID
	g.StakeholderGroup, g.Region, g.Country = p.StakeholderGroup, p.Region, p.Country
	return nil
}

// inviteAll mails those who have not been mailed about the text as it is.
func (s *Service) inviteAll(tx *db.Tx, c Contribution) error {
	all, err := signatoriesOf(tx, c.ID)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].State != Invited || all[i].MailedAt != nil {
			continue
		}
		if err := s.invite(tx, c, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// invite asks by mail, where the address may be written to and was not written to often today.
func (s *Service) invite(tx *db.Tx, c Contribution, g *Signatory) error {
	now := s.Now()
	may, err := s.mayInvite(tx, g.Email, c.CycleID, now)
	if err != nil || !may {
		return err
	}
	language, err := s.languageOf(tx, c, g.ContactID)
	if err != nil {
		return err
	}
	round, err := s.Cycles.Round(tx.Context(), c.CycleID)
	if err != nil {
		return err
	}
	l, err := s.Letters.Prepare(tx.Context(), letter.SignatureRequest{
		Person: letter.Person{Email: g.Email, Name: g.Name, Language: language}, Cycle: round.Name,
		From: c.Name, Organization: c.Organization, For: g.Organization, Again: g.ConfirmedAt != nil, Link: s.SignatureLink(*g),
	})
	if err != nil {
		return err
	}
	g.MailedAt = &now
	if err := storeSignatory(tx, g); err != nil {
		return err
	}
	return post(tx, l)
}

// post stores a letter with what it tells of, and wakes a worker for it after the commit.
func post(tx *db.Tx, l *letter.Prepared) error {
	ctx := context.WithoutCancel(tx.Context())
	tx.OnCommit(func() { l.Wake(ctx) })
	return l.Store(tx)
}

// SignatureLink is the address of the page on which a signatory answers.
func (s *Service) SignatureLink(g Signatory) string {
	return s.PublicURL + "/sign/" + s.Links.Token(link.Sign, link.Target{CycleID: g.CycleID, ContactID: g.ID})
}

// RemoveSignatory takes back an invitation that was not answered. A signature is taken back by the one who gave it.
func (s *Service) RemoveSignatory(ctx context.Context, by account.Actor, token string, id int64) error {
	return errs.Wrap("contribution.remove_signatory", s.changeBy(ctx, by, token, noSignatory, func(tx *db.Tx, c Contribution) error {
		g, err := signatoryByID(tx, id)
		if db.IsNotFound(err) || err == nil && g.ContributionID != c.ID {
			return noSignatory()
		}
		if err != nil || g.State == Left {
			return err
		}
		if g.State == Confirmed {
			return errs.E(errs.Conflict, "signatory.signed", "Name", g.Name)
		}
		if g.State == Declined {
			return errs.E(errs.Conflict, "signatory.declined", "Name", g.Name)
		}
		return s.moveSignature(tx, author(by, c), c, &g, "removed", func() error { return g.leave(s.Now()) })
	}))
}

// asksAgain makes those who signed an older text sign the new one, in the transaction that changed it.
func (s *Service) asksAgain(tx *db.Tx, who audit.Who, c Contribution) error {
	if c.State == Draft {
		return nil
	}
	all, err := signatoriesOf(tx, c.ID)
	if err != nil {
		return err
	}
	for _, g := range confirmedAmong(all) {
		if err := s.moveSignature(tx, who, c, &g, "asked_again", g.askAgain); err != nil {
			return err
		}
		if err := s.invite(tx, c, &g); err != nil {
			return err
		}
	}
	return nil
}

// moveSignature does one change of state with its audit event, and lets the lists count it.
func (s *Service) moveSignature(tx *db.Tx, who audit.Who, c Contribution, g *Signatory, verb string, step func() error) error {
	from := g.State
	if err := step(); err != nil {
		return err
	}
	if err := storeSignatory(tx, g); err != nil {
		return err
	}
	if g.ContactID != nil {
		if err := s.Lists.Recount(tx, c.CycleID, []int64{*g.ContactID}); err != nil {
			return err
		}
	}
	return s.recordSignature(tx, who, c, *g, verb, from)
}

func (s *Service) recordSignature(tx *db.Tx, who audit.Who, c Contribution, g Signatory, verb string, from SignatoryState) error {
	before := map[string]any{"signatory": g.ID, "state": from}
	if from == "" {
		before = nil
	}
	return audit.Record(tx, who, s.Now(), change(c, "signatory_"+verb, before, map[string]any{"signatory": g.ID, "state": g.State}))
}

func noSignatory() error { return errs.E(errs.NotFound, "signatory.not_found") }
