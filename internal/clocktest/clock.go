// Package clocktest gives tests a time that only they move.
package clocktest

import (
	"sync"
	"time"
)

// Clock stands still until it is told otherwise. It may be used by many goroutines.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// At is a clock that stands at this time.
func At(t time.Time) *Clock { return &Clock{at: t} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Set puts the clock to a time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

// Advance moves the time on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
