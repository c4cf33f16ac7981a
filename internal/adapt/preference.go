package adapt

import (
	"context"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/letter"
)

// Readers lets the letters write to readers who want our messages at another address.
type Readers struct {
	Letters   *letter.Outbox
	PublicURL string
}

// PrepareConfirmation implements contact.AddressLetters.
func (a Readers) PrepareConfirmation(ctx context.Context, n contact.AddressConfirmation) (contact.Message, error) {
	return a.prepare(ctx, n.To, letter.AddressConfirmation{
		Person: letter.Person{Email: n.To, Language: n.Language}, Cycle: n.Cycle, Link: a.PublicURL + "/confirm/" + n.Secret,
	})
}

// PrepareMoved implements contact.AddressLetters.
func (a Readers) PrepareMoved(ctx context.Context, n contact.AddressMoved) (contact.Message, error) {
	return a.prepare(ctx, n.To, letter.AddressMoved{
		Person: letter.Person{Email: n.To, Name: n.Name, Language: n.Language}, Cycle: n.Cycle, Masked: n.Masked, Link: a.PublicURL + "/u/" + n.Token,
	})
}

func (a Readers) prepare(ctx context.Context, to string, l letter.Letter) (contact.Message, error) {
	p, err := a.Letters.Prepare(ctx, l)
	if err != nil {
		return nil, err
	}
	return outcomeMail{Prepared: p, to: to}, nil
}
