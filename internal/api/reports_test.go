package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/report"
)

// field is a cycle with one initiative of Kenya and one of Chile, six people listed and
// approached in Kenya and one in Chile, of whom two and one answered.
type field struct {
	*servertest.App
	t       *testing.T
	kenya   int64
	chile   int64
	officer *servertest.Client
	koki    *servertest.Client
}

func newField(t *testing.T, d *db.DB) *field {
	t.Helper()
	f := &field{t: t}
	var nris *nri.Service
	var cycles *cycle.Service
	f.App = apitest.NewApp(t, d, func(a *servertest.App, deps *api.Deps) {
		cycles = cycle.New(cycle.Deps{DB: a.DB, Now: a.Clock.Now})
		nris = nri.New(nri.Deps{DB: a.DB, Accounts: a.Accounts, Now: a.Clock.Now})
		deps.Cycles, deps.NRIs, deps.Reports = cycles, nris, report.New(report.Deps{DB: a.DB, Now: a.Clock.Now})
	})
	odile, koki := f.Account("odile", account.Officer), f.Account("koki", account.Coordinator)
	f.officer, f.koki = f.Bearer(odile), f.Bearer(koki)
	by, err := f.Accounts.Actor(t.Context(), odile, "")
	f.must(err)
	c, err := cycles.Create(t.Context(), by, cycle.Cycle{Slug: "bpf", Name: "BPF 2017"})
	f.must(err)
	_, err = cycles.SetDate(t.Context(), by, c.ID, cycle.Deadline, "2017-09-15", "", "")
	f.must(err)
	_, err = nris.Import(t.Context(), by, []geo.InitiativeRow{
		{Name: "Kenya IGF", Kind: geo.KindNational, Countries: []string{"KE"}},
		{Name: "Chile IGF", Kind: geo.KindNational, Countries: []string{"CL"}},
	})
	f.must(err)
	all, err := nris.List(t.Context(), by, nri.Filter{})
	f.must(err)
	f.kenya, f.chile = all[0].ID, all[1].ID
	f.must(nris.AssignCoordinator(t.Context(), by, f.kenya, koki.ID))
	f.facts(c.ID, odile.ID)
	return f
}

func (f *field) facts(cycleID, volunteer int64) {
	f.t.Helper()
	now := f.Clock.Now()
	f.must(f.DB.Write(f.t.Context(), func(tx *db.Tx) error {
		for i, country := range []string{"KE", "KE", "KE", "KE", "KE", "KE", "CL"} {
			id := int64(i + 1)
			region := map[string]string{"KE": "african_group", "CL": "grulac"}[country]
			if _, err := tx.Exec("insert into contact (id, kind, name, sort_name, country, region, created_at, updated_at) values (?, 'person', ?, '', ?, ?, ?, ?)",
				id, fmt.Sprintf("Contact %d of %s", id, country), country, region, now, now); err != nil {
				return err
			}
			if _, err := tx.Exec("insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at) values (?, ?, 'government', ?, ?)", cycleID, id, region, now); err != nil {
				return err
			}
			if _, err := tx.Exec("insert into claim (id, cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at) values (?, ?, ?, ?, 'reach_out', 'done', ?, ?)", id, cycleID, id, volunteer, now, now); err != nil {
				return err
			}
			if _, err := tx.Exec("insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at) values (?, ?, ?, ?, 'phone', 'reached', ?)", id, cycleID, id, volunteer, now); err != nil {
				return err
			}
			if i < 4 {
				continue
			}
			if _, err := tx.Exec(`insert into contribution (cycle_id, contact_id, state, channel, capacity, name, country, language, started_at, updated_at, received_at)
				values (?, ?, 'received', 'web', 'individual', 'x', ?, 'en', ?, ?, ?)`, cycleID, id, country, now, now, now); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (f *field) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func get[T any](f *field, c *servertest.Client, path string) T {
	f.t.Helper()
	res := c.Get("/api/v1" + path)
	var v T
	if err := res.Into(&v); err != nil || res.Status != http.StatusOK {
		f.t.Fatalf("%s: %d %s %v", path, res.Status, res.Body, err)
	}
	return v
}

func TestReportsOverTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newField(t, d)
		rates := get[api.ResponseRates](f, f.officer, "/cycles/bpf/reports/response-rates?by=region")
		if len(rates.Rows) != 2 || rates.By != "region" {
			t.Fatalf("%+v", rates)
		}
		africa, grulac := rates.Rows[0], rates.Rows[1]
		if africa.Key != "african_group" || africa.Approached != 6 || africa.Responded != 2 || africa.Rate == nil || *africa.Rate != 2.0/6 {
			t.Errorf("%+v", africa)
		}
		if grulac.Responded != 1 || grulac.Rate != nil {
			t.Errorf("a rate of one: %+v", grulac)
		}
		if body := f.officer.Get("/api/v1/cycles/bpf/reports/response-rates?by=region").Body; !strings.Contains(body, `"rate":null`) {
			t.Errorf("no null in %s", body)
		}
		if rates.Total.Listed != 7 || rates.Total.Responded != 3 {
			t.Errorf("%+v", rates.Total)
		}
		if m := get[api.Coverage](f, f.officer, "/cycles/bpf/reports/coverage"); len(m.Cells) != 2 || m.Cells[0].StakeholderGroup != "government" {
			t.Errorf("%+v", m)
		}
		if days := get[api.Timeline](f, f.officer, "/cycles/bpf/reports/timeline"); len(days.Days) != 1 || days.Days[0].Date != "2017-08-07" || days.Days[0].Responded != 3 {
			t.Errorf("%+v", days)
		}
		if res := f.officer.Get("/api/v1/cycles/bpf/reports/response-rates?by=shoe_size"); res.Status != http.StatusUnprocessableEntity {
			t.Errorf("an unknown dimension: %d", res.Status)
		}
		if res := f.officer.Get("/api/v1/cycles/none/reports/coverage"); res.Status != http.StatusNotFound {
			t.Errorf("an unknown cycle: %d", res.Status)
		}
	})
}

func TestACoordinatorLearnsNothingOfOtherCountries(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newField(t, d)
		rates := get[api.ResponseRates](f, f.koki, "/cycles/bpf/reports/response-rates?by=country")
		if len(rates.Rows) != 1 || rates.Rows[0].Key != "KE" || rates.Total.Listed != 6 {
			t.Errorf("%+v", rates)
		}
		if list := get[api.List[api.NRI]](f, f.koki, "/nris"); len(list.Items) != 1 || list.Items[0].ID != f.kenya {
			t.Errorf("%+v", list)
		}
		if res := f.koki.Get("/api/v1/cycles/bpf/reports/response-rates?by=volunteer"); res.Status != http.StatusForbidden {
			t.Errorf("by volunteer: %d", res.Status)
		}
		in := api.RelayInput{Kind: "sent_to_list", AudienceSize: 400, OnDate: "2017-08-06", Note: "for me"}
		if res := f.koki.JSON(http.MethodPost, fmt.Sprintf("/api/v1/nris/%d/relays", f.chile), in); res.Status != http.StatusNotFound {
			t.Errorf("a relay for another: %d %s", res.Status, res.Body)
		}
		res := f.koki.JSON(http.MethodPost, fmt.Sprintf("/api/v1/nris/%d/relays", f.kenya), in)
		if res.Status != http.StatusCreated || strings.Contains(res.Body, "for me") {
			t.Errorf("a relay of one's own: %d %s", res.Status, res.Body)
		}
		if list := get[api.List[api.NRI]](f, f.officer, "/nris?limit=1"); len(list.Items) != 1 || list.Next == "" || list.Items[0].Relays != 1 || list.Items[0].State != "relayed" {
			t.Errorf("%+v", list)
		}
		bad := api.RelayInput{Kind: "shouted", OnDate: "tomorrow"}
		if res := f.koki.JSON(http.MethodPost, fmt.Sprintf("/api/v1/nris/%d/relays", f.kenya), bad); res.Status != http.StatusUnprocessableEntity || !strings.Contains(res.Body, "on_date") {
			t.Errorf("a bad relay: %d %s", res.Status, res.Body)
		}
	})
}

func TestCyclesOverTheAPI(t *testing.T) {
	t.Parallel()
	f := newField(t, dbtest.SQLite(t))
	list := get[api.List[api.Cycle]](f, f.officer, "/cycles")
	one := get[api.Cycle](f, f.officer, "/cycles/bpf")
	if len(list.Items) != 1 || list.Items[0].Slug != "bpf" || len(one.Dates) != 1 || one.Dates[0].Zone != "aoe" || one.Dates[0].At.Hour() != 12 {
		t.Errorf("%+v %+v", list, one)
	}
	if res := f.Visitor().Get("/api/v1/cycles/bpf/reports/coverage"); res.Status != http.StatusUnauthorized {
		t.Errorf("nobody reads the coverage: %d", res.Status)
	}
}
