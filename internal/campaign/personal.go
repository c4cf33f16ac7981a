package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
)

// Personal is the message that a volunteer may send to a contact under a claim: the approved text of the
// cycle's campaign, in the volunteer's name. Where nothing may be sent, Refusal says in words why.
type Personal struct {
	ClaimID   int64
	CycleID   int64
	ContactID int64
	Campaign  Campaign // of which the text is; ID 0 where there is none
	Step      Step
	To        mail.Address
	From      mail.Address
	ReplyTo   mail.Address // the volunteer's own mailbox; answers reach the secretariat too, and alone where it is empty
	Locale    string
	Fallback  bool // Locale is the cycle's language, for want of an approved text in one of the contact's
	Variant   string
	Opening   string
	Raw       []byte // the message as it will arrive, but for the links, which lead nowhere
	// Seen names what was shown. Given back with the order to send, it keeps anything else from being sent.
	Seen    string
	Refusal error // errs.Conflict; nil where the message is ready
}

// PersonalDelivery is a message in a volunteer's name and what became of it.
type PersonalDelivery struct {
	DeliveryID  int64
	ClaimID     int64
	ContactID   int64
	VolunteerID int64
	Volunteer   string
	Locale      string
	State       DeliveryState
	Reason      Reason
	Until       *time.Time
	SentAt      *time.Time
	WrittenAt   time.Time
}

// PersonalDraft is what a volunteer makes of the message before it is sent.
type PersonalDraft struct {
	Opening string // own lines before the text
	// Revealed says that the same request has shown the contact's addresses to the actor, and recorded it.
	Revealed bool
}

// letter is a Personal as it is worked out.
type letter struct {
	Personal
	cycle     Cycle
	to        addressee
	edition   int        // of the translation
	overtaken []Delivery // of the campaign, waiting for the same contact
}

// PersonalMessage shows the holder of a claim the message that is ready to be sent, with what they want to
// put before it. A claim that is not the actor's or not live is errs.NotFound, an opening that must not
// be sent errs.Invalid. It shows the address, so the reveal is recorded.
func (s *Service) PersonalMessage(ctx context.Context, by account.Actor, claimID int64, d PersonalDraft) (Personal, error) {
	if err := by.Require(account.MessageSend); err != nil {
		return Personal{}, err
	}
	l, err := s.letter(ctx, s.DB.Read(ctx), by, claimID, d.Opening)
	if err != nil {
		return Personal{}, errs.Wrap("campaign.personal_message", err)
	}
	if l.Refusal != nil {
		return l.Personal, nil //nolint:nilerr // the refusal is the answer
	}
	if err := s.renderLetter(ctx, &l); err != nil || l.Refusal != nil {
		return l.Personal, errs.Wrap("campaign.personal_message", err)
	}
	if d.Revealed {
		return l.Personal, nil
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "address.revealed", ObjectKind: "contact", ObjectID: l.ContactID, CycleID: l.cycle.ID,
			After: map[string]any{"addresses": []int64{l.to.AddressID}},
		})
	})
	return l.Personal, errs.Wrap("campaign.personal_message", err)
}

// ClaimToWrite is the actor's live claim under which they may write to the contact, 0 where there is none.
func (s *Service) ClaimToWrite(ctx context.Context, by account.Actor, cycleID, contactID int64) (int64, error) {
	if !by.May(account.MessageSend) {
		return 0, nil
	}
	c, err := claimOn(s.DB.Read(ctx), cycleID, contactID, by.ID, s.Now())
	if db.IsNotFound(err) {
		return 0, nil
	}
	return c.ClaimID, errs.Wrap("campaign.claim_to_write", err)
}

// PersonalDeliveries are the messages that volunteers sent to a contact in a cycle, the newest first. The
// caller has asked the contacts' room whether the actor may see the contact.
func (s *Service) PersonalDeliveries(ctx context.Context, by account.Actor, cycleID, contactID int64) ([]PersonalDelivery, error) {
	if err := by.Require(account.ContactRead); err != nil {
		return nil, err
	}
	all, err := personalTo(s.DB.Read(ctx), cycleID, contactID)
	return all, errs.Wrap("campaign.personal_deliveries", err)
}

// letter works out what may be sent under a claim, and to whom. It is the same for the preview and for the
// transaction that sends.
func (s *Service) letter(ctx context.Context, tx *db.Tx, by account.Actor, claimID int64, opening string) (letter, error) {
	opening, err := tidyOpening(opening)
	if err != nil {
		return letter{}, err
	}
	claim, err := claimHeld(tx, claimID, by.ID, s.Now())
	if db.IsNotFound(err) {
		return letter{}, errs.E(errs.NotFound, "outreach.claim.not_found")
	}
	if err != nil {
		return letter{}, err
	}
	l := letter{Personal: Personal{ClaimID: claim.ClaimID, CycleID: claim.CycleID, ContactID: claim.ContactID, Opening: opening}}
	if claim.Purpose == "find_address" {
		return l.refuse("message.refused.purpose"), nil
	}
	if l.cycle, err = s.Cycles.Cycle(ctx, claim.CycleID); err != nil {
		return l, err
	}
	if l.to, err = addresseeOf(tx, l.cycle, claim.ContactID, by.ID); err != nil {
		return l, err
	}
	if l.to.Reason != notAReason {
		return l.refuse("message.refused." + string(l.to.Reason)), nil
	}
	found, err := s.approvedFor(tx, &l)
	if err != nil || !found {
		return l, err
	}
	if found, err = s.stepFor(tx, &l); err != nil || !found {
		return l, err
	}
	reason, err := refusalOf(tx, mailingOf(&l.Campaign, &l.Step), l.ContactID)
	if err != nil || reason != notAReason {
		return l.refuse("message.refused." + string(reason)), err
	}
	return l, s.languageFor(ctx, &l)
}

// refuse says why nothing can be sent.
func (l *letter) refuse(key string, args ...any) letter {
	l.Refusal = errs.E(errs.Conflict, key, args...)
	return *l
}

// approvedFor finds the campaign of which the text is: the newest approved one that is for the contact. What a
// second person approved for others is not approved for this contact.
func (s *Service) approvedFor(tx *db.Tx, l *letter) (found bool, err error) {
	all, err := listCampaigns(tx, l.cycle.ID)
	if err != nil {
		return false, err
	}
	why := "message.refused.no_campaign"
	for i := range all {
		c := &all[i]
		switch c.State {
		case Approved, Scheduled, Sending, Paused, Sent:
		case InReview:
			why = "message.refused.in_review"
			continue
		case Draft:
			if why == "message.refused.no_campaign" {
				why = "message.refused.draft"
			}
			continue
		default:
			continue
		}
		mine, err := inAudience(tx, c, l.ContactID)
		switch {
		case err != nil:
			return false, err
		case !mine:
			why = "message.refused.audience"
		case c.State == Paused:
			l.refuse("message.refused.paused", "Campaign", c.Name)
			return false, nil
		default:
			l.Campaign = *c
			return true, nil
		}
	}
	l.refuse(why)
	return false, nil
}

// stepFor finds the message that is next for the contact: the call, or where it has arrived the first follow-up
// that has not.
func (s *Service) stepFor(tx *db.Tx, l *letter) (found bool, err error) {
	slots, err := slotsOf(tx, &l.Campaign, l.to)
	if err != nil {
		return false, err
	}
	var last slotRow
	for i := range l.Campaign.Steps {
		step := &l.Campaign.Steps[i]
		if step.RevisionID == nil || step.State == StepCancelled {
			continue
		}
		if step.EndsAt != nil && !s.Now().Before(*step.EndsAt) {
			l.refuse("message.refused.step_ended")
			return false, nil
		}
		taken, done := l.slot(slots, step.ID)
		if done {
			return false, nil
		}
		if taken.ID == 0 {
			l.Step = *step
			return s.apart(l, last), nil
		}
		last = taken
	}
	if last.ID == 0 {
		l.refuse("message.refused.no_campaign")
		return false, nil
	}
	l.refuse(wentOut(last), "Day", *last.SentAt, "Volunteer", last.Volunteer)
	return false, nil
}

// slot looks at what holds the slot of a step: a message that arrived is given back, one that waits for this
// contact is noted as overtaken, anything else is a refusal.
func (l *letter) slot(slots []slotRow, stepID int64) (taken slotRow, done bool) {
	for _, d := range slots {
		if d.StepID != stepID {
			continue
		}
		here := d.AddressID != nil && *d.AddressID == l.to.AddressID
		switch {
		case d.SentAt != nil && (d.State == DeliverySent || d.State == DeliveryQueued || d.State == DeliveryDeferred): // or sent again
			taken = d
		case d.State == DeliveryUncertain:
			l.refuse("message.refused.uncertain")
			return taken, true
		case d.State == DeliveryQueued || d.State == DeliveryDeferred:
			switch {
			case d.PersonalBy != nil:
				l.refuse("message.refused.under_way_personally", "Volunteer", d.Volunteer)
				return taken, true
			case d.ContactID != l.ContactID:
				l.refuse("message.refused.shared")
				return taken, true
			}
			l.overtaken = append(l.overtaken, d.Delivery)
		case here: // failed, bounced, complained
			l.refuse("message.refused.failed")
			return taken, true
		}
	}
	return taken, false
}

// wentOut is the key of what to say of a message that arrived.
func wentOut(d slotRow) string {
	if d.PersonalBy != nil {
		return "message.refused.sent_personally"
	}
	return "message.refused.sent"
}

// apart keeps the follow-up from coming on the heels of the message before, as the campaign's own do.
func (s *Service) apart(l *letter, last slotRow) bool {
	if last.ID == 0 {
		return true
	}
	from := last.SentAt.Add(DaysApart * day)
	if s.Now().Before(from) {
		l.refuse(wentOut(last)+"_lately", "Day", *last.SentAt, "Volunteer", last.Volunteer, "From", from)
		return false
	}
	return true
}

// languageFor chooses the language by the rules of the campaign.
func (s *Service) languageFor(ctx context.Context, l *letter) error {
	locales, err := s.locales(ctx, l.cycle.ID, *l.Step.RevisionID, false)
	if err != nil {
		return err
	}
	chains := resolveChains([]string{l.to.Chain}, locales, l.cycle.DefaultLanguage, l.Step.LanguagePolicy)
	if err := s.pinEditions(ctx, *l.Step.RevisionID, chains); err != nil {
		return err
	}
	chain := chains[0]
	if chain.Locale == "" {
		l.refuse("message.refused." + string(untranslated(l.Step.LanguagePolicy)))
		return nil
	}
	l.Locale, l.Fallback, l.edition = chain.Locale, chain.Fallback, chain.Edition
	if l.Variant, err = s.variantFor(ctx, *l.Step.RevisionID, l.ContactID, l.to.StakeholderGroup); err != nil {
		return err
	}
	if err := s.knowDeadline(ctx, l.cycle.ID, &l.to.person); err != nil {
		return err
	}
	l.To = mail.Address{Name: l.to.Name, Email: l.to.Email}
	l.ReplyTo = l.to.answers()
	l.From = s.senderFor(s.Bundle.For(l.Locale), l.to.Volunteer)
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s %d %d %s", l.Step.ID, *l.Step.RevisionID, l.Locale, l.edition, l.to.AddressID, l.Variant))
	l.Seen = hex.EncodeToString(sum[:8])
	return nil
}

// senderFor names the volunteer before the secretariat's own address: servers of recipients check who may
// send for an address, and a volunteer's own domain would not have us do it.
func (s *Service) senderFor(l *i18n.Localizer, volunteer string) mail.Address {
	name := volunteer
	if s.From.Name != "" {
		name = l.T("mail.from.personal", "Volunteer", volunteer, "Sender", s.From.Name)
	}
	return mail.Address{Name: name, Email: s.From.Email}
}

// sender is who writes, empty for the campaign itself.
func (c *composer) sender(p person) mail.Address {
	if p.Volunteer == "" {
		return mail.Address{}
	}
	return c.s.senderFor(c.locale, p.Volunteer)
}

func (l *letter) form() edition {
	return edition{revisionID: *l.Step.RevisionID, locale: l.Locale, number: l.edition, variant: l.Variant, bilingual: l.Step.LanguagePolicy == PolicyBilingual}
}

// renderLetter makes the message, or refuses it where its text cannot be rendered.
func (s *Service) renderLetter(ctx context.Context, l *letter) error {
	c, err := s.freshComposer(ctx, l.cycle, l.form(), l.Opening)
	if err == nil {
		var e mail.Envelope
		e, err = c.envelope(l.to.person)
		l.Raw = e.Data
	}
	if textFails(err) {
		l.refuse("message.refused.unrenderable")
		return nil
	}
	return err
}
