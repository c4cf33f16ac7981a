// Package inbound keeps the mail that comes in: replies to campaigns, contributions, bounces, complaints, replies by machines,
// and whatever else somebody sent. A mail is stored before anything is decided about it, so that nothing is ever dropped; what
// only a person can decide waits for an officer. Nothing is ever answered here, so that no two machines write to each other.
package inbound

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// Kind says what a mail is. What a person reads is the text inbound.kind.<kind>.
type Kind string

// The kinds. A mail has none until it was sorted.
const (
	Unsorted     Kind = ""
	Reply        Kind = "reply"
	Contribution Kind = "contribution" // somebody on the list sent a document
	Bounce       Kind = "bounce"
	Complaint    Kind = "complaint"
	AutoReply    Kind = "auto_reply"
	Unsubscribe  Kind = "unsubscribe"
	Unknown      Kind = "unknown"
)

// Kinds lists them in the order in which they are shown.
func Kinds() []Kind {
	return []Kind{Contribution, Reply, Unsubscribe, Complaint, Bounce, AutoReply, Unknown}
}

// State says whether somebody must look at a mail.
type State string

// The states.
const (
	Waiting State = "new"     // waits for an officer, or to be sorted
	Handled State = "handled" // something was done about it
	Filed   State = "filed"   // nothing is to be done
)

// States lists them in the order in which they are shown.
func States() []State { return []State{Waiting, Handled, Filed} }

// Match says how it was found out whom a mail is from.
type Match string

// The ways. All but the token can be forged by anybody, so that they are proposals.
const (
	NoMatch     Match = ""
	ByToken     Match = "token"
	ByMessageID Match = "message_id"
	BySender    Match = "sender"
)

// Outcome is what was done about a mail, or why nothing could be. What a person reads is inbound.outcome.<outcome>.
type Outcome string

// The outcomes. The first are those that officers choose.
const (
	Answered         Outcome = "answered" // otherwise than by us: from the officer's own mailbox, by phone
	Declined         Outcome = "declined"
	Left             Outcome = "left"
	MadeContribution Outcome = "contribution"
	AddedDocuments   Outcome = "added" // to the contribution of whom it is from

	Bounced      Outcome = "bounced"       // the message did not arrive, and the address works no more
	BouncedOnce  Outcome = "bounced_once"  // the message did not arrive; the address stays
	Known        Outcome = "known"         // it was known before
	Delayed      Outcome = "delayed"       // a server still tries
	Arrived      Outcome = "arrived"       // a server says that the message arrived
	Complained   Outcome = "complained"    // the address is never written to again
	NoComplaint  Outcome = "no_complaint"  // a report that complains of nothing
	Stopped      Outcome = "stopped"       // they get no more of the process
	ByMachine    Outcome = "by_machine"    // nothing follows from a reply that a machine wrote
	Forged       Outcome = "forged"        // its token is none of ours: nothing was changed
	NoToken      Outcome = "no_token"      // it names no message of ours by a token: nothing was changed
	NeverSent    Outcome = "never_sent"    // the message that it names never left: nothing was changed
	Unreadable   Outcome = "unreadable"    // it speaks of a message of ours, in no form that a machine reads
	Undecided    Outcome = "undecided"     // a person decides
	SenderOnly   Outcome = "sender_only"   // the sender can be forged: a person decides
	SorterFailed Outcome = "sorter_failed" // sorting it failed
)

// Choices are the outcomes by which an officer closes a mail.
func Choices() []Outcome { return []Outcome{Answered, Declined, Left} }

// Mail is a mail that came in.
type Mail struct {
	ID             int64
	Hash           string
	ReceivedAt     time.Time // when it arrived at the first server of ours
	StoredAt       time.Time
	EnvelopeFrom   string // "" where it had none, as reports
	EnvelopeTo     string // one recipient a line
	MessageID      string
	FromName       string // as it says, as all that follows
	FromEmail      string // in lower case, "" where none could be read
	Subject        string
	Size           int // bytes
	Files          int
	Kind           Kind
	State          State
	MatchedBy      Match
	CycleID        *int64
	ContactID      *int64
	DeliveryID     *int64
	Status         string // of a bounce: 5.1.1; of a complaint: its type
	Diagnostic     string
	Outcome        Outcome
	Note           string // of the officer
	ContributionID *int64
	SortedAt       *time.Time
	HandledAt      *time.Time
	HandledBy      *int64
	ErasedAt       *time.Time // the mail itself and who sent it were removed
}

// Proposed says whether the match is one that anybody could forge.
func (m Mail) Proposed() bool { return m.MatchedBy == ByMessageID || m.MatchedBy == BySender }

// sort gives a mail its kind and what came of it.
func (m *Mail) sort(v verdict, at time.Time) error {
	if m.SortedAt != nil {
		return errs.E(errs.Conflict, "inbound.sorted")
	}
	m.Kind, m.State, m.Outcome, m.MatchedBy, m.Status, m.Diagnostic = v.kind, v.state, v.outcome, v.matchedBy, v.status, v.diagnostic
	m.CycleID, m.ContactID, m.DeliveryID = optional(v.cycleID), optional(v.contactID), optional(v.deliveryID)
	m.SortedAt = &at
	if v.state == Handled {
		m.HandledAt = &at
	}
	return nil
}

// close notes what an officer did about it.
func (m *Mail) close(to State, outcome Outcome, by int64, at time.Time) error {
	if m.SortedAt == nil {
		return errs.E(errs.Conflict, "inbound.unsorted")
	}
	if m.ErasedAt != nil {
		return errs.E(errs.Gone, "inbound.erased")
	}
	if err := m.move(to, Waiting, Filed); err != nil {
		return err
	}
	m.Outcome, m.HandledAt, m.HandledBy = outcome, &at, optional(by)
	return nil
}

// Reopenable says whether nothing was made of it that stays.
func (m Mail) Reopenable() bool {
	switch m.Outcome {
	case Bounced, BouncedOnce, Complained, Stopped, Known, MadeContribution, AddedDocuments:
		return false
	}
	return m.ErasedAt == nil
}

// reopen lets it wait for an officer again.
func (m *Mail) reopen() error {
	if !m.Reopenable() {
		return errs.E(errs.Conflict, "inbound.done")
	}
	if err := m.move(Waiting, Filed, Handled); err != nil {
		return err
	}
	m.Outcome, m.HandledAt, m.HandledBy = Undecided, nil, nil
	return nil
}

func (m *Mail) move(to State, from ...State) error {
	if !slices.Contains(from, m.State) || m.State == to {
		return errs.E(errs.Conflict, "inbound.done")
	}
	m.State = to
	return nil
}

// optional is nil for nothing.
func optional(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
