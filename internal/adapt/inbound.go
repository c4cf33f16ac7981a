package adapt

import (
	"bytes"
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/inbound"
)

// Returns shows campaigns to the mail that comes in.
type Returns struct{ *campaign.Service }

// Bounced implements inbound.Campaigns.
func (a Returns) Bounced(tx *db.Tx, by audit.Who, b inbound.Returned) (hard, known bool, err error) {
	return a.Service.Bounced(tx, by, campaign.Returned(b))
}

// MailedContributions shows contributions to the mail that comes in.
type MailedContributions struct{ *contribution.Service }

// LongestText implements inbound.Contributions.
func (a MailedContributions) LongestText() int { return contribution.AnswerLimit }

// FromMail implements inbound.Contributions. The words of a mail go where the questionnaire lets people write freely, else to the
// first question that takes a text.
func (a MailedContributions) FromMail(ctx context.Context, by account.Actor, m inbound.Arrival, also func(*db.Tx, int64) error) error {
	cycleID := m.CycleID
	if cycleID == 0 {
		round, err := a.CurrentRound(ctx)
		if err != nil {
			return err
		}
		cycleID = round.ID
	}
	round, err := a.RoundByID(ctx, cycleID)
	if err != nil {
		return err
	}
	q, err := a.QuestionnaireOf(ctx, cycleID, round.DefaultLanguage)
	if err != nil {
		return err
	}
	key := freePlace(q)
	if key == "" {
		return errs.E(errs.Conflict, "inbound.no_place")
	}
	_, err = a.RecordAnd(ctx, by, contribution.Arrival{
		CycleID: cycleID, ContactID: m.ContactID, Channel: contribution.Email, ReceivedAt: m.ReceivedAt, Language: m.Language, Consent: m.Consent,
		Answers: contribution.Answers{key: m.Text},
		Profile: contribution.Profile{
			Name: m.Sender.Name, Organization: m.Sender.Organization, Capacity: contribution.Capacity(m.Sender.Capacity),
			StakeholderGroup: m.Sender.StakeholderGroup, Country: m.Sender.Country,
		},
	}, func(tx *db.Tx, c *contribution.Contribution) error { return also(tx, c.ID) })
	return err
}

// freePlace is the key of the answer that takes any text, "" where there is none.
func freePlace(q contribution.Questionnaire) string {
	if q.FreeForm {
		return contribution.FreeForm
	}
	for _, question := range q.Questions {
		if !question.Choice() {
			return question.Keys()[0]
		}
	}
	return ""
}

// AttachToMail implements inbound.Contributions.
func (a MailedContributions) AttachToMail(ctx context.Context, by account.Actor, id int64, name string, content []byte) error {
	_, err := a.AttachTo(ctx, by, id, contribution.Upload{Name: name, Content: bytes.NewReader(content), Size: int64(len(content))})
	return err
}
