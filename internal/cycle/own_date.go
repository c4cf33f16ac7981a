package cycle

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// OwnDateState is what became of an own date.
type OwnDateState string

// The states: granted → changed | revoked. A changed one was followed by another.
const (
	DateGranted OwnDateState = "granted"
	DateChanged OwnDateState = "changed"
	DateRevoked OwnDateState = "revoked"
)

// How long the words about an own date may be, in characters.
const (
	meetingLimit = 200
	reasonLimit  = 500
)

// OwnDate is the deadline of one contact in a cycle, because it meets before the annual meeting. That of an organization is that of
// everybody who answers for it. It applied from an instant until it ended: a change ends one and begins another, so that what
// arrived meanwhile is judged by what applied then.
type OwnDate struct {
	ID          int64
	CycleID     int64
	ContactID   int64
	OnDate      string // YYYY-MM-DD, the day that people are told
	Zone        string // AoE or an IANA name
	At          time.Time
	Meeting     string // before which they answer, as it is called
	Reason      string // for officers
	State       OwnDateState
	AppliesFrom time.Time
	EndedAt     *time.Time
}

// Grant is what an officer says of an own date.
type Grant struct {
	OnDate  string // YYYY-MM-DD
	Zone    string // AoE, an IANA name, or "" for AoE
	Meeting string
	Reason  string
}

// Date is the own date as one of the cycle's.
func (d OwnDate) Date() Date {
	return Date{CycleID: d.CycleID, Kind: MeetingGrace, OnDate: d.OnDate, Zone: d.Zone, At: d.At, Note: d.Meeting, AppliesFrom: d.AppliesFrom, SupersededAt: d.EndedAt}
}

// change ends the date, because another follows.
func (d *OwnDate) change(at time.Time) error { return d.end(DateChanged, at) }

// revoke ends the date.
func (d *OwnDate) revoke(at time.Time) error { return d.end(DateRevoked, at) }

func (d *OwnDate) end(to OwnDateState, at time.Time) error {
	if d.State != DateGranted {
		return errs.E(errs.Conflict, "cycle.own_date.ended")
	}
	d.State, d.EndedAt = to, &at
	return nil
}

// says whether a grant changes nothing.
func (d OwnDate) says(g Grant) bool {
	return d.OnDate == g.OnDate && d.Zone == g.Zone && d.Meeting == g.Meeting && d.Reason == g.Reason
}

// clean takes the blanks from the ends, and checks the words and the day; at is when it ends.
func (g *Grant) clean() (at time.Time, wrong []errs.Field) {
	g.OnDate, g.Zone = strings.TrimSpace(g.OnDate), strings.TrimSpace(g.Zone)
	if g.Zone == "" {
		g.Zone = AoE
	}
	at, err := EndOfDay(g.OnDate, g.Zone)
	wrong = append(wrong, errs.FieldsOf(err)...)
	wrong = append(wrong, cleanWords("meeting", &g.Meeting, meetingLimit)...)
	return at, append(wrong, cleanWords("reason", &g.Reason, reasonLimit)...)
}

func cleanWords(field string, text *string, limit int) []errs.Field {
	*text = strings.Join(strings.Fields(*text), " ")
	switch {
	case !utf8.ValidString(*text) || strings.ContainsRune(*text, 0):
		return []errs.Field{errs.FieldError(field, "contribution.text.encoding")}
	case errs.Blank(*text):
		return []errs.Field{errs.FieldError(field, "field.required")}
	case utf8.RuneCountInString(*text) > limit:
		return []errs.Field{errs.FieldError(field, "field.too_long", "Max", limit)}
	}
	return nil
}

// allows says whether a cycle whose deadline for everybody is this one can have such an own date: an earlier one would only
// take time from people, one that is over helps nobody, and one after the annual meeting is not before it.
func (c Cycle) allows(day string, at time.Time, deadline *Date, now time.Time) error {
	wrong := func(key string, args ...any) error {
		return errs.InvalidFields(errs.FieldError("on_date", key, args...))
	}
	switch {
	case c.State == Closed:
		return errs.E(errs.Conflict, "cycle.own_date.closed")
	case deadline == nil:
		return errs.E(errs.Conflict, "cycle.own_date.no_deadline")
	case !at.After(deadline.At):
		return wrong("cycle.own_date.not_later", "Day", deadline.OnDate)
	case c.EventEnd != "" && day > c.EventEnd:
		return wrong("cycle.own_date.after_event", "Day", c.EventEnd)
	case !at.After(now):
		return wrong("cycle.own_date.over")
	}
	return nil
}
