package campaign

import (
	"context"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func TestWhatAReportSpeaksOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status, words string
		want          Reason
	}{
		{"5.1.1", "550 5.1.1 no such user", NoMailbox},
		{"5.1.10", "", NoDomain},
		{"5.4.4", "", NoDomain},
		{"5.2.2", "552 full", MailboxFull},
		{"4.2.2", "452 full", MailboxFull},
		{"4.4.1", "no answer", GaveUp},
		{"5.7.1", "554 5.7.1 looks like spam", RefusedMessage},
		{"5.1.8", "550 sender unknown", Refused}, // it refuses us: the address may be right
		{"5.0.0", "550 no such user", NoMailbox},
		{"", "550 no such user", NoMailbox},
		{"", "", Refused},
		{"5.0.0", "who knows", Refused},
	} {
		if got := kindOfReturn(Returned{Status: tt.status, Diagnostic: tt.words}); got != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.status, tt.words, got, tt.want)
		}
	}
}

// What a volunteer sent comes back: they are told once, and the story says it. What may have been sent was, as its report proves.
func TestWhatComesBackLater(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		h := newHouse(t, d)
		v := h.volunteer("ana")
		ana := h.contacts(1)[0]
		h.approved()
		claim := h.holds(v, ana, "reach_out")
		sent := h.order(v, claim)
		h.settle()
		h.clock.Advance(time.Hour)
		bounced := func(id int64, status string) (hard, known bool) {
			t.Helper()
			h.must(d.Write(ctx, func(tx *db.Tx) (err error) {
				hard, known, err = h.Bounced(tx, audit.System("inbound"), Returned{DeliveryID: id, Status: status, Diagnostic: "550 gone"})
				return err
			}))
			return hard, known
		}
		if hard, known := bounced(sent.DeliveryID, "5.1.1"); !hard || known {
			t.Errorf("hard %t, known %t", hard, known)
		}
		if hard, known := bounced(sent.DeliveryID, "5.1.1"); hard || !known {
			t.Errorf("again: hard %t, known %t", hard, known)
		}
		if got := h.delivery(sent.DeliveryID); got != "bounced no_mailbox" {
			t.Errorf("the delivery is %s", got)
		}
		if n := h.number("select count(*) from attempt where claim_id = ? and outcome = 'wrong_address'", claim); n != 1 {
			t.Errorf("the volunteer was told %d times", n)
		}
		officer := h.member("olu")
		officer.Roles = []account.Role{account.Officer}
		story, err := h.Story(ctx, officer, sent.DeliveryID)
		h.must(err)
		if last := story.Moments[len(story.Moments)-1]; last.Kind != MomentBounced || last.Try.Reply != "550 gone" {
			t.Errorf("%+v", story.Moments)
		}
		h.write("update delivery set state = 'uncertain', reason = 'no_reply' where id = ?", sent.DeliveryID)
		if hard, known := bounced(sent.DeliveryID, "5.2.2"); hard || known || h.delivery(sent.DeliveryID) != "bounced mailbox_full" {
			t.Errorf("what may have been sent: hard %t, known %t, %s", hard, known, h.delivery(sent.DeliveryID))
		}
		err = d.Write(ctx, func(tx *db.Tx) error {
			_, err := h.Complained(tx, audit.System("inbound"), 1<<40)
			return err
		})
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("a delivery that is not there: %v", err)
		}
	})
}
