// Package nri keeps the National, sub-regional, regional and youth Initiatives: who speaks for
// them, what they passed on, and the meetings at which they are briefed.
//
// An initiative is independent and owes nobody a report. What is counted here is what its
// coordinators chose to say, never what they left out.
package nri

import (
	"time"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/errs"
)

// Initiative is one of the NRIs. It is no stakeholder group: it is made of all of them.
type Initiative struct {
	ID          int64
	Name        string
	Kind        string // one of the Kind constants of package geo
	Scope       string // the area of an initiative of several countries, in English
	Website     string
	YearFounded int    // 0 where not known
	Confirmed   bool   // false: the source does not show that the IGF recognizes it
	Source      string // the public page that the entry was read from
	Note        string
	ContactID   *int64 // its own entry among the contacts, where it has one
	CreatedAt   time.Time

	Countries    []string      `gorm:"-"` // alpha-2, sorted; one initiative may have many, one country several
	Languages    []string      `gorm:"-"` // working languages, BCP 47, in the order of the source
	Coordinators []Coordinator `gorm:"-"` // the present ones
	Facts        Facts         `gorm:"-"` // of the cycle that was asked for
	State        State         `gorm:"-"` // of the cycle that was asked for
}

// Coordinator is a person speaking for an initiative for a time. The row ends when the role passes
// on and is never deleted: the role has a history, the person none here.
type Coordinator struct {
	ID        int64
	NRIID     int64 `gorm:"column:nri_id"`
	AccountID int64
	Since     time.Time
	Until     *time.Time
	Name      string `gorm:"-"`
}

// Current says whether the person still speaks for the initiative.
func (c Coordinator) Current() bool { return c.Until == nil }

// Facts are what is known about an initiative in one cycle.
type Facts struct {
	Relays        int
	Contributions int
	Briefed       bool // somebody who had taken the briefing on said that it was done
	Coordinated   bool // somebody speaks for it now
}

// State says in one word how far an initiative has come in a cycle. It is derived, never stored.
type State string

// The states, from the least that is known to the most. Silent is said only of an initiative that
// was briefed and whose own date has passed: nobody is silent who was never told.
const (
	NotYetBriefed State = "not_yet_briefed"
	Briefed       State = "briefed"
	Silent        State = "silent"
	Relayed       State = "relayed"
	Contributed   State = "contributed"
)

// States lists them in the order in which an officer reads them.
func States() []State { return []State{NotYetBriefed, Silent, Briefed, Relayed, Contributed} }

// StateOf derives the state. ended says whether the initiatives' own date has passed.
func StateOf(f Facts, ended bool) State {
	switch {
	case f.Contributions > 0:
		return Contributed
	case f.Relays > 0:
		return Relayed
	case f.Briefed && ended:
		return Silent
	case f.Briefed:
		return Briefed
	}
	return NotYetBriefed
}

// RelayKind says how an initiative passed the call on.
type RelayKind string

// The kinds of relays.
const (
	PassedToGovernment RelayKind = "passed_to_government"
	SentToList         RelayKind = "sent_to_list"
	PresentedAtMeeting RelayKind = "presented_at_meeting"
	OtherRelay         RelayKind = "other"
)

// RelayKinds lists them in the order in which they are offered.
func RelayKinds() []RelayKind {
	return []RelayKind{PassedToGovernment, SentToList, PresentedAtMeeting, OtherRelay}
}

// Valid says whether it is one of RelayKinds.
func (k RelayKind) Valid() bool {
	for _, known := range RelayKinds() {
		if k == known {
			return true
		}
	}
	return false
}

// Relay is what an initiative said that it passed on. Note is private: only who wrote it reads it.
type Relay struct {
	ID           int64
	CycleID      int64
	NRIID        int64  `gorm:"column:nri_id"`
	LoggedBy     *int64 // the account
	Kind         RelayKind
	AudienceSize int    // how many it reached, 0 where not known
	Language     string // BCP 47, empty where not said
	Note         string
	OnDate       string // YYYY-MM-DD, the day where it happened
	CreatedAt    time.Time
}

// The limits of a relay.
const (
	MaxAudience = 10_000_000
	MaxNote     = 2000
)

// validate refuses what cannot be. now bounds the day: nothing was passed on tomorrow, wherever
// today already is tomorrow.
func (r Relay) validate(now time.Time) error {
	var wrong []errs.Field
	if !r.Kind.Valid() {
		wrong = append(wrong, errs.FieldError("kind", "field.choice"))
	}
	if r.AudienceSize < 0 {
		wrong = append(wrong, errs.FieldError("audience_size", "field.number_min", "Min", 0))
	}
	if r.AudienceSize > MaxAudience {
		wrong = append(wrong, errs.FieldError("audience_size", "field.number_max", "Max", MaxAudience))
	}
	if r.Language != "" {
		if _, err := language.Parse(r.Language); err != nil {
			wrong = append(wrong, errs.FieldError("language", "field.language_tag"))
		}
	}
	switch day, err := time.Parse(time.DateOnly, r.OnDate); {
	case err != nil:
		wrong = append(wrong, errs.FieldError("on_date", "field.date"))
	case day.After(now.Add(14 * time.Hour)):
		wrong = append(wrong, errs.FieldError("on_date", "nri.relay.future"))
	}
	if len([]rune(r.Note)) > MaxNote {
		wrong = append(wrong, errs.FieldError("note", "field.too_long", "Max", MaxNote))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// Meeting is a call at which the initiatives are briefed.
type Meeting struct {
	ID        int64
	CycleID   int64
	Title     string
	StartsAt  time.Time // an instant, UTC
	Zone      string    // IANA name of the zone in which it was announced
	Minutes   int
	JoinURL   string
	CreatedAt time.Time
}

// EndsAt is when the meeting is over.
func (m Meeting) EndsAt() time.Time { return m.StartsAt.Add(time.Duration(m.Minutes) * time.Minute) }
