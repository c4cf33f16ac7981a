package mail

import "time"

// breaker counts trouble with the server; the pool's lock guards it.
type breaker struct {
	barren int // connections that ended in trouble, since things went well for a while
	streak int // replies since the last trouble
	pause  time.Duration
	until  time.Time
	err    error // why there was a pause, until a reply comes
	why    error // of the last pause, also when a late reply came meanwhile
	since  time.Time
	tried  time.Time // when the last pause began
	well   bool      // a reply came, and no pause since

	fewer      int // at most so many connections …
	fewerUntil time.Time
}

// wellAgain is how many replies make trouble forgotten. A server that takes a message or two
// and then drops the connection, each time, must trip the breaker all the same.
const wellAgain = 50

func (b *breaker) holds(now time.Time) bool { return now.Before(b.until) }

// trip begins a pause, twice as long as the last one unless a reply came between.
func (b *breaker) trip(now time.Time, err error) {
	b.pause = min(max(2*b.pause, firstPause), longestPause)
	if b.err == nil {
		b.since = now
	}
	b.until, b.err, b.tried, b.well = now.Add(b.pause), err, now, false
	b.why = err
	b.barren, b.streak = 0, 0
}

// replied notes that the server decided about a message; true when that ends a time of trial.
func (b *breaker) replied() bool {
	if b.streak++; b.streak >= wellAgain {
		b.barren = 0
	}
	ended := b.err != nil
	b.pause, b.err, b.well = 0, nil, true
	return ended
}

// trouble notes a connection that ended badly; true when there were too many.
func (b *breaker) trouble() bool {
	b.streak = 0
	b.barren++
	return b.barren >= maxTries
}

// refuse notes that the server takes no more than so many connections.
func (b *breaker) refuse(now time.Time, open int) {
	b.fewer, b.fewerUntil = max(open, 1), now.Add(limitedFor)
}

// limit is how many connections may be open now. After a pause one tries alone.
func (b *breaker) limit(most int, now time.Time) int {
	if b.err != nil {
		return 1
	}
	if now.Before(b.fewerUntil) {
		return min(most, b.fewer)
	}
	return most
}
