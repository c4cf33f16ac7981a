package campaign

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// MomentKind says what happened to a delivery at a moment.
type MomentKind string

// The kinds of moments. Each has a text campaign.moment.<kind>.
const (
	MomentPlanned    MomentKind = "planned"  // its step was launched
	MomentOrdered    MomentKind = "ordered"  // a volunteer sent it
	MomentAccepted   MomentKind = "accepted" // a server took it
	MomentDeferred   MomentKind = "deferred"
	MomentFailed     MomentKind = "failed"
	MomentUncertain  MomentKind = "uncertain"
	MomentSkipped    MomentKind = "skipped" // left out, as what it would have repeated had arrived
	MomentDecided    MomentKind = "decided" // by somebody, or by what proves it
	MomentOpened     MomentKind = "opened"  // the form was begun by its link
	MomentResponded  MomentKind = "responded"
	MomentBounced    MomentKind = "bounced"    // it came back after a server had taken it
	MomentComplained MomentKind = "complained" // whoever got it reported it
)

// Moment is a line in the story of a delivery.
type Moment struct {
	Kind    MomentKind
	At      time.Time
	Try     Try    // of what was tried or decided
	By      string // who decided or sent it, "" for nobody
	Because string // their reason, as they typed it
}

// Story is all that is known of a delivery.
type Story struct {
	DeliveryRow
	Campaign Campaign
	Of       Step
	Address  string // "" for whoever may not see it
	Moments  []Moment
	Next     Next
	Message  []byte // as it was sent, or would be; the links of the contact's own lead nowhere. nil where there is none
	Why      error  // why there is none
}

// Story tells a delivery. errs.NotFound where there is none.
func (s *Service) Story(ctx context.Context, by account.Actor, deliveryID int64) (Story, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return Story{}, err
	}
	st, err := s.story(ctx, by, deliveryID)
	return st, errs.Wrap("campaign.story", err)
}

func (s *Service) story(ctx context.Context, by account.Actor, deliveryID int64) (Story, error) {
	tx := s.DB.Read(ctx)
	row, err := deliveryRow(tx, deliveryID)
	if err != nil {
		return Story{}, err
	}
	st := Story{DeliveryRow: row}
	id, err := campaignOfStep(tx, row.StepID)
	if err != nil {
		return Story{}, err
	}
	if st.Campaign, err = loadCampaign(tx, id); err != nil {
		return Story{}, err
	}
	st.Of = *st.Campaign.stepByID(row.StepID)
	sees := by.Scope(account.AddressRead) == account.All
	if st.Moments, err = s.moments(ctx, &st, sees); err != nil {
		return Story{}, err
	}
	if !sees {
		st.Reply = withoutAddresses(st.Reply)
	}
	if err := s.rebuild(ctx, &st, sees); err != nil {
		return Story{}, err
	}
	standing, err := s.standing(ctx, tx, &st.Campaign, row.ContactID)
	if err != nil {
		return Story{}, err
	}
	st.Next = standing.Next()
	return st, nil
}

// moments are what happened, in its order.
func (s *Service) moments(ctx context.Context, st *Story, sees bool) ([]Moment, error) {
	tx := s.DB.Read(ctx)
	var all []Moment
	written, err := writtenAt(tx, st.ID)
	switch {
	case err != nil:
		return nil, err
	case written != nil:
		all = append(all, Moment{Kind: MomentOrdered, At: *written, By: st.Volunteer})
	case st.Of.LaunchedAt != nil:
		all = append(all, Moment{Kind: MomentPlanned, At: *st.Of.LaunchedAt})
	}
	tries, err := triesOf(tx, st.ID)
	if err != nil {
		return nil, err
	}
	if st.SentAt != nil && !slices.ContainsFunc(tries, func(t triedRow) bool { return t.State == DeliverySent }) {
		tries = append(tries, triedRow{Try: Try{At: *st.SentAt, State: DeliverySent, Attempt: 1, Server: st.Server, Reply: st.Reply}})
	}
	for _, t := range tries {
		if !sees {
			t.Reply = withoutAddresses(t.Reply)
		}
		all = append(all, Moment{Kind: t.kind(), At: t.At, Try: t.Try, By: t.By, Because: t.Note})
	}
	opened, err := openedBy(tx, st.ID)
	if err != nil {
		return nil, err
	}
	for _, o := range opened {
		all = append(all, Moment{Kind: MomentOpened, At: o.StartedAt})
		if o.ReceivedAt != nil {
			all = append(all, Moment{Kind: MomentResponded, At: *o.ReceivedAt})
		}
	}
	slices.SortStableFunc(all, func(a, b Moment) int { return a.At.Compare(b.At) })
	return all, nil
}

// kind is what a line of the table tells.
func (t *Try) kind() MomentKind {
	switch t.State {
	case DeliveryBounced:
		return MomentBounced
	case DeliveryComplained:
		return MomentComplained
	}
	if t.Attempt == 0 && t.Reason != VolunteerFirst && t.State != DeliverySkipped {
		return MomentDecided
	}
	return map[DeliveryState]MomentKind{
		DeliverySent: MomentAccepted, DeliveryDeferred: MomentDeferred, DeliveryFailed: MomentFailed,
		DeliveryUncertain: MomentUncertain, DeliverySkipped: MomentSkipped, DeliveryQueued: MomentDecided,
	}[t.State]
}

// rebuild puts the message together as it was when it was sent: the revision, the edition, the variant, the opening,
// the deadline that then held. What it says of the contact is as it is now.
func (s *Service) rebuild(ctx context.Context, st *Story, sees bool) error {
	if st.Of.RevisionID == nil || st.Locale == "" || st.State == DeliverySkipped {
		return nil
	}
	cycle, err := s.Cycles.Cycle(ctx, st.Campaign.CycleID)
	if err != nil {
		return err
	}
	then := *s
	if st.SentAt != nil {
		then.Now = func() time.Time { return *st.SentAt }
	}
	to, opening, err := s.personOf(ctx, &st.Delivery)
	if err != nil {
		return err
	}
	if err := then.knowDeadline(ctx, cycle.ID, &to); err != nil {
		return err
	}
	if to.Email != "" && sees {
		st.Address = to.Email
	} else {
		to.Email = hiddenAddress
	}
	if !sees {
		to.VolunteerBox = ""
	}
	of := edition{
		revisionID: *st.Of.RevisionID, locale: st.Locale, number: st.Edition, variant: st.Variant,
		bilingual: st.Of.LanguagePolicy == PolicyBilingual,
	}
	if st.Of.Exceptions > 0 && st.PersonalBy == nil {
		own, err := editOf(s.DB.Read(ctx), st.Of.ID, st.ContactID)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if err == nil && own.ApprovedAt != nil { // words of its own, by hand
			of = own.edition()
		}
	}
	c, err := then.freshComposer(ctx, cycle, of, opening)
	if err == nil {
		var e mail.Envelope
		e, err = c.envelope(to)
		st.Message = e.Data
	}
	if textFails(err) {
		st.Message, st.Why = nil, whatFails(err)
		return nil
	}
	return err
}

// personOf is whom a delivery is for, as a worker would read it, with links that lead nowhere; and a volunteer's opening.
func (s *Service) personOf(ctx context.Context, d *Delivery) (person, string, error) {
	tx := s.DB.Read(ctx)
	p, err := recipientOf(tx, d)
	if err != nil {
		return p, "", err
	}
	p.Shown = true
	if p.Resends, err = countResends(tx, d.ID); err != nil || d.PersonalBy == nil {
		return p, "", err
	}
	var opening string
	p.Volunteer, p.VolunteerBox, opening, err = personalOf(tx, d.ID)
	return p, opening, err
}

// Course is how a contact fares in a campaign.
type Course struct {
	Campaign   Campaign
	Deliveries []Delivery // by step
	Next       Next
}

// StepOf is the position of the step of a delivery.
func (c *Course) StepOf(d Delivery) int { return c.Campaign.stepByID(d.StepID).Position }

// Courses tells how a contact fares in each campaign of a cycle that is for it or was, the newest first. The caller has
// asked the contacts' room whether the actor may see the contact.
func (s *Service) Courses(ctx context.Context, by account.Actor, cycleID, contactID int64) ([]Course, error) {
	if !by.May(account.CampaignRead) {
		return nil, nil
	}
	tx := s.DB.Read(ctx)
	campaigns, err := listCampaigns(tx, cycleID)
	if err != nil {
		return nil, errs.Wrap("campaign.courses", err)
	}
	var all []Course
	for i := range campaigns {
		c := &campaigns[i]
		standing, err := s.standing(ctx, tx, c, contactID)
		if err != nil {
			return nil, errs.Wrap("campaign.courses", err)
		}
		if len(standing.Deliveries) == 0 && (!standing.Listed || c.State == Cancelled || c.State == Draft) {
			continue
		}
		all = append(all, Course{Campaign: *c, Deliveries: standing.Deliveries, Next: standing.Next()})
	}
	return all, nil
}

func byStep(c *Campaign) func(a, b Delivery) int {
	return func(a, b Delivery) int {
		return cmp.Or(cmp.Compare(c.stepByID(a.StepID).Position, c.stepByID(b.StepID).Position), cmp.Compare(a.ID, b.ID))
	}
}
