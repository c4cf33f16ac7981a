package document

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// What a person may write in one comment.
const (
	maxComment = 5000 // characters
	maxQuote   = 2000
	maxName    = 120
)

// CommentInput is what somebody says of a passage. A comment has a Body, and a Quote where some words of the passage
// are meant; a suggestion has the whole passage as it should read, and a Body where a reason is given.
type CommentInput struct {
	Base       int    // the number of the revision that was read; 0 for the current one
	SegmentKey string // "" for the text as a whole, which has comments only
	Quote      string
	Near       *int // about where the quote stands, in code points: of several places the nearest is meant
	Body       string
	Suggests   bool
	Suggestion string
}

// Comment begins a thread. What is wrong with the input is errs.Invalid with the fields passage, quote, body and
// suggestion; a text that takes no comments now is errs.Conflict.
func (s *Service) Comment(ctx context.Context, by account.Actor, documentID int64, in CommentInput) (Thread, error) {
	if err := by.Require(account.CommentWrite); err != nil {
		return Thread{}, err
	}
	t := Thread{AuthorID: holder(by), Visible: true}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		d, r, err := lockCurrent(tx, documentID)
		if err != nil {
			return err
		}
		if d.Commenting == CommentingClosed {
			return errs.E(errs.Conflict, "comment.closed")
		}
		return s.begin(tx, by, d, r, &t, in)
	})
	return t, errs.Wrap("document.comment", err)
}

// begin stores a new thread with what was said first.
// wrong is what is known already to be wrong with the input.
func (s *Service) begin(tx *db.Tx, by account.Actor, d Document, r Revision, t *Thread, in CommentInput, wrong ...errs.Field) error {
	if r.Editable() != nil {
		return errs.E(errs.Conflict, "comment.frozen")
	}
	body := clean(in.Body)
	if err := t.place(tx, d, r, in, body); err != nil || len(wrong) > 0 {
		return withFields(err, wrong)
	}
	t.DocumentID, t.CreatedAt = d.ID, s.Now()
	t.State, t.WaitsFor = ThreadOpen, WaitsForEditors
	if err := insertThread(tx, t); err != nil {
		return err
	}
	c := Comment{ThreadID: t.ID, AuthorID: t.AuthorID, PublicName: t.PublicName, Body: body, Visible: true, CreatedAt: t.CreatedAt}
	if err := insertComment(tx, &c); err != nil {
		return err
	}
	return s.recordThread(tx, by.Who, d, t, "comment.started", nil,
		map[string]any{"kind": t.Kind, "quote": t.Quote, "replacement": t.Replacement, "text": body})
}

// withFields adds fields, which come first, to an error that says what is wrong with others.
func withFields(err error, fields []errs.Field) error {
	e := errs.Find(err)
	if len(fields) == 0 || err != nil && (e == nil || e.Code != errs.Invalid) {
		return err
	}
	if e != nil {
		fields = append(fields, e.Fields...)
	}
	return errs.InvalidFields(fields...)
}

// place fills in what the thread is about, in the wording that was read, and brings it to the current one. A
// suggestion on words that were changed in the meantime is errs.Conflict: it would undo what it does not know. One that
// nobody could accept is errs.Invalid.
func (t *Thread) place(tx *db.Tx, d Document, current Revision, in CommentInput, body string) error {
	now, err := wordingOf(tx, current)
	if err != nil {
		return err
	}
	base, read, err := baseOf(tx, current, in.Base)
	if err != nil {
		return err
	}
	if base.ID == current.ID {
		read = now.segments
	}
	if err := t.about(read, in, body); err != nil {
		return err
	}
	t.RevisionID, t.BegunKey, t.BegunStart = base.ID, t.SegmentKey, t.Start
	if base.ID != current.ID {
		text, _ := textOf(read, t.SegmentKey)
		t.Anchor = t.carried(newFlow(read, now.segments), begun{text, t.Start})
	}
	if t.Kind != Suggestion {
		return nil
	}
	text, err := t.applied(textOf(now.segments, t.SegmentKey))
	if err != nil {
		return errs.E(errs.Conflict, "comment.suggestion.newer")
	}
	return acceptable(d, now, t.SegmentKey, text)
}

// baseOf is the revision of this number with its segments, or the current one without them.
func baseOf(tx *db.Tx, current Revision, number int) (Revision, []Segment, error) {
	if number == 0 || number == current.Number {
		return current, nil, nil
	}
	base, err := revisionNumbered(tx, current.DocumentID, number)
	if db.IsNotFound(err) {
		return current, nil, nil
	}
	if err != nil {
		return base, nil, err
	}
	segments, err := segmentsOf(tx, base.ID)
	return base, segments, err
}

// about fills in what the thread is about.
func (t *Thread) about(segments []Segment, in CommentInput, body string) error {
	var wrong []errs.Field
	add := func(name, key string, args ...any) { wrong = append(wrong, errs.FieldError(name, key, args...)) }
	text, known := textOf(segments, in.SegmentKey)
	switch {
	case in.SegmentKey != "" && !known:
		add("passage", "comment.passage.unknown")
	case in.Suggests && in.SegmentKey == "":
		add("passage", "comment.passage.suggestion")
	}
	if utf8.RuneCountInString(body) > maxComment {
		add("body", "field.too_long", "Max", maxComment)
	}
	t.Kind = Remark
	if in.Suggests {
		t.Kind = Suggestion
	}
	switch {
	case len(wrong) > 0:
	case in.Suggests:
		wrong = t.suggests(in.SegmentKey, text, clean(in.Suggestion))
	default:
		if body == "" {
			add("body", "field.required")
		}
		wrong = append(wrong, t.remarksOn(in.SegmentKey, text, clean(in.Quote), in.Near)...)
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func (t *Thread) suggests(key, text, suggested string) []errs.Field {
	switch {
	case utf8.RuneCountInString(suggested) > maxSegment:
		return []errs.Field{errs.FieldError("suggestion", "field.too_long", "Max", maxSegment)}
	case isSubject(key) && strings.Contains(suggested, "\n"):
		return []errs.Field{errs.FieldError("suggestion", "field.one_line")}
	case suggested == text:
		return []errs.Field{errs.FieldError("suggestion", "comment.suggestion.same")}
	}
	t.Anchor, t.Replacement = smallestChange(text, suggested)
	t.SegmentKey = key
	return nil
}

func (t *Thread) remarksOn(key, text, quote string, near *int) []errs.Field {
	t.Anchor = Anchor{SegmentKey: key, Length: utf8.RuneCountInString(text)}
	if quote == "" {
		return nil
	}
	if utf8.RuneCountInString(quote) > maxQuote {
		return []errs.Field{errs.FieldError("quote", "field.too_long", "Max", maxQuote)}
	}
	places := occurrences(text, quote)
	if len(places) == 0 {
		if same := sameWords(text, quote); same != "" {
			quote, places = same, occurrences(text, same)
		}
	}
	switch {
	case len(places) == 0:
		if alike := nearest(text, quote); alike != "" {
			return []errs.Field{errs.FieldError("quote", "comment.quote.nearest", "Text", alike)}
		}
		return []errs.Field{errs.FieldError("quote", "comment.quote.absent")}
	case len(places) > 1 && near == nil:
		return []errs.Field{errs.FieldError("quote", "comment.quote.several")}
	}
	at := places[0]
	for _, p := range places {
		if near != nil && max(p-*near, *near-p) < max(at-*near, *near-at) {
			at = p
		}
	}
	t.Quote, t.Start, t.Length = quote, at, utf8.RuneCountInString(quote)
	return nil
}

// SetCommenting says who may comment on a document.
func (s *Service) SetCommenting(ctx context.Context, by account.Actor, documentID int64, to Commenting) error {
	if err := by.Require(account.DocumentFreeze); err != nil {
		return err
	}
	if !to.Valid() {
		return errs.InvalidFields(errs.FieldError("commenting", "field.choice"))
	}
	return errs.Wrap("document.set_commenting", s.DB.Write(ctx, func(tx *db.Tx) error {
		d, err := orNotFound(lockDocument(tx, documentID))
		if err != nil || d.Commenting == to {
			return err
		}
		before := d.Commenting
		d.Commenting = to
		if err := saveCommenting(tx, &d); err != nil {
			return err
		}
		return s.record(tx, by.Who, d, "document.commenting", map[string]any{"commenting": before}, map[string]any{"commenting": to})
	}))
}

// moveAnchors brings the open threads of a document through an edit.
func moveAnchors(tx *db.Tx, documentID int64, before, after []Segment) error {
	open, err := openThreadsOf(tx, documentID)
	if err != nil || len(open) == 0 {
		return err
	}
	texts, err := begunFrom(tx, open)
	if err != nil {
		return err
	}
	f := newFlow(before, after)
	for _, t := range open {
		moved := t.carried(f, begun{texts[t.ID], t.BegunStart})
		if moved == t.Anchor {
			continue
		}
		t.Anchor = moved
		if err := saveAnchor(tx, &t); err != nil {
			return err
		}
	}
	return nil
}
