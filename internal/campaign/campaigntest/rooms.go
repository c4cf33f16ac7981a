package campaigntest

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document"
)

// Cycles implements campaign.Cycles.
type Cycles struct{ *cycle.Service }

// Cycle implements campaign.Cycles.
func (a Cycles) Cycle(ctx context.Context, id int64) (campaign.Cycle, error) {
	c, err := a.ByID(ctx, id)
	return cycleOf(c), err
}

// CycleBySlug implements campaign.Cycles.
func (a Cycles) CycleBySlug(ctx context.Context, slug string) (campaign.Cycle, error) {
	c, err := a.BySlug(ctx, slug)
	return cycleOf(c), err
}

func cycleOf(c cycle.Cycle) campaign.Cycle {
	return campaign.Cycle{
		ID: c.ID, Slug: c.Slug, Name: c.Name, DefaultLanguage: c.DefaultLanguage, AuthorMayApprove: c.AuthorMayApprove,
		OrganizationStopsFollowUps: c.OrganizationStopsFollowUps,
	}
}

// Deadline implements campaign.Cycles.
func (a Cycles) Deadline(ctx context.Context, cycleID int64, at time.Time) (campaign.Deadline, bool, error) {
	d, ok, err := a.DeadlineFor(ctx, cycleID, "", at)
	if err != nil || !ok {
		return campaign.Deadline{}, false, err
	}
	zone, err := cycle.Location(d.Zone)
	return campaign.Deadline{Day: d.Day(), Zone: zone, At: d.At}, err == nil, err
}

// Texts implements campaign.Texts.
type Texts struct{ *document.Service }

// Document implements campaign.Texts.
func (a Texts) Document(ctx context.Context, id int64) (campaign.Document, error) {
	d, err := a.ByID(ctx, id)
	if err != nil {
		return campaign.Document{}, err
	}
	r, err := a.CurrentRevision(ctx, id)
	return campaign.Document{
		ID: d.ID, CycleID: d.CycleID, Kind: string(d.Kind), Slug: d.Slug, SourceLanguage: d.SourceLanguage,
		RevisionID: r.ID, Frozen: r.State != document.OpenForComment,
	}, err
}

// Documents implements campaign.Texts.
func (a Texts) Documents(ctx context.Context, cycleID int64, kind string) ([]campaign.Document, error) {
	all, err := a.ByKind(ctx, cycleID, document.Kind(kind))
	if err != nil {
		return nil, err
	}
	documents := make([]campaign.Document, len(all))
	for i, d := range all {
		if documents[i], err = a.Document(ctx, d.ID); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// Create implements campaign.Texts.
func (a Texts) Create(ctx context.Context, by account.Actor, cycleID int64, kind, slug, language string) (campaign.Document, error) {
	d, err := a.Service.Create(ctx, by, cycleID, document.Kind(kind), slug, language, document.Message{Subject: "[TBD]", Body: "[TBD]"})
	if err != nil {
		return campaign.Document{}, err
	}
	return a.Document(ctx, d.ID)
}

// Translations implements campaign.Texts.
func (a Texts) Translations(ctx context.Context, revisionID int64) ([]campaign.Translation, error) {
	all, err := a.Service.Translations(ctx, revisionID)
	translations := make([]campaign.Translation, len(all))
	for i, t := range all {
		translations[i] = campaign.Translation{Locale: t.Locale, State: string(t.State)}
	}
	return translations, err
}

// SetText implements campaign.Texts.
func (a Texts) SetText(ctx context.Context, by account.Actor, documentID int64, locale, subject, body string) error {
	return a.Put(ctx, by, documentID, locale, document.Message{Subject: subject, Body: body})
}

// Freeze implements campaign.Texts.
func (a Texts) Freeze(ctx context.Context, by account.Actor, documentID int64) (int64, error) {
	r, err := a.Service.Freeze(ctx, by, documentID)
	return r.ID, err
}

// Mail implements campaign.Texts.
func (a Texts) Mail(ctx context.Context, revisionID int64, locale string) (campaign.Text, error) {
	m, err := a.Service.Mail(ctx, revisionID, locale)
	return campaign.Text{Locale: m.Locale, Subject: m.Subject, Text: m.Text, HTML: m.HTML}, err
}

// MarkSent implements campaign.Texts.
func (a Texts) MarkSent(tx *db.Tx, by audit.Who, revisionID int64) error {
	return a.Service.MarkSent(tx, by, revisionID)
}
