package contribution

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Wanted is what a contributor asks to be otherwise in what is published. What is nil stays as it is.
type Wanted struct {
	Answers      Answers // those that are not named stay, an empty text takes one back
	Name         *string
	Organization *string
	Remove       []int   // numbers of the documents to be taken out
	Drop         []int64 // new documents that wait already, by their ids, and are not wanted any more
	Add          *Upload // one new document; those that wait already stay
	Replaces     int     // the number of the document whose place it takes, 0 for one more
	Note         string
}

// Propose asks for something else in place of what is published. What was asked for before and not decided is replaced, but for the new documents
// that came with it. Errors are errs.Invalid with the fields or where nothing would change, those of Attach for the document,
// errs.Conflict where the contribution is not published.
func (s *Service) Propose(ctx context.Context, by account.Actor, token string, w Wanted) (Correction, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Correction{}, err
	}
	r, err := s.right(ctx, token)
	if err != nil {
		return Correction{}, err
	}
	c, _, err := s.opened(ctx, r)
	if err != nil {
		return Correction{}, errs.Wrap("contribution.propose", err)
	}
	if w, err = s.cleanWanted(ctx, c, w); err != nil {
		return Correction{}, errs.Wrap("contribution.propose", err)
	}
	var added *Content
	if w.Add != nil {
		f, err := w.Add.read(false)
		if err != nil {
			return Correction{}, err
		}
		f.Position, added = w.Replaces, &f
	}
	var k Correction
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := byRight(tx, r, true)
		if db.IsNotFound(err) {
			return errs.E(errs.Conflict, "correction.not_published")
		}
		if err != nil {
			return err
		}
		k, err = s.propose(tx, author(by, c), c, w, added)
		return err
	})
	return k, errs.Wrap("contribution.propose", err)
}

// cleanWanted checks what was typed.
func (s *Service) cleanWanted(ctx context.Context, c Contribution, w Wanted) (Wanted, error) {
	q, err := s.Questions.Questionnaire(ctx, c.CycleID, c.Language)
	if err != nil {
		return w, err
	}
	e, err := s.checked(q, c, Entry{Answers: w.Answers})
	if err != nil {
		return w, err
	}
	w.Answers = e.Answers
	var wrong []errs.Field
	var problem string
	if w.Note, problem = cleanText(w.Note, AnswerLimit); problem != "" {
		wrong = append(wrong, errs.FieldError("note", problem, "Max", AnswerLimit))
	}
	p := Profile{Name: c.Name, Organization: c.Organization, Capacity: c.Capacity}
	if w.Name != nil {
		p.Name = *w.Name
	}
	if w.Organization != nil {
		p.Organization = *w.Organization
	}
	p, more := s.cleanProfile(p, false)
	if w.Name != nil || w.Organization != nil { // what is there may be older than its rules
		wrong = append(more, wrong...)
	}
	w.Name, w.Organization = &p.Name, &p.Organization
	if len(wrong) > 0 {
		return w, errs.InvalidFields(wrong...)
	}
	return w, nil
}

func (s *Service) propose(tx *db.Tx, who audit.Who, c Contribution, w Wanted, added *Content) (Correction, error) {
	if c.State != Published {
		return Correction{}, errs.E(errs.Conflict, "correction.not_published")
	}
	old, err := answersOf(tx, c.ID)
	if err != nil {
		return Correction{}, err
	}
	have, err := filesOf(tx, c.ID, false)
	if err != nil {
		return Correction{}, err
	}
	before, err := proposedFor(tx, c.ID)
	if err != nil {
		return Correction{}, err
	}
	answers, changed := merge(old, w.Answers)
	k := Correction{
		ContributionID: c.ID, Answers: answers, Name: *w.Name, Organization: *w.Organization, Note: w.Note, State: Proposed, ProposedAt: s.Now(),
	}
	if added, err = k.takeFiles(have, before, w, added); err != nil {
		return k, err
	}
	after := k.after(have)
	switch err := fitTogether(after); {
	case err != nil:
		return k, err
	case len(answers) == 0 && len(after) == 0:
		return k, errs.E(errs.Conflict, "contribution.empty")
	case !changed && k.Name == c.Name && k.Organization == c.Organization && len(k.Removed) == 0 && len(k.Files) == 0:
		return k, errs.InvalidFields(errs.FieldError("answers", "correction.nothing"))
	case before != nil && added == nil && k.same(*before): // pressed twice
		return *before, nil
	}
	if err := s.replaceRequest(tx, who, c, before, &k, added); err != nil {
		return k, err
	}
	return k, audit.Record(tx, who, k.ProposedAt, change(c, "correction_proposed", nil, map[string]any{
		"correction": k.ID, "answers": answers.keys(), "files": len(k.Files), "files_removed": len(k.Removed),
	}))
}

// takeFiles notes which documents the correction takes out, and which new ones come with it: those that wait already, then the one that was
// added. It gives that one back, nil where it waits already.
func (k *Correction) takeFiles(have []File, before *Correction, w Wanted, added *Content) (*Content, error) {
	if before != nil {
		k.Files = slices.DeleteFunc(slices.Clone(before.Files), func(f File) bool { return slices.Contains(w.Drop, f.ID) })
	}
	added, err := k.takeFile(have, added)
	if err != nil {
		return nil, err
	}
	k.Removed = []int{}
	for _, position := range slices.Compact(slices.Sorted(slices.Values(w.Remove))) {
		if documentAt(have, position) != nil && !k.gone(position) {
			k.Removed = append(k.Removed, position)
		}
	}
	return added, nil
}

// takeFile puts a new document behind those that wait, in place of one that was to take the same place.
func (k *Correction) takeFile(have []File, added *Content) (*Content, error) {
	if added == nil {
		return nil, nil
	}
	if added.Position != 0 {
		old := documentAt(have, added.Position)
		if old == nil {
			return nil, errs.InvalidFields(errs.FieldError("replaces", "field.choice"))
		}
		added.Question = old.Question
	}
	if slices.ContainsFunc(k.Files, func(f File) bool { return f.SHA256 == added.SHA256 && f.Position == added.Position }) {
		return nil, nil // sent twice
	}
	if added.Position != 0 {
		k.Files = slices.DeleteFunc(k.Files, func(f File) bool { return f.Position == added.Position })
	}
	k.Files = append(k.Files, added.File)
	return added, nil
}

// documentAt is the document with this number; nil where there is none.
func documentAt(all []File, position int) *File {
	if i := slices.IndexFunc(all, func(f File) bool { return f.Position == position }); i >= 0 {
		return &all[i]
	}
	return nil
}

// fitTogether says whether these documents may stand together.
func fitTogether(all []File) error {
	for i, f := range all {
		if err := fits(all[:i], Content{File: f}); err != nil {
			return err
		}
	}
	return nil
}

// replaceRequest stores a request in place of the one that waited, whose documents go along where they are still wanted.
func (s *Service) replaceRequest(tx *db.Tx, who audit.Who, c Contribution, before *Correction, k *Correction, added *Content) error {
	if before != nil {
		if err := s.settle(tx, who, c, before, TakenBack, "replaced", ""); err != nil {
			return err
		}
	}
	if err := insertCorrection(tx, k); err != nil {
		return err
	}
	waits := k.Files
	if added != nil {
		waits = k.Files[:len(k.Files)-1]
		added.ContributionID, added.UploadedAt = c.ID, k.ProposedAt
		if err := insertWaiting(tx, k.ID, added); err != nil {
			return err
		}
		k.Files[len(k.Files)-1] = added.File
	}
	if err := takeWaiting(tx, k.ID, waits); err != nil {
		return err
	}
	if before == nil {
		return nil
	}
	return dropWaiting(tx, before.ID)
}

// settle decides what becomes of a correction that waits. Its documents are left to the caller.
func (s *Service) settle(tx *db.Tx, who audit.Who, c Contribution, k *Correction, to CorrectionState, verb, reason string) error {
	if err := k.decide(to, s.Now()); err != nil {
		return err
	}
	k.Reason = reason
	if who.Kind == audit.ByAccount {
		k.DecidedBy = optional(who.ID)
	}
	if err := storeCorrection(tx, k); err != nil {
		return err
	}
	after := map[string]any{"correction": k.ID, "state": to}
	if reason != "" {
		after["reason"] = reason
	}
	return audit.Record(tx, who, s.Now(), change(c, "correction_"+verb, map[string]any{"correction": k.ID, "state": Proposed}, after))
}

// TakeBackCorrection lets the contributor's own request rest, and deletes the documents that came with it. Where none waits nothing happens.
func (s *Service) TakeBackCorrection(ctx context.Context, by account.Actor, token string) error {
	unknown := func() error { return errs.E(errs.NotFound, "link.unknown") }
	return errs.Wrap("contribution.take_back_correction", s.changeBy(ctx, by, token, unknown, func(tx *db.Tx, c Contribution) error {
		return s.letRest(tx, author(by, c), c)
	}))
}

// letRest takes back what waits, where something does.
func (s *Service) letRest(tx *db.Tx, who audit.Who, c Contribution) error {
	k, err := proposedFor(tx, c.ID)
	if err != nil || k == nil {
		return err
	}
	if err := s.settle(tx, who, c, k, TakenBack, "taken_back", ""); err != nil {
		return err
	}
	return dropWaiting(tx, k.ID)
}
