package document

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Clashes says what Edit with the same arguments would meet: the number of the current revision, and
// the places that it and these changes both touched.
func (s *Service) Clashes(ctx context.Context, by account.Actor, documentID int64, baseNumber int, changes Changes) (int, []EditClash, error) {
	if err := by.Require(account.DocumentWrite); err != nil {
		return 0, nil, err
	}
	tx := s.DB.Read(ctx)
	d, err := orNotFound(documentByID(tx, documentID))
	if err != nil {
		return 0, nil, errs.Wrap("document.clashes", err)
	}
	current, err := orNotFound(currentRevision(tx, documentID))
	if err != nil {
		return 0, nil, errs.Wrap("document.clashes", err)
	}
	_, clashes, err := combine(tx, d, current, baseNumber, changes)
	return current.Number, clashes, errs.Wrap("document.clashes", err)
}

// combine applies changes to the revision that they were made from, and brings them together with
// what was saved since.
func combine(tx *db.Tx, d Document, current Revision, baseNumber int, changes Changes) (wording, []EditClash, error) {
	now, err := wordingOf(tx, current)
	if err != nil {
		return wording{}, nil, err
	}
	if changes.Since != nil {
		return changes.sinceThen(d, now)
	}
	if baseNumber == current.Number {
		after, err := changes.apply(d, now)
		return after, nil, err
	}
	_, base, err := wordingNumbered(tx, d.ID, baseNumber)
	if errs.Is(err, errs.NotFound) { // made from nothing that was ever saved
		return wording{}, nil, errs.E(errs.Conflict, "document.edit.no_revision", "Number", baseNumber, "Current", current.Number)
	}
	if err == nil && changes.Alone {
		return wording{}, nil, errs.E(errs.Conflict, "document.edit.newer", "Number", current.Number)
	}
	if err != nil {
		return wording{}, nil, err
	}
	mine, err := changes.apply(d, base)
	if err != nil {
		return wording{}, nil, err
	}
	chosen, err := changes.stillMeant(tx, d, current, base, now, mine)
	if err != nil {
		return wording{}, nil, err
	}
	return mergeWordings(d.Kind, base, now, mine, chosen)
}

// sinceThen brings changes that were made outside of the document together with what stands in it.
func (c Changes) sinceThen(d Document, now wording) (wording, []EditClash, error) {
	base, err := c.Since.build(now)
	if err != nil {
		return wording{}, nil, err
	}
	mine, err := c.apply(d, base)
	if err != nil {
		return wording{}, nil, err
	}
	return mergeWordings(d.Kind, base, now, mine, c.Chosen)
}

// stillMeant leaves out what was chosen about a wording that was edited once more since it was seen.
func (c Changes) stillMeant(tx *db.Tx, d Document, current Revision, base, now, mine wording) (map[string]Choice, error) {
	if len(c.Chosen) == 0 || c.Seen == current.Number {
		return c.Chosen, nil
	}
	_, seen, err := wordingNumbered(tx, d.ID, c.Seen)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, then, err := mergeWordings(d.Kind, base, seen, mine, nil)
	if err != nil {
		return nil, err
	}
	_, today, err := mergeWordings(d.Kind, base, now, mine, nil)
	if err != nil {
		return nil, err
	}
	met := make(map[string]EditClash, len(then))
	for _, clash := range then {
		met[clash.Key] = clash
	}
	chosen := map[string]Choice{}
	for _, clash := range today {
		if choice, ok := c.Chosen[clash.Key]; ok && met[clash.Key] == clash {
			chosen[clash.Key] = choice
		}
	}
	return chosen, nil
}

func wordingOf(tx *db.Tx, r Revision) (wording, error) {
	segments, err := segmentsOf(tx, r.ID)
	return wording{structure: r.Structure, segments: segments}, err
}

// wordingNumbered reads a revision as it was; errs.NotFound where the document has none of this number.
func wordingNumbered(tx *db.Tx, documentID int64, number int) (r Revision, w wording, err error) {
	if r, err = orNotFound(revisionNumbered(tx, documentID, number)); err == nil {
		w, err = wordingOf(tx, r)
	}
	return r, w, err
}
