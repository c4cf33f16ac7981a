package campaign

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// lastTo is the text of what went to an address, "" for nothing, and how many messages that were.
func (h *house) lastTo(email string) (string, int) {
	h.t.Helper()
	text, n := "", 0
	for _, m := range h.server.Messages() {
		if m.To == email {
			read, err := mail.Read(m.Data)
			h.must(err)
			text, n = read.Header("Subject")+"\n"+read.Text, n+1
		}
	}
	return text, n
}

// inReview makes a campaign with a follow-up that waits for its approval.
func (h *house) inReview() Campaign {
	h.t.Helper()
	ctx := context.Background()
	c, err := h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "The call", Audience: Audience{All: true}, Steps: []StepDraft{
		{Kind: Call, DocumentID: h.message}, {Kind: FollowUp, DocumentID: h.followUp, OffsetDays: 7, OffsetFrom: FromLaunch},
	}})
	h.must(err)
	_, err = h.Freeze(ctx, h.officer, c.ID)
	h.must(err)
	c, err = h.Submit(ctx, h.officer, c.ID)
	h.must(err)
	return c
}

func (h *house) refuses(code errs.Code, err error, what string) {
	h.t.Helper()
	if !errs.Is(err, code) {
		h.t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestSingleMessagesAreDroppedAndEdited(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ids := h.contacts(4)
		es := h.contact("Benita", "benita@example.org", "es")
		c := h.inReview()
		words := EditDraft{Subject: "Only for you", Body: "Dear {{contact}}, this is for you alone: {{personal_link}}"}
		h.must(h.DropMessage(ctx, h.officer, c.ID, 1, ids[0], "asked us by phone"))
		h.refuses(errs.Conflict, h.DropMessage(ctx, h.officer, c.ID, 1, ids[0], "again"), "dropped twice")
		h.must(h.DropMessage(ctx, h.officer, c.ID, 1, ids[1], "a slip"))
		h.must(h.UndropMessage(ctx, h.officer, c.ID, 1, ids[1]))
		before, err := h.Progress(ctx, h.approver, c.ID)
		h.must(err)
		h.must(h.EditMessage(ctx, h.officer, c.ID, 1, es, words))
		_, err = h.ApproveSeen(ctx, h.approver, c.ID, before.Base)
		h.refuses(errs.Conflict, err, "approved without a look at the edit")
		m, err := h.MessageOf(ctx, h.approver, c.ID, 1, es)
		h.must(err)
		if m.Edit == nil || m.Edit.ByName != "officer" || m.Planned.Locale != "es" || !strings.Contains(string(m.Message.Raw), "Subject: Only for you") || m.Waits() {
			t.Errorf("the message is %+v", m)
		}
		if m, err = h.MessageOf(ctx, h.approver, c.ID, 1, ids[0]); err != nil || m.Drop == nil || m.Drop.Reason != "asked us by phone" || m.Message != nil {
			t.Errorf("of who was dropped: %+v, %v", m, err)
		}
		_, err = h.Approve(ctx, h.approver, c.ID)
		h.must(err)
		h.refuses(errs.Conflict, h.UndropMessage(ctx, h.officer, c.ID, 1, ids[0]), "sent to somebody whom nobody approved")
		_, err = h.Launch(ctx, h.officer, c.ID)
		h.must(err)
		h.must(h.RunLaunch(ctx, c.Steps[0].ID))
		if m, err = h.MessageOf(ctx, h.officer, c.ID, 1, ids[2]); err != nil || m.Message == nil || !m.MayDrop() || m.MayEdit() || m.State != DeliveryQueued {
			t.Errorf("after the launch: %+v, %v", m, err)
		}
		h.must(h.DropMessage(ctx, h.officer, c.ID, 1, ids[2], "just in time"))
		h.refuses(errs.Conflict, h.UndropMessage(ctx, h.officer, c.ID, 1, ids[2]), "taken back after the launch")
		h.refuses(errs.Conflict, h.EditMessage(ctx, h.officer, c.ID, 1, ids[3], words), "edited after the launch")
		h.settle()
		if got := h.states(c.Steps[0].ID); got["sent"] != 3 || got["skipped dropped"] != 2 || len(got) != 2 {
			t.Errorf("the call: %v", got)
		}
		h.refuses(errs.Conflict, h.DropMessage(ctx, h.officer, c.ID, 1, ids[3], "too late"), "dropped after it was sent")
		text, n := h.lastTo("benita@example.org")
		if n != 1 || !strings.HasPrefix(text, "Only for you\n") || !strings.Contains(text, "Dear Benita, this is for you alone: https://convoke.test/r/") || !strings.Contains(text, "https://convoke.test/u/") {
			t.Errorf("%d to Benita: %s", n, text)
		}
		if text, _ := h.lastTo("p4@example.org"); !strings.HasPrefix(text, "The call (en)") {
			t.Errorf("to the others: %s", text)
		}
		if text, n := h.lastTo("p1@example.org"); n != 0 {
			t.Errorf("to who was dropped: %s", text)
		}
		h.followUpIsEdited(c, es, ids[3], words)
	})
}

// followUpIsEdited: what is edited after the campaign was approved needs an approval of its own.
func (h *house) followUpIsEdited(c Campaign, benita, other int64, words EditDraft) {
	h.t.Helper()
	ctx := context.Background()
	words.Subject = "Once more"
	h.must(h.EditMessage(ctx, h.officer, c.ID, 2, benita, words))
	h.must(h.EditMessage(ctx, h.officer, c.ID, 2, other, words))
	m, err := h.MessageOf(ctx, h.approver, c.ID, 2, benita)
	h.must(err)
	if !m.Waits() || m.Planned.Reason != EditWaits || m.Message == nil {
		h.t.Errorf("the edited follow-up is %+v", m)
	}
	h.refuses(errs.Forbidden, h.ApproveEdit(ctx, h.officer, c.ID, 2, benita, m.Edit.EditedAt), "approved by its author")
	h.refuses(errs.Conflict, h.ApproveEdit(ctx, h.approver, c.ID, 2, benita, m.Edit.EditedAt.Add(-time.Second)), "approved without a look")
	h.must(h.ApproveEdit(ctx, h.approver, c.ID, 2, benita, m.Edit.EditedAt))
	h.refuses(errs.Conflict, h.ApproveEdit(ctx, h.approver, c.ID, 2, benita, m.Edit.EditedAt), "approved twice")
	h.clock.Advance(8 * day)
	h.settle()
	if got := h.states(c.Steps[1].ID); got["sent"] != 2 || got["skipped edit_waits"] != 1 || len(got) != 2 {
		h.t.Errorf("the follow-up: %v", got)
	}
	text, n := h.lastTo("benita@example.org")
	if n != 2 || !strings.HasPrefix(text, "Once more\n") {
		h.t.Errorf("%d to Benita, the last: %s", n, text)
	}
	if _, n := h.lastTo("p4@example.org"); n != 1 {
		h.t.Errorf("%d to whose words nobody approved", n)
	}
}

func TestWhoEditsDoesNotApproveAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ids := h.contacts(1)
		c := h.inReview()
		h.must(h.EditMessage(ctx, h.approver, c.ID, 1, ids[0], EditDraft{Subject: "s", Body: "b"}))
		if p, err := h.Progress(ctx, h.approver, c.ID); err != nil || !p.Edited {
			t.Errorf("the page does not say so: %v", err)
		}
		_, err := h.Approve(ctx, h.approver, c.ID)
		h.refuses(errs.Forbidden, err, "approved by who edited")
		h.must(h.UneditMessage(ctx, h.approver, c.ID, 1, ids[0]))
		_, err = h.Approve(ctx, h.approver, c.ID)
		h.must(err)
	})
}

func TestASingleMessageIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ids := h.contacts(1)
		nobody := h.contact("Nobody", "", "en")
		draft, err := h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "c", Audience: Audience{All: true}, Steps: []StepDraft{{Kind: Call, DocumentID: h.message}}})
		h.must(err)
		h.refuses(errs.Conflict, h.EditMessage(ctx, h.officer, draft.ID, 1, ids[0], EditDraft{"s", "b"}), "edited before it is frozen")
		h.must(h.DropMessage(ctx, h.officer, draft.ID, 1, nobody, "no mailbox anyway"))
		_, err = h.Freeze(ctx, h.officer, draft.ID)
		h.must(err)
		for field, words := range map[string]EditDraft{
			"subject":  {Subject: " ", Body: "b"},
			"subject ": {Subject: "s\r\nBcc: everybody@example.org", Body: "b"},
			"body":     {Subject: "s", Body: "the [link to be completed]"},
		} {
			fields := errs.FieldsOf(h.EditMessage(ctx, h.officer, draft.ID, 1, ids[0], words))
			if len(fields) != 1 || fields[0].Name != strings.TrimSpace(field) {
				t.Errorf("%s: %v", field, fields)
			}
		}
		fields := errs.FieldsOf(h.EditMessage(ctx, h.officer, draft.ID, 1, ids[0], EditDraft{"s", "until {{deadline}}"}))
		if len(fields) != 1 || fields[0].Key != "campaign.value_missing" {
			t.Errorf("without a value: %v", fields)
		}
		h.refuses(errs.NotFound, h.EditMessage(ctx, h.officer, draft.ID, 1, nobody, EditDraft{"s", "b"}), "edited for nobody")
		h.refuses(errs.NotFound, h.DropMessage(ctx, h.officer, draft.ID, 1, 4711, "r"), "dropped a stranger")
		for _, reason := range []string{" ", strings.Repeat("x", 501)} {
			h.refuses(errs.Invalid, h.DropMessage(ctx, h.officer, draft.ID, 1, ids[0], reason), "dropped without a good reason")
		}
		lead := account.Actor{Who: h.approver.Who, Roles: []account.Role{account.Lead}}
		h.refuses(errs.Forbidden, h.EditMessage(ctx, lead, draft.ID, 1, ids[0], EditDraft{"s", "b"}), "edited by a lead")
		h.refuses(errs.Forbidden, h.DropMessage(ctx, lead, draft.ID, 1, ids[0], "r"), "dropped by a lead")
		_, err = h.Cancel(ctx, h.officer, draft.ID)
		h.must(err)
		h.refuses(errs.Conflict, h.DropMessage(ctx, h.officer, draft.ID, 1, ids[0], "r"), "dropped of what was cancelled")
	})
}

// Two officers open the same message. The words of the first are not replaced by a second who never saw them.
func TestAnEditReplacesOnlyWhatWasSeen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ids := h.contacts(1)
		c := h.inReview()
		edit := func(words string, seen time.Time) error {
			h.clock.Advance(time.Minute)
			return h.EditMessageSeen(ctx, h.officer, c.ID, 1, ids[0], EditDraft{words, words}, &seen)
		}
		h.must(edit("first", time.Time{}))
		h.refuses(errs.Conflict, edit("second", time.Time{}), "edited by somebody who saw no edit")
		m, err := h.MessageOf(ctx, h.officer, c.ID, 1, ids[0])
		h.must(err)
		if m.Edit.Subject != "first" {
			t.Errorf("the words are %q", m.Edit.Subject)
		}
		h.must(edit("second", m.Edit.EditedAt))
		h.refuses(errs.Conflict, edit("third", m.Edit.EditedAt), "edited by somebody who saw the first")
		h.must(h.EditMessage(ctx, h.officer, c.ID, 1, ids[0], EditDraft{"whatever", "there is"}))
	})
}

// A worker that has the batch this very moment may be sending the message: nothing says that it was dropped.
func TestAMessageThatIsLeavingIsNotDropped(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		ids := h.contacts(1)
		c := h.launched()
		h.write("update delivery_batch set owner = 'worker-2', lease_until = ?", start.Add(time.Minute))
		h.refuses(errs.Conflict, h.DropMessage(ctx, h.officer, c.ID, 1, ids[0], "r"), "dropped while it leaves")
		if n := h.number("select count(*) from dropped_message"); n != 0 {
			t.Error("it is said to be dropped")
		}
		h.write("update delivery_batch set owner = '', lease_until = null")
		h.must(h.DropMessage(ctx, h.officer, c.ID, 1, ids[0], "r"))
		h.settle()
		if len(h.server.Messages()) != 0 {
			t.Error("it was sent")
		}
	})
}
