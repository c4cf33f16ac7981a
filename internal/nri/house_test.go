package nri_test

import (
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/nri"
)

type house struct {
	t        *testing.T
	db       *db.DB
	now      time.Time
	accounts *account.Service
	nris     *nri.Service
	cycles   *cycle.Service
	officer  account.Actor
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, db: d, now: time.Date(2017, 8, 20, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return h.now }
	h.accounts = account.New(account.Deps{DB: d, Now: clock, Normalize: func(s string) (string, error) { return strings.ToLower(s), nil }})
	h.nris = nri.New(nri.Deps{DB: d, Accounts: h.accounts, Now: clock})
	h.cycles = cycle.New(cycle.Deps{DB: d, Now: clock})
	h.officer = h.person("Odile", account.Officer)
	return h
}

func (h *house) person(name string, role account.Role) account.Actor {
	h.t.Helper()
	a, err := h.accounts.Add(h.t.Context(), audit.System("test"), account.Account{Email: name + "@example.org", Name: name}, role)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.actor(a.ID)
}

// actor loads somebody anew, as every request does.
func (h *house) actor(id int64) account.Actor {
	h.t.Helper()
	a, err := h.accounts.ByID(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	by, err := h.accounts.Actor(h.t.Context(), a, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return by
}

func (h *house) cycle() cycle.Cycle {
	h.t.Helper()
	c, err := h.cycles.Create(h.t.Context(), h.officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF 2017"})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) imported(rows ...geo.InitiativeRow) map[string]int64 {
	h.t.Helper()
	if _, err := h.nris.Import(h.t.Context(), h.officer, rows); err != nil {
		h.t.Fatal(err)
	}
	all, err := h.nris.List(h.t.Context(), h.officer, nri.Filter{})
	if err != nil {
		h.t.Fatal(err)
	}
	ids := map[string]int64{}
	for _, n := range all {
		ids[n.Name] = n.ID
	}
	return ids
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(code errs.Code, err error) {
	h.t.Helper()
	if !errs.Is(err, code) {
		h.t.Fatalf("got %v, want %s", err, code)
	}
}

func (h *house) actions(kind string, id int64) string {
	h.t.Helper()
	events, err := audit.NewTrail(h.db).List(h.t.Context(), audit.Filter{ObjectKind: kind, ObjectID: id, Limit: 50})
	h.must(err)
	var names []string
	for _, e := range events {
		names = append([]string{e.Action}, names...)
	}
	return strings.Join(names, " ")
}

func (h *house) write(statement string, args ...any) error {
	return h.db.Write(h.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
}
