package campaign

import (
	"context"
	"testing"
	"time"

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

// An approval is for what was looked at: the wording, who gets it, in which language and edition, and when it was asked for.
func TestAnApprovalIsForWhatWasSeen(t *testing.T) {
	t.Parallel()
	changes := map[string]func(h *house, c Campaign){
		"nothing":     func(*house, Campaign) {},
		"policy":      func(h *house, _ Campaign) { h.policy(h.message, PolicyHold) },
		"translation": func(h *house, _ Campaign) { h.translatedTo("fr") },
		"edition": func(h *house, _ Campaign) {
			h.texts.revision(h.texts.byDocument(h.message)).editions = map[string]int{"es": 2}
		},
		"audience": func(h *house, c Campaign) {
			h.write("update campaign set audience = ? where id = ?", `{"groups":["government"]}`, c.ID)
		},
		"submitted again": func(h *house, c Campaign) {
			_, err := h.SendBack(context.Background(), h.approver, c.ID)
			h.must(err)
			h.clock.Advance(time.Second)
			_, err = h.Submit(context.Background(), h.officer, c.ID)
			h.must(err)
		},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		h := newHouse(t, d)
		h.contacts(1)
		h.policy(h.message, PolicyFallback)
		for name, change := range changes {
			c, err := h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: name, Audience: Audience{All: true}, Steps: []StepDraft{{Kind: Call, DocumentID: h.message}}})
			h.must(err)
			_, err = h.Freeze(ctx, h.officer, c.ID)
			h.must(err)
			_, err = h.Submit(ctx, h.officer, c.ID)
			h.must(err)
			looked, err := h.Progress(ctx, h.approver, c.ID)
			h.must(err)
			change(h, c)
			_, err = h.ApproveSeen(ctx, h.approver, c.ID, looked.Base)
			if got, want := errs.Is(err, errs.Conflict), name != "nothing"; got != want || !want && err != nil {
				t.Errorf("after a change of %s: %v", name, err)
			}
			looked, err = h.Progress(ctx, h.approver, c.ID)
			h.must(err)
			if name == "nothing" {
				continue
			}
			if _, err = h.ApproveSeen(ctx, h.approver, c.ID, looked.Base); err != nil {
				t.Errorf("seen as it is after a change of %s: %v", name, err)
			}
		}
	})
}
