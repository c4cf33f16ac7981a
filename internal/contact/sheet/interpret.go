package sheet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Interpret turns a record into a Row as the mapping says. normalize is the judge of addresses;
// the key of its error is what the person reads. Where there are many records, make one Interpreter.
func Interpret(rec Record, mapping []Mapping, ref *geo.Reference, normalize func(string) (string, error)) (Row, []CellProblem) {
	return NewInterpreter(mapping, ref, normalize).Row(rec)
}

// Interpreter turns records into rows, and remembers what words it has met. It is for one
// goroutine.
//
// A cell that cannot be understood rejects its row, with the field, the column and the reason; what
// can be mended without changing what is meant is mended and noted:
//
//   - White space is made single, and invisible and direction characters are taken out of names. A
//     line break before what looks like a mail header is refused.
//   - "Berg, Anna" becomes "Anna Berg" unless the row has the number of a contact of ours: then the
//     name is as somebody wrote it here.
//   - Without a name the organization is the contact; without that, the name beside the address
//     ("Anna Berg <anna@example.org>") or in it (anna.berg@…) is.
//   - Several values stand in a cell separated by commas, semicolons, bars, lines or ":::".
//   - "n/a", "-" and the like are nothing.
type Interpreter struct {
	mapping   []Mapping
	tie       []int // of each mapping: to which tie of the row it belongs
	ref       *geo.Reference
	normalize func(string) (string, error)
	words     words

	rec      *Record
	row      Row
	nth      int // the tie that the cell at hand belongs to
	parts    nameParts
	problems []CellProblem
	soft     bool // whether what is not understood is passed over: words that nobody meant for us
}

// nameParts are the names as they stand in their columns.
type nameParts struct{ prefix, given, middle, family, suffix string }

// NewInterpreter makes an Interpreter for a mapping.
func NewInterpreter(mapping []Mapping, ref *geo.Reference, normalize func(string) (string, error)) *Interpreter {
	in := &Interpreter{ref: ref, normalize: normalize, words: newWords(ref)}
	for _, m := range mapping {
		if m.Field != Ignore && m.Column >= 0 {
			in.mapping = append(in.mapping, m)
		}
	}
	in.tie = tiesOf(in.mapping)
	return in
}

// Row turns one record into a row. The problems and notes of the record are among the problems.
func (in *Interpreter) Row(rec Record) (Row, []CellProblem) {
	in.rec, in.row, in.parts, in.problems = &rec, Row{Number: rec.Number}, nameParts{}, nil
	for _, n := range rec.Notes {
		in.problems = append(in.problems, CellProblem{Column: -1, Key: n.Key, Args: n.Args})
	}
	if rec.Problem != nil {
		in.problems = append(in.problems, in.unreadable(*rec.Problem))
		return in.row, in.problems
	}
	for i, m := range in.mapping {
		if m.Column >= len(rec.Cells) {
			continue
		}
		if cell := rec.Cells[m.Column]; cell != "" {
			in.nth = in.tie[i]
			in.cell(m, Plain(cell))
		}
	}
	in.finish()
	return in.row, in.problems
}

func (in *Interpreter) unreadable(f errs.Field) CellProblem {
	p := CellProblem{Column: -1, Letter: f.Name, Key: f.Key, Args: f.Args, Rejects: true}
	for _, m := range in.mapping {
		if f.Name != "" && m.Letter() == f.Name {
			p.Column, p.Header, p.Field = m.Column, m.Header, m.Field
		}
	}
	return p
}

// cell takes in one cell.
func (in *Interpreter) cell(m Mapping, text string) {
	if isNothing(text) && (m.Field != Region || strings.TrimSpace(text) == "") && !in.isCalled(m, text) {
		return
	}
	switch m.Field {
	case Email:
		in.emails(m, text)
	case Notes:
		in.notes(m, text)
	case Attributes:
		in.attributes(m, text)
	case Name, GivenName, MiddleName, FamilyName, NamePrefix, NameSuffix, Transliteration, Organization, Function, Title, Source, LawfulBasis:
		if line, ok := in.line(m, text); ok {
			*in.place(m.Field) = line
		}
	default:
		if line, ok := in.line(m, text); ok {
			in.word(m, line)
		}
	}
}

// isCalled says that a contact of ours goes by a word that elsewhere means nothing: somebody called it so here.
func (in *Interpreter) isCalled(m Mapping, text string) bool {
	return m.Field == Name && in.row.ID != 0 && strings.TrimSpace(text) != ""
}

// place is where a line goes.
func (in *Interpreter) place(f Field) *string {
	switch f {
	case Name:
		return &in.row.Name
	case GivenName:
		return &in.parts.given
	case MiddleName:
		return &in.parts.middle
	case FamilyName:
		return &in.parts.family
	case NamePrefix:
		return &in.parts.prefix
	case NameSuffix:
		return &in.parts.suffix
	case Transliteration:
		return &in.row.Transliteration
	case Organization, Function, Title:
		return in.row.ofTie(f, in.nth)
	case Source:
		return &in.row.Source
	}
	return &in.row.LawfulBasis
}

// word takes in a cell that must be one of the words we know.
func (in *Interpreter) word(m Mapping, line string) {
	switch m.Field {
	case ID:
		in.id(m, line)
	case Kind:
		in.kind(m, line)
	case Since, Until:
		in.day(m, line)
	case StakeholderGroup:
		in.group(m, line)
	case Country:
		in.country(m, line)
	case Region:
		in.region(m, line)
	case Languages:
		in.languages(m, line)
	case AddressKind:
		in.addressKind(m, line)
	case Expertise:
		in.expertise(m, line)
	case Labels:
		in.labels(line)
	case MailStatus:
		in.mailStatus(m, line)
	}
}

// line cleans a cell that has to be one line of bounded length.
func (in *Interpreter) line(m Mapping, text string) (string, bool) {
	if isHeader(text) {
		in.reject(m, text, "sheet.cell.header_injection")
		return "", false
	}
	line, mended := cleanLine(text)
	if mended {
		in.note(m, line, "sheet.note.invisible")
	}
	limit := maxLine
	if m.Field.several() {
		limit = maxNotes
	}
	if !fits(line, limit) {
		in.reject(m, line, "field.too_long", "Max", limit)
		return "", false
	}
	return line, line != ""
}

func (in *Interpreter) notes(m Mapping, text string) {
	lines, mended := cleanText(text)
	if mended {
		in.note(m, lines, "sheet.note.invisible")
	}
	if in.row.Notes != "" && lines != "" {
		lines = in.row.Notes + "\n" + lines
	}
	if !fits(lines, maxNotes) {
		in.reject(m, lines, "field.too_long", "Max", maxNotes)
		return
	}
	if lines != "" {
		in.row.Notes = lines
	}
}

func (in *Interpreter) id(m Mapping, line string) {
	id, err := strconv.ParseInt(line, 10, 64)
	if err != nil || id <= 0 {
		in.reject(m, line, "sheet.cell.id")
		return
	}
	in.row.ID = id
}

// reject says that a cell cannot be understood.
func (in *Interpreter) reject(m Mapping, value, key string, args ...any) {
	in.problem(m, value, true, key, args...)
}

// note says that a cell was mended.
func (in *Interpreter) note(m Mapping, value, key string, args ...any) {
	in.problem(m, value, false, key, args...)
}

func (in *Interpreter) problem(m Mapping, value string, rejects bool, key string, args ...any) {
	if in.soft && rejects {
		return
	}
	shown, _ := cleanLine(value)
	shown = shorten(shown, 60)
	f := errs.FieldError("", key, append([]any{"Value", shown}, args...)...)
	in.problems = append(in.problems, CellProblem{
		Column: m.Column, Letter: m.Letter(), Header: m.Header, Field: m.Field, Value: shown, Key: key, Args: f.Args, Rejects: rejects,
	})
}

// finish puts together what stood in several columns.
func (in *Interpreter) finish() {
	in.composeName()
	if in.row.Name == "" {
		in.nameFromElsewhere()
	} else if in.row.ID == 0 && in.row.Kind != organization {
		if turned, ok := turnName(in.row.Name); ok {
			in.note(in.at(Name), in.row.Name, "sheet.note.turned", "Name", turned)
			in.row.Name = turned
		}
	}
	if in.row.Kind == organization && in.row.Organization == in.row.Name {
		in.row.Organization = ""
	}
	in.row.More = slices.DeleteFunc(in.row.More, func(t Tie) bool { return t.Organization == "" })
	switch {
	case in.row.Name == "" && !in.rejected():
		in.reject(in.at(Name), "", "sheet.cell.name_missing")
	case !fits(in.row.Name, maxLine):
		in.reject(in.at(Name), in.row.Name, "field.too_long", "Max", maxLine)
	}
}

func (in *Interpreter) rejected() bool {
	for _, p := range in.problems {
		if p.Rejects {
			return true
		}
	}
	return false
}

// at is the column of a field, for problems that concern the row.
func (in *Interpreter) at(f Field) Mapping {
	for _, m := range in.mapping {
		if m.Field == f {
			return m
		}
	}
	return Mapping{Column: -1, Field: f}
}
