package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits on what a contact may have, in characters; those of the contacts' own pages.
const (
	maxLine   = 200
	maxNotes  = 4000
	maxEmails = 20 // addresses in a row

	maxEmailCell = 8000 // bytes of a cell with addresses
)

// dropInvisible takes out what cannot be seen: control and direction characters, characters
// without width. Spaces of all kinds become spaces; the joiners that Persian and Indic names are
// written with stay.
func dropInvisible(text string) string {
	return strings.Map(func(r rune) rune { return seen(r, "") }, text)
}

func seen(r rune, keep string) rune {
	switch {
	case r == '\u200c', r == '\u200d', strings.ContainsRune(keep, r):
		return r
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// cleanLine makes one line of a cell: NFC, single spaces, nothing invisible. mended says that
// something was taken out that can make a text look like another; line breaks are none of that.
func cleanLine(text string) (line string, mended bool) {
	if isPlain(text) {
		return text, false
	}
	text = strings.ToValidUTF8(text, "")
	// What was taken out may have kept a letter from its accent, so that this comes first.
	line = norm.NFC.String(dropInvisible(text))
	return strings.Join(strings.Fields(line), " "), strings.ContainsFunc(text, deceives)
}

// cleanText is cleanLine for a text of several lines.
func cleanText(text string) (lines string, mended bool) {
	if isPlain(text) {
		return text, false
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\r\n", "\n")
	lines = norm.NFC.String(strings.Map(func(r rune) rune { return seen(r, "\n\t") }, text))
	return strings.TrimSpace(lines), strings.ContainsFunc(text, deceives)
}

// deceives says of a character that it cannot be seen and does not belong into a name.
func deceives(r rune) bool {
	return (unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)) && r != '\u200c' && r != '\u200d' && r != '\u00ad'
}

// isPlain says of most texts that there is nothing to clean.
func isPlain(text string) bool {
	space := true
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c > '~' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space || text == ""
}

// isHeader says that a line break in a cell is followed by what a mail program would take for a
// header: "Anna\r\nBcc: eve@example.org".
func isHeader(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\r' && text[i] != '\n' {
			continue
		}
		name, _, found := strings.Cut(strings.TrimLeft(text[i:], "\r\n"), ":")
		if !found || len(name) > 40 {
			continue
		}
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "bcc", "cc", "to", "from", "subject", "sender", "reply-to", "return-path", "content-type", "content-transfer-encoding",
			"mime-version", "received", "date", "message-id", "x-mailer", "rcpt to", "mail from":
			return true
		}
	}
	return false
}

// formulas are the characters with which a spreadsheet takes a cell for a formula, in their
// full-width forms too.
const formulas = "=+-@\uff1d\uff0b\uff0d\uff20"

// runs says that a spreadsheet might take a cell for a formula, after the apostrophes and the
// white space before it.
func runs(cell string) bool {
	for _, r := range cell {
		switch {
		case r == '\t', r == '\r', r == '\n':
			return true
		case r == '\'', unicode.IsSpace(r):
		default:
			return strings.ContainsRune(formulas, r)
		}
	}
	return false
}

// Inert puts an apostrophe before a cell that a spreadsheet would take for a formula. Plain takes
// exactly that apostrophe off again: Plain(Inert(cell)) is the cell, also where it begins with an
// apostrophe of its own.
func Inert(cell string) string {
	if runs(cell) {
		return "'" + cell
	}
	return cell
}

// Plain is the text of a cell without the apostrophe that made it inert.
func Plain(cell string) string {
	if strings.HasPrefix(cell, "'") && runs(cell[1:]) {
		return cell[1:]
	}
	return cell
}

// isNothing says of a cell that people wrote something for "nothing" into it. "NA" is Namibia.
func isNothing(cell string) bool {
	switch len(cell) {
	case 0:
		return true
	case 1, 2, 3, 4, 5, 6, 7, 8:
		switch strings.ToLower(strings.TrimSpace(cell)) {
		case "", "-", "--", "---", "—", "–", "?", "??", "n/a", "n.a.", "#n/a", "null", "nil", "tbd", "unknown", "(none)", "нет", "無", "无", "s/o", "ns/nc":
			return true
		}
	}
	return false
}

func fits(text string, limit int) bool {
	return len(text) <= limit || utf8.RuneCountInString(text) <= limit
}
