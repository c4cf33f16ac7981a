package sheet

import (
	"archive/zip"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/markup"
)

// The limits of a workbook. Its rows are read as a stream, but the texts that its cells share have
// to be held in memory.
const (
	maxParts     = 5_000
	maxUnpacked  = 500 << 20 // bytes of all parts together
	maxRatio     = 500       // how much smaller packing made a part; a table of equal rows stays under it
	ratioCounts  = 50 << 20  // bytes from which the ratio counts
	maxShared    = 48 << 20  // bytes of shared texts
	maxSharedN   = 1_500_000
	maxDirectory = 4 << 20 // bytes of the archive's list of parts
	maxSheets    = 200
	triedSheets  = 20 // sheets that are looked at in search of a table
)

// workbook is an opened XLSX file (ECMA-376). Macros, links and pictures are never touched, and
// of a formula only the value counts that was last computed.
type workbook struct {
	parts  map[string]*zip.File
	shared []string
	dates  []bool // for each cell format whether it shows a day

	from1904 bool // that days are counted from 1904
	sheets   []sheetPart
}

type sheetPart struct {
	name   string
	path   string
	hidden bool
}

func (t *Table) openWorkbook(r io.ReaderAt, size int64, o Options) error {
	w, err := readWorkbook(r, size)
	if err != nil {
		return bookError(err)
	}
	for _, s := range w.sheets {
		t.Sheets = append(t.Sheets, s.name)
	}
	tried, filled := 0, false
	for _, s := range w.sheets {
		if o.Sheet != "" && s.name != o.Sheet || o.Sheet == "" && (s.hidden || tried >= triedSheets) {
			continue
		}
		tried++
		first, err := w.firstRows(s)
		if err != nil {
			return bookError(err)
		}
		filled = filled || len(first) > 0
		if len(first) == 0 || o.Sheet == "" && t.Sheet != "" {
			continue
		}
		candidate := Table{Name: t.Name, Format: XLSX, Sheet: s.name, Sheets: t.Sheets, open: func() rows { return newSheetRows(w, s) }}
		candidate.settle(first, o.Header)
		if o.Sheet != "" || candidate.looksLikeTable(first) {
			*t = candidate
		}
	}
	switch {
	case t.Sheet != "":
		return nil
	case o.Sheet != "":
		return errs.InvalidFields(errs.FieldError("sheet", "sheet.file.no_such_sheet"))
	case filled:
		return errs.E(errs.Invalid, "sheet.file.no_table")
	}
	return errs.E(errs.Invalid, "sheet.file.empty")
}

// bookError says what a person can do about a workbook that cannot be read.
func bookError(err error) error {
	if errs.Find(err) != nil {
		return err
	}
	for _, broken := range []error{zip.ErrFormat, zip.ErrAlgorithm, zip.ErrChecksum, markup.ErrMarkup, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, broken) {
			return &errs.Error{Code: errs.Invalid, Key: "sheet.file.damaged", Err: err}
		}
	}
	if strings.HasPrefix(err.Error(), "flate:") {
		return &errs.Error{Code: errs.Invalid, Key: "sheet.file.damaged", Err: err}
	}
	return err
}

func readWorkbook(r io.ReaderAt, size int64) (*workbook, error) {
	archive, err := markup.OpenArchive(r, size, markup.Bounds{
		Parts: maxParts, Directory: maxDirectory, Unpacked: maxUnpacked, Ratio: maxRatio, RatioFrom: ratioCounts,
	})
	switch {
	case errors.Is(err, markup.ErrParts):
		return nil, errs.E(errs.TooLarge, "sheet.file.too_many_parts", "Max", maxParts)
	case errors.Is(err, markup.ErrInside):
		return nil, errs.E(errs.TooLarge, "sheet.file.too_large_inside", "Max", maxUnpacked>>20)
	case err != nil:
		return nil, err
	}
	w := &workbook{parts: map[string]*zip.File{}}
	for _, f := range archive.File {
		w.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, "\\", "/"), "/"))] = f
	}
	main := w.target("_rels/.rels", "officeDocument", "xl/workbook.xml")
	if w.parts[strings.ToLower(main)] == nil || !strings.HasSuffix(main, ".xml") || !strings.Contains(main, "xl/") {
		return nil, errs.E(errs.Invalid, "sheet.file.no_workbook")
	}
	if err := w.readSheets(main); err != nil {
		return nil, err
	}
	relations := relationsOf(main)
	if err := w.readStyles(w.target(relations, "styles", "xl/styles.xml")); err != nil {
		return nil, err
	}
	return w, w.readShared(w.target(relations, "sharedStrings", "xl/sharedstrings.xml"))
}

// open reads a part, never further than the size that was checked.
func (w *workbook) open(name string) (io.ReadCloser, error) {
	f := w.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil //nolint:nilnil // a part that is not there is read as an empty one
	}
	return markup.OpenPart(f)
}

// each reads the start tags of a part, until do says that it is enough.
func (w *workbook) each(name string, do func(x *markup.Reader) (bool, error)) error {
	in, err := w.open(name)
	if err != nil || in == nil {
		return err
	}
	defer func() { _ = in.Close() }()
	x := markup.New(in, MaxCell+1)
	for {
		if err := x.Next(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if enough, err := do(x); err != nil || enough {
			return err
		}
	}
}

func relationsOf(part string) string {
	return path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
}

// target is where a relation of a kind leads, or else the usual place.
func (w *workbook) target(relations, kind, otherwise string) string {
	found := otherwise
	_ = w.each(relations, func(x *markup.Reader) (bool, error) {
		if x.Is(markup.Start, "Relationship") && strings.HasSuffix(string(x.Attribute("Type")), "/"+kind) {
			found = resolve(relations, string(x.Attribute("Target")))
			return true, nil
		}
		return false, nil
	})
	return found
}

// resolve makes a target absolute: it is relative to the folder above "_rels".
func resolve(relations, target string) string {
	if strings.HasPrefix(target, "/") {
		return path.Clean(target)[1:]
	}
	return path.Join(path.Dir(path.Dir(relations)), target)
}

func (w *workbook) readSheets(main string) error {
	relations := relationsOf(main)
	targets := map[string]string{}
	err := w.each(relations, func(x *markup.Reader) (bool, error) {
		if x.Is(markup.Start, "Relationship") && strings.HasSuffix(string(x.Attribute("Type")), "/worksheet") {
			targets[string(x.Attribute("Id"))] = resolve(relations, string(x.Attribute("Target")))
		}
		return len(targets) >= maxSheets, nil
	})
	if err != nil {
		return err
	}
	return w.each(main, func(x *markup.Reader) (bool, error) {
		switch {
		case x.Is(markup.Start, "workbookPr"):
			v := string(x.Attribute("date1904"))
			w.from1904 = v == "1" || v == "true"
		case x.Is(markup.Start, "sheet"):
			// "id" is the relation's; "sheetId" is something else.
			if target, ok := targets[string(x.Attribute("id"))]; ok {
				w.sheets = append(w.sheets, sheetPart{
					name: shorten(string(x.Attribute("name")), 100), path: target, hidden: strings.Contains(strings.ToLower(string(x.Attribute("state"))), "hidden"),
				})
			}
		}
		return len(w.sheets) >= maxSheets, nil
	})
}

// readShared reads the texts that cells share.
func (w *workbook) readShared(name string) error {
	total := 0
	var texts sharedText
	var block strings.Builder
	var ends []int
	flush := func() {
		all, from := block.String(), 0
		for _, to := range ends {
			w.shared = append(w.shared, all[from:to])
			from = to
		}
		block.Reset()
		ends = ends[:0]
	}
	err := w.each(name, func(x *markup.Reader) (bool, error) {
		if done := texts.take(x); !done {
			return false, nil
		}
		total += len(texts.text)
		if total > maxShared || len(w.shared)+len(ends) >= maxSharedN {
			return true, errs.E(errs.TooLarge, "sheet.file.too_large_inside", "Max", maxShared>>20)
		}
		block.WriteString(validText(texts.text))
		ends = append(ends, block.Len())
		if block.Len() > 64<<10 {
			flush()
		}
		return false, nil
	})
	flush()
	return err
}

// sharedText collects what a person reads of a shared text: its runs, without the phonetic ones.
type sharedText struct {
	text     []byte
	inText   bool
	phonetic bool
	long     bool
}

// take reads a token within an element "si" or "is"; it is true at its end.
func (s *sharedText) take(x *markup.Reader) bool {
	switch {
	case x.Is(markup.Start, "si"), x.Is(markup.Start, "is"):
		*s = sharedText{text: s.text[:0]}
	case x.Is(markup.Start, "rPh"):
		s.phonetic = true
	case x.Is(markup.End, "rPh"):
		s.phonetic = false
	case x.Is(markup.Start, "t"):
		s.inText = true
	case x.Is(markup.End, "t"):
		s.inText = false
	case x.Kind == markup.Text && s.inText && !s.phonetic:
		s.long = s.long || x.Long || len(s.text)+len(x.Text) > MaxCell
		s.text = append(s.text, x.Text[:min(len(x.Text), MaxCell+1-min(len(s.text), MaxCell+1))]...)
	case x.Is(markup.End, "si"), x.Is(markup.End, "is"):
		s.text = unescapeExcel(s.text)
		return true
	}
	return false
}
