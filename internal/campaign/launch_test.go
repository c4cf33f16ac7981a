package campaign

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// reasonsHouse has somebody for every reason of exclusion.
func reasonsHouse(t *testing.T, d *db.DB) *house {
	h := newHouse(t, d)
	h.contact("English", "en@example.org", "en")
	h.contact("Spanish", "es@example.org", "es")
	h.contact("Mexican", "mx@example.org", "es-MX fr")
	h.contact("Japanese", "ja@example.org", "ja")
	h.contact("Unknown", "unknown@example.org", "")
	h.contact("No address", "", "en")
	h.contact("Opted out", "out@example.org", "en")
	h.suppress("out@example.org")
	second := h.contact("Second address", "gone@example.org", "es")
	h.address(second, "second@example.org")
	h.write("update address set status = 'bounced' where email = 'gone@example.org'")
	h.contact("Bounced", "bounced@example.org", "en")
	h.write("update address set status = 'bounced' where email = 'bounced@example.org'")
	h.respond(h.contact("Responded", "responded@example.org", "en"))
	h.claim(h.contact("Claimed", "claimed@example.org", "en"), "reach_out", start.Add(time.Hour))
	h.claim(h.contact("Claim is over", "over@example.org", "en"), "reach_out", start.Add(-time.Hour))
	h.claim(h.contact("Address sought", "sought@example.org", "en"), "find_address", start.Add(time.Hour))
	h.contact("Shares", "en@example.org", "es")
	return h
}

var reasonsWant = map[string]int{
	"queued": 8, "skipped no_address": 1, "skipped suppressed": 1, "skipped bounced": 1,
	"skipped responded": 1, "skipped personal_claim": 1, "skipped duplicate_address": 1,
}

func TestTheOutboxIsWhatIsLaunched(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := reasonsHouse(t, d)
		ctx := context.Background()
		c := h.approved()
		o, err := h.Plan(ctx, h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		if o.Tally.Recipients != 8 || o.Tally.Excluded != 6 {
			t.Errorf("%d recipients, %d excluded", o.Tally.Recipients, o.Tally.Excluded)
		}
		wantLocales := []LocaleCount{{"en", false, 3}, {"es", false, 3}, {"en", true, 2}}
		if len(o.Tally.Locales) != 3 || o.Tally.Locales[0] != wantLocales[0] || o.Tally.Locales[1] != wantLocales[1] || o.Tally.Locales[2] != wantLocales[2] {
			t.Errorf("locales %v, want %v", o.Tally.Locales, wantLocales)
		}
		if len(o.Samples) != 3 {
			t.Errorf("%d samples, want one for each of three", len(o.Samples))
		}
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.must(h.RunLaunch(ctx, c.Steps[0].ID))
		compare(t, "deliveries", h.states(c.Steps[0].ID), reasonsWant)
		counts, err := deliveryCounts(h.db.Read(ctx), c.Steps[0].ID)
		h.must(err)
		launched := tally(counts)
		if launched.Recipients != o.Tally.Recipients || len(launched.Locales) != 3 || launched.Locales[2] != wantLocales[2] {
			t.Errorf("launched %+v, planned %+v", launched, o.Tally)
		}
		if n := h.number("select count(*) from listing"); n != launched.Recipients+launched.Excluded {
			t.Errorf("%d on the list, %d in the counts", n, launched.Recipients+launched.Excluded)
		}
	})
}

func compare(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	for k := range want {
		if got[k] != want[k] {
			t.Errorf("%s: %q is %d, want %d (all: %v)", what, k, got[k], want[k], got)
		}
	}
	for k := range got {
		if want[k] == 0 && got[k] != 0 {
			t.Errorf("%s: %d are %q, want none", what, got[k], k)
		}
	}
}

func TestExclusionsAndPreviews(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := reasonsHouse(t, d)
		ctx := context.Background()
		c := h.approved()
		o, err := h.Plan(ctx, h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		counted, err := h.Count(ctx, h.officer, c.ID, 1)
		h.must(err)
		if !reflect.DeepEqual(o.Tally, counted.Tally) {
			t.Errorf("the outbox adds up to %+v, the counts to %+v", o.Tally, counted.Tally)
		}
		out := o.Excluded
		if len(out) != 6 || out[0].Name != "No address" || out[0].Reason != NoAddress {
			t.Errorf("excluded: %v", out)
		}
		in := slices.DeleteFunc(slices.Clone(o.Recipients), func(p Planned) bool { return p.Locale != "es" })
		if len(in) != 3 || in[1].Name != "Mexican" || in[2].person.Email != "second@example.org" {
			t.Errorf("recipients in Spanish: %+v", in)
		}
		rest, err := h.Plan(ctx, h.officer, c.ID, 1, PlanCursor{Recipients: in[1].ListingID, Excluded: out[3].ListingID})
		h.must(err)
		if len(rest.Recipients) != 5 || len(rest.Excluded) != 2 || rest.Excluded[0] != out[4] {
			t.Errorf("%d recipients after the third and %d excluded after the fourth, want 5 and 2", len(rest.Recipients), len(rest.Excluded))
		}
		if !reflect.DeepEqual(rest.Tally, o.Tally) || len(rest.Samples) != len(o.Samples) {
			t.Error("the second page counts differently")
		}
		m, err := h.Preview(ctx, h.officer, c.ID, 1, in[1].ContactID)
		h.must(err)
		if text := string(m.Raw); !strings.Contains(text, "Mexican <mx@example.org>") || !strings.Contains(text, "https://convoke.test/r/preview") || !strings.Contains(text, "Content-Language: es") {
			t.Errorf("the preview is\n%s", text)
		}
		lead := account.Actor{Who: h.officer.Who, Roles: []account.Role{account.Lead}}
		m, err = h.Preview(ctx, lead, c.ID, 1, in[1].ContactID)
		h.must(err)
		if strings.Contains(string(m.Raw)+m.To, "mx@example.org") {
			t.Error("somebody who may not see addresses sees one")
		}
		if _, err := h.Preview(ctx, h.officer, c.ID, 1, out[0].ContactID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a preview for somebody who gets no message: %v", err)
		}
	})
}

func TestALaunchMayBeKilledRepeatedAndShared(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(25)
		h.chunk = 10
		ctx := context.Background()
		c := h.approved()
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		step := c.Steps[0].ID
		more, err := h.launchChunk(ctx, step, &groundwork{})
		if err != nil || !more {
			t.Fatal(more, err)
		}
		// The worker dies here; others go on, two at once.
		other := h.service("worker-2")
		other.chunk = 10
		done := make(chan error, 2)
		for _, s := range []*Service{h.Service, other} {
			go func() { done <- s.RunLaunch(ctx, step) }()
		}
		h.must(<-done)
		h.must(<-done)
		h.must(h.RunLaunch(ctx, step))
		compare(t, "deliveries", h.states(step), map[string]int{"queued": 25})
		if c = h.load(c.ID); c.Steps[0].State != StepSending || c.Steps[0].Planned != 25 {
			t.Errorf("the step is %+v", c.Steps[0])
		}
		if n := h.number("select sum(queued) from delivery_batch"); n != 25 {
			t.Errorf("batches count %d", n)
		}
		if n := h.number("select count(*) from delivery_batch"); n != 3 {
			t.Errorf("%d batches, want one for each chunk", n)
		}
		h.settle()
		if got := len(h.server.Messages()); got != 25 {
			t.Errorf("%d messages arrived", got)
		}
		o, err := h.Plan(ctx, h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		if o.Tally.Recipients != 25 || o.Tally.States[DeliverySent] != 25 || len(o.Samples) != 0 {
			t.Errorf("the outbox of what was sent says %+v", o.Tally)
		}
		id := h.number("select min(id) from delivery")
		if err := h.OfCampaign(ctx, int64(id), c.ID); err != nil {
			t.Errorf("a delivery is not of its campaign: %v", err)
		}
		if err := h.OfCampaign(ctx, int64(id), c.ID+1); !errs.Is(err, errs.NotFound) {
			t.Errorf("a delivery is of another campaign: %v", err)
		}
	})
}

func TestALaunchSeesLanguagesThatCameMeanwhile(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contact("English", "en@example.org", "en")
		h.contact("English too", "too@example.org", "en")
		later := h.contact("Later", "later@example.org", "en")
		h.derive()
		h.chunk = 1
		c := h.approved()
		ctx := context.Background()
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		known := &groundwork{}
		for range 2 {
			if more, err := h.launchChunk(ctx, c.Steps[0].ID, known); err != nil || !more {
				t.Fatal(more, err)
			}
		}
		h.write("update contact set language_chain = 'es-419 es' where id = ?", later)
		h.derive()
		for more := true; more; {
			more, err = h.launchChunk(ctx, c.Steps[0].ID, known)
			h.must(err)
		}
		h.settle()
		if n := h.number("select count(*) from delivery where locale = 'es' and state = 'sent'"); n != 1 {
			t.Errorf("%d messages in Spanish, want 1", n)
		}
	})
}

func TestALaunchWaitsForTheQueue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(3)
		c := h.approved()
		h.queue.away = true
		l, err := h.Launch(context.Background(), h.officer, c.ID)
		h.must(err)
		if !l.Waiting || l.Campaign.State != Sending {
			t.Errorf("launched %+v", l)
		}
		if o, err := h.Overview(context.Background(), h.officer, c.ID); err != nil || !o.Away {
			t.Errorf("that it waits is not told: %v", err)
		}
		h.queue.away = false
		h.settle()
		if o, err := h.Overview(context.Background(), h.officer, c.ID); err != nil || o.Away {
			t.Errorf("it is said to wait still: %v", err)
		}
		if got := len(h.server.Messages()); got != 3 {
			t.Errorf("%d messages after the queue came back", got)
		}
	})
}

func TestTheSameLaunchByTwoOfficers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(3)
		c := h.approved()
		done := make(chan error, 2)
		for _, by := range []account.Actor{h.officer, h.approver} {
			go func() {
				_, err := h.Launch(context.Background(), by, c.ID)
				done <- err
			}()
		}
		var refused int
		for range 2 {
			if err := <-done; errs.Is(err, errs.Conflict) {
				refused++
			} else {
				h.must(err)
			}
		}
		if refused != 1 {
			t.Errorf("%d of two launches were refused", refused)
		}
	})
}

func TestWhatMustBeBeforeALaunch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		draft := Proposal{CycleID: h.cycleID, Name: "The call"}
		if _, err := h.Create(ctx, h.officer, draft); !errs.Is(err, errs.Invalid) {
			t.Errorf("a campaign to an empty filter: %v", err)
		}
		draft.Audience = Audience{All: true}
		for _, name := range []string{"", " \t ", "The call\r\nBcc: everybody@example.org", strings.Repeat("意", 201)} {
			draft.Name = name
			_, err := h.Create(ctx, h.officer, draft)
			if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != "name" {
				t.Errorf("a campaign with the name %q: %v", name, err)
			}
		}
		draft.Name = " " + strings.Repeat("意", 200) + " " // as many characters as the page says, and more bytes
		c, err := h.Create(ctx, h.officer, draft)
		h.must(err)
		if _, err := h.Approve(ctx, h.approver, c.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("approved before it is frozen: %v", err)
		}
		for _, s := range h.texts.byRevision {
			s.problems = []errs.Field{errs.FieldError("s1", "document.problem.empty_link")}
		}
		_, err = h.Freeze(ctx, h.officer, c.ID)
		if fields := errs.FieldsOf(err); len(fields) != 2 || !strings.HasSuffix(fields[0].Name, "/s1") {
			t.Errorf("frozen with empty links: %v, %v", err, fields)
		}
		for _, s := range h.texts.byRevision {
			s.problems = nil
			s.body = "Until {{deadline}}, dear {{contact}}"
		}
		if _, err = h.Freeze(ctx, h.officer, c.ID); !errs.Is(err, errs.Invalid) {
			t.Errorf("frozen with a deadline that the cycle does not have: %v", err)
		}
		h.cycles.deadline = &Deadline{Day: start, Zone: time.UTC, At: start}
		_, err = h.Freeze(ctx, h.officer, c.ID)
		h.must(err)
		if _, err := h.Launch(ctx, h.officer, c.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("launched before it is approved: %v", err)
		}
		if _, err := h.Approve(ctx, h.officer, c.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("approved by its author: %v", err)
		}
		_, err = h.Approve(ctx, h.approver, c.ID)
		h.must(err)
		if _, err := h.Launch(ctx, h.officer, c.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("launched to nobody: %v", err)
		}
		if _, err := h.Launch(ctx, account.Actor{}, c.ID); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("launched by nobody: %v", err)
		}
		actions := []string{"campaign.created", "campaign.frozen", "campaign.submitted", "campaign.approved"}
		for _, action := range actions {
			if n := h.number("select count(*) from audit_event where action = ? and object_id = ?", action, c.ID); n != 1 {
				t.Errorf("%d events %s", n, action)
			}
		}
	})
}

func TestAnAudienceNarrows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contactIn("A", "a@example.org", "es", "government", "grulac")
		h.contactIn("B", "b@example.org", "es-MX en", "government", "weog")
		h.contactIn("C", "c@example.org", "en", "academia", "grulac")
		tests := []struct {
			a    Audience
			want int
		}{
			{Audience{}, 0},
			{Audience{All: true}, 3},
			{Audience{Groups: []string{"government"}}, 2},
			{Audience{Groups: []string{"government"}, Regions: []string{"grulac"}}, 1},
			{Audience{Languages: []string{"es"}}, 2},
			{Audience{Languages: []string{"e"}}, 0},
			{Audience{Groups: []string{"government", "academia"}}, 3},
			{Audience{All: true, Countries: []string{"MX"}}, 0},
		}
		for _, tt := range tests {
			q := snapshot{cycleID: h.cycleID, stepID: 1, audience: tt.a, now: start, chains: []chainLocale{{"es", "es", false, 1}, {"en", "en", false, 1}, {"es-MX en", "es", false, 1}}}
			counts, err := q.count(h.db.Read(context.Background()))
			h.must(err)
			if got := tally(counts).Recipients; got != tt.want {
				t.Errorf("%+v: %d, want %d", tt.a, got, tt.want)
			}
		}
	})
}
