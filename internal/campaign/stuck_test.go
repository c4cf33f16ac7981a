package campaign

import (
	"context"
	"fmt"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// breakText keeps a text from being rendered in a language; nil mends it.
func (h *house) breakText(documentID int64, locale string, why error) {
	h.texts.revision(h.texts.byDocument(documentID)).broken = map[string]error{locale: why}
}

var notApproved = errs.E(errs.Conflict, "document.translation.not_approved", "Locale", "es")

// stuckHouse has sent all but the Spanish messages of a call, because the Spanish text cannot be rendered.
func stuckHouse(t *testing.T, d *db.DB) (*house, Campaign) {
	h := newHouse(t, d)
	for i := range 6 {
		h.contact(fmt.Sprint("Reader ", i), fmt.Sprintf("r%d@example.org", i), []string{"en", "es"}[i%2])
	}
	c := h.approved()
	h.breakText(h.message, "es", notApproved)
	_, err := h.Launch(context.Background(), h.officer, c.ID)
	h.must(err)
	h.settle()
	compare(t, "with a broken language", h.states(c.Steps[0].ID), map[string]int{"sent": 3, "deferred unrenderable": 3})
	return h, c
}

func (h *house) onceEach() {
	h.t.Helper()
	for email, got := range h.subjects() {
		if len(got) != 1 {
			h.t.Errorf("%s got %q", email, got)
		}
	}
}

func TestALanguageThatCannotBeRenderedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := stuckHouse(t, d)
		ctx := context.Background()
		all, err := h.Stuck(ctx, h.officer, h.cycleID)
		h.must(err)
		if len(all) != 1 || all[0].Locale != "es" || all[0].Count != 3 || all[0].Position != 1 || all[0].DocumentID != h.message ||
			all[0].CampaignID != c.ID || keyOf(all[0].Why) != "document.translation.not_approved" {
			t.Fatalf("waiting: %+v", all)
		}
		if other, err := h.Stuck(ctx, h.officer, h.cycleID+1); err != nil || len(other) != 0 {
			t.Errorf("in another cycle: %v %v", other, err)
		}
		o, err := h.Overview(ctx, h.officer, c.ID)
		h.must(err)
		if len(o.Stuck) != 1 || o.Campaign.State != Sending {
			t.Errorf("the campaign is %s and says %+v", o.Campaign.State, o.Stuck)
		}
		h.clock.Advance(mendPause)
		h.settle()
		compare(t, "tried again", h.states(c.Steps[0].ID), map[string]int{"sent": 3, "deferred unrenderable": 3})
		h.breakText(h.message, "es", nil)
		if all, err = h.Stuck(ctx, h.officer, 0); err != nil || len(all) != 1 || all[0].Why != nil {
			t.Errorf("mended: %+v, %v", all, err)
		}
		h.clock.Advance(mendPause)
		h.settle()
		compare(t, "mended", h.states(c.Steps[0].ID), map[string]int{"sent": 6})
		h.onceEach()
		if all, err = h.Stuck(ctx, h.officer, 0); err != nil || len(all) != 0 || h.load(c.ID).State != Sent {
			t.Errorf("in the end: %+v, %v, campaign %s", all, err, h.load(c.ID).State)
		}
	})
}

func TestWhatIsStuckIsTriedAgainAtOnceOrTakenOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := stuckHouse(t, d)
		ctx, step := context.Background(), c.Steps[0].ID
		h.must(h.RetryStuck(ctx, h.officer, c.ID, 1, "es"))
		h.settle()
		compare(t, "tried in vain", h.states(step), map[string]int{"sent": 3, "deferred unrenderable": 3})
		if err := h.DropStuck(ctx, h.officer, c.ID, 1, "en"); keyOf(err) != "campaign.stuck.nothing" {
			t.Errorf("nothing waits in English: %v", err)
		}
		h.suppress("r1@example.org")
		h.breakText(h.message, "es", nil)
		h.must(h.RetryStuck(ctx, h.officer, c.ID, 1, "es"))
		h.settle()
		compare(t, "tried again", h.states(step), map[string]int{"sent": 5, "skipped suppressed": 1})
		h.onceEach()
	})
}

func TestWhatIsStuckMayBeTakenOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, c := stuckHouse(t, d)
		h.must(h.DropStuck(context.Background(), h.officer, c.ID, 1, "es"))
		h.breakText(h.message, "es", nil)
		h.clock.Advance(mendPause)
		h.settle()
		compare(t, "taken out", h.states(c.Steps[0].ID), map[string]int{"sent": 3, "skipped dropped": 3})
		if h.load(c.ID).State != Sent || h.number("select count(*) from audit_event where action = 'campaign.stuck_dropped'") != 1 {
			t.Errorf("the campaign is %s", h.load(c.ID).State)
		}
	})
}

func TestTheOutboxSaysWhatCannotBeRendered(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contact("Ann", "ann@example.org", "en")
		ana := h.contact("Ana", "ana@example.org", "es")
		c := h.approved()
		h.breakText(h.message, "es", notApproved)
		o, err := h.Plan(context.Background(), h.officer, c.ID, 1, PlanCursor{})
		h.must(err)
		if len(o.Samples) != 1 || len(o.Broken) != 1 || o.Broken[0].Locale != "es" || keyOf(o.Broken[0].Why) != "document.translation.not_approved" {
			t.Errorf("samples %d, broken %+v", len(o.Samples), o.Broken)
		}
		if _, err := h.Preview(context.Background(), h.officer, c.ID, 1, ana); !errs.Is(err, errs.Conflict) {
			t.Errorf("her message: %v", err)
		}
	})
}

func TestAPersonalMessageThatCannotBeRenderedIsRefusedInWords(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		marta := h.volunteer("Marta")
		claim := h.holds(marta, h.contact("Ana", "ana@example.org", "es"), "reach_out")
		h.approved()
		h.breakText(h.message, "es", notApproved)
		if p := h.ready(marta, claim); keyOf(p.Refusal) != "message.refused.unrenderable" {
			t.Errorf("refused for %v", p.Refusal)
		}
		if _, err := h.SendPersonal(context.Background(), marta, claim, PersonalOrder{}); keyOf(err) != "message.refused.unrenderable" {
			t.Errorf("sent: %v", err)
		}
		h.breakText(h.message, "es", nil)
		h.order(marta, claim)
		h.breakText(h.message, "es", notApproved)
		h.settle()
		all, err := h.Stuck(context.Background(), h.officer, h.cycleID)
		if err != nil || len(all) != 1 || all[0].Count != 1 {
			t.Errorf("a message under way: %+v %v", all, err)
		}
		h.breakText(h.message, "es", nil)
		h.clock.Advance(mendPause)
		h.settle()
		h.onceEach()
		if n := len(h.server.Messages()); n != 1 {
			t.Errorf("%d messages arrived", n)
		}
	})
}
