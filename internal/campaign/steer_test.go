package campaign

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// What an officer says takes effect with the round that is under way, which is less than a second: no other begins, on a real
// server that holds each message for a moment. Rounds are counted, not time.
func TestNoRoundBeginsAfterAPauseOrACancel(t *testing.T) {
	t.Parallel()
	steers := map[string]func(*house) func(context.Context, account.Actor, int64) (Campaign, error){
		"pause":  func(h *house) func(context.Context, account.Actor, int64) (Campaign, error) { return h.Pause },
		"cancel": func(h *house) func(context.Context, account.Actor, int64) (Campaign, error) { return h.Cancel },
	}
	for name, steer := range steers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				first := make(chan struct{})
				var once sync.Once
				h := newHouse(t, d)
				h.server = mailtest.NewRaw(t, mailtest.RawOptions{Latency: 20 * time.Millisecond, Script: func(e mailtest.Event) mailtest.Action {
					if e.Stage == "data" {
						once.Do(func() { close(first) })
					}
					return mailtest.Action{}
				}})
				h.Transport = h.pool()
				h.crowd(BatchSize)
				c := h.launched()
				ref := BatchRef{c.Steps[0].ID, 0}
				done := make(chan error, 1)
				go func() { done <- h.SendBatch(context.Background(), ref) }()
				<-first
				_, err := steer(h)(context.Background(), h.officer, c.ID)
				h.must(err)
				rounds := h.number("select attempt from delivery_batch where step_id = ?", ref.StepID)
				h.must(<-done)
				sent := h.states(ref.StepID)["sent"]
				if sent == 0 || sent == BatchSize {
					t.Fatalf("%d messages have left: there was nothing to hold back", sent)
				}
				after := h.number("select attempt from delivery_batch where step_id = ?", ref.StepID)
				if name == "cancel" {
					h.settle()
					compare(t, "cancelled", h.states(ref.StepID), map[string]int{"sent": sent, "skipped cancelled": BatchSize - sent})
					if after > rounds+1 { // the one that takes the rest out
						t.Errorf("%d rounds began after the cancel", after-rounds)
					}
					return
				}
				if after != rounds {
					t.Errorf("%d rounds began after the pause", after-rounds)
				}
				h.settle()
				compare(t, "paused", h.states(ref.StepID), map[string]int{"sent": sent, "queued": BatchSize - sent})
				if n := len(h.server.Messages()); n != sent {
					t.Errorf("%d messages arrived, %d are known as sent", n, sent)
				}
				h.Transport = countingTransport{}
				_, err = h.Resume(context.Background(), h.officer, c.ID)
				h.must(err)
				h.settle()
				compare(t, "resumed", h.states(ref.StepID), map[string]int{"sent": BatchSize})
			})
		})
	}
}
