package nri_test

import (
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/nri"
)

var (
	spain  = geo.InitiativeRow{Name: "Spain IGF", Kind: geo.KindNational, Countries: []string{"ES"}, Languages: []string{"es", "ca"}, Source: "https://example.org/es", Confirmed: true, YearFounded: 2011}
	lacIGF = geo.InitiativeRow{Name: "LACIGF", Kind: geo.KindRegional, Countries: []string{"BR", "AR", "AR"}, Source: "https://example.org/lac", Note: "recognition not confirmed"}
)

func TestImportBringsUpToDateByName(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ids := h.imported(spain, lacIGF)
		n, err := h.nris.Get(t.Context(), h.officer, ids["LACIGF"], 0)
		h.must(err)
		if n.Confirmed || n.Note != lacIGF.Note || n.Source != lacIGF.Source || strings.Join(n.Countries, " ") != "AR BR" {
			t.Errorf("the doubt, its source or the countries are lost: %+v", n)
		}
		changed := spain
		changed.Languages, changed.Confirmed = []string{"es"}, false
		done, err := h.nris.Import(t.Context(), h.officer, []geo.InitiativeRow{changed, lacIGF})
		h.must(err)
		if want := (nri.Imported{Updated: 1, Unchanged: 1}); done != want {
			t.Errorf("imported %+v, want %+v", done, want)
		}
		n, err = h.nris.Get(t.Context(), h.officer, ids["Spain IGF"], 0)
		h.must(err)
		if n.Confirmed || strings.Join(n.Languages, " ") != "es" || n.YearFounded != 2011 {
			t.Errorf("not brought up to date: %+v", n)
		}
		if got := h.actions("nri", n.ID); got != "nri.imported nri.imported" {
			t.Errorf("trail: %s", got)
		}
	})
}

func TestTheShippedListIsImported(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ref, err := geo.Load()
	h.must(err)
	done, err := h.nris.Import(t.Context(), h.officer, ref.NRIs())
	h.must(err)
	all, err := h.nris.List(t.Context(), h.officer, nri.Filter{})
	h.must(err)
	if done.Added != len(ref.NRIs()) || len(all) != done.Added {
		t.Errorf("added %d, listed %d of %d", done.Added, len(all), len(ref.NRIs()))
	}
	doubtful := false
	rest, err := h.nris.List(t.Context(), h.officer, nri.Filter{Confirmed: &doubtful})
	h.must(err)
	if len(rest) == 0 || len(rest) == len(all) {
		t.Errorf("%d of %d are in doubt", len(rest), len(all))
	}
	namibia, err := h.nris.List(t.Context(), h.officer, nri.Filter{Countries: []string{"NA"}})
	h.must(err)
	if len(namibia) == 0 {
		t.Error("NA is Namibia, not a missing value")
	}
}

func TestAListWithADefectIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	for _, rows := range [][]geo.InitiativeRow{
		{spain, spain}, {spain, {Kind: geo.KindNational}}, {spain, {Name: "X", Kind: "global"}},
	} {
		_, err := h.nris.Import(t.Context(), h.officer, rows)
		h.refused(errs.Invalid, err)
	}
	all, err := h.nris.List(t.Context(), h.officer, nri.Filter{})
	h.must(err)
	if len(all) != 0 {
		t.Errorf("%d were kept of a refused list", len(all))
	}
}

func TestHandOverKeepsHistoryAndEndsAccess(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		c, id := h.cycle(), h.imported(spain)["Spain IGF"]
		ana, berta := h.person("Ana", account.Coordinator), h.person("Berta", account.Coordinator)
		relay := nri.Relay{CycleID: c.ID, NRIID: id, Kind: nri.SentToList, AudienceSize: 400, OnDate: "2017-08-19", Note: "ask Carlos"}

		_, err := h.nris.LogRelay(t.Context(), ana, relay)
		h.refused(errs.NotFound, err)
		h.must(h.nris.AssignCoordinator(t.Context(), h.officer, id, ana.ID))
		h.refused(errs.Conflict, h.nris.AssignCoordinator(t.Context(), h.officer, id, ana.ID))
		_, err = h.nris.LogRelay(t.Context(), ana, relay)
		h.must(err)
		if got := h.actor(ana.ID).Countries; len(got) != 1 || got[0] != "ES" {
			t.Errorf("Ana sees %v", got)
		}

		h.now = h.now.Add(time.Hour)
		h.must(h.nris.HandOver(t.Context(), h.officer, id, ana.ID, berta.ID))
		h.refused(errs.Conflict, h.nris.HandOver(t.Context(), h.officer, id, ana.ID, berta.ID))
		if got := h.actor(ana.ID).Countries; len(got) != 0 {
			t.Errorf("Ana still sees %v", got)
		}
		_, err = h.nris.Get(t.Context(), ana, id, c.ID)
		h.refused(errs.NotFound, err)
		_, err = h.nris.LogRelay(t.Context(), ana, relay)
		h.refused(errs.NotFound, err)
		_, err = h.nris.Relays(t.Context(), ana, id, c.ID)
		h.refused(errs.NotFound, err)

		relays, err := h.nris.Relays(t.Context(), berta, id, c.ID)
		h.must(err)
		if len(relays) != 1 || relays[0].AudienceSize != 400 || relays[0].Note != "" {
			t.Errorf("Berta should see the relay without the note: %+v", relays)
		}
		history, err := h.nris.History(t.Context(), berta, id)
		h.must(err)
		if len(history) != 2 || history[0].Name != "Berta" || !history[0].Current() ||
			history[1].Name != "Ana" || history[1].Until == nil || !history[1].Until.Equal(history[0].Since) {
			t.Errorf("history: %+v", history)
		}
		if got := h.actions("nri", id); got != "nri.imported nri.coordinator_assigned relay.logged nri.handed_over" {
			t.Errorf("trail: %s", got)
		}
	})
}

func TestARefusedHandOverChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		id := h.imported(spain)["Spain IGF"]
		ana, berta, vera := h.person("Ana", account.Coordinator), h.person("Berta", account.Coordinator), h.person("Vera", account.Volunteer)
		h.must(h.nris.AssignCoordinator(t.Context(), h.officer, id, ana.ID))
		h.must(h.nris.AssignCoordinator(t.Context(), h.officer, id, berta.ID))
		h.refused(errs.Conflict, h.nris.HandOver(t.Context(), h.officer, id, ana.ID, berta.ID))
		h.refused(errs.Invalid, h.nris.HandOver(t.Context(), h.officer, id, ana.ID, vera.ID))
		h.refused(errs.NotFound, h.nris.HandOver(t.Context(), h.officer, id, ana.ID, 999_999))
		h.refused(errs.Forbidden, h.nris.HandOver(t.Context(), ana, id, berta.ID, ana.ID))
		mine, err := h.nris.MyInitiatives(t.Context(), ana, 0)
		h.must(err)
		if len(mine) != 1 || len(mine[0].Coordinators) != 2 {
			t.Errorf("Ana lost the role by a refused hand-over: %+v", mine)
		}
		h.must(h.nris.EndCoordinator(t.Context(), h.officer, id, ana.ID))
		h.refused(errs.Conflict, h.nris.EndCoordinator(t.Context(), h.officer, id, ana.ID))
	})
}

func TestACoordinatorSeesOwnInitiativesOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		c, ids := h.cycle(), h.imported(spain, lacIGF)
		ana := h.person("Ana", account.Coordinator)
		h.must(h.nris.AssignCoordinator(t.Context(), h.officer, ids["Spain IGF"], ana.ID))
		all, err := h.nris.List(t.Context(), ana, nri.Filter{CycleID: c.ID})
		h.must(err)
		if len(all) != 1 || all[0].ID != ids["Spain IGF"] {
			t.Errorf("sees %+v", all)
		}
		_, err = h.nris.Get(t.Context(), ana, ids["LACIGF"], c.ID)
		h.refused(errs.NotFound, err)
		countries, err := h.nris.Countries(t.Context(), ana)
		h.must(err)
		if len(countries) != 1 || countries["ES"] != 1 {
			t.Errorf("countries %v", countries)
		}
		_, err = h.nris.LogRelay(t.Context(), ana, nri.Relay{CycleID: c.ID, NRIID: ids["LACIGF"], Kind: nri.OtherRelay, OnDate: "2017-08-19"})
		h.refused(errs.NotFound, err)
		_, err = h.nris.List(t.Context(), h.person("Vera", account.Volunteer), nri.Filter{})
		h.refused(errs.Forbidden, err)
		_, err = h.nris.Import(t.Context(), ana, []geo.InitiativeRow{spain})
		h.refused(errs.Forbidden, err)
	})
}

func TestAPrivateNoteStaysPrivate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		c, id := h.cycle(), h.imported(spain)["Spain IGF"]
		ana := h.person("Ana", account.Coordinator)
		h.must(h.nris.AssignCoordinator(t.Context(), h.officer, id, ana.ID))
		_, err := h.nris.LogRelay(t.Context(), ana, nri.Relay{
			CycleID: c.ID, NRIID: id, Kind: nri.PassedToGovernment, OnDate: "2017-08-19", Note: "  minister's sister ",
		})
		h.must(err)
		own, err := h.nris.Relays(t.Context(), ana, id, c.ID)
		h.must(err)
		if own[0].Note != "minister's sister" {
			t.Errorf("its author reads %q", own[0].Note)
		}
		seen, err := h.nris.Relays(t.Context(), h.officer, id, c.ID)
		h.must(err)
		if len(seen) != 1 || seen[0].Note != "" {
			t.Errorf("the officer reads %+v", seen)
		}
		events, err := audit.NewTrail(d).List(t.Context(), audit.Filter{ObjectKind: "nri", ObjectID: id, Limit: 1})
		h.must(err)
		if strings.Contains(events[0].After, "sister") || !strings.Contains(events[0].After, "passed_to_government") {
			t.Errorf("the trail holds %s", events[0].After)
		}
	})
}

func TestStatesFollowTheCycle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		c, ids := h.cycle(), h.imported(spain, lacIGF)
		state := func(name string) nri.State {
			n, err := h.nris.Get(t.Context(), h.officer, ids[name], c.ID)
			h.must(err)
			return n.State
		}
		if got := state("Spain IGF"); got != nri.NotYetBriefed {
			t.Errorf("at first %s", got)
		}
		_, err := h.nris.LogRelay(t.Context(), h.officer, nri.Relay{CycleID: c.ID, NRIID: ids["Spain IGF"], Kind: nri.SentToList, OnDate: "2017-08-19"})
		h.must(err)
		if got := state("Spain IGF"); got != nri.Relayed {
			t.Errorf("after a relay %s", got)
		}
		h.must(h.write(`insert into contribution (cycle_id, nri_id, state, channel, capacity, name, language, started_at, updated_at, received_at)
			values (?, ?, 'received', 'mail', 'organizational', 'Spain IGF', 'es', ?, ?, ?)`, c.ID, ids["Spain IGF"], h.now, h.now, h.now))
		if got := state("Spain IGF"); got != nri.Contributed {
			t.Errorf("after a contribution %s", got)
		}

		h.must(h.write(`insert into contact (id, kind, name, sort_name, created_at, updated_at) values (7001, 'organization', 'LACIGF', 'lacigf', ?, ?)`, h.now, h.now))
		h.must(h.nris.LinkContact(t.Context(), h.officer, ids["LACIGF"], 7001))
		h.refused(errs.Conflict, h.nris.LinkContact(t.Context(), h.officer, ids["Spain IGF"], 7001))
		h.must(h.write(`insert into claim (cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at) values (?, 7001, ?, 'brief', 'done', ?, ?)`,
			c.ID, h.officer.ID, h.now, h.now))
		if got := state("LACIGF"); got != nri.Briefed {
			t.Errorf("after a briefing %s", got)
		}
		_, err = h.cycles.SetDate(t.Context(), h.officer, c.ID, cycle.Deadline, "2017-09-15", "", "")
		h.must(err)
		_, err = h.cycles.SetDate(t.Context(), h.officer, c.ID, cycle.NRIGrace, "2017-10-15", "", "")
		h.must(err)
		own, ok, err := h.nris.GraceDate(t.Context(), c.ID)
		h.must(err)
		if want := time.Date(2017, 10, 16, 12, 0, 0, 0, time.UTC); !ok || !own.Grace || own.OnDate != "2017-10-15" || !own.At.Equal(want) {
			t.Errorf("own date %+v", own)
		}
		h.now = own.At.Add(-time.Microsecond)
		if got := state("LACIGF"); got != nri.Briefed {
			t.Errorf("within its own date %s", got)
		}
		h.now = own.At
		if got := state("LACIGF"); got != nri.Silent {
			t.Errorf("after its own date %s", got)
		}
	})
}

func TestTheNextMeetingIsTheOneThatHasNotEnded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		c := h.cycle()
		if _, ok, err := h.nris.NextMeeting(t.Context(), h.officer, c.ID); ok || err != nil {
			t.Errorf("a meeting before any: %v", err)
		}
		first := time.Date(2017, 8, 22, 8, 0, 0, 0, time.UTC)
		for _, at := range []time.Time{first.Add(8 * time.Hour), first} {
			m, err := h.nris.AddMeeting(t.Context(), h.officer, nri.Meeting{CycleID: c.ID, Title: "NRI call", StartsAt: at, Zone: "Europe/Zurich", JoinURL: "https://meet.example.org/nri"})
			h.must(err)
			if got := h.actions("meeting", m.ID); got != "meeting.added" {
				t.Errorf("trail: %s", got)
			}
		}
		for _, step := range []struct {
			now  time.Time
			want time.Time
			ok   bool
		}{
			{first.Add(-time.Hour), first, true},
			{first.Add(59 * time.Minute), first, true},
			{first.Add(60 * time.Minute), first.Add(8 * time.Hour), true},
			{first.Add(9 * time.Hour), time.Time{}, false},
		} {
			h.now = step.now
			m, ok, err := h.nris.NextMeeting(t.Context(), h.officer, c.ID)
			h.must(err)
			if ok != step.ok || ok && !m.StartsAt.Equal(step.want) {
				t.Errorf("at %s: %v %v", step.now, ok, m.StartsAt)
			}
		}
		_, err := h.nris.AddMeeting(t.Context(), h.officer, nri.Meeting{CycleID: c.ID, Title: "x", StartsAt: first, Zone: "Mars/Olympus", JoinURL: "javascript:alert(1)"})
		if fields := errs.FieldsOf(err); len(fields) != 2 {
			t.Errorf("refused %v", fields)
		}
	})
}
