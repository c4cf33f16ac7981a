package document

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Edition is a translation that was approved, and stays as it is.
type Edition struct {
	Translation `gorm:"embedded"`
	Number      int    // of its revision
	Reviewer    string `gorm:"-"` // name
}

// SheetAt is the Sheet of a translation as a person asks for it: an earlier edition that was approved of the present
// revision, or of one that was frozen or sent, is read as it was, with Past set; anything else leads to the present Sheet.
func (s *Service) SheetAt(ctx context.Context, by account.Actor, translationID int64) (Sheet, error) {
	if err := by.Require(account.TranslationRead); err != nil {
		return Sheet{}, err
	}
	tx := s.DB.Read(ctx)
	present, err := current(tx, translationID)
	if err != nil {
		return Sheet{}, errs.Wrap("document.sheet_at", err)
	}
	asked, err := translationByID(tx, translationID)
	if err != nil {
		return Sheet{}, errs.Wrap("document.sheet_at", err)
	}
	r, err := revisionByID(tx, asked.RevisionID)
	if err != nil {
		return Sheet{}, errs.Wrap("document.sheet_at", err)
	}
	var sheet Sheet
	if asked.ID == present.Translation.ID || asked.State != Approved || r.ID != present.Revision.ID && r.State == OpenForComment {
		sheet, err = s.sheet(ctx, tx, translationID)
	} else {
		sheet, err = s.pastSheet(ctx, tx, present, asked, r)
	}
	if err != nil {
		return Sheet{}, errs.Wrap("document.sheet_at", err)
	}
	sheet.Editions, err = s.editions(ctx, tx, present)
	return sheet, errs.Wrap("document.sheet_at", err)
}

func (s *Service) pastSheet(ctx context.Context, tx *db.Tx, present Sheet, t Translation, r Revision) (Sheet, error) {
	source, err := segmentsOf(tx, r.ID)
	if err != nil {
		return Sheet{}, err
	}
	have, err := translated(tx, t.ID)
	sheet := Sheet{
		Document: present.Document, Title: titleOf(source), Revision: r, Translation: t, Past: true, Newest: present.Translation.ID,
		Translator: s.nameOf(ctx, t.TranslatorID), Reviewer: s.nameOf(ctx, t.ReviewerID), Mark: readMark(t, source, have),
	}
	texts := byKey(have)
	for _, segment := range source {
		if segment.Translatable() {
			sheet.Lines = append(sheet.Lines, Line{Segment: segment, Translation: texts[segment.Key]})
		}
	}
	return sheet, err
}

func (s *Service) editions(ctx context.Context, tx *db.Tx, present Sheet) ([]Edition, error) {
	all, err := approvedEditions(tx, present.Document.ID, present.Revision.ID, present.Translation.Locale)
	for i := range all {
		all[i].Reviewer = s.nameOf(ctx, all[i].ReviewerID)
	}
	return all, err
}

// EditionOf is an approved edition of a translation, in the revision with this number, or in the present one where it
// is 0; errs.NotFound where there is none.
func (s *Service) EditionOf(ctx context.Context, documentID int64, locale string, revision, edition int) (Translation, error) {
	tx := s.DB.Read(ctx)
	r, err := currentRevision(tx, documentID)
	if err == nil && revision != 0 {
		r, err = revisionNumbered(tx, documentID, revision)
	}
	if err != nil {
		_, err = orNotFound(r, err)
		return Translation{}, errs.Wrap("document.edition_of", err)
	}
	t, err := orNotFound(approvedOf(tx, r.ID, locale, edition))
	return t, errs.Wrap("document.edition_of", err)
}
