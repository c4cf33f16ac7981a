// Package adapt shows one room to another: the domains do not know each other, and what one needs of
// another it declares as an interface, which the types here implement. Each embeds the service that it
// shows. The program and the tests' kits put the house together with them.
package adapt

import (
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/outreach"
)

// Addresses shows contacts to the campaigns.
type Addresses struct{ *contact.Service }

// MarkBounced implements campaign.Addresses.
func (a Addresses) MarkBounced(tx *db.Tx, by audit.Who, ids []int64) error {
	for _, id := range ids {
		if err := a.Service.MarkBounced(tx, by, id); err != nil {
			return err
		}
	}
	return nil
}

// Volunteers shows outreach to the campaigns.
type Volunteers struct{ *outreach.Service }

// Mailed implements campaign.Volunteers.
func (a Volunteers) Mailed(tx *db.Tx, m campaign.Mailed) error {
	outcome := outreach.MailSent
	if m.WrongAddress {
		outcome = outreach.WrongAddress
	}
	return a.LogMailed(tx, m.ClaimID, m.At, outcome)
}

// Answering shows contacts to the initiatives for which they answer.
type Answering struct{ *contact.Service }

// Refresh implements nri.Contacts.
func (a Answering) Refresh(tx *db.Tx, t nri.Touched) error {
	return a.RefreshAnswering(tx, contact.Answering(t))
}
