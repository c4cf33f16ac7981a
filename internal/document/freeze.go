package document

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Obstacles are what forbids freezing a wording.
type Obstacles struct {
	Places   []errs.Field // to be completed
	Comments int          // open, without a disposition; a reason overrides them
}

// Any says whether anything forbids it.
func (o Obstacles) Any() bool { return len(o.Places) > 0 || o.Comments > 0 }

// OverrideField is the name of the field that open comments are told at.
const OverrideField = "override"

const maxReason = 1000 // characters

// refusal names every obstacle at once. reason overrides open comments, and nothing else.
func (o Obstacles) refusal(reason string) error {
	refused := &errs.Error{Code: errs.Invalid, Key: "document.freeze.refused", Args: errs.Args{"Count": len(o.Places)}, Fields: o.Places}
	if o.Comments > 0 && reason == "" {
		refused.Fields = append(refused.Fields[:len(o.Places):len(o.Places)],
			errs.FieldError(OverrideField, "document.freeze.comments", "Count", o.Comments))
	}
	switch {
	case len(refused.Fields) == 0:
		return nil
	case len(o.Places) == 0:
		refused.Key, refused.Args = "document.freeze.comments", errs.Args{"Count": o.Comments}
	}
	return refused
}

// Freeze fixes the current revision. Where a place or an open comment forbids it, the error is
// errs.Invalid with a field for every one of them; comments together are at OverrideField.
func (s *Service) Freeze(ctx context.Context, by account.Actor, documentID int64) (Revision, error) {
	return s.FreezeDespite(ctx, by, documentID, "")
}

// FreezeDespite is Freeze where comments may stay open for a reason, which is kept with the revision.
func (s *Service) FreezeDespite(ctx context.Context, by account.Actor, documentID int64, reason string) (Revision, error) {
	if err := by.Require(account.DocumentFreeze); err != nil {
		return Revision{}, err
	}
	reason = strings.TrimSpace(cleanText(reason))
	if utf8.RuneCountInString(reason) > maxReason {
		return Revision{}, errs.InvalidFields(errs.FieldError(OverrideField, "field.too_long", "Max", maxReason))
	}
	var r Revision
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		d, current, err := lockCurrent(tx, documentID)
		if err != nil {
			return err
		}
		r = current
		if err := r.Freeze(by, s.Now()); err != nil {
			return err
		}
		found, err := obstaclesOf(tx, current)
		if err != nil {
			return err
		}
		if err := found.refusal(reason); err != nil {
			return err
		}
		if found.Comments > 0 {
			r.FreezeReason = reason
		}
		return s.putFrozen(tx, by.Who, d, r, found.Comments)
	})
	return r, errs.Wrap("document.freeze", err)
}

// putFrozen stores a revision that was frozen, after which the day on which it was to be frozen has done its work.
func (s *Service) putFrozen(tx *db.Tx, by audit.Who, d Document, r Revision, comments int) error {
	if err := saveRevisionState(tx, &r); err != nil {
		return err
	}
	after := map[string]any{"revision": r.Number, "state": r.State}
	if r.FreezeReason != "" {
		after["open_comments"], after["reason"] = comments, r.FreezeReason
	}
	if d.FreezeAt != nil {
		after["freeze_on"], after["freeze_zone"] = d.FreezeOn, d.FreezeZone
		d.clearFreezeDate()
		if err := saveFreezeDate(tx, &d); err != nil {
			return err
		}
	}
	return s.record(tx, by, d, "document.frozen", map[string]any{"state": OpenForComment}, after)
}

// obstacles are those of the current wording of a document.
func obstacles(tx *db.Tx, documentID int64, segments []Segment) (Obstacles, error) {
	comments, err := openThreads(tx, documentID)
	return Obstacles{Places: problemsOf(segments), Comments: comments}, err
}

// obstaclesOf is obstacles for a revision of which the segments are not read yet.
func obstaclesOf(tx *db.Tx, r Revision) (Obstacles, error) {
	segments, err := segmentsOf(tx, r.ID)
	if err != nil {
		return Obstacles{}, err
	}
	return obstacles(tx, r.DocumentID, segments)
}
