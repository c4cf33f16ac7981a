package document

import (
	"context"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Changes are what an editor did. Either Content is a whole new content, or Segments are new texts
// by key; in a questionnaire Steps change the structure after that, and AddReading comes on top.
type Changes struct {
	Content    Content
	Segments   map[string]string
	Steps      []Step
	AddReading []Link
	Note       string            // why, for the list of revisions
	Chosen     map[string]Choice // how places end that somebody else changed meanwhile, by the keys of their clashes
	Seen       int               // the revision against which they were chosen
	Removing   []string          // what a new questionnaire may take out, as Replacement.Removed names it
	RemoveAny  bool              // it may take out whatever it does not have
	Since      Content           // what they were made from, where that was no revision; nil: the one that is named
	Alone      bool              // refused where anybody else saved meanwhile: it takes the place of all that there is
}

// Edit makes a new revision out of the one with this number, and brings the translations along.
// Where the document has moved on since, what only one side touched comes from that side; while
// something is left that both touched, the error is errs.Conflict with a field for each such place
// (Clashes tells more), and the revision returned is the newer one. Changes that change nothing make no revision.
func (s *Service) Edit(ctx context.Context, by account.Actor, documentID int64, baseNumber int, changes Changes) (Revision, error) {
	if err := by.Require(account.DocumentWrite); err != nil {
		return Revision{}, err
	}
	if err := changes.checkVariants(); err != nil {
		return Revision{}, err
	}
	var r Revision
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		d, current, err := lockCurrent(tx, documentID)
		if err != nil {
			return err
		}
		r = current
		return s.editFrom(tx, by, d, &r, baseNumber, changes, "")
	})
	return r, errs.Wrap("document.edit", err)
}

// editCurrent makes a new revision out of the current one, which it replaces in r where something was changed.
// credit names whose suggestion it takes up, "" for nobody's.
func (s *Service) editCurrent(tx *db.Tx, by account.Actor, d Document, r *Revision, changes Changes, credit string) error {
	return s.editFrom(tx, by, d, r, r.Number, changes, credit)
}

// editFrom is editCurrent for changes that were made from the revision with this number.
func (s *Service) editFrom(tx *db.Tx, by account.Actor, d Document, r *Revision, baseNumber int, changes Changes, credit string) error {
	current := *r
	if err := current.Editable(); err != nil {
		return err
	}
	before, err := wordingOf(tx, current)
	if err != nil {
		return err
	}
	after, clashes, err := combine(tx, d, current, baseNumber, changes)
	switch {
	case err != nil:
		return err
	case len(clashes) > 0:
		return clashError(current.Number, clashes)
	case same(before, after):
		return nil
	}
	if err := changes.mayRemove(before, after); err != nil {
		return err
	}
	note := clean(changes.Note)
	if utf8.RuneCountInString(note) > maxReason {
		return errs.InvalidFields(errs.FieldError("note", "field.too_long", "Max", maxReason))
	}
	*r = s.successor(current, by, note)
	r.Credit = credit
	return s.putEdit(tx, by.Who, d, current, r, before, after)
}

// putEdit stores the new wording. The trail says too when the last place was filled in that forbade freezing.
func (s *Service) putEdit(tx *db.Tx, by audit.Who, d Document, old Revision, r *Revision, before, after wording) error {
	if err := putRevision(tx, r, after); err != nil {
		return err
	}
	if err := s.carryTranslations(tx, by, d, old.ID, r.ID, after.segments); err != nil {
		return err
	}
	if err := moveAnchors(tx, d.ID, before.segments, after.segments); err != nil {
		return err
	}
	was, is := difference(before.segments, after.segments)
	err := s.record(tx, by, d, "document.edited", map[string]any{"revision": old.Number, "segments": was},
		map[string]any{"revision": r.Number, "segments": is})
	if err != nil || len(problemsOf(before.segments)) == 0 || len(problemsOf(after.segments)) > 0 {
		return err
	}
	return s.record(tx, by, d, "document.completed", nil, map[string]any{"revision": r.Number})
}

// apply makes the new wording.
func (c Changes) apply(d Document, before wording) (wording, error) {
	if err := c.check(d, before); err != nil {
		return wording{}, err
	}
	if c.Content != nil {
		if !c.Content.fits(d.Kind) {
			return wording{}, errs.InvalidFields(errs.FieldError("kind", "document.content_does_not_fit"))
		}
		if definition, ok := c.Content.(Definition); ok {
			return definition.replace(d, before)
		}
		return c.Content.build(before)
	}
	if d.Kind != Survey {
		return revise(before, c.Segments)
	}
	texts := textsOf(before.segments)
	maps.Copy(texts, c.Segments)
	st, err := readSurvey(before.structure, texts)
	if err != nil {
		return wording{}, err
	}
	if err := st.take(c.Steps); err != nil {
		return wording{}, err
	}
	return st.withReading(c.AddReading).build(before)
}

func (c Changes) check(d Document, before wording) error {
	known := textsOf(before.segments)
	var wrong []errs.Field
	for _, key := range slices.Sorted(maps.Keys(c.Segments)) {
		if _, ok := known[key]; !ok && (d.Kind == Survey || !isPart(key)) {
			wrong = append(wrong, errs.FieldError(key, "document.segment.unknown", "Key", key))
		}
		if utf8.RuneCountInString(c.Segments[key]) > maxSegment {
			wrong = append(wrong, errs.FieldError(key, "field.too_long", "Max", maxSegment))
		}
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// carryTranslations copies every translation of a revision to the one that follows it, where those
// that the edit touched become stale, and those of a passage that came back come back too.
func (s *Service) carryTranslations(tx *db.Tx, by audit.Who, d Document, from, to int64, source []Segment) error {
	all, err := translationsOf(tx, from)
	if err != nil {
		return err
	}
	for _, t := range living(all) {
		had, err := translated(tx, t.ID)
		if err != nil {
			return err
		}
		kept, complete := carry(source, had)
		if kept, complete, err = bringBack(tx, d.ID, t, source, kept, complete); err != nil {
			return err
		}
		before := t.State
		t.ID, t.RevisionID = 0, to
		if err := t.follow(complete, s.Now()); err != nil {
			return err
		}
		if err := insertTranslation(tx, &t); err != nil {
			return err
		}
		if err := putTranslated(tx, t.ID, kept); err != nil {
			return err
		}
		if before == t.State {
			continue
		}
		action := "translation.stale"
		if before == Stale {
			action = "translation.returned"
		}
		if err := s.recordTranslation(tx, by, d, t, action, before, nil); err != nil {
			return err
		}
	}
	return nil
}

func same(a, b wording) bool {
	return a.structure == b.structure && slices.EqualFunc(a.segments, b.segments, func(x, y Segment) bool {
		return x.Key == y.Key && x.Kind == y.Kind && x.Text == y.Text
	})
}

// difference is, for the trail, the texts that were changed, added or dropped.
func difference(before, after []Segment) (was, is map[string]string) {
	was, is = map[string]string{}, map[string]string{}
	old := textsOf(before)
	for _, s := range after {
		if text, ok := old[s.Key]; !ok || text != s.Text {
			is[s.Key] = s.Text
		}
	}
	now := textsOf(after)
	for _, s := range before {
		if text, ok := now[s.Key]; !ok || text != s.Text {
			was[s.Key] = s.Text
		}
	}
	return was, is
}
