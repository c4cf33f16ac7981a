package worker

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/queue"
)

// ExpireClaims ends the claims whose time is over and warns volunteers before theirs ends.
type ExpireClaims struct{}

// Kind names the task.
func (ExpireClaims) Kind() string { return "claim:expire" }

// Claims is what the task needs of outreach.
type Claims interface {
	// ExpireDue may run at any time, and several times at once.
	ExpireDue(ctx context.Context) error
}

// HandleClaims registers the task.
func HandleClaims(mux *queue.Mux, claims Claims) {
	queue.Handle(mux, func(ctx context.Context, _ ExpireClaims) error { return claims.ExpireDue(ctx) })
}

// ClaimSchedule lets claims expire within a minute of their time. What is urgent does not wait for
// it: a claim that is over counts as over wherever one looks.
func ClaimSchedule() queue.Every {
	return queue.Every{Period: time.Minute, Task: ExpireClaims{}}
}
