package contribution

import (
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Eraser forgets whom somebody named as a signatory. What a person signed themselves stays, as what they contributed does, without
// their address.
type Eraser struct{}

// EraseContact implements contact.Eraser.
func (Eraser) EraseContact(tx *db.Tx, contactID int64) error {
	return errs.Wrap("contribution.erase_contact", eraseSignatory(tx, contactID))
}
