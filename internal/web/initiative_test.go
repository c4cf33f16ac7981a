package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/nri"
	"github.com/convoke/convoke/internal/report"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// field is a cycle with an initiative of Kenya and one of Chile, and people listed in both.
type field struct {
	*servertest.App
	t            *testing.T
	nris         *nri.Service
	documents    *document.Service
	by           account.Actor
	cycle        cycle.Cycle
	kenya, chile int64
}

func newField(t *testing.T, d *db.DB) *field {
	t.Helper()
	f := &field{t: t}
	ref, err := geo.Load()
	f.must(err)
	var cycles *cycle.Service
	f.App = webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
		cycles = cycle.New(cycle.Deps{DB: a.DB, Now: a.Clock.Now})
		f.nris = nri.New(nri.Deps{DB: a.DB, Accounts: a.Accounts, Now: a.Clock.Now})
		deps.Geo, deps.Cycles, deps.NRIs, deps.Trail = ref, cycles, f.nris, audit.NewTrail(a.DB)
		deps.Reports = report.New(report.Deps{DB: a.DB, Now: a.Clock.Now})
		f.documents = document.New(document.Deps{DB: a.DB, Now: a.Clock.Now, Accounts: a.Accounts, Locales: a.Bundle.Tags(), Glossary: ref.Glossary()})
		deps.Documents = f.documents
	})
	f.by, err = f.Accounts.Actor(t.Context(), f.Account(string(account.Officer), account.Officer), "")
	f.must(err)
	f.cycle, err = cycles.Create(t.Context(), f.by, cycle.Cycle{Slug: "bpf", Name: "BPF 2017"})
	f.must(err)
	_, err = cycles.SetDate(t.Context(), f.by, f.cycle.ID, cycle.Deadline, "2017-09-15", "", "")
	f.must(err)
	_, err = cycles.SetDate(t.Context(), f.by, f.cycle.ID, cycle.NRIGrace, "2017-10-15", "", "")
	f.must(err)
	_, err = f.nris.Import(t.Context(), f.by, []geo.InitiativeRow{
		{Name: "Kenya IGF", Kind: geo.KindNational, Countries: []string{"KE"}, Languages: []string{"en", "sw"}, Confirmed: true},
		{Name: "Chile IGF", Kind: geo.KindNational, Countries: []string{"CL"}, Note: "recognition not confirmed", Website: "https://example.org"},
	})
	f.must(err)
	all, err := f.nris.List(t.Context(), f.by, nri.Filter{})
	f.must(err)
	f.kenya, f.chile = all[0].ID, all[1].ID
	f.facts()
	return f
}

func (f *field) facts() {
	f.t.Helper()
	now := f.Clock.Now()
	for i, country := range []string{"KE", "KE", "KE", "KE", "KE", "CL"} {
		id, region := i+1, "african_group"
		if country == "CL" {
			region = "grulac"
		}
		f.exec("insert into contact (id, kind, name, sort_name, country, region, created_at, updated_at) values (?, 'person', ?, '', ?, ?, ?, ?)", id, fmt.Sprintf("Contact %d of %s", id, country), country, region, now, now)
		f.exec("insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at) values (?, ?, 'government', ?, ?)", f.cycle.ID, id, region, now)
		f.exec("insert into claim (id, cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at) values (?, ?, ?, ?, 'reach_out', 'done', ?, ?)", id, f.cycle.ID, id, f.by.ID, now, now)
		f.exec("insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at) values (?, ?, ?, ?, 'phone', 'reached', ?)", id, f.cycle.ID, id, f.by.ID, now)
	}
	f.exec("insert into target (cycle_id, stakeholder_group, region, count) values (?, 'government', 'grulac', 3)", f.cycle.ID)
	f.exec(`insert into contribution (cycle_id, contact_id, state, channel, capacity, name, country, language, started_at, updated_at, received_at)
		values (?, 1, 'received', 'web', 'individual', 'x', 'KE', 'en', ?, ?, ?)`, f.cycle.ID, now, now, now)
}

func (f *field) exec(statement string, args ...any) {
	f.t.Helper()
	f.must(f.DB.Write(f.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	}))
}

func (f *field) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// shows fails where the page lacks a text.
func (f *field) shows(p servertest.Response, texts ...string) {
	f.t.Helper()
	if p.Status != http.StatusOK {
		f.t.Fatalf("%d %s", p.Status, p.Text())
	}
	for _, text := range texts {
		if !p.Shows(text) {
			f.t.Errorf("%q is not in: %s", text, p.Text())
		}
	}
}

func (f *field) hides(p servertest.Response, texts ...string) {
	f.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.Body, text) {
			f.t.Errorf("%q is in: %s", text, p.Text())
		}
	}
}

func TestTheInitiativePage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newField(t, d)
		koki := f.Account("koki", account.Coordinator)
		c := f.SignIn(koki)
		f.shows(c.Get("/initiative"), "You do not speak for an initiative at the moment")
		f.must(f.nris.AssignCoordinator(t.Context(), f.by, f.kenya, koki.ID))
		_, err := f.nris.AddMeeting(t.Context(), f.by, nri.Meeting{CycleID: f.cycle.ID, Title: "NRI call", StartsAt: f.Clock.Now().Add(24 * time.Hour), Zone: "Europe/Zurich"})
		f.must(err)

		p := c.Get("/initiative")
		f.shows(p, "Kenya IGF", "What is asked of you", "15 October 2017", "anywhere on earth (UTC−12)", "NRI call", "8 August 2017, 09:00 (UTC)", "20% (1 of 5)", "Kenya")
		f.hides(p, "Chile", "Contact 6")
		c.Get("/initiative?lang=ar")
		if p := c.Get("/initiative"); !strings.Contains(p.Body, `<html lang="ar" dir="rtl">`) {
			t.Error("not in the coordinator's language")
		}
		c.Get("/initiative?lang=en")

		typed := url.Values{"nri": {fmt.Sprint(f.kenya)}, "kind": {"sent_to_list"}, "on_date": {"2017-13-01"}, "audience_size": {"many"}, "note": {"ask Wanjiru"}}
		bad := c.PostForm("/initiative/relays", typed)
		if bad.Status != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, "ask Wanjiru") || !strings.Contains(bad.Body, `value="many"`) {
			t.Errorf("what was typed is lost: %d", bad.Status)
		}
		typed.Set("on_date", "2017-08-06")
		typed.Set("audience_size", "400")
		if done := c.PostForm("/initiative/relays", typed); done.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", done.Status, done.Text())
		}
		f.shows(c.Get("/initiative"), "Thank you. It is logged.", "Sent it to our mailing list, reached 400 people", "ask Wanjiru")
		officer := f.As(account.Officer).Get(fmt.Sprintf("/nris/%d", f.kenya))
		f.shows(officer, "reached 400 people", "Passed the call on")
		f.hides(officer, "Wanjiru")

		typed.Set("nri", fmt.Sprint(f.chile))
		if other := c.PostForm("/initiative/relays", typed); other.Status != http.StatusNotFound {
			t.Errorf("a relay for another initiative: %d", other.Status)
		}
	})
}

func TestNoPageShowsACoordinatorAnotherCountry(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newField(t, d)
		koki := f.Account("koki", account.Coordinator)
		f.must(f.nris.AssignCoordinator(t.Context(), f.by, f.kenya, koki.ID))
		c := f.SignIn(koki)
		for _, path := range []string{
			"/initiative", "/nris", "/nris?region=grulac", "/monitor", "/monitor?by=country&measure=approached", "/monitor?by=nri",
			"/monitor/list?figure=listed", "/monitor/list?figure=listed&region=grulac", fmt.Sprintf("/nris/%d", f.kenya),
		} {
			p := c.Get(path)
			f.shows(p)
			f.hides(p, "Chile", "of CL", "/"+fmt.Sprint(f.chile)+`"`)
		}
		for path, want := range map[string]int{
			fmt.Sprintf("/nris/%d", f.chile): http.StatusNotFound, "/monitor?by=volunteer": http.StatusForbidden, "/audit": http.StatusForbidden,
		} {
			if p := c.Get(path); p.Status != want {
				t.Errorf("%s: %d, want %d", path, p.Status, want)
			}
		}
		f.must(f.nris.HandOver(t.Context(), f.by, f.kenya, koki.ID, f.Account("wanjiru", account.Coordinator).ID))
		f.hides(c.Get("/monitor/list?figure=listed"), "Contact 1")
		if p := c.Get(fmt.Sprintf("/nris/%d", f.kenya)); p.Status != http.StatusNotFound {
			t.Errorf("after the hand-over: %d", p.Status)
		}
	})
}

func TestTheOfficerHandsOver(t *testing.T) {
	t.Parallel()
	f := newField(t, dbtest.SQLite(t))
	koki, wanjiru := f.Account("koki", account.Coordinator), f.Account("wanjiru", account.Coordinator)
	c := f.As(account.Officer)
	here := fmt.Sprintf("/nris/%d", f.kenya)
	f.shows(c.Get("/nris"), "Kenya IGF", "Recognition not confirmed", "Nobody yet", "Not yet briefed", "191 member states")
	f.hides(c.Get("/nris?region=african_group"), "Chile IGF")
	for _, step := range []struct {
		path string
		form url.Values
	}{
		{"/coordinators", url.Values{"account": {fmt.Sprint(koki.ID)}}},
		{"/handover", url.Values{"from": {fmt.Sprint(koki.ID)}, "to": {fmt.Sprint(wanjiru.ID)}}},
		{"/handover", url.Values{"from": {fmt.Sprint(wanjiru.ID)}, "to": {""}}},
	} {
		if p := c.PostForm(here+step.path, step.form); p.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", step.path, p.Status, p.Text())
		}
	}
	f.shows(c.Get(here), "koki", "wanjiru", "7 August 2017 to 7 August 2017")
	if p := c.PostForm(here+"/handover", url.Values{"from": {fmt.Sprint(koki.ID)}}); p.Status != http.StatusConflict {
		t.Errorf("ending what has ended: %d", p.Status)
	}
	meeting := url.Values{"title": {"NRI call"}, "day": {"2017-08-22"}, "time": {"10:00"}, "zone": {"Europe/Zurich"}, "minutes": {"60"}}
	if p := c.PostForm("/nris/meetings", meeting); p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	f.shows(c.Get("/nris"), "22 August 2017, 10:00 (Europe/Zurich, UTC+2)")
	meeting.Set("zone", "Mars")
	if p := c.PostForm("/nris/meetings", meeting); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `value="NRI call"`) {
		t.Errorf("a zone that is none: %d", p.Status)
	}
}

func TestTheMonitor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newField(t, d)
		c := f.As(account.Officer)
		p := c.Get("/monitor?measure=approached&by=region")
		f.shows(p, "15 September 2017", "anywhere on earth (UTC−12)", "in 40 days", "17% (1 of 6)", "20% (1 of 5)", "0 of 1", "1 contribution is not checked yet",
			"6 contacts on the list have no address that works", "1 cell of the matrix is under its target", "2 short", "RR1")
		if len(p.Body) > 60_000 || !strings.Contains(p.Body, `<svg class="plot" role="img"`) {
			t.Errorf("%d bytes, or no plot", len(p.Body))
		}
		f.shows(c.Get("/monitor/list?figure=approached&stakeholder_group=government&region=grulac"), "Contact 6 of CL")
		for _, by := range report.Dimensions() {
			f.shows(c.Get("/monitor?by=" + string(by)))
		}
		if p := c.Get("/monitor?by=shoe_size"); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("an unknown dimension: %d", p.Status)
		}
		rtl := c.Get("/monitor?lang=ar")
		if !strings.Contains(rtl.Body, `x="100%"`) {
			t.Error("the plot does not begin on the right")
		}
	})
}

func TestPublicNumbersNameNobody(t *testing.T) {
	t.Parallel()
	f := newField(t, dbtest.SQLite(t))
	p := f.Visitor().Get("/calls/bpf/numbers")
	f.shows(p, "The numbers", "17% (1 of 6)", "20% (1 of 5)", "0 of 1")
	f.hides(p, "Contact", "100%)", "@")
	if p := f.Visitor().Get("/calls/none/numbers"); p.Status != http.StatusNotFound {
		t.Errorf("%d", p.Status)
	}
	f.shows(f.Visitor().Get("/calls/bpf/briefing"), "The introduction is not ready yet.", "15 October 2017")
}

func TestDatesOfACycle(t *testing.T) {
	t.Parallel()
	f := newField(t, dbtest.SQLite(t))
	f.shows(f.Visitor().Get("/cycles"), "BPF 2017")
	f.hides(f.Visitor().Get("/cycles/bpf"), "Set a date")
	c := f.As(account.Officer)
	f.shows(c.Get("/cycles/bpf"), "16 September 2017, 12:00 (UTC)")
	bad := c.PostForm("/cycles/bpf/dates", url.Values{"kind": {"deadline"}, "on_date": {"2017-09-20"}, "zone": {"Mars"}, "note": {"a holiday"}})
	if bad.Status != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, "a holiday") {
		t.Errorf("a zone that is none: %d", bad.Status)
	}
	if p := c.PostForm("/cycles/bpf/dates", url.Values{"kind": {"party"}, "on_date": {"2017-09-20"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a date that is none: %d", p.Status)
	}
	f.Clock.Advance(time.Minute)
	if p := c.PostForm("/cycles/bpf/dates", url.Values{"kind": {"deadline"}, "on_date": {"2017-09-20"}, "zone": {"Europe/Zurich"}}); p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	f.shows(c.Get("/cycles/bpf"), "20 September 2017, 22:00 (UTC)", "Dates that applied before", "15 September 2017")
	if p := c.PostForm("/cycles/bpf/state", url.Values{"state": {"closed"}}); p.Status != http.StatusConflict {
		t.Errorf("closing what is not open: %d", p.Status)
	}
	if p := c.PostForm("/cycles/bpf/state", url.Values{"state": {"open"}}); p.Status != http.StatusSeeOther {
		t.Errorf("opening: %d", p.Status)
	}
	f.shows(c.Get("/audit?object=cycle"), "cycle.date_set", "cycle.moved", "2017-09-20")
	f.hides(c.Get("/audit?object=nri"), "cycle.moved")
}

func TestTheTrailIsPaged(t *testing.T) {
	t.Parallel()
	f := newField(t, dbtest.SQLite(t))
	for i := range 70 {
		f.must(f.nris.LinkContact(t.Context(), f.by, f.kenya, int64(i%2)))
	}
	c := f.As(account.Officer)
	first := c.Get("/audit?object=nri")
	if got := strings.Count(first.Body, "<code>nri."); got != 60 {
		t.Errorf("%d events on the first page", got)
	}
	_, rest, ok := strings.Cut(first.Body, `href="/audit?before=`)
	cursor, _, _ := strings.Cut(rest, `&`)
	if second := c.Get("/audit?object=nri&before=" + cursor); !ok || strings.Count(second.Body, "<code>nri.") != 12 {
		t.Errorf("second page: %d", strings.Count(second.Body, "<code>nri."))
	}
}

func TestTheBriefingIsAFrozenText(t *testing.T) {
	t.Parallel()
	f := newField(t, dbtest.SQLite(t))
	read := func(lang string) servertest.Response { return f.Visitor().Get("/calls/bpf/briefing?lang=" + lang) }
	written := func(kind document.Kind, slug, subject, body string) document.Document {
		d, err := f.documents.Create(t.Context(), f.by, f.cycle.ID, kind, slug, "en", document.Message{Subject: subject, Body: body})
		f.must(err)
		return d
	}
	call := written(document.Call, "call", "Call for contributions", "Please write until {{deadline}}.")
	f.shows(read("en"), "The introduction is not ready yet.")
	_, err := f.documents.Freeze(t.Context(), f.by, call.ID)
	f.must(err)
	f.shows(read("en"), "Call for contributions", "Please write until Friday, 15 September 2017.")
	intro := written(document.Introduction, "introduction", "Two pages for {{organization}}", "Dear {{contact}}, this is {{cycle}}, open until {{deadline}}. See {{call_link}}.")
	f.shows(read("en"), "Call for contributions")
	_, err = f.documents.Freeze(t.Context(), f.by, intro.ID)
	f.must(err)
	p := read("ar")
	f.shows(p, "Two pages", "this is BPF 2017, open until Friday, 15 September 2017.")
	f.hides(p, "{{", "Call for contributions")
	if !strings.Contains(p.Body, `href="http://convoke.test/calls/bpf"`) {
		t.Error("the link to the call cannot be printed")
	}
	if !strings.Contains(p.Body, `<div lang="en" dir="ltr">`) {
		t.Error("the text in another language than the page does not say so")
	}
}
