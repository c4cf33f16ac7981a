package outreach_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
)

// house is outreach and contacts as cmd wires them, with a clock that a test moves.
type house struct {
	*outreach.Service
	contacts *contact.Service
	mu       sync.Mutex
	t        *testing.T
	d        *db.DB
	now      time.Time
	cycle    int64
	officer  account.Actor
	letters  []outreach.Warning
	told     []string // what was written otherwise: the kind, to whom, about whom
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, d: d, now: time.Date(2017, 8, 7, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return h.now }
	h.contacts = contact.New(contact.Deps{
		DB: d, Now: clock, Reference: ref, Secret: []byte("secret"),
		Normalize: mail.Normalize, IsRole: mail.IsRole, Claims: outreach.Revoker{Now: clock},
	})
	h.Service = outreach.New(outreach.Deps{DB: d, Now: clock, Reference: ref, Contacts: h.contacts, Notifier: h})
	h.officer = h.member("Officer", account.Officer)
	c, err := cycle.New(cycle.Deps{DB: d, Now: clock}).Create(context.Background(), h.officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF"})
	if err != nil {
		t.Fatal(err)
	}
	h.cycle = c.ID
	return h
}

// PrepareWarning keeps what would be written.
func (h *house) PrepareWarning(_ context.Context, w outreach.Warning) (outreach.Message, error) {
	return letter{h, w}, nil
}

type letter struct {
	h *house
	w outreach.Warning
}

func (l letter) Store(*db.Tx) error { l.h.letters = append(l.h.letters, l.w); return nil }
func (letter) Wake(context.Context) {}

// note is a message that is told only once it was woken, after its transaction.
type note struct {
	h    *house
	text string
}

func (note) Store(*db.Tx) error { return nil }
func (n note) Wake(context.Context) {
	n.h.mu.Lock()
	defer n.h.mu.Unlock()
	n.h.told = append(n.h.told, n.text)
}

func (h *house) PrepareOffer(_ context.Context, n outreach.OfferNotice) (outreach.Message, error) {
	return note{h, fmt.Sprintf("offer to %d from %s: %s (%s)", n.VolunteerID, n.From, n.Contact, n.Note)}, nil
}

func (h *house) PrepareAnswer(_ context.Context, n outreach.AnswerNotice) (outreach.Message, error) {
	return note{h, fmt.Sprintf("answer to %d from %s: %s %t (%s)", n.VolunteerID, n.Colleague, n.Contact, n.Accepted, n.Answer)}, nil
}

func (h *house) PrepareTaken(_ context.Context, n outreach.TakenNotice) (outreach.Message, error) {
	return note{h, fmt.Sprintf("taken from %d: %s, %s, to %q", n.VolunteerID, n.Contact, n.Reason, n.To)}, nil
}

func (h *house) PrepareGiven(_ context.Context, n outreach.GivenNotice) (outreach.Message, error) {
	return note{h, fmt.Sprintf("given to %d: %d", n.VolunteerID, len(n.Items))}, nil
}

func (h *house) member(name string, role account.Role, countries ...string) account.Actor {
	h.t.Helper()
	accounts := account.New(account.Deps{DB: h.d, Now: func() time.Time { return h.now }, Normalize: mail.Normalize})
	a, err := accounts.Add(context.Background(), audit.System("test"), account.Account{Name: name, Email: name + "@example.org", Language: "es"}, role)
	if err != nil {
		h.t.Fatal(err)
	}
	actor, err := accounts.Actor(context.Background(), a, "")
	if err != nil {
		h.t.Fatal(err)
	}
	actor.Countries = countries
	return actor
}

func (h *house) volunteer(name string) account.Actor { return h.member(name, account.Volunteer) }

func (h *house) add(d contact.Draft) int64 {
	h.t.Helper()
	if d.Kind == "" {
		d.Kind = contact.Person
	}
	if d.StakeholderGroup == "" {
		d.StakeholderGroup = geo.GroupCivilSociety
	}
	if d.Country == "" {
		d.Country = "PE"
	}
	d.CycleID = h.cycle
	c, err := h.contacts.Create(context.Background(), h.officer, d)
	if err != nil {
		h.t.Fatal(err)
	}
	return c.ID
}

func (h *house) take(by account.Actor, contactID int64, p outreach.Purpose) outreach.Claim {
	h.t.Helper()
	c, err := h.Claim(context.Background(), by, h.cycle, contactID, p)
	if err != nil {
		h.t.Fatalf("%s claims %d: %v", by.Name, contactID, err)
	}
	return c
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		h.t.Fatalf("%s: %v", query, err)
	}
}

func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	if err := h.d.Read(context.Background()).QueryRow(query, args...).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) events(action string) int {
	return h.count("select count(*) from audit_event where action = ?", action)
}

func (h *house) state(id int64) outreach.State {
	h.t.Helper()
	var s string
	if err := h.d.Read(context.Background()).QueryRow("select state from claim where id = ?", id).Scan(&s); err != nil {
		h.t.Fatal(err)
	}
	return outreach.State(s)
}

func (h *house) names(by account.Actor) []string {
	h.t.Helper()
	gaps, err := h.Gaps(context.Background(), by, h.cycle)
	if err != nil {
		h.t.Fatal(err)
	}
	names := []string{}
	for _, g := range gaps {
		names = append(names, fmt.Sprint(g.Name, " ", g.Kinds, " ", g.Purpose))
	}
	return names
}
