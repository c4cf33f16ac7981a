package campaign

import (
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Eraser removes what deliveries say of a contact who asked to be forgotten. It implements contact.Eraser.
type Eraser struct{}

// EraseContact keeps that a message went and when, which is counted.
func (Eraser) EraseContact(tx *db.Tx, contactID int64) error {
	return errs.Wrap("campaign.erase_contact", eraseWords(tx, contactID))
}
