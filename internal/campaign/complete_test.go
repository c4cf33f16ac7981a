package campaign

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// heldSent is a heldHouse whose call went out, with its follow-up.
func heldSent(t *testing.T, d *db.DB, followUps ...StepDraft) (*house, Campaign) {
	h := newHouse(t, d)
	h.policy(h.message, PolicyHold)
	h.contact("English", "en@example.org", "en")
	h.contact("French", "fr@example.org", "fr")
	h.contact("Arab", "ar@example.org", "ar")
	c := h.approved(followUps...)
	_, err := h.Launch(context.Background(), h.officer, c.ID)
	h.must(err)
	h.settle()
	compare(t, "launched", h.states(c.Steps[0].ID), map[string]int{"sent": 1, "skipped held_for_translation": 2})
	o, err := h.Overview(context.Background(), h.officer, c.ID)
	h.must(err)
	if want := []HeldLanguage{{1, "ar", 1}, {1, "fr", 1}}; !slices.Equal(o.Held, want) {
		t.Errorf("the campaign says that %v wait, want %v", o.Held, want)
	}
	return h, c
}

func TestACompletionSendsExactlyWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := heldSent(t, d)
		ctx, step := context.Background(), c.Steps[0].ID
		h.translatedTo("fr")
		_, err := h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		// Later: another language, a correction, and somebody who reads another language.
		h.translatedTo("ar")
		s := h.texts.revision(h.texts.byDocument(h.message))
		s.editions = map[string]int{"fr": 2}
		o, err := h.HeldPlan(ctx, h.officer, c.ID, 1)
		h.must(err)
		if o.Tally.Recipients != 1 || len(o.Tally.Locales) != 1 || o.Tally.Locales[0].Locale != "fr" {
			t.Errorf("what was asked for reads %+v", o.Tally)
		}
		_, err = h.ApproveCompletion(ctx, h.approver, c.ID, 1)
		h.must(err)
		h.settle()
		compare(t, "completed", h.states(step), map[string]int{"sent": 2, "skipped held_for_translation": 1})
		if got := strings.Join(h.subjects()["fr@example.org"], "; "); got != "The call (fr)" {
			t.Errorf("French got %q, not the edition that was asked for", got)
		}
		_, err = h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		h.write("update contact set languages = 'es', language_chain = 'es' where name = 'Arab'")
		if o, err = h.HeldPlan(ctx, h.officer, c.ID, 1); err != nil || o.Tally.Recipients != 0 {
			t.Errorf("after the reader changed the language: %+v %v", o.Tally, err)
		}
		_, err = h.ApproveCompletion(ctx, h.approver, c.ID, 1)
		h.must(err)
		h.settle()
		compare(t, "another language by now", h.states(step), map[string]int{"sent": 2, "skipped held_for_translation": 1})
		if n := h.number("select count(*) from delivery where reason = 'held_for_translation' and locale <> ''"); n != 0 {
			t.Errorf("%d held deliveries keep a language", n)
		}
		_, err = h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		_, err = h.ApproveCompletion(ctx, h.approver, c.ID, 1)
		h.must(err)
		h.settle()
		compare(t, "asked again", h.states(step), map[string]int{"sent": 3})
		h.onceEach()
	})
}

func TestWhoeverWaitsForeverGetsTheCyclesLanguageByDecision(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := heldSent(t, d)
		ctx, step := context.Background(), c.Steps[0].ID
		h.translatedTo("fr")
		_, err := h.AskFallback(ctx, h.officer, c.ID, 1)
		h.must(err)
		if _, err := h.ApproveCompletion(ctx, h.officer, c.ID, 1); !errs.Is(err, errs.Forbidden) {
			t.Errorf("approved by who asked: %v", err)
		}
		o, err := h.HeldPlan(ctx, h.officer, c.ID, 1)
		h.must(err)
		if o.Tally.Recipients != 2 || len(o.Tally.Locales) != 2 || !o.Tally.Locales[1].Fallback {
			t.Errorf("asked: %+v", o.Tally)
		}
		_, err = h.ApproveCompletion(ctx, h.approver, c.ID, 1)
		h.must(err)
		h.settle()
		compare(t, "completed", h.states(step), map[string]int{"sent": 3})
		if got := h.subjects(); got["fr@example.org"][0] != "The call (fr)" || got["ar@example.org"][0] != "The call (en)" {
			t.Errorf("sent %v", got)
		}
		if st := h.load(c.ID).Steps[0]; st.CompletionPolicy != "" || st.Completion != NoCompletion {
			t.Errorf("afterwards %+v", st)
		}
	})
}

func TestCancellingTakesBackWhatWasAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := heldSent(t, d, StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
		ctx := context.Background()
		h.translatedTo("fr")
		_, err := h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		_, err = h.Cancel(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		if st := h.load(c.ID).Steps[0]; st.Completion != NoCompletion || st.CompletionBy != nil {
			t.Errorf("the step still says %+v", st)
		}
		if n := h.number("select count(*) from delivery where reason = 'held_for_translation' and locale <> ''"); n != 0 {
			t.Errorf("%d held deliveries keep a language", n)
		}
		if _, err := h.AskCompletion(ctx, h.officer, c.ID, 1); !errs.Is(err, errs.Conflict) {
			t.Errorf("asked after it was cancelled: %v", err)
		}
	})
}

func TestAFollowUpCountsFromWhatThePersonGot(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := heldSent(t, d, StepDraft{OffsetDays: 10, OffsetFrom: FromLaunch})
		followUp := c.Steps[1].ID
		h.translatedTo("fr")
		h.clock.Advance(6 * day)
		h.complete(c.ID, 1)
		h.clock.Advance(4 * day)
		h.settle()
		h.settle()
		compare(t, "on the day of the step", h.states(followUp), map[string]int{"sent": 1, "deferred own_day": 1, "skipped held_for_translation": 1})
		h.clock.Advance(6*day - time.Minute)
		h.settle()
		compare(t, "before the reader's own day", h.states(followUp), map[string]int{"sent": 1, "deferred own_day": 1, "skipped held_for_translation": 1})
		h.clock.Advance(time.Minute)
		h.settle()
		compare(t, "on the reader's own day", h.states(followUp), map[string]int{"sent": 2, "skipped held_for_translation": 1})
		// Whose call comes after the follow-up was launched gets that too, once it is asked for.
		h.translatedTo("ar")
		h.complete(c.ID, 1)
		h.complete(c.ID, 2)
		compare(t, "completed late", h.states(followUp), map[string]int{"sent": 2, "deferred own_day": 1})
		h.clock.Advance(10 * day)
		h.settle()
		compare(t, "in the end", h.states(followUp), map[string]int{"sent": 3})
		for email, got := range h.subjects() {
			if len(got) != 2 {
				t.Errorf("%s got %q", email, got)
			}
		}
		if c = h.load(c.ID); c.State != Sent {
			t.Errorf("the campaign is %s", c.State)
		}
	})
}

// complete asks for the completion of a step, has it approved, and lets workers do it.
func (h *house) complete(id int64, position int) {
	h.t.Helper()
	ctx := context.Background()
	_, err := h.AskCompletion(ctx, h.officer, id, position)
	h.must(err)
	_, err = h.ApproveCompletion(ctx, h.approver, id, position)
	h.must(err)
	h.settle()
}

// The policy that counts is the one at the moment of approval, read in its transaction.
func TestThePolicyIsPinnedInTheApproval(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contact("English", "en@example.org", "en")
		ctx := context.Background()
		c, err := h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "The call", Audience: Audience{All: true}, Steps: []StepDraft{{Kind: Call, DocumentID: h.message}}})
		h.must(err)
		_, err = h.Freeze(ctx, h.officer, c.ID)
		h.must(err)
		h.cycles.onCycle = func() { h.policy(h.message, PolicyHold) } // between the page and the transaction
		c, err = h.Approve(ctx, h.approver, c.ID)
		h.must(err)
		if got := h.load(c.ID).Steps[0].LanguagePolicy; got != PolicyHold {
			t.Errorf("approved with %q", got)
		}
	})
}
