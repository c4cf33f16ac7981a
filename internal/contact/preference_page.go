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

// reader is whoever holds the link of a mail: it is the right to speak for the mailbox that the mail went to.
type reader struct {
	cycleID, campaignID int64
	deliveryID          int64 // 0 where the link names no mail: then it speaks for all mailboxes of the contact
	locale              string
	contact             Contact
	boxes               []Address
}

// readerOf finds the reader of a token, whoever the contact became part of since. The error is errs.NotFound for any other
// text, and for a contact who was erased.
func (s *Service) readerOf(tx *db.Tx, token string) (reader, error) {
	t, err := s.Links.Parse(link.Unsubscribe, token)
	if err != nil {
		return reader{}, err
	}
	return readerFor(tx, t)
}

// readerFor is the reader of the mail that a token names.
func readerFor(tx *db.Tx, t link.Target) (reader, error) {
	r := reader{cycleID: t.CycleID, deliveryID: t.DeliveryID}
	if err := r.find(tx, t.ContactID); err != nil {
		if db.IsNotFound(err) {
			err = errs.E(errs.NotFound, "link.unknown")
		}
		return reader{}, err
	}
	if r.contact.ErasedAt != nil || len(r.boxes) == 0 {
		return reader{}, errs.E(errs.NotFound, "link.unknown")
	}
	return r, nil
}

func (r *reader) find(tx *db.Tx, contactID int64) error {
	survivor, err := successorOf(tx, contactID)
	if err == nil {
		contactID = survivor
	} else if !db.IsNotFound(err) {
		return err
	}
	if r.contact, err = contactByID(tx, contactID); err != nil {
		return err
	}
	if r.deliveryID == 0 {
		r.boxes, err = boxesOf(tx, contactID)
		return err
	}
	from, err := originOf(tx, r.deliveryID, contactID)
	if err != nil {
		return err
	}
	r.campaignID, r.cycleID, r.locale = from.CampaignID, from.CycleID, from.Locale
	box, err := addressByID(tx, from.AddressID)
	r.boxes = []Address{box}
	return err
}

func (r *reader) hashes() []string {
	all := make([]string, len(r.boxes))
	for i, a := range r.boxes {
		all[i] = a.Hash
	}
	return all
}

// everywhere are the hashes of all mailboxes at which something may have been asked that holds for the contact: the mail's, and
// those that the contact has.
func (r *reader) everywhere(tx *db.Tx) ([]string, error) {
	boxes, err := boxesOf(tx, r.contact.ID)
	all := r.hashes()
	for _, a := range boxes {
		if !slices.Contains(all, a.Hash) {
			all = append(all, a.Hash)
		}
	}
	return all, err
}

// speaksFor are the hashes of the mailboxes for which the link speaks: that of the mail, and where the contact does not have it
// any more, those that it has instead.
func (r *reader) speaksFor(tx *db.Tx) ([]string, error) {
	if r.deliveryID == 0 {
		return r.hashes(), nil
	}
	_, err := linkedAddress(tx, r.contact.ID, r.boxes[0].ID)
	if db.IsNotFound(err) {
		return r.everywhere(tx)
	}
	return r.hashes(), err
}

// who is the reader, as the trail knows them.
func (r *reader) who(by account.Actor) audit.Who {
	return audit.Who{Kind: audit.ByContributor, Name: r.contact.Name, RequestID: by.RequestID}
}

// object is what a scope is about.
func (r *reader) object(scope Scope) int64 {
	switch scope {
	case ThisCampaign:
		return r.campaignID
	case ThisCycle:
		return r.cycleID
	}
	return 0
}

// Preferences are what the page behind a mail's link shows. It changes nothing. The error is errs.NotFound where the link is
// not one of ours.
func (s *Service) Preferences(ctx context.Context, token string) (Preferences, error) {
	tx := s.DB.Read(ctx)
	r, err := s.readerOf(tx, token)
	if err != nil {
		return Preferences{}, errs.Wrap("contact.preferences", err)
	}
	p := Preferences{Name: r.contact.Name, Locale: r.locale, Chain: strings.Fields(r.contact.LanguageChain), Whole: r.deliveryID != 0, Often: AllReminders}
	var masked []string
	for _, a := range r.boxes {
		masked = append(masked, mask(a.Email))
	}
	p.Masked = strings.Join(masked, ", ")
	if p.Cycle, err = roundName(tx, r.cycleID); err != nil {
		return p, errs.Wrap("contact.preferences", err)
	}
	if err := s.whatWasAsked(tx, &r, &p); err != nil {
		return p, errs.Wrap("contact.preferences", err)
	}
	p.Elsewhere, err = elsewhere(tx, &r)
	return p, errs.Wrap("contact.preferences", err)
}

// whatWasAsked fills in what holds at the mailboxes.
func (s *Service) whatWasAsked(tx *db.Tx, r *reader, p *Preferences) error {
	everywhere, err := r.everywhere(tx)
	if err != nil {
		return err
	}
	live, err := liveOptOuts(tx, everywhere)
	if err != nil {
		return err
	}
	for _, o := range live {
		switch {
		case o.Scope == SecondReminder:
			p.Often = OneReminder
		case o.Scope == NoReminders:
			p.Often = NoneAtAll
		case o.ObjectID != r.object(o.Scope):
		case p.Stopped == nil || slices.Index(Stops(), o.Scope) > slices.Index(Stops(), p.Stopped.Scope):
			p.Stopped = &Asked{Scope: o.Scope, At: o.AskedAt, Mine: r.asked(&o)}
		}
	}
	for _, hash := range everywhere {
		reason, at, err := suppressedSince(tx, hash)
		if err != nil {
			return err
		}
		if at == nil {
			continue
		}
		if p.Stopped == nil || p.Stopped.Scope != Everything || reason != Unsubscribed {
			p.Stopped = &Asked{Scope: Everything, At: *at}
		}
	}
	return nil
}

// asked says whether an opt-out was asked by the link of this very mail. Nobody else who has had a mail of ours, or had one
// forwarded, can make us write again to somebody who asked us not to.
func (r *reader) asked(o *OptOut) bool {
	if o.DeliveryID == nil {
		return r.deliveryID == 0 && o.How != ByOfficer
	}
	return *o.DeliveryID == r.deliveryID
}

// elsewhere is where messages go that do not go to the mail's mailbox, masked.
func elsewhere(tx *db.Tx, r *reader) (string, error) {
	if r.deliveryID == 0 {
		return "", nil
	}
	first, err := mailableAddress(tx, r.contact.ID)
	if err != nil || first.AddressID == 0 || first.AddressID == r.boxes[0].ID {
		return "", err
	}
	return mask(first.Email), nil
}
