package document

import (
	"context"
	"maps"
	"slices"

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
	Correction  bool // there is an edition before it
	Corrects    bool // which is approved: readers have that meanwhile
	Lines       []Line
	Past        bool // it is an earlier edition, as it was approved; Newest is the translation that took its place
	Newest      int64
	Editions    []Edition     // of SheetAt: what was approved, the newest first
	Mark        string        // stands for what is read here, as Review.Seen does
	Writers     map[int64]int // of what waits for review: how many passages that were never approved each account wrote
}

// Line is one segment beside its translation.
type Line struct {
	Segment
	Translation string
	Stale       bool
	Changes     []Change // of a stale line: from the wording that was translated to the present one
	Terms       []Hint
	Findings    []Finding      // what the rules say of a translation that is there
	Suggestions []ApprovedText // of a line that is to be done: what was approved for the same wording
	Notes       []SegmentNote  // of reviewers, oldest first
	Approved    string         // what was approved last, "" for nothing
	Since       []Change       // from there to the present translation; nil where it is the same
	New         bool           // translated since the others were approved
}

// ToDo says whether the line is not translated, or no longer.
func (l Line) ToDo() bool { return l.Stale || l.Translation == "" }

// Open says whether a note waits for an answer.
func (l Line) Open() bool {
	return slices.ContainsFunc(l.Notes, func(n SegmentNote) bool { return !n.Settled })
}

// ApprovedText is an approved translation of the same wording.
type ApprovedText struct {
	Text string
	Kind Kind // of the document in which it was approved
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
	beside, err := s.beside(ctx, tx, &sheet, source, have)
	if err != nil {
		return sheet, err
	}
	sheet.Lines = s.lines(sheet, source, have, beside)
	sheet.Mark = readMark(sheet.Translation, source, have)
	if sheet.Translation.State == InReview {
		sheet.Writers, err = unapprovedBy(tx, sheet.Document.ID, sheet.Translation.Locale, have)
	}
	return sheet, err
}

// beside is what stands beside the segments of a sheet, by their keys.
type beside struct {
	earlier     map[string]string // the wording that a stale translation was made from
	suggestions map[string][]ApprovedText
	notes       map[string][]SegmentNote
	approved    map[string]string
}

func (s *Service) beside(ctx context.Context, tx *db.Tx, sheet *Sheet, source []Segment, have []TranslationSegment) (b beside, err error) {
	var failed error
	if b.earlier, err = s.wordings(tx, sheet.Document.ID, have); err != nil {
		return b, err
	}
	if b.suggestions, err = suggestions(tx, *sheet, source, have); err != nil {
		return b, err
	}
	if b.notes, err = s.segmentNotes(ctx, tx, sheet.Document.ID, sheet.Translation.Locale); err != nil {
		return b, err
	}
	if sheet.Translation.State == Approved {
		return b, nil
	}
	last, err := approvedOf(tx, sheet.Revision.ID, sheet.Translation.Locale, 0)
	sheet.Corrects = err == nil
	if sheet.Correction, failed = hasEarlier(tx, sheet.Translation); failed != nil {
		return b, failed
	}
	if db.IsNotFound(err) {
		last, err = approvedBefore(tx, sheet.Document.ID, sheet.Translation.Locale, sheet.Revision.Number)
	}
	if db.IsNotFound(err) {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	approved, err := translated(tx, last.ID)
	b.approved = make(map[string]string, len(approved))
	for _, t := range approved {
		b.approved[t.Key] = t.Text
	}
	return b, err
}

// suggestions looks for what was approved elsewhere, or earlier, for the wordings that are to be translated.
func suggestions(tx *db.Tx, sheet Sheet, source []Segment, have []TranslationSegment) (map[string][]ApprovedText, error) {
	done := map[string]string{}
	for _, t := range have {
		if !t.Stale {
			done[t.Key] = t.Text
		}
	}
	wanted := map[string][]string{} // keys by hash
	for _, segment := range source {
		if segment.Translatable() && done[segment.Key] == "" {
			hash := sourceHash(segment.Text)
			wanted[hash] = append(wanted[hash], segment.Key)
		}
	}
	rows, err := memory(tx, sheet.Document, sheet.Translation.Locale, slices.Sorted(maps.Keys(wanted)))
	found := map[string][]ApprovedText{}
	for _, row := range rows {
		for _, key := range wanted[row.SourceHash] {
			known := slices.ContainsFunc(found[key], func(x ApprovedText) bool { return x.Text == row.Text })
			if !known && len(found[key]) < 3 {
				found[key] = append(found[key], ApprovedText{Text: row.Text, Kind: row.Kind})
			}
		}
	}
	return found, err
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

func (s *Service) lines(sheet Sheet, source []Segment, have []TranslationSegment, b beside) []Line {
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
		line := Line{
			Segment: segment, Translation: t.Text, Stale: t.Stale, Terms: hints.in(segment.Text),
			Suggestions: b.suggestions[segment.Key], Notes: b.notes[segment.Key], Approved: b.approved[segment.Key],
		}
		if was, ok := b.earlier[segment.Key]; ok && t.Stale {
			line.Changes = wordChanges(was, segment.Text)
		}
		if t.Text != "" {
			line.Findings = s.checks.findings(segment, t.Text)
		}
		switch {
		case line.Approved != "" && line.Approved != t.Text:
			line.Since = wordChanges(line.Approved, t.Text)
		case b.approved != nil && line.Approved == "":
			line.New = t.Text != ""
		}
		lines = append(lines, line)
	}
	return lines
}
