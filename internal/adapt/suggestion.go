package adapt

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
)

// Outcomes lets the letters tell members of the house what became of what they suggested.
type Outcomes struct {
	Accounts  *account.Service
	Letters   *letter.Outbox
	PublicURL string
}

type outcomeMail struct {
	*letter.Prepared
	to string
}

// Recipient implements contact.Message.
func (m outcomeMail) Recipient() string { return m.to }

// PrepareOutcome implements contact.Notifier.
func (a Outcomes) PrepareOutcome(ctx context.Context, n contact.OutcomeNotice) (contact.Message, error) {
	to, err := a.Accounts.ByID(ctx, n.MemberID)
	if errs.Is(err, errs.NotFound) || err == nil && to.DisabledAt != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := a.Letters.Prepare(ctx, letter.SuggestionOutcome{
		Person:    letter.Person{Email: to.Email, Name: to.Name, Language: to.Language},
		Candidate: n.Candidate, State: string(n.State), Note: n.Note, Link: a.PublicURL + "/candidates",
	})
	if err != nil {
		return nil, err
	}
	return outcomeMail{Prepared: p, to: to.Email}, nil
}
