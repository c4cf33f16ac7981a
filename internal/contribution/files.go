package contribution

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Attach adds a document to the contribution that a token opens, and begins it where nothing was saved. It may be done as long
// as answers may be corrected. Errors are errs.Invalid or errs.TooLarge with what to do instead where the document is not
// taken, errs.Conflict where the contribution is published, withheld or withdrawn.
func (s *Service) Attach(ctx context.Context, by account.Actor, token string, u Upload) (File, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return File{}, err
	}
	r, err := s.shared(ctx, token)
	if err != nil {
		return File{}, err
	}
	c, _, err := s.opened(ctx, r)
	if err != nil {
		return File{}, errs.Wrap("contribution.attach", err)
	}
	if err := s.answers(ctx, c, u.Question); err != nil {
		return File{}, errs.Wrap("contribution.attach", err)
	}
	f, err := u.read(false)
	if err != nil {
		return File{}, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = s.lockOrBegin(tx, by, r); err != nil {
			return err
		}
		if err := s.edited(tx, by, r, &c); err != nil {
			return err
		}
		return s.attach(tx, r.who(by, c), &c, &f, c.correct)
	})
	return f.File, errs.Wrap("contribution.attach", err)
}

// AttachTo is Attach for an officer, who may keep a PDF too. What is published must be withheld first.
func (s *Service) AttachTo(ctx context.Context, by account.Actor, id int64, u Upload) (File, error) {
	if err := by.Require(account.ContributionDecide); err != nil {
		return File{}, err
	}
	c, err := byID(s.DB.Read(ctx), id, false)
	if db.IsNotFound(err) {
		return File{}, notFound()
	}
	if err != nil {
		return File{}, errs.Wrap("contribution.attach_to", err)
	}
	if err := s.answers(ctx, c, u.Question); err != nil {
		return File{}, errs.Wrap("contribution.attach_to", err)
	}
	f, err := u.read(true)
	if err != nil {
		return File{}, err
	}
	f.UploadedBy = optional(by.ID)
	_, err = s.decide(ctx, by, id, func(tx *db.Tx, c *Contribution) error {
		return s.attach(tx, by.Who, c, &f, c.complete)
	})
	return f.File, errs.Wrap("contribution.attach_to", err)
}

// answers refuses a question that the cycle does not ask for a file.
func (s *Service) answers(ctx context.Context, c Contribution, question string) error {
	if question == "" {
		return nil
	}
	q, err := s.Questions.Questionnaire(ctx, c.CycleID, c.Language)
	if err != nil {
		return err
	}
	for _, one := range q.Questions {
		if one.ID == question && one.Kind == FileQuestion {
			return nil
		}
	}
	return errs.InvalidFields(errs.FieldError("question", "contribution.answer.unknown"))
}

// complete allows an officer to add to a contribution, or to take from it, as long as it is not before the public.
func (c *Contribution) complete() error {
	switch c.State {
	case Received, Checked, Withheld:
		return nil
	case Withdrawn:
		return errs.E(errs.Conflict, "contribution.withdrawn")
	case Draft:
		return errs.E(errs.Conflict, "upload.draft")
	}
	return errs.E(errs.Conflict, "upload.published")
}

func (s *Service) attach(tx *db.Tx, who audit.Who, c *Contribution, f *Content, allowed func() error) error {
	before := c.State
	if err := allowed(); err != nil {
		return err
	}
	have, err := filesOf(tx, c.ID, false)
	if err != nil {
		return err
	}
	if err := fits(have, *f); err != nil {
		return err
	}
	now := s.Now()
	f.ContributionID, f.UploadedAt, f.Since = c.ID, now, c.Corrections+1
	if err := insertFile(tx, f); err != nil {
		return err
	}
	c.UpdatedAt = now
	if err := store(tx, c); err != nil {
		return err
	}
	if err := s.asksAgain(tx, who, *c); err != nil {
		return err
	}
	return audit.Record(tx, who, now, change(*c, "file_attached", map[string]any{"state": before}, map[string]any{
		"state": c.State, "file": f.Position, "kind": f.Kind, "size": f.Size, "sha256": f.SHA256,
	}))
}

// Detach takes a document back from the contribution that a token opens. Something must stay of what was submitted:
// errs.Conflict otherwise. The error is errs.NotFound where there is no such document.
func (s *Service) Detach(ctx context.Context, by account.Actor, token string, position int) error {
	r, err := s.shared(ctx, token)
	if err != nil {
		return err
	}
	return errs.Wrap("contribution.detach", s.changeWith(ctx, by, r, noFile, func(tx *db.Tx, c Contribution) error {
		if err := s.edited(tx, by, r, &c); err != nil {
			return err
		}
		return s.detach(tx, r.who(by, c), &c, position, c.correct)
	}))
}

// changeBy changes the contribution whose contributor has the token while nobody else does; missing is the error where nothing was saved yet.
func (s *Service) changeBy(ctx context.Context, by account.Actor, token string, missing func() error, change func(*db.Tx, Contribution) error) error {
	r, err := s.right(ctx, token)
	if err != nil {
		return err
	}
	return s.changeWith(ctx, by, r, missing, change)
}

// changeWith is changeBy for a right that may be an editor's.
func (s *Service) changeWith(ctx context.Context, by account.Actor, r right, missing func() error, change func(*db.Tx, Contribution) error) error {
	if err := by.Require(account.PublicAnswer); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := byRight(tx, r, true)
		if db.IsNotFound(err) {
			return missing()
		}
		if err != nil {
			return err
		}
		return change(tx, c)
	})
}

// DetachFrom is Detach for an officer. What is published must be withheld first.
func (s *Service) DetachFrom(ctx context.Context, by account.Actor, id int64, position int) error {
	_, err := s.decide(ctx, by, id, func(tx *db.Tx, c *Contribution) error {
		return s.detach(tx, by.Who, c, position, c.complete)
	})
	return errs.Wrap("contribution.detach_from", err)
}

func (s *Service) detach(tx *db.Tx, who audit.Who, c *Contribution, position int, allowed func() error) error {
	before := c.State
	if err := allowed(); err != nil {
		return err
	}
	f, err := fileAt(tx, c.ID, position)
	if db.IsNotFound(err) || err == nil && f.RemovedAt != nil {
		return noFile()
	}
	if err != nil {
		return err
	}
	now := s.Now()
	if before == Draft {
		err = deleteFileAt(tx, c.ID, position)
	} else {
		err = emptyFileAt(tx, c.ID, position, now)
	}
	if err != nil {
		return err
	}
	if err := keepsSomething(tx, c); err != nil {
		return err
	}
	c.UpdatedAt = now
	if err := store(tx, c); err != nil {
		return err
	}
	if err := s.asksAgain(tx, who, *c); err != nil {
		return err
	}
	return audit.Record(tx, who, now, change(*c, "file_removed",
		map[string]any{"state": before, "file": position, "kind": f.Kind, "sha256": f.SHA256}, map[string]any{"state": c.State}))
}

// keepsSomething refuses that nothing is left of what was submitted.
func keepsSomething(tx *db.Tx, c *Contribution) error {
	if c.State == Draft {
		return nil
	}
	n, err := countGiven(tx, c.ID)
	if err == nil && n == 0 {
		return errs.E(errs.Conflict, "contribution.empty")
	}
	return err
}

// countGiven counts what was given: answers and documents.
func countGiven(tx *db.Tx, id int64) (int, error) {
	answers, err := countAnswers(tx, id)
	if err != nil {
		return 0, err
	}
	files, err := countFiles(tx, id)
	return answers + files, err
}

// Files are the documents of a contribution with their texts, for those who read contributions; of a draft those that were added for its author.
func (s *Service) Files(ctx context.Context, by account.Actor, id int64) ([]File, error) {
	if err := by.Require(account.ContributionRead); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	c, err := byID(tx, id, false)
	if err != nil {
		if db.IsNotFound(err) {
			err = notFound()
		}
		return nil, errs.Wrap("contribution.files", err)
	}
	all, err := filesOf(tx, id, true)
	if c.State == Draft {
		all = added(all)
	}
	return all, errs.Wrap("contribution.files", err)
}

// File is one document of a contribution, for those who read contributions; errs.NotFound also for what its author has not submitted yet,
// errs.Gone after it was taken back.
func (s *Service) File(ctx context.Context, by account.Actor, id int64, position int) (Content, error) {
	if err := by.Require(account.ContributionRead); err != nil {
		return Content{}, err
	}
	tx := s.DB.Read(ctx)
	f, err := fileFor(tx, id, position)
	if err != nil || f.UploadedBy != nil {
		return f, err
	}
	c, err := byID(tx, id, false)
	if err != nil {
		return Content{}, errs.Wrap("contribution.file", err)
	}
	if c.State == Draft {
		return Content{}, noFile()
	}
	return f, nil
}

// OwnFile is one document of the contribution that a token opens, as others get it.
func (s *Service) OwnFile(ctx context.Context, token string, position int) (Content, error) {
	r, err := s.shared(ctx, token)
	if err != nil {
		return Content{}, err
	}
	c, _, err := s.opened(ctx, r)
	if err != nil {
		return Content{}, errs.Wrap("contribution.own_file", err)
	}
	return fileFor(s.DB.Read(ctx), c.ID, position)
}

// PublishedFile is one document of a published contribution. Errors are those of PublishedOne, and errs.Gone after it was taken back.
func (s *Service) PublishedFile(ctx context.Context, cycleID int64, number, position int) (Content, error) {
	tx := s.DB.Read(ctx)
	c, err := byNumber(tx, cycleID, number)
	if db.IsNotFound(err) {
		return Content{}, notFound()
	}
	if err != nil {
		return Content{}, errs.Wrap("contribution.published_file", err)
	}
	if c.State != Published {
		return Content{}, errs.E(errs.Gone, "contribution.not_public")
	}
	return fileFor(tx, c.ID, position)
}

func fileFor(tx *db.Tx, id int64, position int) (Content, error) {
	f, err := fileAt(tx, id, position)
	switch {
	case db.IsNotFound(err):
		return Content{}, noFile()
	case err != nil:
		return Content{}, errs.Wrap("contribution.file", err)
	case f.RemovedAt != nil:
		return Content{}, errs.E(errs.Gone, "upload.removed")
	}
	return f, nil
}

func noFile() error { return errs.E(errs.NotFound, "upload.not_found") }
