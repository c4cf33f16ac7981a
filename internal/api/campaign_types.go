package api

import (
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/mail"
)

// CampaignStepInput is a step to be made.
type CampaignStepInput struct {
	Kind       string     `json:"kind" enum:"call,follow_up"`
	DocumentID int64      `json:"document_id,omitempty" doc:"its text; one that is open and of the kind, or an empty one, if absent"`
	OffsetDays int        `json:"offset_days,omitempty" doc:"of a follow-up; before the deadline where negative"`
	OffsetFrom string     `json:"offset_from,omitempty" enum:"launch,deadline" doc:"launch if absent"`
	EndsAt     *time.Time `json:"ends_at,omitempty" doc:"nothing of the step is sent after it"`
}

// CampaignInput is a campaign to be made. Without steps it has the call alone.
type CampaignInput struct {
	Name     string              `json:"name"`
	Audience CampaignAudience    `json:"audience"`
	Segment  int64               `json:"segment_id,omitempty" doc:"where the filter comes from; without an audience the campaign copies that of the segment"`
	Steps    []CampaignStepInput `json:"steps,omitempty"`
}

// CampaignText is a message in one language.
type CampaignText struct {
	Subject  string                         `json:"subject"`
	Opening  string                         `json:"opening,omitempty" doc:"how it begins, as all parts but the subject Markdown"`
	Why      string                         `json:"why,omitempty" doc:"why it matters to the reader"`
	Body     string                         `json:"body" doc:"Markdown with merge fields such as {{contact}}"`
	Ask      string                         `json:"ask,omitempty" doc:"what the reader is asked to do"`
	Variants map[string]CampaignTextVariant `json:"variants,omitempty" doc:"by stakeholder group, or nri; if absent, those that there are stay"`

	BaseRevision int               `json:"base_revision,omitempty" doc:"of the source text: the number of the revision that was read; required (409) where somebody else's words would be replaced. What others changed since is kept, and 409 names the segments that both changed"`
	Bases        map[string]string `json:"bases,omitempty" doc:"of a translation: the marks of the texts that were read, by segment; required (409) for a text that somebody else wrote"`
}

// CampaignTextVariant is what a message says otherwise to some readers; what is empty is the general text's.
type CampaignTextVariant struct {
	Subject string `json:"subject,omitempty"`
	Opening string `json:"opening,omitempty"`
	Why     string `json:"why,omitempty"`
	Ask     string `json:"ask,omitempty"`
}

func (t *CampaignText) wording() campaign.Wording {
	w := campaign.Wording{Subject: t.Subject, Opening: t.Opening, Why: t.Why, Body: t.Body, Ask: t.Ask, BaseRevision: t.BaseRevision, Bases: t.Bases}
	if t.Variants != nil {
		w.Variants = make(map[string]campaign.VariantWording, len(t.Variants))
	}
	for key, v := range t.Variants {
		w.Variants[key] = campaign.VariantWording(v)
	}
	return w
}

// CampaignCounts are deliveries by what became of them. Recipients and excluded together are
// everybody in the audience.
type CampaignCounts struct {
	Recipients int                    `json:"recipients"`
	Excluded   int                    `json:"excluded"`
	States     map[string]int         `json:"states" doc:"by delivery state"`
	Locales    []CampaignLocaleCount  `json:"locales" doc:"of recipients"`
	Variants   []CampaignVariantCount `json:"variants" doc:"of recipients, by variant of the text and language"`
	Reasons    map[string]int         `json:"reasons" doc:"of the excluded"`
}

// CampaignLocaleCount is how many get the message in a language.
type CampaignLocaleCount struct {
	Locale   string `json:"locale"`
	Fallback bool   `json:"fallback" doc:"for want of one of their own languages"`
	Count    int    `json:"count"`
}

// CampaignVariantCount is how many get a variant of the message in a language.
type CampaignVariantCount struct {
	Variant  string `json:"variant" doc:"a stakeholder group, nri, or empty for the general text"`
	Locale   string `json:"locale"`
	Fallback bool   `json:"fallback"`
	Count    int    `json:"count"`
}

// CampaignStep is a message of a campaign.
type CampaignStep struct {
	Position   int            `json:"position"`
	Kind       string         `json:"kind" enum:"call,follow_up"`
	State      string         `json:"state" enum:"planned,launching,sending,sent,cancelled"`
	DocumentID int64          `json:"document_id"`
	Frozen     bool           `json:"frozen"`
	OffsetDays int            `json:"offset_days"`
	OffsetFrom string         `json:"offset_from" enum:"launch,deadline"`
	DueAt      *time.Time     `json:"due_at"`
	EndsAt     *time.Time     `json:"ends_at"`
	LaunchedAt *time.Time     `json:"launched_at"`
	FinishedAt *time.Time     `json:"finished_at"`
	OwnHour    string         `json:"own_hour,omitempty" doc:"the time of its readers' own day at which it reaches them, like 09:00; absent where it reaches all at once"`
	OwnDay     string         `json:"own_day,omitempty" doc:"that day, as soon as it is known"`
	Policy     string         `json:"language_policy,omitempty" enum:"fallback,hold,bilingual" doc:"with which it was approved"`
	Completion string         `json:"completion,omitempty" enum:"asked,running" doc:"of a launched step, for those whose message was held for a translation"`
	Counts     CampaignCounts `json:"counts"`
}

// CampaignApproval says what was looked at.
type CampaignApproval struct {
	Base string `json:"base,omitempty" doc:"that of the campaign; where it is another by now, nothing is approved (409). Without it, or without a body, the campaign is approved as it stands"`
}

// Campaign is a message, its follow-ups, and what became of them.
type Campaign struct {
	ID              int64              `json:"id"`
	Name            string             `json:"name"`
	State           string             `json:"state" enum:"draft,in_review,approved,scheduled,sending,paused,sent,cancelled"`
	Audience        CampaignAudience   `json:"audience"`
	Segment         *CampaignSegment   `json:"segment,omitempty" doc:"the segment from which the filter was copied"`
	CreatedAt       time.Time          `json:"created_at"`
	SubmittedAt     *time.Time         `json:"submitted_at"`
	ApprovedAt      *time.Time         `json:"approved_at"`
	ApprovedBy      string             `json:"approved_by,omitempty"`
	FinishedAt      *time.Time         `json:"finished_at"`
	Schedule        *CampaignSchedule  `json:"schedule" doc:"when it goes out by itself, or went; null where somebody sends it"`
	ScheduledAt     *time.Time         `json:"scheduled_at" doc:"the first instant of it"`
	Rate            *CampaignRate      `json:"rate" doc:"at most so many messages of it in a time; null for no limit"`
	NotSent         string             `json:"not_sent,omitempty" doc:"why it did not go out when its time had come"`
	WaitingForQueue bool               `json:"waiting_for_queue,omitempty" doc:"it is saved, and goes on as soon as the queue is back"`
	Steps           []CampaignStep     `json:"steps"`
	Counts          CampaignCounts     `json:"counts"`
	Base            string             `json:"base,omitempty" doc:"stands for what an approval would be for: wording, approved translations, language policies, audience"`
	Held            []CampaignHeld     `json:"held,omitempty" doc:"what waits for a translation"`
	MailServer      *MailServerTrouble `json:"mail_server,omitempty" doc:"that the mail server takes nothing at the moment; messages wait and go out by themselves"`
	Stuck           []CampaignStuck    `json:"stuck,omitempty" doc:"what waits because its text cannot be put together"`
}

// MailServerTrouble is that the mail server takes no messages.
type MailServerTrouble struct {
	Since time.Time `json:"since"`
	Tried time.Time `json:"tried_at" doc:"the last time"`
	Why   string    `json:"why" doc:"with the server's words, in the language of Accept-Language"`
}

// CampaignHeld are messages of a step that wait for a translation.
type CampaignHeld struct {
	Step     int    `json:"step"`
	Language string `json:"language" doc:"the one that their readers want most"`
	Count    int    `json:"count"`
}

// CampaignStuck are messages of a step in a language that wait because their text cannot be put together. They go out
// within a minute after it is in order.
type CampaignStuck struct {
	Step       int    `json:"step"`
	DocumentID int64  `json:"document_id"`
	Locale     string `json:"locale"`
	Count      int    `json:"count"`
	Why        string `json:"why,omitempty" doc:"absent where the text is in order again"`
}

// CampaignLocale names a language of a step.
type CampaignLocale struct {
	Locale string `json:"locale"`
}

// CampaignBroken is a language of an outbox that cannot be put together.
type CampaignBroken struct {
	Locale  string `json:"locale"`
	Variant string `json:"variant,omitempty"`
	Why     string `json:"why"`
}

// CampaignMessage is a message of the outbox, whole.
type CampaignMessage struct {
	ContactID int64        `json:"contact_id"`
	Name      string       `json:"name"`
	Locale    string       `json:"locale"`
	Fallback  bool         `json:"fallback"`
	Variant   string       `json:"variant,omitempty" doc:"absent for the general text"`
	To        string       `json:"to"`
	Headers   []MailHeader `json:"headers"`
	Subject   string       `json:"subject"`
	Text      string       `json:"text"`
	HTML      string       `json:"html"`
}

// MailHeader is one line of a message's head, decoded.
type MailHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Delivery is one message to one contact, or the reason why there is none.
type Delivery struct {
	ID        int64      `json:"id"`
	Step      int        `json:"step"`
	ContactID int64      `json:"contact_id"`
	Name      string     `json:"name"`
	State     string     `json:"state" enum:"planned,queued,sent,deferred,uncertain,failed,skipped,bounced,complained"`
	Reason    string     `json:"reason,omitempty"`
	Locale    string     `json:"locale"`
	Fallback  bool       `json:"fallback"`
	Variant   string     `json:"variant,omitempty" doc:"of the text; absent for the general one"`
	Attempts  int        `json:"attempts"`
	Until     *time.Time `json:"until" doc:"when a deferred one is tried again"`
	SentAt    *time.Time `json:"sent_at"`
	Server    string     `json:"server,omitempty"`
	Reply     string     `json:"reply,omitempty"`
}

// DeliveryDecision says what became of an uncertain delivery.
type DeliveryDecision struct {
	State string `json:"state" enum:"sent,queued" doc:"queued sends it again, with the same Message-ID"`
}

func campaignOf(p *campaign.Progress) Campaign {
	c := p.Campaign
	out := Campaign{
		ID: c.ID, Name: c.Name, State: string(c.State), CreatedAt: c.CreatedAt, SubmittedAt: c.SubmittedAt,
		ApprovedAt: c.ApprovedAt, ApprovedBy: p.Name(c.ApprovedBy), FinishedAt: c.FinishedAt, Counts: tallyOf(p.Tally), Base: p.Base,
		Audience: audienceOf(c.Audience),
	}
	if c.SegmentID != nil {
		out.Segment = &CampaignSegment{ID: *c.SegmentID, Name: c.SegmentName, State: string(p.Segment)}
	}
	out.addTiming(&c)
	for i, s := range c.Steps {
		out.Steps = append(out.Steps, CampaignStep{
			Position: s.Position, Kind: string(s.Kind), State: string(s.State), DocumentID: s.DocumentID, Frozen: s.RevisionID != nil,
			OffsetDays: s.OffsetDays, OffsetFrom: s.OffsetFrom, DueAt: s.DueAt, EndsAt: s.EndsAt,
			LaunchedAt: s.LaunchedAt, FinishedAt: s.FinishedAt, OwnHour: hourOf(s.OwnMinute), OwnDay: s.OwnDay, Policy: string(s.LanguagePolicy), Completion: string(s.Completion), Counts: tallyOf(p.Steps[i]),
		})
	}
	return out
}

func tallyOf(t campaign.Tally) CampaignCounts {
	out := CampaignCounts{Recipients: t.Recipients, Excluded: t.Excluded, States: map[string]int{}, Locales: []CampaignLocaleCount{}, Variants: []CampaignVariantCount{}, Reasons: map[string]int{}}
	for state, n := range t.States {
		out.States[string(state)] = n
	}
	for _, l := range t.Locales {
		out.Locales = append(out.Locales, CampaignLocaleCount(l))
	}
	for _, v := range t.Variants {
		out.Variants = append(out.Variants, CampaignVariantCount(v))
	}
	for _, r := range t.Reasons {
		out.Reasons[string(r.Reason)] = r.Count
	}
	return out
}

func messageOf(m campaign.Message) (CampaignMessage, error) {
	read, err := mail.Read(m.Raw)
	if err != nil {
		return CampaignMessage{}, err
	}
	out := CampaignMessage{
		ContactID: m.ContactID, Name: m.Name, Locale: m.Locale, Fallback: m.Fallback, Variant: m.Variant, To: m.To,
		Headers: []MailHeader{}, Subject: read.Header("Subject"), Text: read.Text, HTML: read.HTML,
	}
	for _, h := range read.Headers {
		out.Headers = append(out.Headers, MailHeader(h))
	}
	return out, nil
}
