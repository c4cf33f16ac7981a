package contact

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
)

// house is a contact room on a database of its own, with a cycle and a clock that stands still.
type house struct {
	*Service
	t       testing.TB
	d       *db.DB
	now     time.Time
	cycle   int64
	officer account.Actor
	revoked []int64
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, d: d, now: time.Date(2017, 8, 7, 12, 0, 0, 0, time.UTC)}
	h.Service = New(Deps{
		DB: d, Now: func() time.Time { return h.now }, Reference: ref, Secret: []byte("secret"),
		Normalize: mail.Normalize, IsRole: mail.IsRole, Claims: h, Links: link.NewSigner([]byte("secret")),
	})
	h.officer = h.member("officer", account.Officer)
	c, err := cycle.New(cycle.Deps{DB: d, Now: h.Now}).Create(context.Background(), h.officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF 2017"})
	if err != nil {
		t.Fatal(err)
	}
	h.cycle = c.ID
	return h
}

// RevokeLive remembers what it was told; outreach has the tests of what it does.
func (h *house) RevokeLive(_ *db.Tx, _ audit.Who, contactIDs []int64, _ string) error {
	h.revoked = append(h.revoked, contactIDs...)
	return nil
}

// RevokeLiveIn is RevokeLive: there is one cycle.
func (h *house) RevokeLiveIn(tx *db.Tx, by audit.Who, _ int64, contactIDs []int64, reason string) error {
	return h.RevokeLive(tx, by, contactIDs, reason)
}

func (h *house) member(name string, role account.Role, countries ...string) account.Actor {
	h.t.Helper()
	accounts := account.New(account.Deps{DB: h.d, Now: h.Now, Normalize: mail.Normalize})
	a, err := accounts.Add(context.Background(), audit.System("test"), account.Account{Name: name, Email: name + "@example.org"}, role)
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

func (h *house) add(d Draft) Contact {
	h.t.Helper()
	if d.Kind == "" {
		d.Kind = Person
	}
	if d.StakeholderGroup == "" {
		d.StakeholderGroup = geo.GroupCivilSociety
	}
	d.CycleID = h.cycle
	c, err := h.Create(context.Background(), h.officer, d)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) claim(by account.Actor, contactID int64, expires time.Time) {
	h.t.Helper()
	h.exec(`insert into claim (cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at)
		values (?, ?, ?, 'reach_out', 'active', ?, ?)`, h.cycle, contactID, by.ID, h.now, expires)
}

func (h *house) exec(statement string, args ...any) {
	h.t.Helper()
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// events counts the events of an action.
func (h *house) events(action string) int {
	h.t.Helper()
	var n int
	if err := h.d.Read(context.Background()).QueryRow("select count(*) from audit_event where action = ?", action).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) names(by account.Actor, f Filter) []string {
	h.t.Helper()
	f.CycleID = h.cycle
	page, err := h.List(context.Background(), by, f)
	if err != nil {
		h.t.Fatal(err)
	}
	names := []string{}
	for _, r := range page.Rows {
		names = append(names, r.Name)
	}
	return names
}

func ptr[T any](v T) *T { return &v }
