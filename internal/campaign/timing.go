package campaign

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// TimingKind says whose clock decides when an approved campaign goes out by itself.
type TimingKind string

// The kinds of timing.
const (
	NoTiming  TimingKind = ""
	AtTime    TimingKind = "at"       // everybody at once, at a time in a zone
	AtOwnHour TimingKind = "own_hour" // each at this time of a day in their own zone
)

// Timing is when an approved campaign goes out by itself, in the words in which somebody said it.
type Timing struct {
	Kind   TimingKind
	Day    string // 2017-08-15
	Minute int    // of the day
	Zone   string // the IANA name, of AtTime only
}

// Refusal is a sentence that says why something was not done.
type Refusal struct {
	Key  string    `json:"key,omitempty"`
	Args errs.Args `json:"args,omitempty"`
}

// Err is the refusal as an error, nil for none.
func (r Refusal) Err() error {
	if r.Key == "" {
		return nil
	}
	return &errs.Error{Code: errs.Conflict, Key: r.Key, Args: r.Args}
}

const (
	minutesOfDay = 24 * 60
	// maxYearsAhead is how far ahead a campaign can be put on the schedule: further is a slip of the pen.
	maxYearsAhead = 2
	// ownSlack is how much less than so many days may lie between two messages at the same hour of their days: a change
	// of the clocks, and the time that sending takes.
	ownSlack = 2 * time.Hour
)

// Awaiting says whether the call still has to go out at its time.
func (c *Campaign) Awaiting() bool {
	return c.State == Scheduled && c.Timing.Kind != NoTiming && len(c.Steps) > 0 && c.Steps[0].LaunchedAt == nil
}

// Schedule lets an approved campaign go out by itself, or at another time than it would.
func (c *Campaign) Schedule(t Timing, at time.Time, by *int64) error {
	if c.State != Approved && !c.Awaiting() {
		return errs.E(errs.Conflict, "campaign.not_approved")
	}
	c.State = Approved
	if err := c.move(Scheduled); err != nil {
		return err
	}
	c.Timing, c.ScheduledAt, c.ScheduledBy, c.ScheduleRefused = t, &at, by, Refusal{}
	return nil
}

// Unschedule makes the campaign wait for somebody to send it. It is refused once the call went out.
func (c *Campaign) Unschedule() error {
	if !c.Awaiting() {
		return errs.E(errs.Conflict, "campaign.not_scheduled")
	}
	if err := c.move(Approved); err != nil {
		return err
	}
	c.Timing, c.ScheduledAt, c.ScheduledBy, c.ScheduleLocales, c.ScheduleRefused = Timing{}, nil, nil, "", Refusal{}
	return nil
}

// AtOwnHour says whether the step goes out at an hour of its readers' own day.
func (s *Step) AtOwnHour() bool { return s.OwnMinute != nil && s.OwnDay != "" }

// day parses a day.
func (t Timing) day() (time.Time, error) { return time.Parse(time.DateOnly, t.Day) }

// validate refuses what is no time, at its field.
func (t Timing) validate(now time.Time) error {
	var wrong []errs.Field
	if t.Kind != AtTime && t.Kind != AtOwnHour {
		wrong = append(wrong, errs.FieldError("when", "field.choice"))
	}
	if day, err := t.day(); err != nil {
		wrong = append(wrong, errs.FieldError("day", "field.date"))
	} else if day.After(now.AddDate(maxYearsAhead, 0, 0)) {
		wrong = append(wrong, errs.FieldError("day", "campaign.schedule.far"))
	}
	if t.Minute < 0 || t.Minute >= minutesOfDay {
		wrong = append(wrong, errs.FieldError("time", "campaign.schedule.no_time"))
	}
	if t.Kind == AtTime {
		if _, err := location(t.Zone); err != nil {
			wrong = append(wrong, errs.FieldError("zone", "campaign.schedule.no_zone"))
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// location is a zone by its name; the machine's own is nobody's.
func location(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errs.E(errs.Invalid, "campaign.schedule.no_zone")
	}
	return time.LoadLocation(name)
}

// on is the first instant at which clocks in the zone show this minute of the day.
func on(day time.Time, minute int, zone *time.Location) time.Time {
	y, m, d := day.Date()
	return geo.AtClock(y, m, d, minute, zone)
}

// Schedule lets an approved campaign go out at a time by itself, or changes that time. A time that is over for everybody, and an
// audience in which nobody would get a message, are errs.Invalid. Whoever may launch may do it; it needs no new approval.
func (s *Service) Schedule(ctx context.Context, by account.Actor, id int64, t Timing) (Campaign, error) {
	return s.ScheduleSeen(ctx, by, id, t, nil)
}

// ScheduleSeen is Schedule by somebody who says what they looked at: when the campaign was to go out by itself (ScheduledAt),
// or with the zero time that it was not. Where that is another by now the error is errs.Conflict, and nothing changes.
func (s *Service) ScheduleSeen(ctx context.Context, by account.Actor, id int64, t Timing, seen *time.Time) (Campaign, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return Campaign{}, err
	}
	if t.Kind == AtOwnHour {
		t.Zone = "" // everybody's own
	}
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return c, err
	}
	if c.State != Approved && !c.Awaiting() {
		return c, errs.E(errs.Conflict, "campaign.not_approved")
	}
	if err := t.validate(s.Now()); err != nil {
		return c, err
	}
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return c, errs.Wrap("campaign.schedule", err)
	}
	first, err := s.firstInstant(ctx, &c, cycle, t)
	if err != nil {
		return c, errs.Wrap("campaign.schedule", err)
	}
	if err := s.somebody(ctx, by, id, 1); errs.Is(err, errs.Conflict) {
		return c, errs.InvalidFields(errs.FieldError("when", "campaign.nobody"))
	} else if err != nil {
		return c, errs.Wrap("campaign.schedule", err)
	}
	locales, err := s.callLocales(ctx, &c)
	if err != nil {
		return c, errs.Wrap("campaign.schedule", err)
	}
	c, err = s.change(ctx, by.Who, id, "campaign.scheduled", func(_ *db.Tx, c *Campaign) (map[string]any, error) {
		if err := c.scheduleSeen(seen); err != nil {
			return nil, err
		}
		c.ScheduleLocales = strings.Join(locales, " ")
		return map[string]any{"timing": t, "at": first}, c.Schedule(t, first, accountOf(by))
	})
	return c, errs.Wrap("campaign.schedule", err)
}

// scheduleSeen refuses where the campaign goes out by itself at another time than somebody saw; nil says nothing.
func (c *Campaign) scheduleSeen(seen *time.Time) error {
	if seen == nil {
		return nil
	}
	var at time.Time
	if c.Awaiting() && c.ScheduledAt != nil {
		at = *c.ScheduledAt
	}
	if !at.Truncate(time.Microsecond).Equal(seen.Truncate(time.Microsecond)) {
		return errs.E(errs.Conflict, "campaign.schedule.changed")
	}
	return nil
}

// ScheduleAsSeen refuses with errs.Conflict where the campaign goes out by itself at another time than somebody saw, the zero time
// for none: whoever is about to send it at once does not know of it.
func (s *Service) ScheduleAsSeen(ctx context.Context, by account.Actor, id int64, seen time.Time) error {
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return err
	}
	return c.scheduleSeen(&seen)
}

// Unschedule takes a campaign off the schedule before its time.
func (s *Service) Unschedule(ctx context.Context, by account.Actor, id int64) (Campaign, error) {
	return s.steer(ctx, by, id, "campaign.unscheduled", (*Campaign).Unschedule)
}

// callLocales are the languages in which the call may go out now.
func (s *Service) callLocales(ctx context.Context, c *Campaign) ([]string, error) {
	if len(c.Steps) == 0 || c.Steps[0].RevisionID == nil {
		return nil, errs.E(errs.Conflict, "campaign.not_frozen")
	}
	return s.locales(ctx, c.CycleID, *c.Steps[0].RevisionID, false)
}

// firstInstant is when the first message of a schedule leaves: now where the hour is over for some and still comes for others.
func (s *Service) firstInstant(ctx context.Context, c *Campaign, cycle Cycle, t Timing) (time.Time, error) {
	now := s.Now()
	day, _ := t.day()
	if t.Kind == AtTime {
		zone, err := location(t.Zone)
		if err != nil {
			return now, err
		}
		at := on(day, t.Minute, zone)
		if at.Before(now) {
			return at, errs.InvalidFields(errs.FieldError("day", "campaign.schedule.past"))
		}
		return at, nil
	}
	tx := s.DB.Read(ctx)
	q, err := s.snapshotOf(ctx, tx, c, &c.Steps[0], cycle, 0, &groundwork{})
	if err != nil {
		return now, err
	}
	countries, err := audienceCountries(tx, q)
	if err != nil || len(countries) == 0 {
		return now, err // who is nobody is told so
	}
	elsewhere, err := s.cycleZone(ctx, cycle.ID, now)
	if err != nil {
		return now, err
	}
	var due []time.Time
	for _, code := range countries {
		due = append(due, on(day, t.Minute, s.zoneOf(code, elsewhere)))
	}
	if last := slices.MaxFunc(due, time.Time.Compare); last.Before(now) {
		return last, errs.InvalidFields(errs.FieldError("day", "campaign.schedule.past"))
	}
	if first := slices.MinFunc(due, time.Time.Compare); first.After(now) {
		return first, nil
	}
	return now, nil
}

// SetOwnHour lets a follow-up that did not go out yet reach each reader at this minute of their own day; nil lets it reach all
// at once. It needs no new approval.
func (s *Service) SetOwnHour(ctx context.Context, by account.Actor, id int64, position int, minute *int) (Campaign, error) {
	if err := by.Require(account.CampaignLaunch); err != nil {
		return Campaign{}, err
	}
	if minute != nil && (*minute < 0 || *minute >= minutesOfDay) {
		return Campaign{}, errs.InvalidFields(errs.FieldError("time", "campaign.schedule.no_time"))
	}
	c, err := s.change(ctx, by.Who, id, "campaign.own_hour_set", func(tx *db.Tx, c *Campaign) (map[string]any, error) {
		step, err := c.Step(position)
		if err != nil {
			return nil, err
		}
		if step.Kind != FollowUp || step.State != StepPlanned || c.State == Cancelled {
			return nil, errs.E(errs.Conflict, "campaign.own_hour.launched")
		}
		step.OwnMinute, step.OwnDay = minute, ""
		return map[string]any{"step": position, "minute": minute}, saveStep(tx, step)
	})
	return c, errs.Wrap("campaign.set_own_hour", err)
}

// cycleZone is where those are of whom nobody knows the country: in the zone in which the deadline of the cycle is told. A
// deadline anywhere on earth is told in none: then it is UTC.
func (s *Service) cycleZone(ctx context.Context, cycleID int64, now time.Time) (*time.Location, error) {
	d, ok, err := s.Cycles.Deadline(ctx, cycleID, false, now)
	if err != nil || !ok || d.Zone == nil || d.Zone.String() == anywhereOnEarth {
		return time.UTC, err
	}
	return d.Zone, nil
}

// anywhereOnEarth is what the zone of a deadline without a zone is called.
const anywhereOnEarth = "AoE"

// zoneOf is the principal zone of a country, else the other.
func (s *Service) zoneOf(country string, elsewhere *time.Location) *time.Location {
	if s.Reference != nil {
		if zone := s.Reference.Zone(country); zone != nil {
			return zone
		}
	}
	return elsewhere
}

// hourOf is when the hour of a step has come in a country; "" is no country.
type hourOf struct {
	Country string
	Due     time.Time
}

// hoursOf are the countries in which the hour of a step has not come yet.
func (s *Service) hoursOf(ctx context.Context, step *Step, cycleID int64, now time.Time) ([]hourOf, error) {
	day, err := Timing{Day: step.OwnDay}.day()
	if err != nil {
		return nil, err
	}
	elsewhere, err := s.cycleZone(ctx, cycleID, now)
	if err != nil {
		return nil, err
	}
	hours := []hourOf{}
	for _, code := range s.countries() {
		if due := on(day, *step.OwnMinute, s.zoneOf(code, elsewhere)); due.After(now) {
			hours = append(hours, hourOf{code, due})
		}
	}
	return hours, nil
}

// countries are all that there are, and "" for none.
func (s *Service) countries() []string {
	codes := []string{""}
	if s.Reference != nil {
		for _, c := range s.Reference.Countries() {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// ownDue is the first instant anywhere of the day on which a follow-up goes out at its readers' own hour, which it also notes: the
// day on which it would go out otherwise, but not before DaysApart days of the calendar are over since the step before.
func (s *Service) ownDue(ctx context.Context, c *Campaign, step *Step, due time.Time) (time.Time, error) {
	elsewhere, err := s.cycleZone(ctx, c.CycleID, s.Now())
	if err != nil {
		return due, err
	}
	day := dateOf(due.In(elsewhere))
	if call := c.Steps[0]; step.OffsetFrom == FromLaunch && call.AtOwnHour() {
		if base, err := (Timing{Day: call.OwnDay}).day(); err == nil {
			day = base.AddDate(0, 0, step.OffsetDays)
		}
	}
	before := c.Steps[step.Position-2]
	base, err := Timing{Day: before.OwnDay}.day()
	counted := err == nil && before.AtOwnHour()
	if counted && day.Before(base.AddDate(0, 0, DaysApart)) {
		day = base.AddDate(0, 0, DaysApart)
	}
	first := s.firstAnywhere(day, *step.OwnMinute, elsewhere)
	for !counted && before.LaunchedAt != nil && first.Before(before.LaunchedAt.Add(DaysApart*24*time.Hour)) {
		day = day.AddDate(0, 0, 1)
		first = s.firstAnywhere(day, *step.OwnMinute, elsewhere)
	}
	step.OwnDay = day.Format(time.DateOnly)
	return first, nil
}

func dateOf(at time.Time) time.Time {
	y, m, d := at.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// firstAnywhere is the first instant at which it is this minute of the day in any country.
func (s *Service) firstAnywhere(day time.Time, minute int, elsewhere *time.Location) time.Time {
	var first time.Time
	for _, code := range s.countries() {
		if at := on(day, minute, s.zoneOf(code, elsewhere)); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}
