package campaign

import (
	"context"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// A second person is somebody who did not fix the wording: an officer must not write a text into the
// campaign of another, freeze it and approve it.
func TestWhoFreezesDoesNotApprove(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.contacts(1)
		ctx := context.Background()
		c, err := h.Create(ctx, h.officer, Proposal{
			CycleID: h.cycleID, Name: "The call", Audience: Audience{All: true}, Steps: []StepDraft{{Kind: Call, DocumentID: h.message}},
		})
		h.must(err)
		h.must(h.SetText(ctx, h.approver, c.ID, 1, "en", Wording{Subject: "Mine", Body: "Dear {{contact}}"}))
		_, err = h.Freeze(ctx, h.approver, c.ID)
		h.must(err)
		if _, err := h.Approve(ctx, h.approver, c.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("approving what one froze: %v", err)
		}
		if _, err := h.Approve(ctx, h.officer, c.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("approving what one made: %v", err)
		}
		_, err = h.Submit(ctx, h.officer, c.ID)
		h.must(err)
		if c, err = h.Approve(ctx, h.approver, c.ID); err != nil || c.State != Approved {
			t.Errorf("after another submitted it: %s, %v", c.State, err)
		}
	})
}
