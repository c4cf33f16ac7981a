package inbound

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// AddToContribution adds the documents of a mail to the contribution that the contact whom it is from has in its cycle, and nothing
// of its text. A draft stays one: follow-ups go on. Errors are errs.NotFound where there is no mail; errs.Conflict where it is from
// nobody that we know, brings no document, or was handled, and where the contact has no contribution or one that takes no more;
// errs.Gone for a mail that was erased; errs.Invalid or errs.TooLarge where none of its documents could be taken.
func (s *Service) AddToContribution(ctx context.Context, by account.Actor, id int64) (Made, error) {
	if err := by.Require(account.InboundDecide); err != nil {
		return Made{}, err
	}
	opened, err := s.Open(ctx, by, id)
	if err != nil {
		return Made{}, err
	}
	files, err := opened.addable()
	if err != nil {
		return Made{}, err
	}
	cycleID := int64(0)
	if opened.CycleID != nil {
		cycleID = *opened.CycleID
	}
	var made Made
	made.NotTaken, err = s.Contributions.AddDocuments(ctx, by, cycleID, *opened.ContactID, files, func(tx *db.Tx, contributionID int64) error {
		made.ContributionID = contributionID
		return s.closeIn(tx, by, id, Handled, AddedDocuments, func(m *Mail) { m.ContributionID = &contributionID })
	})
	if errs.Is(err, errs.NotFound) {
		err = errs.E(errs.Conflict, "inbound.no_contribution")
	}
	if err != nil {
		return Made{}, errs.Wrap("inbound.add_to_contribution", err)
	}
	return made, nil
}

// addable are the documents that may be added to a contribution.
func (o Opened) addable() ([]mail.File, error) {
	if o.ErasedAt != nil {
		return nil, errs.E(errs.Gone, "inbound.erased")
	}
	if o.ContactID == nil {
		return nil, errs.E(errs.Conflict, "inbound.no_contribution")
	}
	files := documents(o.Read)
	if len(files) == 0 {
		return nil, errs.E(errs.Conflict, "inbound.no_documents")
	}
	return files, nil
}

// HasDocuments says whether the mail brings what may be added to a contribution, and is from somebody whom we know.
func (o Opened) HasDocuments() bool {
	files, err := o.addable()
	return err == nil && len(files) > 0
}
