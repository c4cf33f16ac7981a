// Package cycle knows the rounds of the process and the rules of their dates.
package cycle

import (
	"regexp"
	"time"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/errs"
)

// State is how far a cycle has come.
type State string

// The states: preparing → open → closed. A closed cycle still takes late contributions.
const (
	Preparing State = "preparing"
	Open      State = "open"
	Closed    State = "closed"
)

// Cycle is one round of the process, for instance BPF Cybersecurity 2017.
type Cycle struct {
	ID                         int64
	Slug                       string
	Name                       string
	State                      State
	DefaultLanguage            string // BCP 47
	AuthorMayApprove           bool   // whether the author of a campaign may approve it alone
	OrganizationStopsFollowUps bool   // whether one answer stops follow-ups to the whole organization
	UncertainPolicy            string // UncertainHold or UncertainResend
	ListName                   string // the mailing list to which contributions may also be sent
	ListURL                    string
	EventName                  string
	EventPlace                 string
	EventStart                 string // YYYY-MM-DD
	EventEnd                   string
	CreatedAt                  time.Time
}

// What becomes of a delivery that may or may not have been accepted.
const (
	UncertainHold   = "hold"   // a person decides
	UncertainResend = "resend" // it is sent again with the same Message-ID
)

// DateKind names a date of a cycle.
type DateKind string

// The dates that a cycle may have.
const (
	CommentsClose DateKind = "comments_close" // the last day for comments on the drafts
	SendOn        DateKind = "send_on"        // the day on or around which the call goes out
	Deadline      DateKind = "deadline"       // soft: it marks, it never blocks
	NRIGrace      DateKind = "nri_grace"      // the deadline for National and Regional Initiatives
	MeetingGrace  DateKind = "meeting_grace"  // what is offered where a body that meets before the annual meeting is granted a date of its own

	OutreachCutoff DateKind = "outreach_cutoff" // the last day on which volunteers take on contacts
)

// DateKinds lists them in the order of a cycle.
func DateKinds() []DateKind {
	return []DateKind{CommentsClose, SendOn, OutreachCutoff, Deadline, NRIGrace, MeetingGrace}
}

func (k DateKind) valid() bool {
	for _, known := range DateKinds() {
		if k == known {
			return true
		}
	}
	return false
}

// Date is a displayed day with a zone, and the instant at which that day ends there.
type Date struct {
	ID           int64
	CycleID      int64
	Kind         DateKind
	OnDate       string // YYYY-MM-DD, the day that people are told
	Zone         string // AoE or an IANA name
	At           time.Time
	Note         string
	AppliesFrom  time.Time
	SupersededAt *time.Time
}

// AoE is the zone "anywhere on earth", UTC−12: a day ends there when it has ended everywhere.
const AoE = "aoe"

var slugPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Location is the zone by its name; "" means anywhere on earth, because a date that names no zone
// must not end earlier for some than for others.
func Location(zone string) (*time.Location, error) {
	if zone == "" || zone == AoE {
		return time.FixedZone("AoE", -12*60*60), nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || loc == time.Local { // the machine's zone is nobody's
		return nil, errs.InvalidFields(errs.FieldError("zone", "cycle.zone_unknown", "Zone", zone))
	}
	return loc, nil
}

// EndOfDay is the instant at which the day is over in the zone: the next midnight there.
func EndOfDay(day, zone string) (time.Time, error) {
	loc, err := Location(zone)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.ParseInLocation(time.DateOnly, day, loc)
	if err != nil {
		return time.Time{}, errs.InvalidFields(errs.FieldError("on_date", "field.date"))
	}
	return t.AddDate(0, 0, 1).UTC(), nil
}

// Late says whether something that arrived then is late against this date.
func (d Date) Late(arrived time.Time) bool { return !arrived.Before(d.At) }

// Day is the displayed day as a time at midnight UTC, for formatting without a zone.
func (d Date) Day() time.Time {
	t, err := time.Parse(time.DateOnly, d.OnDate)
	if err != nil {
		return d.At
	}
	return t
}

// Open lets the cycle begin.
func (c *Cycle) Open() error { return c.move(Preparing, Open) }

// Close ends the cycle.
func (c *Cycle) Close() error { return c.move(Open, Closed) }

func (c *Cycle) move(from, to State) error {
	if c.State != from {
		return errs.E(errs.Conflict, "cycle.illegal_move", "From", string(c.State), "To", string(to))
	}
	c.State = to
	return nil
}

func (c *Cycle) validate() error {
	var wrong []errs.Field
	if !slugPattern.MatchString(c.Slug) {
		wrong = append(wrong, errs.FieldError("slug", "cycle.slug_form"))
	}
	if errs.Blank(c.Name) {
		wrong = append(wrong, errs.FieldError("name", "field.required"))
	}
	if _, err := language.Parse(c.DefaultLanguage); err != nil {
		wrong = append(wrong, errs.FieldError("default_language", "field.language_tag"))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}
