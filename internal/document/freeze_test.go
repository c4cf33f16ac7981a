package document_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

// at moves the clock of the texts.
func (h *house) at(t time.Time) { h.Now = func() time.Time { return t } }

// freezeOn sets the day on which a text is frozen, anywhere on earth.
func (h *house) freezeOn(id int64, day string) time.Time {
	h.t.Helper()
	at, err := cycle.EndOfDay(day, cycle.AoE)
	h.must(err)
	_, err = h.SetFreezeDate(h.ctx, h.officer, id, document.FreezeDate{On: day, Zone: cycle.AoE, At: at})
	h.must(err)
	return at
}

func (h *house) current(id int64) document.Revision {
	h.t.Helper()
	r, err := h.CurrentRevision(h.ctx, id)
	h.must(err)
	return r
}

// The worker freezes at the end of the day and not before, and once, however often it runs.
func TestATextIsFrozenOnItsDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		made, err := h.Create(h.ctx, h.officer, h.cycleID, document.FollowUp, "later", "en", document.Message{Subject: "Later", Body: "b"})
		h.must(err)
		other := made.ID
		end := h.freezeOn(doc.ID, "2017-08-15")
		h.freezeOn(other, "2017-08-20")
		h.at(end.Add(-time.Second))
		h.must(h.FreezeDue(h.ctx))
		if r := h.current(doc.ID); r.State != document.OpenForComment {
			t.Fatalf("frozen before its time: %+v", r)
		}
		h.at(end)
		var all sync.WaitGroup
		for range 4 { // workers that wake together, or one that was killed and runs again
			all.Go(func() {
				if err := h.FreezeDue(h.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		r := h.current(doc.ID)
		if r.State != document.Frozen || r.FrozenAt == nil || !r.FrozenAt.Equal(end) || r.FrozenBy == nil || *r.FrozenBy != h.officer.ID {
			t.Errorf("%+v", r)
		}
		if got, err := h.ByID(h.ctx, doc.ID); err != nil || got.FreezeAt != nil {
			t.Errorf("the day has not done its work: %+v %v", got, err)
		}
		if r := h.current(other); r.State != document.OpenForComment {
			t.Errorf("the other text is %s", r.State)
		}
		want := []string{"document.created", "document.created", "document.freeze_date_set", "document.freeze_date_set", "document.frozen"}
		if diff := cmp.Diff(want, h.actions("document")); diff != "" {
			t.Error(diff)
		}
		// Reopened, it stays open until somebody freezes it or sets another day.
		_, err = h.Reopen(h.ctx, h.officer, doc.ID, "a date is wrong")
		h.must(err)
		h.must(h.FreezeDue(h.ctx))
		if r := h.current(doc.ID); r.State != document.OpenForComment {
			t.Errorf("the reopened text is %s", r.State)
		}
	})
}

// What cannot be frozen is told, kept open, and frozen as soon as the places are mended.
func TestAPlaceHoldsFreezingUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		edit := func(text string) {
			t.Helper()
			_, err := h.Edit(h.ctx, h.officer, doc.ID, h.current(doc.ID).Number, document.Changes{Segments: map[string]string{"p3": text}})
			h.must(err)
		}
		edit("See [link to be completed] and [TBD]")
		end := h.freezeOn(doc.ID, "2017-08-15")
		overdue := func() []document.Overdue {
			t.Helper()
			all, err := h.Overdue(h.ctx, h.officer, h.cycleID)
			h.must(err)
			return all
		}
		if all := overdue(); len(all) != 0 {
			t.Errorf("overdue before its time: %+v", all)
		}
		h.at(end.Add(time.Hour))
		for range 3 {
			h.must(h.FreezeDue(h.ctx))
		}
		if all := overdue(); len(all) != 1 || all[0].Document.ID != doc.ID || all[0].Title != "Call for contributions" || len(all[0].Places) != 2 {
			t.Errorf("overdue %+v", all)
		}
		edit("See https://www.example.org/ and [TBD]")
		h.must(h.FreezeDue(h.ctx))
		edit("See https://www.example.org/")
		if all := overdue(); len(all) != 0 {
			t.Errorf("nothing holds it up: %+v", all)
		}
		h.must(h.FreezeDue(h.ctx))
		if r := h.current(doc.ID); r.State != document.Frozen || r.Number != 4 {
			t.Errorf("%+v", r)
		}
		refused := 0
		for _, action := range h.actions("document") {
			if action == "document.freeze_refused" {
				refused++
			}
		}
		if refused != 2 {
			t.Errorf("%d refusals in the trail, want one for each wording that was refused", refused)
		}
		if _, err := h.Overdue(h.ctx, h.translator, h.cycleID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a translator asks what is overdue: %v", err)
		}
	})
}

func TestTheDayOfFreezing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		set := func(by account.Actor, at time.Time) error {
			_, err := h.SetFreezeDate(h.ctx, by, doc.ID, document.FreezeDate{On: "2017-08-15", Zone: "aoe", At: at})
			return err
		}
		if err := set(h.officer, now); !errs.Is(err, errs.Invalid) || errs.FieldsOf(err)[0].Name != "on_date" {
			t.Errorf("a day that is over: %v", err)
		}
		if err := set(h.volunteer, now); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer: %v", err)
		}
		h.freezeOn(doc.ID, "2017-08-15")
		h.freezeOn(doc.ID, "2017-08-16")
		end := h.freezeOn(doc.ID, "2017-08-16")
		if got, err := h.ClearFreezeDate(h.ctx, h.officer, doc.ID); err != nil || got.FreezeAt != nil || got.FreezeOn != "" {
			t.Errorf("%+v %v", got, err)
		}
		h.at(end)
		h.must(h.FreezeDue(h.ctx))
		if r := h.current(doc.ID); r.State != document.OpenForComment {
			t.Errorf("frozen on a day that was taken back")
		}
		_, err := h.Freeze(h.ctx, h.officer, doc.ID)
		h.must(err)
		if err := set(h.officer, end.Add(time.Hour)); !errs.Is(err, errs.Conflict) {
			t.Errorf("a day for a frozen text: %v", err)
		}
		if _, err := h.ClearFreezeDate(h.ctx, h.officer, doc.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("no day for a frozen text: %v", err)
		}
		want := []string{"document.created", "document.freeze_date_set", "document.freeze_date_set", "document.freeze_date_cleared", "document.frozen"}
		if diff := cmp.Diff(want, h.actions("document")); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever anybody does after a wording went out, by the use cases or past them, it stays word for word.
func TestWhatIsSentStaysForEver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _ := h.approved()
		frozen, err := h.Freeze(h.ctx, h.officer, doc.ID)
		h.must(err)
		h.must(d.Write(h.ctx, func(tx *db.Tx) error { return h.MarkSent(tx, h.officer.Who, frozen.ID) }))
		was, err := h.Mail(h.ctx, frozen.ID, "es", "")
		h.must(err)
		source, err := h.Wording(h.ctx, h.officer, doc.ID, 1)
		h.must(err)

		if _, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p1": "Other"}}); !errs.Is(err, errs.Conflict) {
			t.Errorf("edited: %v", err)
		}
		next, err := h.Reopen(h.ctx, h.officer, doc.ID, "one more word")
		h.must(err)
		_, err = h.Edit(h.ctx, h.officer, doc.ID, next.Number, document.Changes{Content: document.Message{Subject: "New", Body: "All is new"}})
		h.must(err)
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p3": "An edit of what was sent"}})
		if err != nil && !errs.Is(err, errs.Conflict) {
			t.Error(err)
		}
		for _, statement := range []string{
			"update segment set text = 'x' where revision_id = ?",
			"update segment set key = key || 'x' where revision_id = ?",
			"delete from segment where revision_id = ?",
			"insert into segment (revision_id, key, position, kind, text) values (?, 'p99', 99, 'text', 'x')",
			"update segment set revision_id = (select max(id) from revision), key = key || 'y' where revision_id = ?",
			"update revision set structure = 'x' where id = ?",
			"update revision set number = 99 where id = ?",
			"update revision set state = 'open_for_comment' where id = ?",
			"update revision set state = 'frozen' where id = ?",
			"delete from revision where id = ?",
			"update translation_segment set text = 'x' where translation_id = (select id from translation where revision_id = ?)",
			"delete from translation_segment where translation_id = (select id from translation where revision_id = ?)",
		} {
			err := d.Write(h.ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(statement, frozen.ID)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "stays as it is") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if after, err := h.Mail(h.ctx, frozen.ID, "es", ""); err != nil || !cmp.Equal(was, after) {
			t.Errorf("the Spanish mail is now %+v, %v", after, err)
		}
		if after, err := h.Wording(h.ctx, h.officer, doc.ID, 1); err != nil || !cmp.Equal(source.Segments, after.Segments) {
			t.Errorf("the source is now %+v, %v", after.Segments, err)
		}
	})
}

// An open comment forbids freezing; a reason overrides it, and nothing else.
func TestFreezingDespiteComments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		h.comment(h.volunteer, doc.ID, document.CommentInput{SegmentKey: "p3", Body: "Too short."})
		names := func(err error) []string {
			t.Helper()
			var all []string
			for _, f := range errs.FieldsOf(err) {
				all = append(all, f.Name)
			}
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%v", err)
			}
			return all
		}
		freeze := func(by account.Actor, reason string) error {
			_, err := h.FreezeDespite(h.ctx, by, doc.ID, reason)
			return err
		}
		_, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p3": "Thank you [TBD]."}})
		h.must(err)
		if diff := cmp.Diff([]string{"p3", "override"}, names(freeze(h.officer, " "))); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"p3"}, names(freeze(h.officer, "It goes out today."))); diff != "" {
			t.Error(diff)
		}
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 2, document.Changes{Segments: map[string]string{"p3": "Thank you."}})
		h.must(err)
		if diff := cmp.Diff([]string{"override"}, names(freeze(h.officer, ""))); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"override"}, names(freeze(h.officer, strings.Repeat("x", 1001)))); diff != "" {
			t.Error(diff)
		}
		if err := freeze(h.lead, "I say so."); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by a lead: %v", err)
		}
		// The worker overrides nothing.
		h.at(h.freezeOn(doc.ID, "2017-08-15"))
		h.must(h.FreezeDue(h.ctx))
		if all, err := h.Overdue(h.ctx, h.officer, h.cycleID); err != nil || len(all) != 1 || all[0].Comments != 1 || len(all[0].Places) != 0 {
			t.Errorf("overdue %+v: %v", all, err)
		}
		h.must(freeze(h.officer, "It goes out today."))
		past, err := h.History(h.ctx, h.officer, doc.ID)
		h.must(err)
		if r := past.Revisions[0]; r.State != document.Frozen || r.FreezeReason != "It goes out today." {
			t.Errorf("%+v", r)
		}
		events, err := audit.NewTrail(h.db).List(h.ctx, audit.Filter{ObjectKind: "document", Limit: 1})
		h.must(err)
		if e := events[0]; e.Action != "document.frozen" || !strings.Contains(e.After, `"reason":"It goes out today."`) || !strings.Contains(e.After, `"open_comments":1`) {
			t.Errorf("the trail says %+v", e)
		}
	})
}
