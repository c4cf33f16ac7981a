package campaign

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
)

// Deps is what a Service works with. A process that only serves pages needs no Transport and no
// Journals; one that only sends needs everything.
type Deps struct {
	DB         *db.DB
	Now        func() time.Time // UTC
	Bundle     *i18n.Bundle
	Links      *link.Signer
	Cycles     Cycles
	Texts      Texts
	Addresses  Addresses
	Volunteers Volunteers
	Turned     TurnNotifier // nil: volunteers find it on their page only
	Queue      Queue
	Letters    Letters
	Limiter    Limiter // nil: tests to oneself are not limited
	Transport  Transport
	Journals   Journals
	MailServer MailServer // nil where nobody knows
	Log        *slog.Logger
	Limits     Limits
	Buckets    Buckets        // without them nothing leaves that is limited
	Reference  *geo.Reference // areas of expertise, and where contacts are; nil takes any, and everybody is where the cycle is

	PublicURL  string       // how links begin, without a slash at the end
	From       mail.Address // who writes
	MailDomain string       // of Message-ID
	// InboundDomain is that of Reply-To, Return-Path and of the address for unsubscribing, where mail that comes in is read by
	// machine. Without it they are at MailDomain, and there is no such address.
	InboundDomain string

	// Spread gives numbers from 0 to 1 for pauses; nil means always a half.
	Spread func() float64
}

// Service keeps campaigns and sends them. It is safe for use by several goroutines.
type Service struct {
	Deps
	skeletons *skeletons
	rest      *rest
	looks     *looks
	launches  *launches
	chunk     int // contacts in one transaction of a launch
	arenas    *arenas
}

// New makes the service.
func New(d Deps) *Service {
	if d.Spread == nil {
		d.Spread = func() float64 { return 0.5 }
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Deps: d, skeletons: newSkeletons(), rest: &rest{}, looks: &looks{}, launches: &launches{running: map[int64]bool{}}, chunk: chunkSize, arenas: &arenas{full: arenaFull}}
}

// StepDraft is a step to be made. Without a document the step gets one of the cycle that is still
// open and of the right kind, or an empty one.
type StepDraft struct {
	Kind       StepKind
	DocumentID int64
	OffsetDays int
	OffsetFrom string
	EndsAt     *time.Time
}

// Proposal is a campaign to be made. Without steps it has the call alone.
type Proposal struct {
	CycleID  int64
	Name     string
	Audience Audience
	// SegmentID is where the audience comes from, 0 for nowhere. Without an audience the campaign has the segment's.
	SegmentID int64
	Steps     []StepDraft
}

// Create makes a campaign in the state Draft. An audience that means nobody is errs.Invalid.
func (s *Service) Create(ctx context.Context, by account.Actor, d Proposal) (Campaign, error) {
	if err := by.Require(account.CampaignWrite); err != nil {
		return Campaign{}, err
	}
	if len(d.Steps) == 0 {
		d.Steps = []StepDraft{{Kind: Call}}
	}
	d.Name, d.Audience = strings.TrimSpace(d.Name), d.Audience.tidy()
	var c Campaign
	if err := s.fromSegment(s.DB.Read(ctx), &d, &c); err != nil {
		return Campaign{}, errs.Wrap("campaign.create", err)
	}
	if err := s.validate(ctx, d); err != nil {
		return Campaign{}, errs.Wrap("campaign.create", err)
	}
	cycle, err := s.Cycles.Cycle(ctx, d.CycleID)
	if err != nil {
		return Campaign{}, errs.Wrap("campaign.create", err)
	}
	c.CycleID, c.Name, c.State, c.Audience, c.CreatedBy, c.CreatedAt = cycle.ID, d.Name, Draft, d.Audience, accountOf(by), s.Now()
	if c.Steps, err = s.draftSteps(ctx, by, cycle, d); err != nil {
		return Campaign{}, errs.Wrap("campaign.create", err)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertCampaign(tx, &c); err != nil {
			return err
		}
		return s.record(tx, by.Who, &c, "campaign.created", nil, map[string]any{
			"name": c.Name, "audience": c.Audience, "steps": len(c.Steps), "segment": c.SegmentName,
		})
	})
	return c, errs.Wrap("campaign.create", err)
}

// maxCampaignName is how many characters the name of a campaign has at most.
const maxCampaignName = 200

// checkName refuses what is no name in one line. A name is trimmed before.
func checkName(name string, most int) []errs.Field {
	switch {
	case errs.Blank(name):
		return []errs.Field{errs.FieldError("name", "field.required")}
	case utf8.RuneCountInString(name) > most:
		return []errs.Field{errs.FieldError("name", "field.too_long", "Max", most)}
	case strings.ContainsAny(name, "\r\n"):
		return []errs.Field{errs.FieldError("name", "field.one_line")}
	}
	return nil
}

func (s *Service) validate(ctx context.Context, d Proposal) error {
	wrong := checkName(d.Name, maxCampaignName)
	audience, err := s.checkAudience(s.DB.Read(ctx), d.Audience)
	if err != nil {
		return err
	}
	wrong = append(wrong, audience...)
	wrong = append(wrong, validateSteps(d.Steps)...)
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// draftSteps gives each step its text.
func (s *Service) draftSteps(ctx context.Context, by account.Actor, cycle Cycle, d Proposal) ([]Step, error) {
	steps := make([]Step, len(d.Steps))
	var used []int64
	for i, draft := range d.Steps {
		document, err := s.documentFor(ctx, by, cycle, draft, i, used)
		if err != nil {
			return nil, err
		}
		used = append(used, document)
		steps[i] = Step{
			Position: i + 1, Kind: draft.Kind, State: StepPlanned, DocumentID: document,
			OffsetDays: draft.OffsetDays, OffsetFrom: draft.OffsetFrom, EndsAt: draft.EndsAt,
		}
		if steps[i].OffsetFrom == "" {
			steps[i].OffsetFrom = FromLaunch
		}
	}
	return steps, nil
}

func (s *Service) documentFor(ctx context.Context, by account.Actor, cycle Cycle, d StepDraft, i int, used []int64) (int64, error) {
	name := fieldName("steps", i)
	kind := KindMessage
	if d.Kind == FollowUp {
		kind = KindFollowUp
	}
	if d.DocumentID != 0 {
		doc, err := s.Texts.Document(ctx, d.DocumentID)
		if errs.Is(err, errs.NotFound) || err == nil && (doc.CycleID != cycle.ID || doc.Kind != KindMessage && doc.Kind != KindFollowUp) {
			return 0, errs.InvalidFields(errs.FieldError(name, "campaign.steps.document"))
		}
		return doc.ID, err
	}
	docs, err := s.Texts.Documents(ctx, cycle.ID, kind)
	if err != nil {
		return 0, err
	}
	taken, err := documentsInUse(s.DB.Read(ctx), cycle.ID)
	if err != nil {
		return 0, err
	}
	for _, doc := range docs {
		if !doc.Frozen && !slices.Contains(used, doc.ID) && !slices.Contains(taken, doc.ID) {
			return doc.ID, nil
		}
	}
	doc, err := s.Texts.Create(ctx, by, cycle.ID, kind, freeSlug(docs, kind), cycle.DefaultLanguage)
	return doc.ID, err
}

// freeSlug is a slug that none of the documents has: message, message-2, …
func freeSlug(docs []Document, kind string) string {
	base := "message"
	if kind == KindFollowUp {
		base = "follow-up"
	}
	slug := base
	for n := 2; slices.ContainsFunc(docs, func(d Document) bool { return d.Slug == slug }); n++ {
		slug = fmt.Sprintf("%s-%d", base, n)
	}
	return slug
}

// Get finds a campaign with its steps; errs.NotFound where there is none.
func (s *Service) Get(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return Campaign{}, err
	}
	c, err := loadCampaign(s.DB.Read(ctx), id)
	return c, errs.Wrap("campaign.get", err)
}

// List gives a cycle's campaigns with their steps, the newest first.
func (s *Service) List(ctx context.Context, by account.Actor, cycleID int64) ([]Campaign, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	all, err := listCampaigns(s.DB.Read(ctx), cycleID)
	return all, errs.Wrap("campaign.list", err)
}

// change loads a campaign, lets fn move it, stores it and records the event, in one transaction.
func (s *Service) change(ctx context.Context, by audit.Who, id int64, action string, fn func(tx *db.Tx, c *Campaign) (after map[string]any, err error)) (Campaign, error) {
	var c Campaign
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = lockCampaign(tx, id); err != nil {
			return err
		}
		before := c.State
		after, err := fn(tx, &c)
		if err != nil {
			return err
		}
		if err := saveCampaign(tx, &c); err != nil {
			return err
		}
		if after == nil {
			after = map[string]any{}
		}
		after["state"] = c.State
		return s.record(tx, by, &c, action, map[string]any{"state": before}, after)
	})
	return c, err
}

func (s *Service) record(tx *db.Tx, who audit.Who, c *Campaign, action string, before, after any) error {
	return audit.Record(tx, who, s.Now(), audit.Change{
		Action: action, ObjectKind: "campaign", ObjectID: c.ID, CycleID: c.CycleID, Before: before, After: after,
	})
}

func accountOf(by account.Actor) *int64 {
	if by.ID == 0 {
		return nil
	}
	id := by.ID
	return &id
}
