package campaign

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail"
)

// Who approves a completion sees what was asked for, and that there is something newer; those asked for are counted apart
// from those who still wait.
func TestWhatWasAskedForIsSeen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		text := h.texts.revision(h.texts.byDocument(h.message))
		text.locales = []string{"en"}
		h.policy(h.message, PolicyHold)
		h.contact("Ann", "ann@example.org", "en")
		h.contact("Ana", "ana@example.org", "es")
		h.contact("Zoé", "zoe@example.org", "fr")
		c := h.approved()
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		h.translatedTo("es")
		_, err = h.AskCompletion(ctx, h.officer, c.ID, 1)
		h.must(err)
		plan := func() Outbox {
			t.Helper()
			o, err := h.HeldPlan(ctx, h.approver, c.ID, 1)
			h.must(err)
			if len(o.Samples) != 1 {
				t.Fatalf("%d samples", len(o.Samples))
			}
			read, err := mail.Read(o.Samples[0].Raw)
			h.must(err)
			if subject := read.Header("Subject"); !strings.Contains(subject, "(es)") {
				t.Errorf("the sample is %s", subject)
			}
			return o
		}
		if o := plan(); len(o.Newer) > 0 {
			t.Errorf("newer: %v", o.Newer)
		}
		text.editions = map[string]int{"es": 2}
		if o := plan(); !slices.Equal(o.Newer, []string{"es"}) {
			t.Errorf("newer: %v", o.Newer)
		}
		asked, err := h.Asked(ctx, h.approver, c.CycleID)
		h.must(err)
		if want := []Asked{{CampaignID: c.ID, Campaign: "The call", Position: 1, Count: 1}}; !slices.Equal(asked, want) {
			t.Errorf("asked for: %+v", asked)
		}
		o, err := h.Overview(ctx, h.approver, c.ID)
		h.must(err)
		if want := []HeldLanguage{{Position: 1, Language: "fr", Count: 1}}; !slices.Equal(o.Held, want) || len(o.Asked) != 1 {
			t.Errorf("waiting: %+v, asked for: %+v", o.Held, o.Asked)
		}
		_, err = h.DeclineCompletion(ctx, h.approver, c.ID, 1)
		h.must(err)
		if asked, err = h.Asked(ctx, h.approver, 0); err != nil || len(asked) > 0 {
			t.Errorf("after declining: %+v, %v", asked, err)
		}
	})
}
