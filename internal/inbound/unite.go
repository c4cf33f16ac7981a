package inbound

import (
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Uniter moves the mails of a contact to another when the contacts' room finds that they are one.
type Uniter struct{}

// Unite moves them in the caller's transaction, and keeps in the set what it changes.
func (Uniter) Unite(tx *db.Tx, _ audit.Who, from, into int64, set *undo.Set) error {
	if err := set.Keep(tx, "inbound_mail", "t.contact_id = ?", from); err != nil {
		return errs.Wrap("inbound.unite", err)
	}
	return errs.Wrap("inbound.unite", moveMails(tx, from, into))
}

// Separated has nothing to put right here after a merge was taken back.
func (Uniter) Separated(*db.Tx, int64) error { return nil }

// Foresee tells nothing: mails keep nobody from being united.
func (Uniter) Foresee(*db.Tx, int64, int64) ([]undo.Effect, error) { return nil, nil }

// Eraser removes what a contact wrote who asked to be forgotten. It implements contact.Eraser.
type Eraser struct{ Now func() time.Time }

// EraseContact removes the mails of the contact and from its own mailboxes, and who sent them. That a mail came, when, and what
// was done about it stays, because it is counted.
func (e Eraser) EraseContact(tx *db.Tx, contactID int64) error {
	return errs.Wrap("inbound.erase_contact", erase(tx, contactID, e.Now()))
}

// Withdrawn removes, in the caller's transaction, the mails that brought a contribution which its author took back: they hold its words and
// its documents. Whom they came from, when, and what was done about them stays. It implements contribution.Mails.
func (s *Service) Withdrawn(tx *db.Tx, who audit.Who, contributionID int64) error {
	ids, err := broughtBy(tx, contributionID)
	for _, id := range ids {
		if err == nil {
			err = s.forget(tx, who, id)
		}
	}
	return errs.Wrap("inbound.withdrawn", err)
}

func (s *Service) forget(tx *db.Tx, who audit.Who, id int64) error {
	m, err := lock(tx, id)
	if err != nil || m.ErasedAt != nil {
		return err
	}
	now := s.Now()
	m.Subject, m.Note, m.ErasedAt = "", "", &now
	if err := deleteRaw(tx, id); err != nil {
		return err
	}
	if err := save(tx, &m); err != nil {
		return err
	}
	return s.record(tx, who, &m, "inbound.forgotten", nil, map[string]any{"contribution": m.ContributionID})
}
