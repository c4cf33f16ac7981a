// Package audit is the append-only trail: who did what to which thing, when, what it was before
// and after. Every change of state leaves an event in the transaction that makes it.
package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Kind says what sort of actor did something.
type Kind string

// The kinds of actors.
const (
	ByAccount     Kind = "account"     // a signed-in person, by page, API or command
	ByContributor Kind = "contributor" // somebody without an account, by a personal link or a public form
	BySystem      Kind = "system"      // the worker, on a schedule or by a rule
)

// Who is an actor as the trail remembers it. Name is kept, because accounts change.
type Who struct {
	Kind      Kind
	ID        int64 // the account, 0 where there is none
	Name      string
	RequestID string
}

// System is the worker as an actor; name says which task.
func System(name string) Who { return Who{Kind: BySystem, Name: name} }

// Change is what happened to one thing. Before and After are marshalled as JSON and hold only
// what changed; nil is left empty. They must not hold secrets.
type Change struct {
	Action     string // noun.verb: "claim.made"
	ObjectKind string
	ObjectID   int64
	CycleID    int64 // 0 where the thing belongs to no cycle
	Before     any
	After      any
}

// Event is a row of the trail.
type Event struct {
	ID         int64
	At         time.Time
	ActorKind  Kind
	ActorID    *int64
	ActorName  string
	Action     string
	ObjectKind string
	ObjectID   int64
	CycleID    *int64
	Before     string
	After      string
	RequestID  string
}

// Record writes the event in the caller's transaction, so that a change without its event, or an
// event without its change, cannot be committed.
func Record(tx *db.Tx, who Who, at time.Time, c Change) error {
	e, err := eventOf(who, at, c)
	if err != nil {
		return errs.Wrap("audit.record", err)
	}
	return errs.Wrap("audit.record", insert(tx, &e))
}

// RecordAll is Record for many things that one action changed, in their order.
func RecordAll(tx *db.Tx, who Who, at time.Time, all []Change) error {
	events := make([]Event, len(all))
	for i, c := range all {
		var err error
		if events[i], err = eventOf(who, at, c); err != nil {
			return errs.Wrap("audit.record_all", err)
		}
	}
	return errs.Wrap("audit.record_all", insertAll(tx, events))
}

func eventOf(who Who, at time.Time, c Change) (Event, error) {
	before, err := marshal(c.Before)
	if err != nil {
		return Event{}, err
	}
	after, err := marshal(c.After)
	return Event{
		At: at, ActorKind: who.Kind, ActorID: optional(who.ID), ActorName: who.Name,
		Action: c.Action, ObjectKind: c.ObjectKind, ObjectID: c.ObjectID, CycleID: optional(c.CycleID),
		Before: before, After: after, RequestID: who.RequestID,
	}, err
}

// Trail reads the events.
type Trail struct{ db *db.DB }

// NewTrail reads from this database.
func NewTrail(d *db.DB) *Trail { return &Trail{db: d} }

// Filter narrows a listing; zero values do not narrow. Events come newest first.
type Filter struct {
	ObjectKind string
	ObjectID   int64
	Action     string
	Before     int64 // only events with a smaller id: the cursor of the next page
	Limit      int
}

// List gives the events that match, newest first.
func (t *Trail) List(ctx context.Context, f Filter) ([]Event, error) {
	events, err := list(t.db.Read(ctx), f)
	return events, errs.Wrap("audit.list", err)
}

// Happened says, for each of these actions, who did it first after the last event of the action
// since, and when; what has not happened since then is absent.
func (t *Trail) Happened(ctx context.Context, actions []string, since string) (map[string]Event, error) {
	first, err := firstOf(t.db.Read(ctx), actions, since)
	return first, errs.Wrap("audit.happened", err)
}

// Former are the numbers that a field had before these actions on a thing, each once: the ids of addresses that a contact no longer
// has, say. It reads the trail in the caller's transaction.
func Former(tx *db.Tx, objectKind string, objectID int64, field string, actions ...string) ([]int64, error) {
	ids, err := formerNumbers(tx, objectKind, objectID, field, actions)
	return ids, errs.Wrap("audit.former", err)
}

// Did says whether this was ever done to an object, which may be gone since.
func Did(tx *db.Tx, action, objectKind string, objectID int64) (bool, error) {
	return anyOf(tx, action, objectKind, objectID)
}

func marshal(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func optional(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}
