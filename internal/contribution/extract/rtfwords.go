package extract

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// enter decides by the first word of a group what it is; it is true where the group is left out, with that word.
func (t *rtf) enter(g *group, name string) bool {
	g.dest = name
	if what, drop := rtfDropped(name, g.starred); drop {
		if what != "" && !g.dropped {
			t.stripped[what] = true
		}
		if !g.dropped {
			t.copy.Truncate(g.from)
		}
		g.dropped, g.quiet = true, true
		return true
	}
	switch name {
	case "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "header", "headerl", "headerr", "headerf", "footer",
		"footerl", "footerr", "footerf", "pict", "nonshppict", "shprslt", "sp", "xe", "tc", "rxe", "listtext", "pntext", "pntxta", "pntxtb",
		"bkmkstart", "bkmkend", "annotation", "atrfstart", "atrfend", "atnref", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "pgdsctbl",
		"nonesttables", "listpicture", "latentstyles", "panose", "falt", "upr", "background", "fldinst":
		g.quiet = true
	case "ud": // says in Unicode what the group around it, \upr, says without
		g.quiet = len(t.groups) > 2 && t.groups[len(t.groups)-3].quiet
	}
	switch name {
	case "field":
		t.field = &rtfField{outer: t.field}
	case "fldinst":
		if t.field == nil || t.field.begun {
			t.stripped[Outside] = true
			t.copy.Truncate(g.from)
			g.dropped = true
			return true
		}
		t.field.begun = true
	case "fldrslt":
		if t.field != nil {
			t.field.from = len(t.page.line)
		}
	case "footnote":
		if g.quiet {
			return false
		}
		t.numbers++
		t.page.write([]byte("[" + strconv.Itoa(t.numbers) + "]"))
		t.page.box()
	case "shptxt":
		if !g.quiet {
			t.page.box()
		}
	}
	return false
}

// rtfDropped says of the first word of a group whether the group stays out, and what that takes away.
func rtfDropped(name string, starred bool) (What, bool) {
	switch name {
	case "info", "userprops", "generator", "operator", "author", "company", "manager":
		return Author, true
	case "revtbl", "atnid", "atnauthor", "atndate", "atntime", "atnicn":
		return Reviewers, true
	case "objdata", "objclass", "objname", "objalias", "objsect", "oleclsid", "objtime":
		return Objects, true
	case "template", "nextfile", "filetbl", "hlinkbase", "linkval", "mailmerge":
		return Outside, true
	}
	if !starred {
		return "", false
	}
	switch name {
	case "shppict", "shpinst", "fldinst", "listtable", "listoverridetable", "pn", "pnseclvl", "bkmkstart", "bkmkend", "cs", "ds", "ts", "tsrowd",
		"latentstyles", "pgdsctbl", "annotation", "atrfstart", "atrfend", "atnref", "panose", "falt", "ud", "blipuid", "listpicture", "background",
		"nesttableprops", "shptxt", "footnote", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "do", "picprop", "listname", "defchp", "defpap", "hyphen":
		return "", false
	}
	return "", true // what is not known is of no use to a text; most of it are numbers of sittings and themes
}

// misplaced says of a word that begins a group which is left out or looked at, and stands elsewhere: programs differ in what
// they make of that, and none writes it.
func misplaced(name string) bool {
	if name == "fldinst" || name == "field" {
		return true
	}
	_, drop := rtfDropped(name, false)
	return drop
}

// names are words that name an author, a day or a sitting, or fetch something.
func names(word string) bool {
	switch word {
	case "revauth", "revdttm", "revauthdel", "revdttmdel", "crauth", "crdate", "objupdate", "objautlink", "objlink":
		return true
	}
	return strings.HasSuffix(word, "rsid") || strings.HasPrefix(word, "rsid")
}

// leave closes what a group was; drop says that it is left out after all.
func (t *rtf) leave(g group) (drop bool) {
	switch g.dest {
	case "pict":
		if !g.dropped {
			t.cleanPicture(g.from)
		}
	case "fldinst":
		if t.field != nil && !g.dropped && !allowedField(string(t.field.instruction), true) {
			t.copy.Truncate(g.from)
			t.stripped[Outside] = true
			return true
		}
	case "field":
		if t.field == nil {
			return false
		}
		if address := hyperlinkOf(string(t.field.instruction)); address != "" && !g.quiet {
			t.links.add(string(t.page.line[min(t.field.from, len(t.page.line)):]), address)
		}
		t.field = t.field.outer
	case "footnote":
		if g.quiet {
			return false
		}
		t.notes = append(t.notes, append([]byte("["+strconv.Itoa(t.numbers)+"] "), bytes.TrimSpace(t.page.line)...))
		t.page.unbox()
	case "shptxt":
		if !g.quiet {
			t.endParagraph()
			t.page.unbox()
		}
	}
	return false
}

// do is what a word means for the text.
func (t *rtf) do(name string, value int, given bool) {
	g := t.top()
	switch name {
	case "ansicpg":
		t.codes.page = value
	case "f":
		g.font = value
		t.font = value
	case "fcharset":
		t.codes.set(t.font, value)
	case "uc":
		g.uc = min(max(value, 0), 16)
	case "u":
		t.unicode(value, g.uc)
	case "plain":
		g.deleted = false
	case "deleted":
		g.deleted = !given || value != 0
	}
	if !t.silent() {
		t.lay(name, value)
	}
}

func (t *rtf) silent() bool { return t.top().quiet || t.top().deleted }

// lay is what a word means for the layout.
func (t *rtf) lay(name string, value int) {
	inNote := t.within("footnote")
	switch name {
	case "par", "sect", "page":
		if inNote {
			t.page.write([]byte(" "))
			return
		}
		t.endParagraph()
	case "line", "lbr":
		t.page.write([]byte("\n"))
	case "tab":
		t.page.write([]byte("\t"))
	case "pard":
		t.page.kind, t.inTable = paragraph, false
	case "intbl":
		t.inTable = true
	case "ls":
		if value > 0 && t.page.kind == paragraph {
			t.page.kind = item
		}
	case "outlinelevel":
		t.page.kind = heading
	case "cell":
		t.cell()
	case "row":
		t.page.endRow()
		t.page.endTable()
		t.inTable = false
	case "nestcell":
		t.page.write([]byte(" | "))
	default:
		if s := rtfSymbol(name); s != "" {
			t.page.write([]byte(s))
		}
	}
}

func rtfSymbol(name string) string {
	switch name {
	case "emdash":
		return "—"
	case "endash":
		return "–"
	case "lquote":
		return "‘"
	case "rquote":
		return "’"
	case "ldblquote":
		return "“"
	case "rdblquote":
		return "”"
	case "bullet":
		return "•"
	case "emspace", "enspace", "qmspace":
		return " "
	case "zwj":
		return "\u200d"
	case "zwnj":
		return "\u200c"
	case "ltrmark":
		return "\u200e"
	case "rtlmark":
		return "\u200f"
	}
	return ""
}

func (t *rtf) within(dest string) bool {
	for i := range t.groups {
		if t.groups[i].dest == dest {
			return true
		}
	}
	return false
}

func (t *rtf) cell() {
	if len(t.page.tables) == 0 {
		t.page.table()
	}
	kind := t.page.kind
	t.page.end()
	t.page.kind = kind
	t.page.endCell()
}

// endParagraph keeps the kind: until \pard the next paragraph is like this one.
func (t *rtf) endParagraph() {
	t.flush()
	if t.inTable && len(t.page.tables) == 0 {
		t.page.table()
	}
	kind := t.page.kind
	t.page.end()
	t.page.kind = kind
}

// unicode reads \u: a unit of UTF-16, as a signed number.
func (t *rtf) unicode(value, uc int) {
	if t.skip > 0 { // \u within what says again what a \u has said
		t.skip--
		return
	}
	t.flushBytes()
	unit := rune(uint16(value))
	t.skip = uc
	switch {
	case utf16.IsSurrogate(unit) && t.high == 0 && unit < 0xdc00:
		t.high = unit
	case t.high != 0:
		r := utf16.DecodeRune(t.high, unit)
		t.high = 0
		t.say(string(r)) // of halves that do not belong together it is the replacement character
		if r == utf8.RuneError && !utf16.IsSurrogate(unit) {
			t.say(string(unit))
		}
	default:
		t.say(string(unit))
	}
}

// say writes to where the text of the group goes.
func (t *rtf) say(text string) {
	switch {
	case t.within("fldinst") && t.field != nil:
		if len(t.field.instruction) < maxURL {
			t.field.instruction = append(t.field.instruction, text...)
		}
	case !t.silent():
		t.page.write([]byte(text))
	}
}

// flush writes what waits to be decoded.
func (t *rtf) flush() {
	t.flushBytes()
	if t.high != 0 && t.skip == 0 {
		t.high = 0
		t.say("\ufffd")
	}
}

func (t *rtf) flushBytes() {
	if len(t.coded) == 0 {
		return
	}
	if t.high != 0 {
		t.high = 0
		t.say("\ufffd")
	}
	text := t.codes.decode(t.coded, t.top().font)
	t.coded = t.coded[:0]
	t.say(text)
}
