package campaign

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// initiative makes an initiative with its own entry among the contacts, which a contact represents.
func (h *house) initiative(name string, representedBy int64) {
	h.t.Helper()
	h.insert("insert into nri (name, kind, created_at) values (?, 'national', ?)", name, start)
	entry := h.insert("insert into contact (kind, name, sort_name, created_at, updated_at) values ('organization', ?, ?, ?, ?)", name, name, start, start)
	h.insert("insert into affiliation (contact_id, organization_id, represents, created_at) values (?, ?, ?, ?)", representedBy, entry, true, start)
}

func (h *house) variants(documentID int64, keys ...string) {
	h.texts.revision(h.texts.byDocument(documentID)).variants = keys
}

func (h *house) policy(documentID int64, p LanguagePolicy) {
	h.texts.revision(h.texts.byDocument(documentID)).LanguagePolicy = p
}

// subjects are what arrived, by the address.
func (h *house) subjects() map[string][]string {
	h.t.Helper()
	all := map[string][]string{}
	for _, m := range h.server.Messages() {
		read, err := mail.Read(m.Data)
		h.must(err)
		all[m.To] = append(all[m.To], read.Header("Subject"))
	}
	return all
}

func TestEachReaderGetsItsVariant(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.variants(h.message, "government", "nri")
		h.variants(h.followUp, "civil_society")
		h.contactIn("Ministry", "gov@example.org", "en", "government", "weog")
		h.contactIn("Ministerio", "gob@example.org", "es", "government", "grulac")
		h.contactIn("Society", "soc@example.org", "en", "civil_society", "weog")
		both := h.contactIn("Ministry and initiative", "both@example.org", "en", "government", "weog")
		h.initiative("Somewhere IGF", both)
		c := h.approved(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
		o, err := h.Plan(ctx, h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		want := []VariantCount{{"", "en", false, 1}, {"government", "en", false, 1}, {"government", "es", false, 1}, {"nri", "en", false, 1}}
		if fmt.Sprint(o.Tally.Variants) != fmt.Sprint(want) || !o.Tally.Various() {
			t.Errorf("the outbox counts %v, want %v", o.Tally.Variants, want)
		}
		var samples []string
		for _, m := range o.Samples {
			read, err := mail.Read(m.Raw)
			h.must(err)
			samples = append(samples, read.Header("Subject"))
		}
		if got := strings.Join(samples, "; "); got != "The call (en); The call (en, government); The call (es, government); The call (en, nri)" {
			t.Errorf("samples %s", got)
		}
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		h.clock.Advance(8 * day)
		h.settle()
		for email, want := range map[string]string{
			"gov@example.org": "The call (en, government); The call (en)", "gob@example.org": "The call (es, government); The call (en)",
			"soc@example.org": "The call (en); The call (en, civil_society)", "both@example.org": "The call (en, nri); The call (en)",
		} {
			if got := strings.Join(h.subjects()[email], "; "); got != want {
				t.Errorf("%s got %s, want %s", email, got, want)
			}
		}
		counts, err := deliveryCounts(h.db.Read(ctx), c.Steps[0].ID)
		h.must(err)
		if got := tally(counts).Variants; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("launched %v, planned %v", got, want)
		}
	})
}

func TestAVolunteersMessageHasItsVariantToo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.variants(h.message, "government", "nri")
		marta := h.volunteer("Marta")
		ministry := h.contactIn("Ministry", "gov@example.org", "en", "government", "weog")
		speaks := h.contactIn("Initiative", "nri@example.org", "en", "government", "weog")
		h.initiative("Somewhere IGF", speaks)
		first, second := h.holds(marta, ministry, "reach_out"), h.holds(marta, speaks, "reach_out")
		h.approved()
		if p := h.ready(marta, first); p.Variant != "government" || !strings.Contains(string(p.Raw), "The call (en, government)") {
			t.Errorf("the message to a ministry is of variant %q", p.Variant)
		}
		h.order(marta, first)
		h.order(marta, second)
		h.settle()
		if got := h.subjects(); got["gov@example.org"][0] != "The call (en, government)" || got["nri@example.org"][0] != "The call (en, nri)" {
			t.Errorf("sent %v", got)
		}
	})
}

func TestAMessageInTwoLanguages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.policy(h.message, PolicyBilingual)
		h.texts.revision(h.texts.byDocument(h.message)).body = "Dear {{contact}}, until {{deadline}}: {{personal_link}} ({{call_link}})"
		h.cycles.deadline = &Deadline{Day: start.AddDate(0, 0, 31).Truncate(day), Zone: time.UTC, At: start.AddDate(0, 0, 31)}
		h.contact("Ana", "ana@example.org", "es")
		h.contact("Ann", "ann@example.org", "en")
		c := h.approved()
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		for _, m := range h.server.Messages() {
			read, err := mail.Read(m.Data)
			h.must(err)
			es, en := h.Bundle.For("es"), h.Bundle.For("en")
			if m.To == "ann@example.org" {
				if read.Header("Content-Language") != "en" || strings.Contains(read.Text, betweenBlocks) {
					t.Errorf("in the source language alone:\n%s", m.Data)
				}
				continue
			}
			own, below, found := strings.Cut(read.Text, betweenBlocks)
			if !found || read.Header("Content-Language") != "es, en" || read.Header("Subject") != "The call (es)" {
				t.Fatalf("in two languages:\n%s", m.Data)
			}
			day := h.cycles.deadline.Day
			if !strings.Contains(own, es.FullDate(day, nil)) || strings.Contains(own, en.FullDate(day, nil)) || !strings.Contains(below, en.FullDate(day, nil)) {
				t.Errorf("the dates are not in the languages of their blocks:\n%s", read.Text)
			}
			_, footers, signed := strings.Cut(below, "\n-- \n")
			first, second, both := strings.Cut(footers, "\n\n")
			if !signed || !both || !strings.HasPrefix(first, es.T("mail.footer.why", "Cycle", "BPF 2017")) || !strings.HasPrefix(second, en.T("mail.footer.why", "Cycle", "BPF 2017")) {
				t.Errorf("the footers do not stand together after the signature's line:\n%s", read.Text)
			}
			checkLinks(t, own+first, "es", 3)
			checkLinks(t, strings.Replace(below, first, "", 1), "en", 3)
			blocks := strings.SplitN(read.HTML, `<div lang="en"`, 2)
			checkLinks(t, blocks[0], "es", 3)
			checkLinks(t, blocks[1], "en", 3)
			if u := read.Header("List-Unsubscribe"); strings.Contains(u, "lang=") {
				t.Errorf("the one click is %s", u)
			}
			if strings.Contains(own, "\n-- \n") || strings.Count(read.Text, "Ana") != 2 || strings.Contains(read.Text, "slot") {
				t.Errorf("the text reads\n%s", read.Text)
			}
			if !strings.Contains(read.HTML, `<div lang="es" dir="ltr">`) || !strings.Contains(read.HTML, `<div lang="en" dir="ltr">`) {
				t.Errorf("the blocks do not say their language:\n%s", read.HTML)
			}
		}
	})
}

// checkLinks holds every link of a block to its language.
func checkLinks(t *testing.T, block, locale string, want int) {
	t.Helper()
	links := regexp.MustCompile(`https://convoke\.test/[^\s<>")]+`).FindAllString(block, -1)
	n := 0
	for _, l := range links {
		if strings.HasSuffix(l, "?lang="+locale) {
			n++
		}
	}
	if n != len(links) || n < want {
		t.Errorf("in the %s block the links are %q", locale, links)
	}
}

// heldHouse has a launched step that holds the messages of those who speak French; a translation can be approved.
func heldHouse(t *testing.T, d *db.DB) (*house, Campaign) {
	h := newHouse(t, d)
	h.policy(h.message, PolicyHold)
	h.contact("English", "en@example.org", "en")
	h.contact("Unknown", "unknown@example.org", "")
	h.contact("French", "fr@example.org", "fr")
	h.contact("Canadian", "ca@example.org", "fr-CA")
	h.contact("Arab", "ar@example.org", "ar")
	h.contact("Shares with English", "en@example.org", "fr")
	h.contact("Answers meanwhile", "answers@example.org", "fr")
	c := h.approved()
	h.policy(h.message, PolicyFallback) // what it was approved with is what it sends
	return h, c
}

func (h *house) approveFrench() {
	s := h.texts.revision(h.texts.byDocument(h.message))
	s.locales = append(s.locales, "fr")
}

func TestAHeldMessageGoesOutOnceItIsTranslated(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := heldHouse(t, d)
		ctx := context.Background()
		if _, err := h.HeldPlan(ctx, h.officer, c.ID, 1); !errs.Is(err, errs.Conflict) {
			t.Errorf("what is held before the launch: %v", err)
		}
		o, err := h.Plan(ctx, h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		if o.Tally.Recipients != 2 || o.Tally.Held() != 5 {
			t.Errorf("the outbox has %d recipients, %d held", o.Tally.Recipients, o.Tally.Held())
		}
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		step := c.Steps[0].ID
		compare(t, "launched", h.states(step), map[string]int{"sent": 2, "skipped held_for_translation": 5})
		if c = h.load(c.ID); c.State != Sent {
			t.Fatalf("the campaign is %s", c.State)
		}
		if _, err := h.AskCompletion(ctx, h.officer, c.ID, 1); keyOf(err) != "campaign.completion.nobody" {
			t.Errorf("asked for nobody: %v", err)
		}
		h.approveFrench()
		h.write("insert into contribution (cycle_id, contact_id, state, channel, capacity, name, language, started_at, updated_at, received_at) select ?, id, 'received', 'form', 'individual', 'n', 'en', ?, ?, ? from contact where name = 'Answers meanwhile'",
			h.cycleID, start, start, start)
		held, err := h.HeldPlan(ctx, h.officer, c.ID, 1)
		h.must(err)
		if held.Tally.Recipients != 2 || held.Tally.Held() != 1 {
			t.Errorf("now %d could get it and %d wait: %+v", held.Tally.Recipients, held.Tally.Held(), held.Tally)
		}
		_, err = h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		if _, err := h.AskCompletion(ctx, h.approver, c.ID, 1); !errs.Is(err, errs.Conflict) {
			t.Errorf("asked twice: %v", err)
		}
		if _, err := h.ApproveCompletion(ctx, h.officer, c.ID, 1); !errs.Is(err, errs.Forbidden) {
			t.Errorf("approved by who asked: %v", err)
		}
		h.settle()
		if n := len(h.server.Messages()); n != 2 {
			t.Errorf("%d messages before the second person approved", n)
		}
		done := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := h.ApproveCompletion(ctx, h.approver, c.ID, 1)
				done <- err
			}()
		}
		refused := 0
		for range 2 {
			if err := <-done; errs.Is(err, errs.Conflict) {
				refused++
			} else {
				h.must(err)
			}
		}
		if refused != 1 {
			t.Errorf("%d of two approvals were refused", refused)
		}
		h.settle()
		compare(t, "completed", h.states(step), map[string]int{
			"sent": 4, "skipped held_for_translation": 1, "skipped duplicate_address": 1, "skipped responded": 1,
		})
		got := h.subjects()
		for _, email := range []string{"fr@example.org", "ca@example.org"} {
			if strings.Join(got[email], "; ") != "The call (fr)" {
				t.Errorf("%s got %v", email, got[email])
			}
		}
		if len(got["en@example.org"]) != 1 || len(got["ar@example.org"])+len(got["answers@example.org"]) != 0 {
			t.Errorf("arrived: %v", got)
		}
		c = h.load(c.ID)
		if c.State != Sent || c.Steps[0].State != StepSent || c.Steps[0].Completion != NoCompletion {
			t.Errorf("afterwards the campaign is %s, its step %+v", c.State, c.Steps[0])
		}
		for _, action := range []string{"campaign.completion_asked", "campaign.completion_approved", "campaign.step_completed"} {
			if n := h.number("select count(*) from audit_event where action = ? and object_id = ?", action, step); n != 1 {
				t.Errorf("%d events %s", n, action)
			}
		}
		if n := h.number("select count(*) from delivery_batch where ended_at is null"); n != 0 {
			t.Errorf("%d batches are open still", n)
		}
	})
}

func TestACompletionMayBeDeclinedAndComesToAnEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := heldHouse(t, d)
		ctx := context.Background()
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		h.approveFrench()
		lead := account.Actor{Who: h.approver.Who, Roles: []account.Role{account.Lead}}
		if _, err := h.AskCompletion(ctx, lead, c.ID, 1); !errs.Is(err, errs.Forbidden) {
			t.Errorf("asked by who may not launch: %v", err)
		}
		_, err = h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		_, err = h.DeclineCompletion(ctx, lead, c.ID, 1)
		h.must(err)
		if _, err := h.ApproveCompletion(ctx, lead, c.ID, 1); !errs.Is(err, errs.Conflict) {
			t.Errorf("approved after it was declined: %v", err)
		}
		_, err = h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		h.write("update campaign_step set ends_at = ? where campaign_id = ?", h.clock.Now(), c.ID)
		if _, err := h.ApproveCompletion(ctx, lead, c.ID, 1); keyOf(err) != "campaign.completion.over" {
			t.Errorf("approved after the step's end: %v", err)
		}
		h.settle()
		compare(t, "still", h.states(c.Steps[0].ID), map[string]int{"sent": 2, "skipped held_for_translation": 5})
		h.write("update campaign_step set ends_at = null where campaign_id = ?", c.ID)
		h.write("update campaign set state = 'cancelled' where id = ?", c.ID)
		if _, err := h.ApproveCompletion(ctx, lead, c.ID, 1); !errs.Is(err, errs.Conflict) {
			t.Errorf("a cancelled campaign goes on: %v", err)
		}
	})
}

func TestACompletionMayBeKilledAnywhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.policy(h.message, PolicyHold)
		for i := range 25 {
			h.contact(fmt.Sprint("Reader ", i), fmt.Sprintf("r%d@example.org", i), []string{"fr", "en"}[i%2])
		}
		c := h.approved()
		h.chunk = 4
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		h.approveFrench()
		_, err = h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		_, err = h.ApproveCompletion(ctx, h.approver, c.ID, 1)
		h.must(err)
		step := c.Steps[0].ID
		for range 2 { // two workers
			more, err := h.launchChunk(ctx, step, &groundwork{})
			if err != nil || !more {
				t.Fatal(more, err)
			}
		}
		_, err = h.Pause(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		_, err = h.Resume(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		compare(t, "completed", h.states(step), map[string]int{"sent": 25})
		for email, got := range h.subjects() {
			if len(got) != 1 {
				t.Errorf("%s got %q", email, got)
			}
		}
	})
}

// translatedTo approves the message in one more language.
func (h *house) translatedTo(locale string) {
	s := h.texts.revision(h.texts.byDocument(h.message))
	s.locales = append(s.locales, locale)
}

// Whatever languages are approved, whatever a contact speaks and wherever it belongs, the statement chooses what this
// small reference chooses: exact tag, then base language, never sideways; initiative, then group, then everybody.
func TestTheStatementChoosesAsTheRulesSay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		tags := []string{"en", "es", "fr", "ar", "pt", "pt-BR", "pt-PT", "zh"}
		groups := []string{"government", "civil_society", "media"}
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			h.write("delete from listing")
			locales := append([]string{"en"}, rapid.SliceOfDistinct(rapid.SampledFrom(tags[1:]), rapid.ID).Draw(rt, "approved")...)
			keys := rapid.SliceOfDistinct(rapid.SampledFrom(append([]string{"nri"}, groups...)), rapid.ID).Draw(rt, "variants")
			policy := rapid.SampledFrom([]LanguagePolicy{PolicyFallback, PolicyHold, PolicyBilingual}).Draw(rt, "policy")
			s := h.texts.revision(h.texts.byDocument(h.message))
			s.variants, s.LanguagePolicy = keys, policy
			type reader struct {
				chain []string
				group string
				nri   bool
			}
			readers := map[int64]reader{}
			for i := range rapid.IntRange(1, 4).Draw(rt, "readers") {
				r := reader{
					chain: rapid.SliceOfNDistinct(rapid.SampledFrom(append([]string{"ja", "es-MX"}, tags...)), 0, 3, rapid.ID).Draw(rt, "chain"),
					group: rapid.SampledFrom(groups).Draw(rt, "group"), nri: rapid.Bool().Draw(rt, "nri"),
				}
				id := h.contactIn(fmt.Sprint("R", run, i), fmt.Sprintf("r%d-%d@example.org", run, i), strings.Join(r.chain, " "), r.group, "weog")
				if r.nri {
					h.initiative(fmt.Sprint("IGF ", run, " ", i), id)
				}
				readers[id] = r
			}
			q := snapshot{cycleID: h.cycleID, stepID: 1, audience: Audience{All: true}, now: start, policy: policy}
			tx := h.db.Read(context.Background())
			chains, err := languageChains(tx, q)
			h.must(err)
			q.chains = resolveChains(chains, locales, "en", policy)
			q.variants, err = h.variantsOf(context.Background(), tx, s.RevisionID, &groundwork{})
			h.must(err)
			r, err := q.read(tx, PlanCursor{})
			h.must(err)
			for _, p := range append(r.recipients, r.excluded...) {
				want := readers[p.ContactID]
				locale, fallback, reason := chooseLocale(locales, want.chain, policy)
				if p.Locale != locale || p.Fallback != fallback || p.Reason != reason {
					rt.Errorf("%v of %v under %s: %q (%v) %q, want %q (%v) %q", want.chain, locales, policy, p.Locale, p.Fallback, p.Reason, locale, fallback, reason)
				}
				if variant := chooseVariant(keys, want.group, want.nri); p.Variant != variant {
					rt.Errorf("%+v with %v: variant %q, want %q", want, keys, p.Variant, variant)
				}
			}
			if len(r.recipients)+len(r.excluded) != len(readers) {
				rt.Errorf("%d of %d readers", len(r.recipients)+len(r.excluded), len(readers))
			}
			h.previewsAgree(rt)
		})
	})
}

// previewsAgree holds what a text is previewed with for a contact against what the launch would send.
func (h *house) previewsAgree(rt *rapid.T) {
	ctx := context.Background()
	tx := h.db.Read(ctx)
	doc, err := h.texts.Document(ctx, h.message)
	h.must(err)
	q, err := h.snapshotOf(ctx, tx, &Campaign{CycleID: h.cycleID, Audience: Audience{All: true}}, &Step{ID: 1, DocumentID: h.message}, h.cycles.c, 0, &groundwork{})
	h.must(err)
	r, err := q.read(tx, PlanCursor{})
	h.must(err)
	for _, p := range append(r.recipients, r.excluded...) {
		to, err := readerOf(tx, h.cycleID, p.ContactID)
		h.must(err)
		c, _, err := h.chosenText(ctx, doc, h.cycles.c, to)
		h.must(err)
		if c.Locale != p.Locale || c.Fallback != p.Fallback || c.Variant != p.Variant || c.Held != (p.Reason == HeldForTranslation) {
			rt.Errorf("for %q the preview chooses %+v, the launch %+v", to.Chain, c, p)
		}
	}
}

func chooseLocale(approved, chain []string, policy LanguagePolicy) (locale string, fallback bool, reason Reason) {
	has := map[string]bool{}
	for _, a := range approved {
		has[a] = true
	}
	for _, tag := range chain {
		base, _, _ := strings.Cut(tag, "-")
		switch {
		case has[tag]:
			return tag, false, ""
		case has[base]:
			return base, false, ""
		}
	}
	if policy == PolicyHold && len(chain) > 0 {
		return "", false, HeldForTranslation
	}
	return "en", true, ""
}

func chooseVariant(keys []string, group string, nri bool) string {
	has := map[string]bool{}
	for _, k := range keys {
		has[k] = true
	}
	switch {
	case nri && has["nri"]:
		return "nri"
	case has[group]:
		return group
	}
	return ""
}
