package contact

import (
	"context"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// asReader does something in the name of whoever holds a token.
func (s *Service) asReader(ctx context.Context, by account.Actor, token, op string, do func(tx *db.Tx, r *reader, who audit.Who) error) error {
	if err := by.Require(account.PublicAnswer); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := s.readerOf(tx, token)
		if err != nil {
			return err
		}
		return do(tx, &r, r.who(by))
	})
	return errs.Wrap(op, err)
}

// Stop makes sure that the readers of the mailbox get no more of what the scope says, at once and also what is queued. Doing
// it again is no error. The token is the right: mail programs call it without a session. how is ByPage or ByOneClick.
func (s *Service) Stop(ctx context.Context, by account.Actor, token string, scope Scope, how string) error {
	if !slices.Contains(Stops(), scope) {
		return errs.InvalidFields(errs.FieldError("scope", "field.choice"))
	}
	return s.asReader(ctx, by, token, "contact.stop", func(tx *db.Tx, r *reader, who audit.Who) error {
		return s.stopReader(tx, r, who, scope, how)
	})
}

// StopByMail is Stop of a cycle, in the caller's transaction, for a mail that somebody wrote to say so: the caller has made sure
// that they have the delivery, or write from its mailbox. The error is errs.NotFound where nobody is left whom it could concern.
func (s *Service) StopByMail(tx *db.Tx, cycleID, contactID, deliveryID int64) error {
	r, err := readerFor(tx, link.Target{CycleID: cycleID, ContactID: contactID, DeliveryID: deliveryID})
	if err == nil {
		err = s.stopReader(tx, &r, r.who(account.Actor{}), ThisCycle, ByMail)
	}
	return errs.Wrap("contact.stop_by_mail", err)
}

func (s *Service) stopReader(tx *db.Tx, r *reader, who audit.Who, scope Scope, how string) error {
	if scope == ThisCampaign && r.deliveryID == 0 {
		return errs.InvalidFields(errs.FieldError("scope", "field.choice"))
	}
	hashes, err := r.speaksFor(tx)
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		o := OptOut{Hash: hash, Scope: scope, ObjectID: r.object(scope), How: how, AskedAt: s.Now()}
		if r.deliveryID != 0 {
			o.DeliveryID = &r.deliveryID
		}
		if err := s.optOut(tx, who, r.contact.ID, &o); err != nil {
			return err
		}
	}
	return nil
}

// optOut stores what was asked, with what follows from it: of everything the suppression, of a cycle the end of the claims
// in it. What holds already stays as it was asked first.
func (s *Service) optOut(tx *db.Tx, who audit.Who, contactID int64, o *OptOut) error {
	added, err := insertOptOut(tx, o)
	if err != nil || !added {
		return err
	}
	err = audit.Record(tx, who, s.Now(), audit.Change{
		Action: "preference.asked", ObjectKind: "contact", ObjectID: contactID, CycleID: o.cycle(),
		After: map[string]any{"scope": o.Scope, "object": o.ObjectID, "how": o.How, "delivery": o.DeliveryID, "opt_out": o.ID},
	})
	if err != nil {
		return err
	}
	switch o.Scope {
	case Everything:
		reason := Unsubscribed
		if o.How == ByOfficer {
			reason = AskedUs
		}
		return s.suppress(tx, who, o.Hash, reason)
	case ThisCycle:
		users, err := contactsWithHash(tx, o.Hash)
		if err != nil || len(users) == 0 {
			return err
		}
		return s.Claims.RevokeLiveIn(tx, who, o.ObjectID, users, "suppressed")
	}
	return nil
}

func (o *OptOut) cycle() int64 {
	if o.Scope == ThisCycle {
		return o.ObjectID
	}
	return 0
}

// Again takes back what was asked by the link of this very mail. Where nothing was, it changes nothing; the error is
// errs.Conflict where something holds that was asked in another way.
func (s *Service) Again(ctx context.Context, by account.Actor, token string, scope Scope) error {
	if !slices.Contains(Stops(), scope) {
		return errs.InvalidFields(errs.FieldError("scope", "field.choice"))
	}
	return s.asReader(ctx, by, token, "contact.again", func(tx *db.Tx, r *reader, who audit.Who) error {
		hashes, err := r.speaksFor(tx)
		if err != nil {
			return err
		}
		live, err := liveOptOuts(tx, hashes)
		if err != nil {
			return err
		}
		for i := range live {
			o := &live[i]
			if o.Scope != scope || o.ObjectID != r.object(scope) {
				continue
			}
			if !r.asked(o) {
				return errs.E(errs.Conflict, "preferences.not_by_this_mail")
			}
			if err := s.endOptOut(tx, who, r.contact.ID, o, nil, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// endOptOut ends it with its audit event. Of everything the suppression ends too, unless it has another reason as well.
func (s *Service) endOptOut(tx *db.Tx, who audit.Who, contactID int64, o *OptOut, by *int64, note string) error {
	if err := o.End(by, note, s.Now()); err != nil {
		return err
	}
	ended, err := saveEnd(tx, o)
	if err != nil || !ended {
		return err
	}
	if o.Scope == Everything {
		reasons := []Reason{Unsubscribed}
		if by != nil {
			reasons = append(reasons, AskedUs)
		}
		if err := liftSuppression(tx, o.Hash, reasons); err != nil {
			return err
		}
		if err := s.refreshHolders(tx, o.Hash); err != nil {
			return err
		}
	}
	change := audit.Change{
		Action: "preference.ended", ObjectKind: "contact", ObjectID: contactID, CycleID: o.cycle(),
		Before: map[string]any{"scope": o.Scope, "object": o.ObjectID, "opt_out": o.ID, "asked_at": o.AskedAt},
	}
	if note != "" {
		change.After = map[string]any{"reason": note}
	}
	return audit.Record(tx, who, s.Now(), change)
}

// Wishes are what a reader asks for beside stopping.
type Wishes struct {
	Language string // BCP 47; "" leaves as it is
	Often    Often  // "" leaves as it is
}

// Wish takes a reader's wishes: the language holds for the contact from the next launch on, how often for everybody who uses
// the mailbox and at once. languages are those in which the house writes.
func (s *Service) Wish(ctx context.Context, by account.Actor, token string, w Wishes, languages []string) error {
	var wrong []errs.Field
	if w.Language != "" && !slices.Contains(languages, w.Language) {
		wrong = append(wrong, errs.FieldError("language", "field.language_tag"))
	}
	if w.Often != "" && !slices.Contains(Oftens(), w.Often) {
		wrong = append(wrong, errs.FieldError("often", "field.choice"))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return s.asReader(ctx, by, token, "contact.wish", func(tx *db.Tx, r *reader, who audit.Who) error {
		if w.Language != "" {
			if err := s.speakTo(tx, who, r.contact.ID, w.Language); err != nil {
				return err
			}
		}
		if w.Often == "" {
			return nil
		}
		return s.remind(tx, r, who, w.Often)
	})
}

// speakTo puts a language before those that the contact has.
func (s *Service) speakTo(tx *db.Tx, who audit.Who, contactID int64, tag string) error {
	c, err := s.lockLiving(tx, contactID)
	if err != nil {
		return err
	}
	before := c.Languages
	if c.Languages = Chain([]string{tag}, strings.Fields(before)); c.Languages == before {
		return nil
	}
	c.UpdatedAt = s.Now()
	if err := s.refresh(tx, &c); err != nil {
		return err
	}
	if c.Kind == Organization {
		if err := s.refreshMembers(tx, c.ID); err != nil {
			return err
		}
	}
	return s.record(tx, who, "preference.language", c.ID, map[string]any{"languages": before}, map[string]any{"languages": c.Languages})
}

// remind makes one wish about reminders hold at the mailboxes, and no other.
func (s *Service) remind(tx *db.Tx, r *reader, who audit.Who, often Often) error {
	everywhere, err := r.everywhere(tx)
	if err != nil {
		return err
	}
	live, err := liveOptOuts(tx, everywhere)
	if err != nil {
		return err
	}
	for i := range live {
		o := &live[i]
		if (o.Scope == NoReminders || o.Scope == SecondReminder) && o.Scope != often.scope() {
			if err := s.endOptOut(tx, who, r.contact.ID, o, nil, ""); err != nil {
				return err
			}
		}
	}
	if often.scope() == "" {
		return nil
	}
	return s.stopReader(tx, r, who, often.scope(), ByPage)
}
