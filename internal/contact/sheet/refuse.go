package sheet

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/convoke/convoke/internal/errs"
)

func isZip(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// refuseByMark refuses files that say by their first bytes that they are something else.
func refuseByMark(head []byte) error {
	if bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return compound(head)
	}
	for _, m := range []struct {
		mark string
		at   int
		kind string
	}{
		{"%PDF-", 0, "PDF"},
		{"\x89PNG", 0, "PNG"},
		{"\xff\xd8\xff", 0, "JPEG"},
		{"GIF8", 0, "GIF"},
		{"WEBP", 8, "WebP"},
		{"II*\x00", 0, "TIFF"},
		{"MM\x00*", 0, "TIFF"},
		{"\x1f\x8b", 0, "gzip"},
		{"BZh", 0, "bzip2"},
		{"7z\xbc\xaf", 0, "7z"},
		{"Rar!", 0, "RAR"},
		{"\xfd7zXZ", 0, "xz"},
		{"\x28\xb5\x2f\xfd", 0, "Zstandard"},
		{"PK\x05\x06", 0, "ZIP"},
		{"{\\rtf", 0, "RTF"},
		{"SQLite format 3", 0, "SQLite"},
		{"%!PS", 0, "PostScript"},
		{"\x7fELF", 0, "ELF"},
		{"ID3", 0, "MP3"},
		{"ftyp", 4, "MP4"},
		{"BEGIN:VCARD", 0, "vCard"},
		{"BEGIN:VCALENDAR", 0, "iCalendar"},
	} {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.mark)) {
			return errs.E(errs.Invalid, "sheet.file.other_kind", "Kind", m.kind)
		}
	}
	return nil
}

// compound tells the two workbooks apart that come in the container of old Office files: a new one
// that is encrypted, and an old one.
func compound(head []byte) error {
	if bytes.Contains(head, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e")) {
		return errs.E(errs.Invalid, "sheet.file.encrypted")
	}
	return errs.E(errs.Invalid, "sheet.file.old_office")
}

// refuseNoText refuses what is no text, or a text of another kind than a table.
func refuseNoText(head []byte, f form) error {
	text := head[f.bom:]
	if f.wide.unit > 0 {
		text, _ = f.wide.appendUTF8(nil, text[:len(text)/f.wide.unit*f.wide.unit], true)
	}
	control, zeros := 0, 0
	for _, c := range text {
		switch {
		case c == 0:
			zeros++
		case controls(c):
			control++
		}
	}
	// Zeros are known to get into tables out of old databases; other control characters come singly.
	if control > 3+len(text)/100 || zeros > 3+len(text)/3 {
		return errs.E(errs.Invalid, "sheet.file.no_text")
	}
	start := bytes.TrimLeft(text, " \t\r\n\x00")
	if len(start) == 0 {
		return errs.E(errs.Invalid, "sheet.file.empty")
	}
	if kind := markupKind(start); kind != "" {
		return errs.E(errs.Invalid, "sheet.file.other_kind", "Kind", kind)
	}
	return nil
}

func markupKind(start []byte) string {
	lower := bytes.ToLower(start[:min(len(start), 64)])
	switch {
	case bytes.HasPrefix(lower, []byte("<!doctype html")), bytes.HasPrefix(lower, []byte("<html")), bytes.HasPrefix(lower, []byte("<table")), bytes.HasPrefix(lower, []byte("<meta")):
		return "HTML"
	case bytes.HasPrefix(lower, []byte("<?xml")):
		return "XML"
	case isJSON(start):
		return "JSON"
	}
	return ""
}

// isJSON says whether a text begins as JSON does, for longer than a table would by chance.
func isJSON(text []byte) bool {
	if text[0] != '{' && text[0] != '[' {
		return false
	}
	tokens := json.NewDecoder(bytes.NewReader(text))
	for n := 0; ; n++ {
		_, err := tokens.Token()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return true
		case err != nil:
			return false
		case n > 20:
			return true
		}
	}
}

// controls says whether a byte of a text, other than zero, controls a machine and is no white space.
func controls(c byte) bool {
	return c < ' ' && c != 0 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x0b || c == 0x7f
}
