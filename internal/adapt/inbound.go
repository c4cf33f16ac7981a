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
	"github.com/convoke/convoke/internal/mail"
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
func (a MailedContributions) FromMail(ctx context.Context, by account.Actor, m inbound.Arrival, files []mail.File, also func(*db.Tx, int64) error) ([]string, error) {
	round, err := a.roundOf(ctx, m.CycleID)
	if err != nil {
		return nil, err
	}
	cycleID := round.ID
	q, err := a.QuestionnaireOf(ctx, cycleID, round.DefaultLanguage)
	if err != nil {
		return nil, err
	}
	key := freePlace(q)
	if key == "" {
		return nil, errs.E(errs.Conflict, "inbound.no_place")
	}
	return a.RecordWith(ctx, by, contribution.Arrival{
		CycleID: cycleID, ContactID: m.ContactID, Channel: contribution.Email, ReceivedAt: m.ReceivedAt, Language: m.Language, Consent: m.Consent,
		Answers: contribution.Answers{key: m.Text},
		Profile: contribution.Profile{
			Name: m.Sender.Name, Organization: m.Sender.Organization, Capacity: contribution.Capacity(m.Sender.Capacity),
			StakeholderGroup: m.Sender.StakeholderGroup, Country: m.Sender.Country,
		},
	}, uploadsOf(files), func(tx *db.Tx, c *contribution.Contribution) error { return also(tx, c.ID) })
}

// roundOf is the current cycle for 0.
func (a MailedContributions) roundOf(ctx context.Context, cycleID int64) (contribution.Round, error) {
	if cycleID == 0 {
		return a.CurrentRound(ctx)
	}
	return a.RoundByID(ctx, cycleID)
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

// AddDocuments implements inbound.Contributions.
func (a MailedContributions) AddDocuments(ctx context.Context, by account.Actor, cycleID, contactID int64, files []mail.File, also func(*db.Tx, int64) error) ([]string, error) {
	round, err := a.roundOf(ctx, cycleID)
	if err != nil {
		return nil, err
	}
	return a.Supplement(ctx, by, round.ID, contactID, uploadsOf(files), func(tx *db.Tx, c *contribution.Contribution) error { return also(tx, c.ID) })
}

func uploadsOf(files []mail.File) []contribution.Upload {
	all := make([]contribution.Upload, len(files))
	for i, f := range files {
		all[i] = contribution.Upload{Name: f.Name, Content: bytes.NewReader(f.Content), Size: int64(len(f.Content))}
	}
	return all
}
