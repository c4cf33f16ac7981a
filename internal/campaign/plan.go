package campaign

import (
	"cmp"
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Count is so many deliveries that have these facts in common.
type Count struct {
	State    DeliveryState
	Locale   string
	Fallback bool
	Variant  string
	Reason   Reason
	Count    int
}

// VariantCount is how many get a variant of the message in a language.
type VariantCount struct {
	Variant  string // "" for the general text
	Locale   string
	Fallback bool
	Count    int
}

// LocaleCount is how many get the message in a language.
type LocaleCount struct {
	Locale   string
	Fallback bool // for want of one of their own languages
	Count    int
}

// ReasonCount is how many are left out for a reason.
type ReasonCount struct {
	Reason Reason
	Count  int
}

// Tally adds counts up in the ways in which people ask for them. Recipients and Excluded together
// are everybody in the audience.
type Tally struct {
	Recipients int
	Excluded   int
	States     map[DeliveryState]int
	Locales    []LocaleCount  // of recipients, the most frequent first, fallbacks last
	Variants   []VariantCount // of recipients, the general text first, and languages as in Locales
	Reasons    []ReasonCount  // of the excluded, in the order of Reasons
}

// Planned is somebody in an outbox.
type Planned struct {
	ListingID        int64
	ContactID        int64
	Name             string
	Locale           string
	Fallback         bool
	Variant          string
	StakeholderGroup string
	Region           string
	Reason           Reason // why there will be no message, "" where there will be one
	person           person
	edition          int // of the translation
}

// Outbox is what a step is about to send. Its lists are pages of at most PageSize, in the order of
// their ListingIDs.
type Outbox struct {
	Campaign   Campaign
	Step       Step
	Policy     LanguagePolicy
	Tally      Tally
	Edges      []EdgeSample
	Exceptions Exceptions
	FormLacks  []string  // languages in which the message is approved and the questionnaire that it leads to is not
	FormID     int64     // the questionnaire
	Samples    []Message // one for each language, fallback or not, and variant; at most MaxSamples
	More       []Planned // who gets what the samples have no room for
	Broken     []Broken  // of what would go out, what cannot be rendered
	Recipients []Planned
	Excluded   []Planned
	Newer      []string // of a completion that was asked for, languages of which a newer edition was approved since
}

// Broken is a language of a step, and a variant of it, that cannot be rendered.
type Broken struct {
	Locale, Variant string
	Why             error
}

// Message is one person's message, whole.
type Message struct {
	Planned
	To   string
	From string // the return path
	Raw  []byte
}

// PlanCursor says from where on the lists of an outbox are shown: after these ListingIDs, 0 for the start.
type PlanCursor struct{ Recipients, Excluded int64 }

// Plan says what a step would send if it were launched now, by the statement that launches it.
// Texts that are not frozen yet are shown as they are. Of a step that was launched it says what
// became of it; the lists are then those of the deliveries, and empty here.
func (s *Service) Plan(ctx context.Context, by account.Actor, id int64, position int, after PlanCursor) (Outbox, error) {
	o, err := s.plan(ctx, by, id, position, after)
	return o, errs.Wrap("campaign.plan", err)
}

func (s *Service) plan(ctx context.Context, by account.Actor, id int64, position int, after PlanCursor) (Outbox, error) {
	o, q, err := s.planOf(ctx, by, id, position)
	if err != nil {
		return Outbox{}, err
	}
	if o.Exceptions, err = s.exceptions(ctx, &o.Step); err != nil {
		return Outbox{}, err
	}
	if o.FormLacks, o.FormID, err = s.withoutForm(ctx, o.Campaign.CycleID, &o.Step); err != nil {
		return Outbox{}, err
	}
	if o.Step.LaunchedAt != nil {
		counts, err := deliveryCounts(s.DB.Read(ctx), o.Step.ID)
		o.Tally = tally(counts)
		return o, err
	}
	r, err := q.read(s.DB.Read(ctx), after)
	if err != nil {
		return Outbox{}, err
	}
	o.Tally, o.Recipients, o.Excluded, o.Edges = tally(r.counts), r.recipients, r.excluded, r.edges
	return o, s.samples(ctx, by, &o, r.firsts)
}

// Count is Plan without messages and lists.
func (s *Service) Count(ctx context.Context, by account.Actor, id int64, position int) (Outbox, error) {
	o, q, err := s.planOf(ctx, by, id, position)
	if err != nil {
		return Outbox{}, errs.Wrap("campaign.count", err)
	}
	counts, err := q.count(s.DB.Read(ctx))
	o.Tally = tally(counts)
	return o, errs.Wrap("campaign.count", err)
}

// planOf loads the step and its snapshot.
func (s *Service) planOf(ctx context.Context, by account.Actor, id int64, position int) (Outbox, snapshot, error) {
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return Outbox{}, snapshot{}, err
	}
	step, err := c.Step(position)
	if err != nil {
		return Outbox{}, snapshot{}, err
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return Outbox{}, snapshot{}, err
	}
	q, err := s.snapshotOf(ctx, s.DB.Read(ctx), &c, step, cycle, 0, &groundwork{})
	return Outbox{Campaign: c, Step: *step, Policy: q.policy}, q, err
}

// snapshotOf is the statement of a step for its next chunk of contacts (0: for all that are left),
// with the language for every chain of languages in it. upTo is 0 where there is no next chunk.
func (s *Service) snapshotOf(ctx context.Context, tx *db.Tx, c *Campaign, step *Step, cycle Cycle, chunk int, known *groundwork) (snapshot, error) {
	q := snapshot{
		after: step.LaunchCursor, held: step.Completion == CompletionRunning, asked: step.Completion == CompletionRunning && step.State == StepLaunching,
		cycleID: c.CycleID, stepID: step.ID, exceptions: step.Exceptions, decided: c.State != Draft && c.State != InReview,
		audience:     c.Audience,
		organization: cycle.OrganizationStopsFollowUps, now: s.Now(), mailing: mailingOf(c, step),
	}
	if err := q.loadInitiatives(tx, known); err != nil {
		return q, err
	}
	if step.Kind == FollowUp {
		q.firstStepID, q.heldCall = c.Steps[0].ID, c.Steps[0].LanguagePolicy == PolicyHold
	}
	for i := range c.Steps {
		if q.held && c.Steps[i].Position > step.Position && c.Steps[i].LaunchedAt != nil {
			q.later = append(q.later, c.Steps[i].ID)
		}
	}
	if chunk > 0 {
		var err error
		if q.upTo, err = chunkEnd(tx, q, chunk); err != nil || q.upTo == 0 {
			return q, err
		}
	}
	if step.State == StepLaunching && step.AtOwnHour() {
		var err error
		if q.hours, err = s.hoursOf(ctx, step, cycle.ID, q.now); err != nil {
			return q, err
		}
	}
	err := s.chooseFor(ctx, tx, &q, step, cycle, known)
	return q, err
}

// chooseFor finds the language for every chain of languages in the audience, and the variants.
func (s *Service) chooseFor(ctx context.Context, tx *db.Tx, q *snapshot, step *Step, cycle Cycle, known *groundwork) error {
	text, err := s.textOf(ctx, step)
	if err != nil {
		return err
	}
	q.policy = cmp.Or(step.CompletionPolicy, text.policy)
	if q.variants, err = s.variantsOf(ctx, tx, text.revisionID, known); err != nil {
		return err
	}
	locales, err := s.locales(ctx, cycle.ID, text.revisionID, text.open)
	if err != nil {
		return err
	}
	chains := known.chains
	if chains == nil || !q.plain() {
		if chains, err = languageChains(tx, *q); err != nil {
			return err
		}
	}
	q.chains = resolveChains(chains, locales, cycle.DefaultLanguage, q.policy)
	return s.pinEditions(ctx, text.revisionID, q.chains)
}

// locales are the languages in which a text may go out: approved, one of those in which the footer
// and the dates can be said too, and one in which the form asks that the message leads to: of a text that may still change
// the form as it is, else the one that was frozen, whatever was reopened since.
func (s *Service) locales(ctx context.Context, cycleID, revisionID int64, open bool) ([]string, error) {
	approved, err := s.Texts.ApprovedLocales(ctx, revisionID)
	if err != nil {
		return nil, err
	}
	questionnaires, err := s.Texts.Documents(ctx, cycleID, KindQuestionnaire)
	if err != nil {
		return nil, err
	}
	usable := slices.DeleteFunc(slices.Clone(approved), func(tag string) bool { return !s.Bundle.Supported(tag) })
	for _, q := range questionnaires {
		form := q.RevisionID
		if !open && q.FrozenRevisionID != 0 {
			form = q.FrozenRevisionID
		}
		asked, err := s.Texts.ApprovedLocales(ctx, form)
		if err != nil {
			return nil, err
		}
		usable = slices.DeleteFunc(usable, func(tag string) bool { return !slices.Contains(asked, tag) })
	}
	return usable, nil
}

const (
	// PageSize is how many rows a list gives at once.
	PageSize = 50
	// MaxSamples is how many messages an outbox shows whole.
	MaxSamples = 12
)

// Preview is the message that a contact would get from a step; its links lead nowhere, so that
// whoever reviews it cannot act for the contact. errs.NotFound where the contact would get none.
func (s *Service) Preview(ctx context.Context, by account.Actor, id int64, position int, contactID int64) (Message, error) {
	o, q, err := s.planOf(ctx, by, id, position)
	if err != nil {
		return Message{}, errs.Wrap("campaign.preview", err)
	}
	p, found, err := q.one(s.DB.Read(ctx), contactID)
	if err != nil {
		return Message{}, errs.Wrap("campaign.preview", err)
	}
	if !found || p.Reason != notAReason {
		return Message{}, errs.E(errs.NotFound, "campaign.no_message")
	}
	m, err := s.preview(ctx, by, &o, p)
	if textFails(err) {
		err = whatFails(err)
	}
	return m, errs.Wrap("campaign.preview", err)
}

// hiddenAddress stands for the address of a contact before those who may not see addresses.
const hiddenAddress = "hidden@address.invalid"

func (s *Service) preview(ctx context.Context, by account.Actor, o *Outbox, p Planned) (Message, error) {
	if by.Scope(account.AddressRead) != account.All {
		p.person.Email = hiddenAddress
	}
	cycle, err := s.Cycles.Cycle(ctx, o.Campaign.CycleID)
	if err != nil {
		return Message{}, err
	}
	text, err := s.textOf(ctx, &o.Step)
	if err != nil {
		return Message{}, err
	}
	of := edition{revisionID: text.revisionID, locale: p.Locale, number: p.edition, variant: p.Variant, bilingual: text.policy == PolicyBilingual}
	own := false
	if o.Step.Exceptions > 0 {
		e, err := editOf(s.DB.Read(ctx), o.Step.ID, p.ContactID)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return Message{}, err
		}
		if own = err == nil; own {
			of = e.edition()
		}
	}
	compose := func() (*composer, error) { return s.composer(ctx, cycle, of) }
	if text.open || own {
		compose = func() (*composer, error) { return s.freshComposer(ctx, cycle, of, "") }
	}
	composer, err := compose()
	if err != nil {
		return Message{}, err
	}
	if err := s.knowDeadline(ctx, cycle.ID, &p.person); err != nil {
		return Message{}, err
	}
	e, err := composer.envelope(p.person)
	if err != nil {
		return Message{}, err
	}
	return Message{Planned: p, To: p.person.Name + " <" + p.person.Email + ">", From: e.From, Raw: e.Data}, nil
}
