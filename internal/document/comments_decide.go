package document

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Reply says something in a thread that is open. Everybody who may comment may reply.
func (s *Service) Reply(ctx context.Context, by account.Actor, threadID int64, body string) (Thread, error) {
	return s.inThread(ctx, by, account.CommentWrite, "document.reply", threadID, func(tx *db.Tx, c *deciding) error {
		if err := c.takesReplies(by); err != nil {
			return err
		}
		if err := c.thread.Reply(by); err != nil {
			return err
		}
		return s.say(tx, by, c, "comment.replied", body, false)
	})
}

// AskBack lets the thread wait for its author, with a question of an editor.
func (s *Service) AskBack(ctx context.Context, by account.Actor, threadID int64, question string) (Thread, error) {
	return s.inThread(ctx, by, account.CommentDecide, "document.ask_back", threadID, func(tx *db.Tx, c *deciding) error {
		if err := c.takesReplies(by); err != nil { // whoever is asked must be able to answer
			return err
		}
		if err := c.thread.Ask(); err != nil {
			return err
		}
		return s.say(tx, by, c, "comment.asked", question, true)
	})
}

// AnswerThread closes a thread with an answer, which changes nothing in the text.
func (s *Service) AnswerThread(ctx context.Context, by account.Actor, threadID int64, answer string) (Thread, error) {
	return s.inThread(ctx, by, account.CommentDecide, "document.answer_thread", threadID, func(tx *db.Tx, c *deciding) error {
		if err := c.thread.Answer(by, s.Now()); err != nil {
			return err
		}
		c.thread.Visible = true // it was promised that what an editor has read is shown
		if err := showComments(tx, threadID); err != nil {
			return err
		}
		return s.say(tx, by, c, "comment.answered", answer, false)
	})
}

// DeclineThread closes a thread, of which nothing comes, with the reason.
func (s *Service) DeclineThread(ctx context.Context, by account.Actor, threadID int64, reason string) (Thread, error) {
	return s.inThread(ctx, by, account.CommentDecide, "document.decline_thread", threadID, func(tx *db.Tx, c *deciding) error {
		reason := clean(reason)
		if utf8.RuneCountInString(reason) > maxComment {
			return errs.InvalidFields(errs.FieldError("text", "field.too_long", "Max", maxComment))
		}
		if err := c.thread.Decline(by, reason, s.Now()); err != nil {
			return err
		}
		return s.recordThread(tx, by.Who, c.document, &c.thread, "comment.declined", ThreadOpen, map[string]any{"reason": reason})
	})
}

// AcceptThread makes a new revision with the words that a thread suggests, credited to who suggested them. Where
// the words in their place were changed since, the error is errs.Conflict and shows them all.
func (s *Service) AcceptThread(ctx context.Context, by account.Actor, threadID int64) (Thread, error) {
	if err := by.Require(account.DocumentWrite); err != nil {
		return Thread{}, err
	}
	return s.inThread(ctx, by, account.CommentDecide, "document.accept_thread", threadID, func(tx *db.Tx, c *deciding) error {
		before := c.thread
		if err := c.thread.Accept(by, 0, s.Now()); err != nil {
			return err
		}
		text, err := before.accepted(tx, c.document, c.revision)
		if err != nil {
			return err
		}
		names, err := namesOf(tx, idsOf(before.AuthorID))
		if err != nil {
			return err
		}
		credit := before.author(names)
		r := c.revision
		changes := Changes{Segments: map[string]string{before.SegmentKey: text}}
		if err := s.editCurrent(tx, by, c.document, &r, changes, credit); err != nil {
			return err
		}
		c.thread.DecidedRevisionID, c.thread.Visible = &r.ID, true
		if err := showComments(tx, threadID); err != nil {
			return err
		}
		told := map[string]any{"revision": r.Number, "credit": credit}
		if before.AuthorID == nil {
			told["credit_public"] = true
		}
		return s.recordThread(tx, by.Who, c.document, &c.thread, "comment.accepted", ThreadOpen, told)
	})
}

// accepted is the passage with the suggestion in it. Where it cannot become the text's, the error is errs.Conflict and
// says why.
func (t *Thread) accepted(tx *db.Tx, d Document, r Revision) (string, error) {
	now, err := wordingOf(tx, r)
	if err != nil {
		return "", err
	}
	text, err := t.applied(textOf(now.segments, t.SegmentKey))
	if err != nil {
		return "", err
	}
	err = acceptable(d, now, t.SegmentKey, text)
	if e := errs.Find(err); e != nil && len(e.Fields) > 0 {
		return "", errs.E(errs.Conflict, "comment.suggestion.impossible", "Problem", &errs.Error{Code: errs.Invalid, Key: e.Fields[0].Key, Args: e.Fields[0].Args})
	}
	return text, err
}

// ShowThread lets everybody see a thread that came from the public.
func (s *Service) ShowThread(ctx context.Context, by account.Actor, threadID int64) (Thread, error) {
	return s.inThread(ctx, by, account.CommentDecide, "document.show_thread", threadID, func(tx *db.Tx, c *deciding) error {
		said, err := commentsOf(tx, threadID)
		if err != nil {
			return err
		}
		unseen := slices.ContainsFunc(said[threadID], func(c Comment) bool { return !c.Visible })
		if err := c.thread.Show(unseen); err != nil {
			return err
		}
		if err := showComments(tx, threadID); err != nil {
			return err
		}
		return s.recordThread(tx, by.Who, c.document, &c.thread, "comment.shown", nil, nil)
	})
}

// HideThread keeps a thread that came from the public from being seen, with the reason.
func (s *Service) HideThread(ctx context.Context, by account.Actor, threadID int64, reason string) (Thread, error) {
	return s.inThread(ctx, by, account.CommentDecide, "document.hide_thread", threadID, func(tx *db.Tx, c *deciding) error {
		reason := clean(reason)
		if utf8.RuneCountInString(reason) > maxComment {
			return errs.InvalidFields(errs.FieldError("reason", "field.too_long", "Max", maxComment))
		}
		before := c.thread.State
		if err := c.thread.Hide(by, reason, s.Now()); err != nil {
			return err
		}
		return s.recordThread(tx, by.Who, c.document, &c.thread, "comment.hidden", before, map[string]any{"reason": reason})
	})
}

// WithdrawThread takes back what the actor began and nobody answered. The trail keeps it.
func (s *Service) WithdrawThread(ctx context.Context, by account.Actor, threadID int64) (Thread, error) {
	if err := by.Require(account.CommentWrite); err != nil {
		return Thread{}, err
	}
	var t Thread
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := lockThread(tx, threadID)
		if err != nil {
			return err
		}
		t = c.thread
		said, err := commentsOf(tx, threadID)
		if err != nil {
			return err
		}
		if err := t.Withdrawable(by, said[threadID]); err != nil {
			return err
		}
		if err := deleteThread(tx, threadID); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "comment.withdrawn", ObjectKind: "comment", ObjectID: t.ID, CycleID: c.document.CycleID,
			Before: map[string]any{"document": c.document.Slug, "passage": t.SegmentKey, "quote": t.Quote, "replacement": t.Replacement, "text": bodies(said[threadID])},
		})
	})
	return t, errs.Wrap("document.withdraw_thread", err)
}

// takesReplies is nil where the actor may go on talking: whoever an editor asked may answer after comments are closed.
func (c *deciding) takesReplies(by account.Actor) error {
	switch {
	case c.revision.Editable() != nil:
		return errs.E(errs.Conflict, "comment.frozen")
	case c.document.Commenting == CommentingClosed && !by.May(account.CommentDecide) && !c.thread.waitsFor(by):
		return errs.E(errs.Conflict, "comment.closed")
	}
	return nil
}

// deciding is a thread on its way from one state to the next, with its document held.
type deciding struct {
	document Document
	revision Revision
	thread   Thread
	replied  bool // something was said in it
}

// inThread runs fn on a thread while nobody else changes its document, and keeps what became of it.
func (s *Service) inThread(ctx context.Context, by account.Actor, action account.Action, op string, id int64, fn func(*db.Tx, *deciding) error) (Thread, error) {
	if err := by.Require(action); err != nil {
		return Thread{}, err
	}
	var t Thread
	var told Notice
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := lockThread(tx, id)
		if err != nil {
			return err
		}
		before := c.thread
		if !c.thread.Visible && !by.May(account.CommentDecide) {
			return errs.E(errs.NotFound, "error.not_found")
		}
		if err := fn(tx, &c); err != nil {
			return err
		}
		if told, err = s.tell(tx.Context(), tx, c, newsOf(before, c.thread, c.replied)); err != nil {
			return err
		}
		if c.thread.State != ThreadOpen { // the outcome is the last thing to tell
			c.thread.PublicEmail, c.thread.PublicLanguage = "", ""
		}
		t = c.thread
		return saveThread(tx, &t)
	})
	if err == nil && told != nil {
		told.Wake(ctx)
	}
	return t, errs.Wrap(op, err)
}

// lockThread reads a thread again once its document is held, so that of two who decide it one comes second.
func lockThread(tx *db.Tx, id int64) (deciding, error) {
	var c deciding
	asked, err := thread(tx, id)
	if err != nil {
		return c, err
	}
	if c.document, c.revision, err = lockCurrent(tx, asked.DocumentID); err != nil {
		return c, err
	}
	if c.thread, err = thread(tx, id); err != nil || c.thread.DecidedBy == nil {
		return c, err
	}
	names, err := namesOf(tx, idsOf(c.thread.DecidedBy))
	c.thread.decider = names[*c.thread.DecidedBy]
	return c, err
}

// thread is the thread of this id. Where it was taken back, the error says so.
func thread(tx *db.Tx, id int64) (Thread, error) {
	t, err := threadByID(tx, id)
	if !db.IsNotFound(err) {
		return t, err
	}
	withdrawn, err := audit.Did(tx, "comment.withdrawn", "comment", id)
	if err == nil && withdrawn {
		return t, errs.E(errs.NotFound, "comment.withdrawn.meanwhile")
	}
	if err == nil {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	return t, err
}

// say adds what a member says to a thread.
func (s *Service) say(tx *db.Tx, by account.Actor, c *deciding, action, body string, asks bool) error {
	said := Comment{ThreadID: c.thread.ID, AuthorID: holder(by), Body: body, Asks: asks, Visible: true, CreatedAt: s.Now()}
	return s.put(tx, by, c, action, said)
}

// put adds a comment to a thread.
func (s *Service) put(tx *db.Tx, by account.Actor, c *deciding, action string, said Comment) error {
	said.Body = clean(said.Body)
	switch n := utf8.RuneCountInString(said.Body); {
	case n > maxComment:
		return errs.InvalidFields(errs.FieldError("text", "field.too_long", "Max", maxComment))
	case n == 0:
		return errs.InvalidFields(errs.FieldError("text", "field.required"))
	}
	if err := insertComment(tx, &said); err != nil {
		return err
	}
	c.replied = true
	return s.recordThread(tx, by.Who, c.document, &c.thread, action, nil, map[string]any{"text": said.Body})
}

func (s *Service) recordThread(tx *db.Tx, by audit.Who, d Document, t *Thread, action string, before any, more map[string]any) error {
	after := map[string]any{"document": d.Slug, "passage": t.SegmentKey, "state": t.State}
	for name, value := range more {
		if value != "" {
			after[name] = value
		}
	}
	change := audit.Change{Action: action, ObjectKind: "comment", ObjectID: t.ID, CycleID: d.CycleID, After: after}
	if before != nil {
		change.Before = map[string]any{"state": before}
	}
	return audit.Record(tx, by, s.Now(), change)
}

func idsOf(ids ...*int64) []int64 {
	var all []int64
	for _, id := range ids {
		if id != nil {
			all = append(all, *id)
		}
	}
	return all
}

func bodies(said []Comment) string {
	texts := make([]string, len(said))
	for i, c := range said {
		texts[i] = c.Body
	}
	return strings.Join(texts, "\n\n")
}
