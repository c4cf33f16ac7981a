package campaign

import (
	"context"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// A message that waits for a mailbox goes to that mailbox: what its readers ask holds for it, also where the contact does not
// have the address any more.
func TestWhatIsAskedAtAMailboxHoldsForWhatWaitsForIt(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"campaign", "cycle"} {
		t.Run(scope, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				h := newHouse(t, d)
				ana, ben := h.contact("Ana", "office@example.org", "en"), h.contact("Ben", "ben@example.org", "en")
				h.address(ben, "office@example.org")
				h.address(ana, "ana@example.org")
				c := h.launched()
				h.write("delete from contact_address where contact_id = ? and address_id = (select id from address where email = 'office@example.org')", ana)
				h.ask("office@example.org", scope, map[string]int64{"campaign": c.ID, "cycle": c.CycleID}[scope]) // as Ben did
				h.settle()
				if got := h.received(); got["office@example.org"] != 0 {
					t.Errorf("received %v, where nobody wants more", got)
				}
			})
		})
	}
}

// A follow-up that was held for a translation does not come behind a later one.
func TestWhatWaitsForATranslationIsOvertaken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.policy(h.followUp, PolicyHold)
		french := h.contact("French", "fr@example.org", "fr")
		h.contact("Waits too", "too@example.org", "fr")
		c := h.approved(StepDraft{Kind: FollowUp, OffsetDays: 6, OffsetFrom: FromLaunch}, StepDraft{Kind: FollowUp, OffsetDays: 12, OffsetFrom: FromLaunch})
		ctx := context.Background()
		_, err := h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.settle()
		h.clock.Advance(6 * day)
		h.settle()
		compare(t, "the follow-up", h.states(c.Steps[1].ID), map[string]int{"skipped held_for_translation": 2})
		h.write("update campaign_step set launched_at = ?, state = 'sent' where id = ?", h.Now(), c.Steps[2].ID)
		h.write(`insert into delivery (id, step_id, contact_id, locale, fallback, edition, variant, stakeholder_group, region, state, sent_at)
values (?, ?, ?, 'en', true, 1, '', 'media', 'weog', 'sent', ?)`, c.Steps[2].ID<<numberBits+1, c.Steps[2].ID, french, h.Now())
		s := h.texts.revision(h.texts.byDocument(h.followUp))
		s.locales = append(s.locales, "fr")
		o, err := h.HeldPlan(ctx, h.officer, c.ID, 2)
		h.must(err)
		if o.Tally.Recipients != 1 || len(o.Tally.Reasons) != 1 || o.Tally.Reasons[0].Reason != Overtaken {
			t.Errorf("%d could get it: %+v", o.Tally.Recipients, o.Tally.Reasons)
		}
	})
}
