package document

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Sheet is a translation beside its source.
type Sheet struct {
	Document    Document
	Title       string
	Revision    Revision
	Translation Translation
	Translator  string // name
	Reviewer    string
	Lines       []Line
}

// Line is one segment beside its translation.
type Line struct {
	Segment
	Translation string
	Stale       bool
	Changes     []Change // of a stale line: from the wording that was translated to the present one
	Terms       []Hint
}

// Hint is how the glossary translates a word that occurs in a segment.
type Hint struct{ Source, Translation, Note string }

// Sheet gives a translation beside its source. An id of an earlier revision leads to the
// translation that goes with the current one.
func (s *Service) Sheet(ctx context.Context, by account.Actor, translationID int64) (Sheet, error) {
	if err := by.Require(account.TranslationRead); err != nil {
		return Sheet{}, err
	}
	sheet, err := s.sheet(ctx, s.DB.Read(ctx), translationID)
	return sheet, errs.Wrap("document.sheet", err)
}

func (s *Service) sheet(ctx context.Context, tx *db.Tx, id int64) (Sheet, error) {
	sheet, err := current(tx, id)
	if err != nil {
		return sheet, err
	}
	source, err := segmentsOf(tx, sheet.Revision.ID)
	if err != nil {
		return sheet, err
	}
	have, err := translated(tx, sheet.Translation.ID)
	if err != nil {
		return sheet, err
	}
	sheet.Title = titleOf(source)
	sheet.Translator = s.nameOf(ctx, sheet.Translation.TranslatorID)
	sheet.Reviewer = s.nameOf(ctx, sheet.Translation.ReviewerID)
	earlier, err := s.wordings(tx, sheet.Document.ID, have)
	if err != nil {
		return sheet, err
	}
	sheet.Lines = s.lines(sheet, source, have, earlier)
	return sheet, nil
}

// current finds the translation in the current revision that an id means.
func current(tx *db.Tx, id int64) (Sheet, error) {
	var sheet Sheet
	asked, err := orNotFound(translationByID(tx, id))
	if err != nil {
		return sheet, err
	}
	r, err := orNotFound(revisionByID(tx, asked.RevisionID))
	if err != nil {
		return sheet, err
	}
	if sheet.Document, err = orNotFound(documentByID(tx, r.DocumentID)); err != nil {
		return sheet, err
	}
	if sheet.Revision, err = orNotFound(currentRevision(tx, r.DocumentID)); err != nil {
		return sheet, err
	}
	sheet.Translation, err = orNotFound(translationOf(tx, sheet.Revision.ID, asked.Locale))
	return sheet, err
}

// wordings gives, for stale segments, the source text that each was made from.
func (s *Service) wordings(tx *db.Tx, documentID int64, have []TranslationSegment) (map[string]string, error) {
	var keys []string
	for _, t := range have {
		if t.Stale {
			keys = append(keys, t.Key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	all, err := earlierTexts(tx, documentID, keys)
	found := make(map[string]string, len(keys))
	for _, t := range have {
		for _, text := range all[t.Key] {
			if t.Stale && sourceHash(text) == t.SourceHash {
				found[t.Key] = text
				break
			}
		}
	}
	return found, err
}

func (s *Service) lines(sheet Sheet, source []Segment, have []TranslationSegment, earlier map[string]string) []Line {
	byKey := make(map[string]TranslationSegment, len(have))
	for _, t := range have {
		byKey[t.Key] = t
	}
	hints := newHints(s.Glossary, sheet.Document.SourceLanguage, sheet.Translation.Locale)
	var lines []Line
	for _, segment := range source {
		if !segment.Translatable() {
			continue
		}
		t := byKey[segment.Key]
		line := Line{Segment: segment, Translation: t.Text, Stale: t.Stale, Terms: hints.in(segment.Text)}
		if was, ok := earlier[segment.Key]; ok && t.Stale {
			line.Changes = wordChanges(was, segment.Text)
		}
		lines = append(lines, line)
	}
	return lines
}
