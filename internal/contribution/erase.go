package contribution

import (
	"errors"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Eraser forgets whom somebody named as a signatory or invited to edit, and deletes what a person began and never submitted. What they signed
// themselves stays, as what they contributed does, without their address.
type Eraser struct{}

// EraseContact implements contact.Eraser.
func (Eraser) EraseContact(tx *db.Tx, contactID int64) error {
	return errs.Wrap("contribution.erase_contact", errors.Join(eraseSignatory(tx, contactID), eraseEditor(tx, contactID), eraseDrafts(tx, contactID)))
}
