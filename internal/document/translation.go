package document

import (
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// TranslationState is how far a translation has come.
type TranslationState string

// The states: missing → claimed → draft → in_review → approved → (source edited) stale.
// A translation that nobody has claimed is Missing. It has a row only where somebody handed it back: what they
// wrote waits for whoever takes it on next.
const (
	Missing  TranslationState = "missing"
	Claimed  TranslationState = "claimed"
	Draft    TranslationState = "draft"
	InReview TranslationState = "in_review"
	Approved TranslationState = "approved"
	Stale    TranslationState = "stale"
)

// TranslationStates lists them in their order.
func TranslationStates() []TranslationState {
	return []TranslationState{Missing, Claimed, Draft, InReview, Approved, Stale}
}

// Translation is a revision in one more language.
type Translation struct {
	ID           int64
	RevisionID   int64
	Locale       string // BCP 47
	Edition      int    // from 1: an approved translation is never changed, what corrects it is its next edition
	State        TranslationState
	Reason       string // why a correction was begun
	TranslatorID *int64
	ReviewerID   *int64
	ReviewNote   string // what the reviewer wrote when sending it back
	ClaimedAt    *time.Time
	SubmittedAt  *time.Time
	ApprovedAt   *time.Time
	UpdatedAt    time.Time
}

// TranslationSegment is the translation of one segment. SourceHash stands for the wording it was
// made from; Stale says that this wording is no longer the source's. AuthorID is who wrote it.
type TranslationSegment struct {
	TranslationID int64
	Key           string
	Text          string
	SourceHash    string
	Stale         bool
	AuthorID      *int64
	Imported      bool // it came from a file of its author, and was not edited here since
}

// Claim gives the translation to one translator: a missing one, or one that the source has left behind.
func (t *Translation) Claim(by account.Actor, now time.Time) error {
	if t.State != Missing && t.State != Stale {
		return t.illegal(Claimed)
	}
	t.State, t.TranslatorID, t.ReviewerID, t.ClaimedAt, t.UpdatedAt = Claimed, holder(by), nil, &now, now
	t.SubmittedAt, t.ApprovedAt = nil, nil
	return nil
}

// Save makes a draft of what the translator has so far.
func (t *Translation) Save(by account.Actor, now time.Time) error {
	switch t.State {
	case Claimed, Draft, Stale:
	default:
		return t.illegal(Draft)
	}
	if !t.isBy(by) {
		return errs.E(errs.Forbidden, "document.translation.not_yours")
	}
	t.State, t.UpdatedAt = Draft, now
	t.SubmittedAt, t.ApprovedAt, t.ReviewerID = nil, nil, nil
	return nil
}

// Release hands the translation back; what was written stays for the next translator.
func (t *Translation) Release(by account.Actor, now time.Time) error {
	if t.State != Claimed && t.State != Draft {
		return t.illegal(Missing)
	}
	if !t.isBy(by) {
		return errs.E(errs.Forbidden, "document.translation.not_yours")
	}
	return t.free(now)
}

// Relieve takes the translation from its translator, as Release gives it back.
func (t *Translation) Relieve(now time.Time) error {
	if t.State != Claimed && t.State != Draft {
		return t.illegal(Missing)
	}
	return t.free(now)
}

func (t *Translation) free(now time.Time) error {
	t.State, t.TranslatorID, t.ClaimedAt, t.UpdatedAt = Missing, nil, nil, now
	return nil
}

// Submit hands the draft to whoever reviews it.
func (t *Translation) Submit(by account.Actor, now time.Time) error {
	if t.State != Draft {
		return t.illegal(InReview)
	}
	if !t.isBy(by) {
		return errs.E(errs.Forbidden, "document.translation.not_yours")
	}
	t.State, t.SubmittedAt, t.UpdatedAt, t.ReviewNote = InReview, &now, now, ""
	return nil
}

// Approve lets the translation be used. Nobody approves their own.
func (t *Translation) Approve(by account.Actor, now time.Time) error {
	if err := t.review(by, Approved); err != nil {
		return err
	}
	t.State, t.ReviewerID, t.ApprovedAt, t.UpdatedAt = Approved, holder(by), &now, now
	return nil
}

// Withdraw takes the translation back from review, for who handed it in.
func (t *Translation) Withdraw(by account.Actor, now time.Time) error {
	if t.State != InReview {
		return t.illegal(Draft)
	}
	if !t.isBy(by) {
		return errs.E(errs.Forbidden, "document.translation.not_yours")
	}
	t.State, t.SubmittedAt, t.UpdatedAt = Draft, nil, now
	return nil
}

// SendBack returns the translation to its translator with a note.
func (t *Translation) SendBack(by account.Actor, note string, now time.Time) error {
	if err := t.review(by, Draft); err != nil {
		return err
	}
	t.State, t.ReviewerID, t.ReviewNote, t.SubmittedAt, t.UpdatedAt = Draft, holder(by), note, nil, now
	return nil
}

// MakeStale says that the source was edited after the translator handed the translation in.
func (t *Translation) MakeStale(now time.Time) error {
	if t.State != InReview && t.State != Approved {
		return t.illegal(Stale)
	}
	t.State, t.UpdatedAt = Stale, now
	return nil
}

// Return undoes MakeStale where the edit was taken back before anybody worked on the translation.
func (t *Translation) Return(now time.Time) error {
	if t.State != Stale {
		return t.illegal(Approved)
	}
	t.State, t.UpdatedAt = InReview, now
	if t.ApprovedAt != nil {
		t.State = Approved
	}
	return nil
}

// Correct begins the next edition of an approved translation. Readers keep the approved words until it is approved.
func (t *Translation) Correct(by account.Actor, reason string, now time.Time) (Translation, error) {
	if t.State != Approved {
		return Translation{}, errs.E(errs.Conflict, "document.correction.not_approved")
	}
	return Translation{
		RevisionID: t.RevisionID, Locale: t.Locale, Edition: t.Edition + 1, State: Claimed, Reason: reason,
		TranslatorID: holder(by), ClaimedAt: &now, UpdatedAt: now,
	}, nil
}

// Drop is nil where a correction may be given up: by who holds it, and by anybody who translates once it was handed
// back. An officer may drop whatever is not in review.
func (t *Translation) Drop(by account.Actor) error {
	switch {
	case t.Edition < 2, t.State == Approved, t.State == InReview:
		return errs.E(errs.Conflict, "document.correction.not_open")
	case t.TranslatorID == nil, t.isBy(by), by.May(account.TranslationRelieve):
		return nil
	}
	return errs.E(errs.Forbidden, "document.translation.not_yours")
}

func (t *Translation) review(by account.Actor, to TranslationState) error {
	if t.State != InReview {
		return t.illegal(to)
	}
	if t.isBy(by) {
		return errs.E(errs.Forbidden, "document.translation.own_review")
	}
	return nil
}

func (t *Translation) isBy(by account.Actor) bool {
	return by.ID != 0 && t.TranslatorID != nil && *t.TranslatorID == by.ID
}

func (t *Translation) illegal(to TranslationState) error {
	return errs.E(errs.Conflict, "document.translation.illegal_move."+string(to))
}

// carry brings the segments of a translation to a new wording of the source. Untouched segments
// stay as they are, touched ones are stale, those that the source dropped are gone. complete says
// whether a text made of them would be whole and current.
func carry(source []Segment, translated []TranslationSegment) (kept []TranslationSegment, complete bool) {
	had := make(map[string]TranslationSegment, len(translated))
	for _, s := range translated {
		had[s.Key] = s
	}
	complete = true
	for _, s := range source {
		if !s.Translatable() {
			continue
		}
		t, ok := had[s.Key]
		if !ok {
			complete = false
			continue
		}
		t.Stale = t.SourceHash != sourceHash(s.Text)
		complete = complete && !t.Stale && t.Text != ""
		kept = append(kept, t)
	}
	return kept, complete
}

// follow brings the state of a translation to a new wording of the source, of which it is complete or not. A text
// that is stale was handed in, and nobody has worked on it since: where the source is again what it was, so is the state.
func (t *Translation) follow(complete bool, now time.Time) error {
	switch {
	case !complete && (t.State == InReview || t.State == Approved):
		return t.MakeStale(now)
	case complete && t.State == Stale:
		return t.Return(now)
	}
	return nil
}
