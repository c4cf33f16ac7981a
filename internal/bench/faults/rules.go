package faults

import (
	"fmt"
	"hash/fnv"
	"time"
)

// Stage is a point of the conversation about one message.
type Stage string

// The stages at which a server may refuse.
const (
	StageMail Stage = "mail"
	StageRcpt Stage = "rcpt"
	StageData Stage = "data"
	StageText Stage = "text"
)

// Refusal is a reply instead of the usual one. 421 closes the connection.
type Refusal struct {
	Stage Stage
	Code  int
	Text  string
}

func (r Refusal) String() string { return fmt.Sprintf("%d %s", r.Code, r.Text) }

// TLS is what a server makes of STARTTLS.
type TLS int

// What a server makes of STARTTLS.
const (
	NotOffered TLS = iota
	RefusesTLS     // it offers STARTTLS, and refuses the command
	SpeaksTLS
)

// Rules are what a server does wrong. The zero value is an obliging server.
type Rules struct {
	Latency time.Duration // that each message takes
	Refuse  []Refusal     // which the chosen meet in turn
	Share   int           // one sender in so many is chosen; each message has its own sender
	Times   int           // how often a chosen message is refused; for good where zero
	Breaks  int           // so many connections break in mid-text, one message in five that is chosen by Share
	Limit   int           // connections at once; any number where zero
	TLS     TLS
	Seed    uint64
}

// chosen says which refusal a message meets; which messages do is decided by the seed and the sender alone.
func (r *Rules) chosen(from string) (n int, ok bool) {
	if r.Share <= 0 {
		return 0, false
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %s", r.Seed, from)
	sum := h.Sum64() >> 8
	return int(sum / uint64(r.Share) % (1 << 16)), sum%uint64(r.Share) == 0
}
