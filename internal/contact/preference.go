package contact

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// Scope is what the readers of a mailbox can ask not to get. What a person reads is the text "preferences.scope.<scope>".
type Scope string

// The scopes. Those of reminders exclude each other.
const (
	ThisCampaign   Scope = "campaign"
	ThisCycle      Scope = "cycle"
	Everything     Scope = "everything" // decided by the suppression of the mailbox; the opt-out is its story
	NoReminders    Scope = "reminders"
	SecondReminder Scope = "second_reminder" // one reminder of a campaign is welcome, no other
)

// Stops are the scopes that end messages altogether, the narrowest first.
func Stops() []Scope { return []Scope{ThisCampaign, ThisCycle, Everything} }

// Often says how many reminders somebody wants.
type Often string

// How often.
const (
	AllReminders Often = "all"
	OneReminder  Often = "one"
	NoneAtAll    Often = "none"
)

// Oftens lists them.
func Oftens() []Often { return []Often{AllReminders, OneReminder, NoneAtAll} }

// scope is what is asked by it, "" for nothing.
func (o Often) scope() Scope {
	switch o {
	case OneReminder:
		return SecondReminder
	case NoneAtAll:
		return NoReminders
	}
	return ""
}

// How an opt-out came. What a person reads is the text "preferences.how.<how>".
const (
	ByPage     = "page"      // the page behind the link of a mail
	ByOneClick = "one_click" // the button of a mail program (RFC 8058)
	ByMail     = "mail"      // a mail that said so
	ByOfficer  = "officer"   // in words, recorded by an officer
	// ByComplaint is how a mailbox came to be suppressed of which somebody complained. No opt-out came so.
	ByComplaint = "complaint"
)

// OptOut is what was asked not to be got at a mailbox. It is ended, never deleted.
type OptOut struct {
	ID         int64
	Hash       string // of the address
	Scope      Scope
	ObjectID   int64 // the campaign or the cycle, else 0
	How        string
	DeliveryID *int64 // the mail by whose link it was asked
	RecordedBy *int64 // the officer
	Note       string // of the officer
	AskedAt    time.Time
	EndedAt    *time.Time
	EndedBy    *int64 // the officer; nil for the reader
	EndedNote  string // why an officer ended it
}

// End ends it; the error is errs.Conflict where it has ended.
func (o *OptOut) End(by *int64, note string, now time.Time) error {
	if o.EndedAt != nil {
		return errs.E(errs.Conflict, "preferences.ended")
	}
	o.EndedAt, o.EndedBy, o.EndedNote = &now, by, note
	return nil
}

// Asked is an opt-out as the page of a mail shows it.
type Asked struct {
	Scope Scope
	At    time.Time
	Mine  bool // asked by the link of this very mail, which therefore can take it back
}

// Preferences are what the page behind the link of a mail shows: never more of a contact than the mail itself.
type Preferences struct {
	Name      string // as in the mail
	Masked    string // "m•••@example.org": enough to know the mailbox, not enough to learn it
	Cycle     string
	Locale    string   // of the mail, "" where the link was in none
	Chain     []string // the languages in which messages are sent, best first
	Often     Often
	Stopped   *Asked // the widest that holds
	Whole     bool   // whether the link was in a mail that we know: only then campaign, address and colleague are offered
	Elsewhere string // the masked address to which messages go instead of the mail's; "" where they go there
}

// Offers are the scopes that can still be asked for.
func (p Preferences) Offers() []Scope {
	all := Stops()
	if p.Stopped != nil {
		all = all[slices.Index(all, p.Stopped.Scope)+1:]
	} else if !p.Whole {
		all = all[1:]
	}
	return all
}

// mask keeps the first letter and the domain.
func mask(email string) string {
	for i, r := range email {
		if r == '@' {
			return firstLetter(email[:i]) + "•••" + email[i:]
		}
	}
	return "•••"
}

func firstLetter(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
