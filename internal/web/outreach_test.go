package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/outreach"
)

// The volunteer's day from one page, without a script: fill the plate, log with a tap, ask a colleague, lose a claim.
func TestVolunteersPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOutreachApp(t, d)
		ctx := context.Background()
		for i := range 3 {
			o.add(contact.Draft{Name: fmt.Sprint("Ana ", i), Country: "PE", Languages: "en", StakeholderGroup: "media", Email: fmt.Sprintf("ana%d@example.org", i)})
		}
		v := o.As(account.Volunteer)
		got := v.Get("/outreach/plate?count=2")
		if !got.Shows("Ana 0") || !got.Shows("Ana 1") || got.Shows("Ana 2") || !got.Shows("You share a language: English.") {
			t.Fatalf("the plate: %s", got.Text())
		}
		gaps, err := o.outreach.Gaps(ctx, o.actor(o.Account("other", account.Volunteer)), o.cycle.ID)
		if err != nil {
			t.Fatal(err)
		}
		got = v.PostForm("/outreach/plate", url.Values{"contact": {fmt.Sprintf("%d:reach_out", gaps[0].ContactID), "junk"}})
		if got.Status != http.StatusOK || !got.Shows("yours now") {
			t.Fatalf("claimed: %d %s", got.Status, got.Text())
		}
		got = v.PostForm("/outreach/plate", url.Values{})
		if got.Status != http.StatusUnprocessableEntity || !got.Shows("Tick at least one contact.") {
			t.Errorf("nothing ticked: %d", got.Status)
		}
		none := fmt.Sprintf("%d:reach_out", gaps[1].ContactID)
		got = v.PostForm("/outreach/plate?count=2", url.Values{"contact": append(slices.Repeat([]string{"999:reach_out"}, outreach.MaxLive), none)})
		boxes := regexp.MustCompile(`type="checkbox"[^>]*value="([^"]*)"([^>]*)`).FindAllStringSubmatch(got.Body, -1)
		if got.Status != http.StatusUnprocessableEntity || !got.Shows("Tick at most 10.") || len(boxes) != 2 {
			t.Fatalf("more than fit: %d, %q %s", got.Status, boxes, got.Text())
		}
		for _, b := range boxes {
			if ticked := strings.Contains(b[2], "checked"); ticked != (b[1] == none) {
				t.Errorf("after the error %s is ticked: %t", b[1], ticked)
			}
		}
		if !strings.Contains(got.Body, `id="f-contact"`) {
			t.Error("the summary leads nowhere")
		}
		got = v.Get("/outreach")
		for _, part := range []string{"7 days left", "Write or call", "Why me?", "Write the message", "Fill my plate"} {
			if !got.Shows(part) {
				t.Errorf("the page lacks %q: %s", part, got.Text())
			}
		}
		got = v.PostForm("/outreach/claims/1/attempts", url.Values{"channel": {"call"}, "outcome": {"no_answer"}})
		if got.Status != http.StatusSeeOther {
			t.Errorf("one tap: %d %s", got.Status, got.Text())
		}
		for _, outcome := range outreach.Outcomes() {
			if page := v.Get("/outreach"); !strings.Contains(page.Body, `name="outcome" value="`+string(outcome)+`"`) {
				t.Errorf("no tap logs %s", outcome)
			}
		}
		if got = v.Get("/outreach"); !got.Shows("Try another way") || !got.Shows(": no answer") {
			t.Errorf("what to do next: %s", got.Text())
		}
		got = v.PostForm("/outreach/claims/1/attempts", url.Values{"channel": {"call"}, "outcome": {"promised"}, "promised_until": {""}, "note": {"she will look"}})
		if got.Status != http.StatusUnprocessableEntity || !got.Shows("Enter the day") || !strings.Contains(got.Body, "she will look") {
			t.Errorf("a promise without a day loses nothing: %d %s", got.Status, got.Text())
		}
		got = v.PostForm("/outreach/claims/1/attempts", url.Values{"channel": {"call"}, "outcome": {"responded"}})
		if got.Location() != "/contacts/1#message" {
			t.Errorf("who answered: %d, to %q, not to where the answer is recorded", got.Status, got.Location())
		}
		officer := o.As(account.Officer)
		got = officer.PostForm("/outreach/claims/1/revoke", url.Values{"reason": {""}})
		if got.Status != http.StatusUnprocessableEntity || !got.Shows("Say why.") {
			t.Errorf("without a reason: %d", got.Status)
		}
		if got = officer.Get("/outreach/claims/1/assign"); !got.Shows("volunteer has claimed this contact", "other") || got.Shows("volunteer (fit") {
			t.Errorf("whoever has it is offered as the next one: %s", got.Text())
		}
		got = officer.PostForm("/outreach/claims/1/reassign", url.Values{"reason": {""}, "volunteer": {""}})
		if got.Status != http.StatusUnprocessableEntity || !got.Shows("Say why.") || !got.Shows("Choose one of the options") {
			t.Errorf("without a reason and a volunteer, both are said: %d %s", got.Status, got.Text())
		}
		if got = officer.PostForm("/outreach/claims/1/revoke", url.Values{"reason": {"She wrote to us."}}); got.Status != http.StatusSeeOther {
			t.Errorf("revoked: %d", got.Status)
		}
		if got = v.Get("/outreach"); !got.Shows("She wrote to us.") || strings.Contains(got.Body, "ana0@example.org") {
			t.Errorf("the reason: %s", got.Text())
		}
	})
}

// The officer's side: a plan is looked at, changed and confirmed.
func TestOfficersPlan(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	ctx := context.Background()
	amina := o.Account("amina", account.Volunteer)
	if _, err := o.outreach.Connect(ctx, o.actor(amina), outreach.KnowsGroup, "civil_society"); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		o.add(contact.Draft{Name: fmt.Sprint("Ana ", i), Country: "PE", Languages: "en", StakeholderGroup: "media"})
	}
	o.add(contact.Draft{Name: "Far", Country: "TH"})
	c := o.As(account.Officer)
	if got := c.PostForm("/outreach/plans", nil); got.Status != http.StatusSeeOther {
		t.Fatalf("proposed: %d %s", got.Status, got.Text())
	}
	got := c.Get("/outreach/plans/1")
	if !got.Shows("Ana 2") || !got.Shows("Stakeholder group: Civil Society") || !got.Shows("4 proposed") {
		t.Errorf("the plan: %s", got.Text())
	}
	if got = c.PostForm("/outreach/plans/1/lines/1", url.Values{"volunteer": {""}}); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("nobody chosen: %d", got.Status)
	}
	if got = c.PostForm("/outreach/plans/1/lines/1/drop", nil); got.Status != http.StatusSeeOther || !strings.Contains(got.Location(), fmt.Sprintf("?at=%d#v-%d", amina.ID, amina.ID)) {
		t.Errorf("dropped: %d, back to %s", got.Status, got.Location())
	}
	if got = c.Get(got.Location()); strings.Count(got.Body, "<details open") != 1 || !got.Shows("The contact is left out of the plan.", "left out 1 contact") {
		t.Errorf("back at the volunteer: %s", got.Text())
	}
	if got = c.PostForm("/outreach/plans/1/confirm", nil); got.Status != http.StatusSeeOther {
		t.Errorf("confirmed: %d %s", got.Status, got.Text())
	}
	if got = c.Get("/outreach/plans/1"); !got.Shows("Claims made: 3.") {
		t.Errorf("the result: %s", got.Text())
	}
	if got = o.As(account.Volunteer).Get("/outreach/plans"); got.Status != http.StatusForbidden {
		t.Errorf("a volunteer sees plans: %d", got.Status)
	}
}

// A plan for many contacts is short: each volunteer is folded, and what stays open is put together by reason.
func TestALongPlanIsShort(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	for i := range 12 {
		v := o.Account(fmt.Sprintf("volunteer%02d", i), account.Volunteer)
		if _, err := o.outreach.Connect(t.Context(), o.actor(v), outreach.KnowsGroup, "civil_society"); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 150 {
		o.add(contact.Draft{Name: fmt.Sprintf("Ana María Pérez Rodríguez %03d", i), Country: "PE", Languages: "en"})
	}
	c := o.As(account.Officer)
	c.PostForm("/outreach/plans", nil)
	first := c.Get("/outreach/plans/1")
	if n := strings.Count(between(first.Body, "<main", "</main>"), "<details"); n != 10+1 || strings.Contains(first.Body, "<details open") {
		t.Errorf("%d parts, want ten volunteers and one reason, all folded", n)
	}
	if !first.Shows("120 proposed", "Those who suit have enough on their hands. 30 contacts") || strings.Count(first.Body, "/lines/") != 10*10+10 {
		t.Errorf("the plan: %d lines, %s", strings.Count(first.Body, "/lines/"), first.Text())
	}
	if n := zipped(t, first.Body); n > 15_000 {
		t.Errorf("%d bytes compressed", n)
	}
	if all := c.Get("/outreach/plans/1?why=outreach.plan.why.full"); strings.Count(between(all.Body, `id="open"`, "</main>"), "/lines/") != 30 {
		t.Error("not all that stay open are shown to whoever asks")
	}
	for _, beyond := range []string{"-1", "99", "922337203685477582"} { // the last would overflow
		if p := c.Get("/outreach/plans/1?page=" + beyond); p.Status != http.StatusOK {
			t.Errorf("page %s: %d", beyond, p.Status)
		}
	}
	second := c.Get("/outreach/plans/1?page=2")
	if !second.Shows("volunteer10", "volunteer11") || second.Shows("volunteer09") {
		t.Errorf("the second page: %s", second.Text())
	}
	if at := c.Get(fmt.Sprintf("/outreach/plans/1?at=%d", o.Account("volunteer11", account.Volunteer).ID)); !at.Shows("volunteer11") || strings.Count(at.Body, "<details open") != 1 {
		t.Errorf("where a volunteer is: %s", at.Text())
	}
}
