package campaign

import (
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// Eraser removes what deliveries say of a contact who asked to be forgotten. It implements contact.Eraser.
type Eraser struct{}

// EraseContact keeps that a message went and when, which is counted. Messages that were captured instead of sent are removed,
// but for those to a mailbox that others have too. What waits is left out when its turn comes.
func (Eraser) EraseContact(tx *db.Tx, contactID int64) error {
	to, err := ownMailboxes(tx, contactID)
	if err != nil {
		return errs.Wrap("campaign.erase_contact", err)
	}
	if err := mail.ForgetCaptured(tx, to); err != nil {
		return errs.Wrap("campaign.erase_contact", err)
	}
	return errs.Wrap("campaign.erase_contact", eraseWords(tx, contactID))
}
