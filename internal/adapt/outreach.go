package adapt

import (
	"context"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/outreach"
)

// Warnings lets the letters tell volunteers what becomes of their claims, and translators of their translations.
type Warnings struct {
	Accounts  *account.Service
	Letters   *letter.Outbox
	Reference *geo.Reference
	PublicURL string
}

func (a Warnings) person(ctx context.Context, id int64) (letter.Person, error) {
	volunteer, err := a.Accounts.ByID(ctx, id)
	if err != nil {
		return letter.Person{}, err
	}
	zone, err := time.LoadLocation(volunteer.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return letter.Person{Email: volunteer.Email, Name: volunteer.Name, Language: volunteer.Language, Zone: zone}, nil
}

func (a Warnings) home() string { return a.PublicURL + "/outreach" }

// PrepareWarning implements outreach.Notifier.
func (a Warnings) PrepareWarning(ctx context.Context, w outreach.Warning) (outreach.Message, error) {
	to, err := a.person(ctx, w.VolunteerID)
	if err != nil {
		return nil, err
	}
	return a.Letters.Prepare(ctx, letter.ClaimWarning{
		To: to.Email, Name: to.Name, Language: to.Language, Contact: w.Contact,
		Expires: w.ExpiresAt, Zone: to.Zone, Link: a.PublicURL + "/contacts/" + strconv.FormatInt(w.ContactID, 10),
	})
}

// PrepareOffer implements outreach.Notifier.
func (a Warnings) PrepareOffer(ctx context.Context, n outreach.OfferNotice) (outreach.Message, error) {
	to, err := a.person(ctx, n.VolunteerID)
	if err != nil {
		return nil, err
	}
	return a.Letters.Prepare(ctx, letter.HandoverOffer{
		Person: to, From: n.From, Contact: n.Contact, Purpose: string(n.Purpose), Note: n.Note, Expires: n.ExpiresAt, Link: a.home(),
	})
}

// PrepareAnswer implements outreach.Notifier.
func (a Warnings) PrepareAnswer(ctx context.Context, n outreach.AnswerNotice) (outreach.Message, error) {
	to, err := a.person(ctx, n.VolunteerID)
	if err != nil {
		return nil, err
	}
	return a.Letters.Prepare(ctx, letter.HandoverAnswer{
		Person: to, Colleague: n.Colleague, Contact: n.Contact, Accepted: n.Accepted, Answer: n.Answer, Link: a.home(),
	})
}

// PrepareTaken implements outreach.Notifier.
func (a Warnings) PrepareTaken(ctx context.Context, n outreach.TakenNotice) (outreach.Message, error) {
	to, err := a.person(ctx, n.VolunteerID)
	if err != nil {
		return nil, err
	}
	return a.Letters.Prepare(ctx, letter.ClaimTaken{
		Person: to, Officer: n.Officer, Contact: n.Contact, Reason: n.Reason, To: n.To, Link: a.home(),
	})
}

// PrepareGiven implements outreach.Notifier.
func (a Warnings) PrepareGiven(ctx context.Context, n outreach.GivenNotice) (outreach.Message, error) {
	to, err := a.person(ctx, n.VolunteerID)
	if err != nil {
		return nil, err
	}
	l := a.Letters.I18n.For(to.Language)
	items := make([]letter.GivenItem, len(n.Items))
	for i, item := range n.Items {
		items[i] = letter.GivenItem{Contact: item.Contact, Purpose: string(item.Purpose)}
		for _, r := range item.Reasons {
			items[i].Why = append(items[i].Why, r.Say(l, a.Reference))
		}
	}
	return a.Letters.Prepare(ctx, letter.ClaimsGiven{
		Person: to, Officer: n.Officer, Note: n.Note, Expires: n.ExpiresAt, Items: items, Link: a.home(),
	})
}

// PrepareTurns implements campaign.TurnNotifier.
func (a Warnings) PrepareTurns(ctx context.Context, volunteerID int64, turns []campaign.Turn) (campaign.Notice, error) {
	to, err := a.person(ctx, volunteerID)
	if err != nil {
		return nil, err
	}
	items := make([]letter.ReadyItem, len(turns))
	for i, t := range turns {
		items[i] = letter.ReadyItem{Contact: t.Contact, Until: t.Until}
	}
	return a.Letters.Prepare(ctx, letter.FollowUpReady{Person: to, Items: items, Link: a.home()})
}
