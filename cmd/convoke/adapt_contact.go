package main

import (
	"context"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/outreach"
)

// addresses shows contacts to the campaigns.
type addresses struct{ *contact.Service }

// MarkBounced implements campaign.Addresses.
func (a addresses) MarkBounced(tx *db.Tx, by audit.Who, ids []int64) error {
	for _, id := range ids {
		if err := a.Service.MarkBounced(tx, by, id); err != nil {
			return err
		}
	}
	return nil
}

// suppressor shows contacts to the pages that unsubscribe.
type suppressor struct{ *contact.Service }

// Unsubscribe implements contribution.Suppressor.
func (a suppressor) Unsubscribe(ctx context.Context, by account.Actor, email string) error {
	return a.Suppress(ctx, by, email, contact.Unsubscribed)
}

// warnings lets the letters tell volunteers that a claim is about to expire.
type warnings struct {
	accounts  *account.Service
	letters   *letter.Outbox
	publicURL string
}

// PrepareWarning implements outreach.Notifier.
func (a warnings) PrepareWarning(ctx context.Context, w outreach.Warning) (outreach.Message, error) {
	volunteer, err := a.accounts.ByID(ctx, w.VolunteerID)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(volunteer.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return a.letters.Prepare(ctx, letter.ClaimWarning{
		To: volunteer.Email, Name: volunteer.Name, Language: volunteer.Language, Contact: w.Contact,
		Expires: w.ExpiresAt, Zone: zone, Link: a.publicURL + "/contacts/" + strconv.FormatInt(w.ContactID, 10),
	})
}
