package mail

import (
	"context"
)

// Envelope is one message on its way. Data is a whole message with CRLF line ends and need not
// be dot-stuffed; it must not change until the result is there. From is the return path, "" for
// none; it may be different for each message (VERP).
type Envelope struct {
	ID      int64 // the delivery
	Batch   int64
	Attempt int
	From    string
	To      string
	Data    []byte
	// Rendered says that Data is as Skeleton.Render made it: every line ends with CRLF, none begins with a dot, and whatever is not
	// ASCII is in the head. The connection then need not look at all of it.
	Rendered bool

	wide bool // Data is not all ASCII; known once the connection has looked at it
}

// Ref is the name under which the journal knows the message.
func (e *Envelope) Ref() Ref { return Ref{Delivery: e.ID, Batch: e.Batch, Attempt: e.Attempt} }

// Outcome is how the sending of a message ended.
type Outcome uint8

const (
	// NotSent: no server ever saw the end of the message; it may be sent again at any time.
	NotSent Outcome = iota
	// Accepted: the server has taken the responsibility (2xx after the dot).
	Accepted
	// Deferred: the server refused for now (4xx).
	Deferred
	// Failed: the server, or a rule that no server could bend, refused for good (5xx).
	Failed
	// Uncertain: the final dot went out and no reply was seen. Only a person, a policy or a
	// proof may have it sent again.
	Uncertain
)

// String is the outcome's name.
func (o Outcome) String() string {
	return [...]string{"not_sent", "accepted", "deferred", "failed", "uncertain"}[o]
}

// Stage is the step of the conversation that decided. A refusal at StageFrom speaks of the
// sender or of the server, not of the recipient.
type Stage string

// The stages. StageNone is a result that no reply decided.
const (
	StageNone Stage = ""
	StageFrom Stage = "from"
	StageTo   Stage = "to"
	StageData Stage = "data"
	StageText Stage = "text"
)

// Result is what became of one envelope.
type Result struct {
	ID       int64
	Outcome  Outcome
	Stage    Stage
	Code     int    // 0: no reply
	Enhanced string // RFC 3463, "5.1.1"; may be empty
	Reply    string // the server's words, or ours where Server is empty
	Server   string // the name the server greeted with, or its address
}

// Transport opens connections.
type Transport interface {
	// Open gives a connection that is ready for messages. An error is errs.Unavailable.
	Open(ctx context.Context) (Conn, error)
	// Name is for logs and for people.
	Name() string
}

// Conn is one connection, used by one goroutine at a time.
type Conn interface {
	// Send takes envelopes from next until there are none, and reports exactly one result for
	// each that it took, in the order of taking. next must not block. The messages of different
	// batches may alternate. After an error the connection is of no further use; the messages
	// it had taken are reported as well. When ctx ends, it takes no more and finishes what it
	// has begun, within a few seconds.
	Send(ctx context.Context, next func() (Envelope, bool), journal Recorder, report func(Result)) error
	// Close says goodbye where possible.
	Close() error
}
