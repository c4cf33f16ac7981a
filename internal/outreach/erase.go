package outreach

import (
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Eraser removes what volunteers wrote about a contact who asked to be forgotten. It implements contact.Eraser.
type Eraser struct{}

// EraseContact keeps that and when a try was made and what came of it, which is counted.
func (Eraser) EraseContact(tx *db.Tx, contactID int64) error {
	return errs.Wrap("outreach.erase_contact", eraseWords(tx, contactID))
}
