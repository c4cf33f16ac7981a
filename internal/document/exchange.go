package document

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document/po"
	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/document/xliff"
	"github.com/convoke/convoke/internal/errs"
)

// Format is what translators' tools read and write.
type Format string

// The formats, as the extensions of files name them.
const (
	XLIFF Format = "xlf"
	PO    Format = "po"
)

// Formats lists them, the richer first.
func Formats() []Format { return []Format{XLIFF, PO} }

// TranslationFile is a translation for somebody's own tool.
type TranslationFile struct {
	Name    string
	Type    string // media type
	Content []byte
}

// Export gives the translation of a document's current revision as a file, with what there is of it; whether
// somebody has claimed it makes no difference. say writes a place for the translator.
func (s *Service) Export(ctx context.Context, by account.Actor, documentID int64, locale string, format Format, say func(error) string) (TranslationFile, error) {
	if err := by.Require(account.TranslationRead); err != nil {
		return TranslationFile{}, err
	}
	if !slices.Contains(Formats(), format) {
		return TranslationFile{}, errs.InvalidFields(errs.FieldError("format", "field.choice"))
	}
	f, d, err := s.units(s.DB.Read(ctx), documentID, locale, say)
	if err != nil {
		return TranslationFile{}, errs.Wrap("document.export", err)
	}
	file := TranslationFile{Name: fmt.Sprintf("%s.%s.%s", d.Slug, f.Target, format), Type: xliff.Type, Content: xliff.Write(f)}
	if format == PO {
		file.Type, file.Content = po.Type, po.Write(f)
	}
	return file, nil
}

func (s *Service) units(tx *db.Tx, documentID int64, locale string, say func(error) string) (unit.File, Document, error) {
	d, err := orNotFound(documentByID(tx, documentID))
	if err != nil {
		return unit.File{}, d, err
	}
	locale, err = targetLocale(d, locale)
	if err != nil {
		return unit.File{}, d, err
	}
	r, err := orNotFound(currentRevision(tx, d.ID))
	if err != nil {
		return unit.File{}, d, err
	}
	source, err := segmentsOf(tx, r.ID)
	if err != nil {
		return unit.File{}, d, err
	}
	t, err := translationOf(tx, r.ID, locale)
	if err != nil && !db.IsNotFound(err) {
		return unit.File{}, d, err
	}
	have, err := translated(tx, t.ID)
	if err != nil {
		return unit.File{}, d, err
	}
	earlier, err := s.wordings(tx, d.ID, have)
	if err != nil {
		return unit.File{}, d, err
	}
	id := unit.ID{Document: d.ID, Slug: d.Slug, Revision: r.Number, Locale: locale}
	f := unit.File{ID: id.String(), Source: d.SourceLanguage, Target: locale}
	for _, segment := range source {
		if segment.Translatable() {
			f.Units = append(f.Units, unitOf(segment, have, earlier, say))
		}
	}
	return f, d, nil
}

func unitOf(source Segment, have []TranslationSegment, earlier map[string]string, say func(error) string) unit.Unit {
	u := unit.Unit{Key: source.Key, Source: source.Text, Base: unit.Mark(""), Notes: []string{say(Place(source.Key))}}
	at := slices.IndexFunc(have, func(t TranslationSegment) bool { return t.Key == source.Key })
	if at < 0 || have[at].Text == "" {
		return u
	}
	u.Target, u.Base, u.State = have[at].Text, unit.Mark(have[at].Text), unit.Done
	if have[at].Stale {
		u.State, u.Was = unit.Doubt, earlier[source.Key]
	}
	return u
}

// targetLocale is the tag as translations carry it; errs.Invalid for what is none, or is the source's.
func targetLocale(d Document, locale string) (string, error) {
	tag, err := language.Parse(locale)
	if err != nil {
		return "", errs.InvalidFields(errs.FieldError("locale", "field.language_tag"))
	}
	if tag.String() == d.SourceLanguage {
		return "", errs.InvalidFields(errs.FieldError("locale", "document.translation.source_language"))
	}
	return tag.String(), nil
}

// readUnits reads a file of either format: XML begins with a bracket, whatever it is encoded in.
func readUnits(content []byte) (unit.File, error) {
	begin := bytes.Trim(content[:min(len(content), 64)], "\xEF\xBB\xBF\xFE\xFF\x00 \t\r\n")
	switch {
	case len(begin) == 0:
		return unit.File{}, errs.E(errs.Invalid, "document.exchange.empty")
	case begin[0] == '<':
		return xliff.Read(content)
	}
	return po.Read(content)
}

// MaxFile is how large a file of a translation may be, in bytes.
const MaxFile = unit.MaxBytes
