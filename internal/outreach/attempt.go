package outreach

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// Channel is how a volunteer tried to reach a contact.
type Channel string

// Outcome is what came of it.
type Outcome string

// The channels.
const (
	ByMail      Channel = "mail"
	ByCall      Channel = "call"
	ByMeeting   Channel = "meeting"
	ByColleague Channel = "colleague"
)

// The outcomes. A wrong address marks nothing by itself: an officer looks at it.
const (
	Reached      Outcome = "reached"
	NoAnswer     Outcome = "no_answer"
	WrongAddress Outcome = "wrong_address"
	Declined     Outcome = "declined"
	Promised     Outcome = "promised"
	Responded    Outcome = "responded"
)

// Channels lists them in the order in which they are shown.
func Channels() []Channel { return []Channel{ByMail, ByCall, ByMeeting, ByColleague} }

// Outcomes lists them in the order in which they are shown.
func Outcomes() []Outcome {
	return []Outcome{Reached, NoAnswer, WrongAddress, Declined, Promised, Responded}
}

const maxNote = 2000

// Attempt is one logged try to reach a contact under a claim.
type Attempt struct {
	ID            int64
	ClaimID       int64
	CycleID       int64
	ContactID     int64
	VolunteerID   int64
	Channel       Channel
	Outcome       Outcome
	Note          string
	PromisedUntil *time.Time // follow-ups wait until then; only with Promised
	At            time.Time
}

func (a *Attempt) validate(now time.Time) error {
	var wrong []errs.Field
	if !slices.Contains(Channels(), a.Channel) {
		wrong = append(wrong, errs.FieldError("channel", "field.choice"))
	}
	if !slices.Contains(Outcomes(), a.Outcome) {
		wrong = append(wrong, errs.FieldError("outcome", "field.choice"))
	}
	switch {
	case a.Outcome == Promised && a.PromisedUntil == nil:
		wrong = append(wrong, errs.FieldError("promised_until", "outreach.attempt.promised_until_required"))
	case a.Outcome == Promised && !a.PromisedUntil.After(now):
		wrong = append(wrong, errs.FieldError("promised_until", "outreach.attempt.promised_until_past"))
	case a.Outcome != Promised:
		a.PromisedUntil = nil
	}
	if a.Note = strings.TrimSpace(a.Note); utf8.RuneCountInString(a.Note) > maxNote {
		wrong = append(wrong, errs.FieldError("note", "field.too_long", "Max", maxNote))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// noteField tidies a note and refuses one that is too long.
func noteField(note string) (string, error) {
	note = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(note, "\x00", ""), ""))
	if utf8.RuneCountInString(note) > maxNote {
		return "", errs.InvalidFields(errs.FieldError("note", "field.too_long", "Max", maxNote))
	}
	return note, nil
}
