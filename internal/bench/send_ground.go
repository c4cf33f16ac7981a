package bench

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
)

// Ground is a database with recipients and a message to them that is approved in five languages.
type Ground struct {
	Author, Approver account.Actor
	sending          *sending
}

// Prepare fills an empty database: as many people with a mailbox, and one in twenty-five more against whom something speaks.
func Prepare(ctx context.Context, in Installation, recipients int, now func() time.Time) (*Ground, error) {
	b := &sending{Installation: in, SendOptions: SendOptions{Recipients: recipients, Now: now}}
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	return &Ground{Author: b.author, Approver: b.approver, sending: b}, nil
}

// Approved makes a campaign to everybody that may be launched.
func (g *Ground) Approved(ctx context.Context) (int64, error) { return g.sending.approved(ctx) }
