package campaign

import (
	"slices"
	"time"
)

// DeliveryState is what became of one message to one contact.
type DeliveryState string

// The states of a delivery. Being sent is queued in a leased batch.
const (
	DeliveryPlanned    DeliveryState = "planned" // in the outbox of a step that is not launched
	DeliveryQueued     DeliveryState = "queued"
	DeliverySent       DeliveryState = "sent"
	DeliverySkipped    DeliveryState = "skipped"
	DeliveryDeferred   DeliveryState = "deferred" // refused for now, tried again after Until
	DeliveryFailed     DeliveryState = "failed"
	DeliveryUncertain  DeliveryState = "uncertain" // may or may not have been accepted
	DeliveryBounced    DeliveryState = "bounced"
	DeliveryComplained DeliveryState = "complained"
)

// DeliveryStates lists them in the order in which they are shown.
func DeliveryStates() []DeliveryState {
	return []DeliveryState{
		DeliveryPlanned, DeliveryQueued, DeliverySent, DeliveryDeferred, DeliveryUncertain,
		DeliveryFailed, DeliverySkipped, DeliveryBounced, DeliveryComplained,
	}
}

var deliveryMoves = map[DeliveryState][]DeliveryState{
	DeliveryPlanned:   {DeliveryQueued, DeliverySkipped, DeliveryDeferred}, // deferred to the reader's own hour
	DeliveryQueued:    {DeliverySent, DeliverySkipped, DeliveryDeferred, DeliveryFailed, DeliveryUncertain},
	DeliveryDeferred:  {DeliveryQueued, DeliverySkipped}, // skipped by hand, where its text cannot be rendered
	DeliveryUncertain: {DeliverySent, DeliveryQueued},
	DeliverySent:      {DeliveryBounced, DeliveryComplained, DeliveryQueued}, // queued again where somebody gives a reason
	DeliveryFailed:    {DeliveryQueued},                                      // tried again, as a person decided
	DeliverySkipped:   {DeliveryQueued},                                      // held for a translation that came, or for a volunteer who did not write
}

// Can says whether the move is legal.
func (s DeliveryState) Can(to DeliveryState) bool { return slices.Contains(deliveryMoves[s], to) }

// waits says whether the message is still to go out.
func (s DeliveryState) waits() bool {
	return s == DeliveryPlanned || s == DeliveryQueued || s == DeliveryDeferred
}

// Reason says why a delivery was skipped, failed or is uncertain. Each has a text
// campaign.reason.<reason>.
type Reason string

// The reasons.
const (
	NoAddress        Reason = "no_address"
	Suppressed       Reason = "suppressed"
	OptedOut         Reason = "opted_out"       // asked for no more of the campaign, or of the cycle
	FewerReminders   Reason = "fewer_reminders" // asked for no reminder, or for one only
	Bounced          Reason = "bounced"
	Responded        Reason = "responded"
	Promised         Reason = "promised"
	Declined         Reason = "declined"   // their last word to a volunteer was no
	ClaimLost        Reason = "claim_lost" // who wrote in person does not hold the contact any more
	PersonalClaim    Reason = "personal_claim"
	SentPersonally   Reason = "sent_personally"
	DuplicateAddress Reason = "duplicate_address"
	Merged           Reason = "merged"    // the contact was merged with one who has another message of the step
	Overtaken        Reason = "overtaken" // the contact has a message of a later step
	NoTranslation    Reason = "no_translation"
	// HeldForTranslation waits for a translation into a language of the contact; the step can then be completed.
	HeldForTranslation Reason = "held_for_translation"
	Dropped            Reason = "dropped"
	EditWaits          Reason = "edit_waits" // its own words were not approved by the time of the launch
	StepEnded          Reason = "step_ended"
	WasCancelled       Reason = "cancelled"
	Refused            Reason = "refused"         // failed: the server said never, and not why
	Unencodable        Reason = "unencodable"     // failed: the server takes no address that is not ASCII
	TooLarge           Reason = "too_large"       // failed: the server takes no message of this size
	NoMailbox          Reason = "no_mailbox"      // failed: there is no such mailbox, or it is closed
	NoDomain           Reason = "no_domain"       // failed: the domain does not exist, or takes no mail
	MailboxFull        Reason = "mailbox_full"    // failed: the address is right
	RefusedMessage     Reason = "refused_message" // failed: a policy, or what is in the message
	GaveUp             Reason = "gave_up"         // failed: deferred for too long
	OwnTrouble         Reason = "own_trouble"     // deferred: the server refuses us, not the recipient
	Unrenderable       Reason = "unrenderable"    // deferred: its text cannot be rendered as it stands
	OwnDay             Reason = "own_day"         // deferred: the message before came late, and its days are not over
	OwnHour            Reason = "own_hour"        // deferred: the hour has not come where the reader is
	NoReply            Reason = "no_reply"        // uncertain: the connection broke after the message
	WorkerLost         Reason = "worker_lost"     // uncertain: the worker died in mid-message
	JournalLost        Reason = "journal_lost"    // uncertain: nobody can say how far the worker got
	DecidedSent        Reason = "decided_sent"    // sent, as a person decided
	DecidedAgain       Reason = "decided_again"   // queued again, as a person or the cycle decided
	Proved             Reason = "proved"          // sent: the recipient used a link of it
	Retried            Reason = "retried"         // queued again after it failed
	ClaimEnded         Reason = "claim_ended"     // queued: a volunteer had the contact, and did not write
	SentAgain          Reason = "sent_again"      // queued again though it had arrived, for a reason that somebody gave
	VolunteerFirst     Reason = "volunteer_first" // deferred: a volunteer who holds the contact may write first
	notAReason         Reason = ""
)

// Reasons lists them in the order in which they are shown.
func Reasons() []Reason {
	return []Reason{
		NoAddress, Suppressed, OptedOut, FewerReminders, Bounced, Responded, Promised, Declined, PersonalClaim, SentPersonally, DuplicateAddress, Merged, Overtaken,
		NoTranslation, HeldForTranslation, Dropped, EditWaits, ClaimLost, StepEnded, WasCancelled,
		NoMailbox, NoDomain, MailboxFull, RefusedMessage, Unencodable, TooLarge, Refused, GaveUp, OwnTrouble, VolunteerFirst, Unrenderable, OwnDay, OwnHour,
		NoReply, WorkerLost, JournalLost, DecidedSent, DecidedAgain, Proved, Retried, ClaimEnded, SentAgain,
	}
}

// Delivery is one message to one contact, or the reason why there is none.
type Delivery struct {
	ID               int64
	StepID           int64
	ContactID        int64
	AddressID        *int64
	Locale           string
	Fallback         bool   // whether Locale is the cycle's language for want of one of the contact's
	Edition          int    // of the translation, 1 for the source text
	Variant          string // of the text, "" for the general one
	StakeholderGroup string
	Region           string
	State            DeliveryState
	Reason           Reason
	Attempts         int
	Until            *time.Time
	SentAt           *time.Time
	Server           string
	Reply            string
	PersonalBy       *int64
}

// The id of a delivery is its step and its number within the step, so that a batch is a range of
// the primary key. Numbers from 2³¹ on are kept for messages in a volunteer's name: each is the first
// and only one of a batch of its own, so that lease, journal, results and recovery are the campaign's.
const (
	numberBits    = 32
	BatchSize     = 500
	personalBits  = 31
	firstPersonal = 1<<personalBits/BatchSize + 1 // the first batch whose numbers all are above 2³¹
)

// BatchRef names a batch of a step.
type BatchRef struct {
	StepID int64
	Number int // from 0
}

// Personal says whether the batch is one message in a volunteer's name.
func (b BatchRef) Personal() bool { return b.Number >= firstPersonal }

// key is the batch as one number, for the journal.
func (b BatchRef) key() int64 { return b.StepID<<numberBits | int64(b.Number) }

func batchOfKey(key int64) BatchRef {
	return BatchRef{StepID: key >> numberBits, Number: int(key & (1<<numberBits - 1))}
}

func batchOf(deliveryID int64) BatchRef {
	return BatchRef{StepID: deliveryID >> numberBits, Number: int((deliveryID&(1<<numberBits-1) - 1) / BatchSize)}
}

// ids is the range of the batch's deliveries, both ends included.
func (b BatchRef) ids() (first, last int64) {
	first = b.StepID<<numberBits + int64(b.Number)*BatchSize + 1
	return first, first + BatchSize - 1
}

// The pauses between tries of a message that a server refuses for now: five minutes, doubled up
// to six hours, until three days after the first try. Where a campaign was paused meanwhile, or the clock was wrong, it
// is tried a few times all the same.
const (
	firstBackoff   = 5 * time.Minute
	longestBackoff = 6 * time.Hour
	tryFor         = 72 * time.Hour
	leastTries     = 5
)

// backoff is the pause after so many tries, within a fifth more or less, so that what was refused
// together does not come back together. spread is from 0 to 1.
func backoff(attempts int, spread float64) time.Duration {
	d := firstBackoff
	for i := 1; i < attempts && d < longestBackoff; i++ {
		d *= 2
	}
	d = min(d, longestBackoff)
	return time.Duration(float64(d) * (0.8 + 0.4*spread))
}
