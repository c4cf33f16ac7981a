package po

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/errs"
)

var (
	charset = regexp.MustCompile(`(?i)charset=([A-Za-z0-9._-]+)`)
	mark    = regexp.MustCompile(`^\[([0-9a-f]{1,8})\]$`)
)

// Read reads a file as it comes back from a tool. A line that cannot be read is errs.Invalid and names its number.
func Read(file []byte) (unit.File, error) {
	said := ""
	if m := charset.FindSubmatch(file[:min(len(file), 4096)]); m != nil {
		said = string(m[1])
	}
	if strings.EqualFold(said, "charset") { // a template that nobody has filled in
		said = ""
	}
	text, err := unit.Text(file, said)
	if err != nil {
		return unit.File{}, err
	}
	r := &reader{seen: map[string]bool{}}
	for line := range strings.SplitSeq(string(text), "\n") {
		r.line++
		if err := r.take(strings.TrimSpace(line)); err != nil {
			return unit.File{}, err
		}
	}
	if err := r.finish(); err != nil {
		return unit.File{}, err
	}
	if !r.headed && len(r.file.Units) == 0 {
		return unit.File{}, errs.E(errs.Invalid, "document.exchange.not_po")
	}
	return r.file, nil
}

// entry is a message as it is read.
type entry struct {
	texts map[string]*strings.Builder // by keyword; those of the earlier source begin with "|"
	last  string                      // the keyword that lines without one go on
	fuzzy bool
	base  string
	line  int
}

func (e *entry) text(keyword string) string {
	if b := e.texts[keyword]; b != nil {
		return b.String()
	}
	return ""
}

func (e *entry) has(keyword string) bool { return e.texts[keyword] != nil }

type reader struct {
	file   unit.File
	entry  entry
	line   int
	headed bool
	seen   map[string]bool
}

func (r *reader) broken() error {
	return errs.E(errs.Invalid, "document.exchange.broken", "Line", strconv.Itoa(r.line))
}

func (r *reader) take(line string) error {
	switch {
	case line == "":
		return nil
	case strings.HasPrefix(line, "#~"):
		return nil // a message that a tool has put aside
	case strings.HasPrefix(line, "#|"):
		return r.text("|", strings.TrimSpace(line[2:]))
	case strings.HasPrefix(line, "#"):
		return r.comment(line)
	}
	return r.text("", line)
}

// comment reads flags and our own mark. A comment after a translation belongs to the next message.
func (r *reader) comment(line string) error {
	if r.entry.has("msgstr") {
		if err := r.finish(); err != nil {
			return err
		}
	}
	switch {
	case strings.HasPrefix(line, "#,"):
		for flag := range strings.SplitSeq(line[2:], ",") {
			r.entry.fuzzy = r.entry.fuzzy || strings.TrimSpace(flag) == "fuzzy"
		}
	case strings.HasPrefix(line, "#."):
		if m := mark.FindStringSubmatch(strings.TrimSpace(line[2:])); m != nil {
			r.entry.base = m[1]
		}
	}
	return nil
}

// text reads a keyword with its text, or a text that goes on.
func (r *reader) text(prefix, line string) error {
	if !strings.HasPrefix(line, `"`) {
		keyword, quoted, _ := strings.Cut(line, " ")
		if !known(keyword) {
			return r.broken()
		}
		if err := r.begins(prefix + strings.Replace(keyword, "msgstr[0]", "msgstr", 1)); err != nil {
			return err
		}
		line = strings.TrimSpace(quoted)
	}
	text, ok := unquote(line)
	if !ok || r.entry.last == "" {
		return r.broken()
	}
	r.entry.texts[r.entry.last].WriteString(text)
	return nil
}

var plural = regexp.MustCompile(`^msgstr\[\d+\]$`)

func known(keyword string) bool {
	switch keyword {
	case "msgctxt", "msgid", "msgid_plural", "msgstr":
		return true
	}
	return plural.MatchString(keyword)
}

// begins opens a text, and the next message where the present one has its translation.
func (r *reader) begins(keyword string) error {
	begin := !strings.HasPrefix(keyword, "msgstr")
	if begin && r.entry.has("msgstr") {
		if err := r.finish(); err != nil {
			return err
		}
	}
	if r.entry.has(keyword) {
		return r.broken()
	}
	if r.entry.texts == nil {
		r.entry.texts, r.entry.line = map[string]*strings.Builder{}, r.line
	}
	r.entry.texts[keyword], r.entry.last = &strings.Builder{}, keyword
	return nil
}

// finish takes the message that was read.
func (r *reader) finish() error {
	e := r.entry
	r.entry = entry{}
	if len(e.texts) == 0 {
		return nil
	}
	if !e.has("msgid") || !e.has("msgstr") {
		return r.broken()
	}
	if e.text("msgid") == "" && !e.has("msgctxt") {
		r.header(e.text("msgstr"))
		return nil
	}
	if len(r.file.Units) == unit.MaxUnits {
		return errs.E(errs.TooLarge, "document.exchange.too_many", "Max", unit.MaxUnits)
	}
	u := unit.Unit{
		Key: e.text("msgctxt"), Source: e.text("msgid"), Was: e.text("|msgid"), Target: e.text("msgstr"), Base: e.base, Line: e.line,
	}
	switch {
	case u.Target == "":
	case e.fuzzy:
		u.State = unit.Doubt
	default:
		u.State = unit.Done
	}
	if r.seen[u.Key] {
		u.Fault = unit.FaultTwice
	}
	r.seen[u.Key] = true
	r.file.Units = append(r.file.Units, u)
	return nil
}

func (r *reader) header(text string) {
	r.headed = true
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case strings.ToLower(idHeader):
			r.file.ID = value
		case "language":
			r.file.Target = strings.ReplaceAll(value, "_", "-")
		case "x-source-language":
			r.file.Source = strings.ReplaceAll(value, "_", "-")
		}
	}
}

// unquote reads a text between double quotes, with the escapes of C.
func unquote(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '"' {
			return "", false
		}
		if s[i] != '\\' {
			b.WriteByte(s[i])
			i++
			continue
		}
		n, ok := escape(&b, s[i+1:])
		if !ok {
			return "", false
		}
		i += 1 + n
	}
	return strings.ToValidUTF8(b.String(), string(utf8.RuneError)), true
}

var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', '"': '"', '\\': '\\', 'a': 7, 'b': 8, 'f': 12, 'v': 11, '\'': '\'', '?': '?'}

// escape reads what stands behind a backslash and says how long it is.
func escape(b *strings.Builder, s string) (n int, ok bool) {
	if s == "" {
		return 0, false
	}
	if c, ok := escapes[s[0]]; ok {
		b.WriteByte(c)
		return 1, true
	}
	base, digits, at := 8, "01234567", 0
	if s[0] == 'x' {
		base, digits, at = 16, "0123456789abcdefABCDEF", 1
	}
	end := at
	for end < len(s) && end < 3 && strings.IndexByte(digits, s[end]) >= 0 {
		end++
	}
	code, err := strconv.ParseUint(s[at:end], base, 8)
	if err != nil {
		return 0, false
	}
	b.WriteByte(byte(code))
	return end, true
}
