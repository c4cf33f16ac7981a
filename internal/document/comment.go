package document

import (
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Commenting says who may comment on a document.
type Commenting string

// Who may comment: nobody, everybody with an account, or the public as well.
const (
	CommentingClosed  Commenting = "closed"
	CommentingMembers Commenting = "members"
	CommentingPublic  Commenting = "public"
)

// Commentings lists them in display order.
func Commentings() []Commenting {
	return []Commenting{CommentingMembers, CommentingPublic, CommentingClosed}
}

// Valid says whether it is one of Commentings.
func (c Commenting) Valid() bool { return slices.Contains(Commentings(), c) }

// ThreadKind says what a thread is.
type ThreadKind string

// The kinds of threads.
const (
	Remark     ThreadKind = "comment"
	Suggestion ThreadKind = "suggestion" // other words for a passage, to be accepted as they are
)

// ThreadState is what became of a thread.
type ThreadState string

// The states: open → accepted | declined | answered. A decided thread stays as it is.
const (
	ThreadOpen     ThreadState = "open"
	ThreadAccepted ThreadState = "accepted"
	ThreadDeclined ThreadState = "declined"
	ThreadAnswered ThreadState = "answered"
)

// ThreadStates lists them in display order.
func ThreadStates() []ThreadState {
	return []ThreadState{ThreadOpen, ThreadAccepted, ThreadDeclined, ThreadAnswered}
}

// Whom an open thread waits for.
const (
	WaitsForEditors = "editors"
	WaitsForAuthor  = "author" // an editor asked back
)

// Thread is a comment or a suggested edit with what was said about it.
type Thread struct {
	ID         int64
	DocumentID int64
	RevisionID int64  // the wording that it was made about
	BegunKey   string // the passage in that wording
	BegunStart int    // and where the quote stood in it
	Kind       ThreadKind
	Anchor
	Replacement       string // of a suggestion: what is to stand in the place of the quote
	State             ThreadState
	WaitsFor          string
	Reason            string // why it was declined, or hidden
	AuthorID          *int64
	PublicName        string // of an author without an account
	PublicEmail       string // and where they hear of the outcome, "" where they left no address
	PublicLanguage    string
	Visible           bool // one from the public waits until an editor lets it be seen
	CreatedAt         time.Time
	DecidedBy         *int64
	DecidedAt         *time.Time
	DecidedRevisionID *int64 // of an accepted suggestion: the wording that it made

	decider string // the name of who decided it, for whoever comes too late
}

// Comment is one thing said in a thread; the first is what began it, and may be empty in a suggestion.
type Comment struct {
	ID         int64
	ThreadID   int64
	AuthorID   *int64
	PublicName string
	Body       string
	Asks       bool // an editor asks the author of the thread
	Visible    bool // what the public says after its first comment waits like that one
	CreatedAt  time.Time
}

// Accept says that the suggestion became a part of a new wording.
func (t *Thread) Accept(by account.Actor, revisionID int64, now time.Time) error {
	if t.Kind != Suggestion {
		return errs.E(errs.Conflict, "comment.accept.no_suggestion")
	}
	t.DecidedRevisionID = &revisionID
	return t.decide(ThreadAccepted, by, "", now)
}

// Decline says that nothing comes of it, and why.
func (t *Thread) Decline(by account.Actor, reason string, now time.Time) error {
	if reason == "" && t.State == ThreadOpen {
		return errs.InvalidFields(errs.FieldError("text", "field.required"))
	}
	return t.decide(ThreadDeclined, by, reason, now)
}

// Answer says that it was answered, which changes nothing in the text.
func (t *Thread) Answer(by account.Actor, now time.Time) error {
	return t.decide(ThreadAnswered, by, "", now)
}

// Ask lets the thread wait for its author.
func (t *Thread) Ask() error {
	if t.State != ThreadOpen {
		return t.illegal()
	}
	t.WaitsFor = WaitsForAuthor
	return nil
}

// Reply notes that somebody went on with the thread: what its author says is for the editors.
func (t *Thread) Reply(by account.Actor) error {
	if t.State != ThreadOpen {
		return t.illegal()
	}
	if t.isBy(by) {
		t.WaitsFor = WaitsForEditors
	}
	return nil
}

// waitsFor says whether an editor asked the actor something.
func (t *Thread) waitsFor(by account.Actor) bool { return t.WaitsFor == WaitsForAuthor && t.isBy(by) }

// Show lets everybody see what came from the public; more says that something was said since it was shown.
func (t *Thread) Show(more bool) error {
	if t.Visible && !more {
		return errs.E(errs.Conflict, "comment.show.seen")
	}
	t.Visible = true
	return nil
}

// Hide keeps what came from the public from being seen. An open thread is declined by it.
func (t *Thread) Hide(by account.Actor, reason string, now time.Time) error {
	if t.AuthorID != nil {
		return errs.E(errs.Conflict, "comment.hide.member")
	}
	if reason == "" {
		return errs.InvalidFields(errs.FieldError("reason", "field.required"))
	}
	if t.State == ThreadOpen {
		if err := t.decide(ThreadDeclined, by, reason, now); err != nil {
			return err
		}
	}
	t.Visible, t.Reason = false, reason
	return nil
}

// Withdrawable is nil where the actor may take the thread back: its author, while nobody has answered.
func (t *Thread) Withdrawable(by account.Actor, said []Comment) error {
	switch {
	case !t.isBy(by):
		return errs.E(errs.Conflict, "comment.withdraw.not_yours")
	case t.State != ThreadOpen:
		return t.illegal()
	case slices.ContainsFunc(said, func(c Comment) bool { return c.AuthorID == nil || *c.AuthorID != by.ID }):
		return errs.E(errs.Conflict, "comment.withdraw.answered")
	}
	return nil
}

func (t *Thread) decide(to ThreadState, by account.Actor, reason string, now time.Time) error {
	if t.State != ThreadOpen {
		return t.illegal()
	}
	t.State, t.WaitsFor, t.Reason, t.DecidedBy, t.DecidedAt = to, "", reason, holder(by), &now
	return nil
}

func (t *Thread) isBy(by account.Actor) bool {
	return by.ID != 0 && t.AuthorID != nil && *t.AuthorID == by.ID
}

// author is the name of who began the thread.
func (t *Thread) author(names map[int64]string) string {
	if t.AuthorID == nil {
		return t.PublicName
	}
	return names[*t.AuthorID]
}

func (t *Thread) illegal() error {
	return errs.E(errs.Conflict, "comment.decided."+string(t.State), "Name", t.decider)
}

// clean is what somebody typed, as it is kept.
func clean(text string) string { return strings.TrimSpace(cleanText(text)) }
