package sheet

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// The encodings that are recognised. Encodings lists the others too.
const (
	UTF8        = "UTF-8"
	UTF16LE     = "UTF-16LE"
	UTF16BE     = "UTF-16BE"
	UTF32LE     = "UTF-32LE"
	UTF32BE     = "UTF-32BE"
	Windows1252 = "windows-1252" // contains what is printable of Latin-1
	Windows1251 = "windows-1251"
	Windows1256 = "windows-1256"
	GB18030     = "GB18030"
)

// Encodings are those that a person may choose, by their names in the registry of IANA.
func Encodings() []string {
	return []string{
		UTF8, UTF16LE, UTF16BE, UTF32LE, UTF32BE, Windows1252, "windows-1250", Windows1251, "windows-1254",
		Windows1256, "KOI8-R", "macintosh", GB18030, "Big5", "Shift_JIS", "EUC-KR",
	}
}

// form is how a text is written.
type form struct {
	encoding  string
	bom       int // bytes of a byte order mark
	wide      wide
	decode    decoder // nil for UTF-8 and for what is decoded while reading
	eol       byte
	delimiter rune
	preamble  bool // whether the first line is "sep=;"
}

// decoder makes UTF-8 of a cell; whole says that each byte had a meaning.
type decoder interface {
	appendUTF8(to, raw []byte) (text []byte, whole bool)
}

// single is an encoding with one byte a character, of which the lower half is ASCII.
type single struct{ *charmap.Charmap }

func (s single) appendUTF8(to, raw []byte) (text []byte, whole bool) {
	whole = true
	for _, b := range raw {
		if b < utf8.RuneSelf {
			to = append(to, b)
			continue
		}
		r := s.DecodeByte(b)
		whole = whole && r != utf8.RuneError
		to = utf8.AppendRune(to, r)
	}
	return to, whole
}

// several is an encoding with one to four bytes a character.
type several struct{ encoding.Encoding }

func (s several) appendUTF8(to, raw []byte) (text []byte, whole bool) {
	decoded, err := s.NewDecoder().Bytes(raw)
	if err != nil {
		return append(to, bytes.ToValidUTF8(raw, []byte("\ufffd"))...), false
	}
	return append(to, decoded...), !bytes.ContainsRune(decoded, utf8.RuneError)
}

// latin is what bytes mean that mean nothing else.
var latin = single{charmap.Windows1252}

// encodingOf is what an encoding's name stands for.
func encodingOf(name string) (f form, ok bool) {
	f = form{encoding: name}
	switch name {
	case UTF8:
	case UTF16LE:
		f.wide = wide{unit: 2}
	case UTF16BE:
		f.wide = wide{unit: 2, big: true}
	case UTF32LE:
		f.wide = wide{unit: 4}
	case UTF32BE:
		f.wide = wide{unit: 4, big: true}
	case Windows1252:
		f.decode = latin
	case "windows-1250":
		f.decode = single{charmap.Windows1250}
	case Windows1251:
		f.decode = single{charmap.Windows1251}
	case "windows-1254":
		f.decode = single{charmap.Windows1254}
	case Windows1256:
		f.decode = single{charmap.Windows1256}
	case "KOI8-R":
		f.decode = single{charmap.KOI8R}
	case "macintosh":
		f.decode = single{charmap.Macintosh}
	case GB18030:
		f.decode = several{simplifiedchinese.GB18030}
	case "Big5":
		f.decode = several{traditionalchinese.Big5}
	case "Shift_JIS":
		f.decode = several{japanese.ShiftJIS}
	case "EUC-KR":
		f.decode = several{korean.EUCKR}
	default:
		return form{}, false
	}
	return f, true
}

// bomOf recognises a byte order mark.
func bomOf(head []byte) (name string, length int) {
	for _, b := range []struct{ name, mark string }{
		{UTF8, "\xef\xbb\xbf"},
		{UTF32LE, "\xff\xfe\x00\x00"}, // before the mark of UTF-16, with which it begins
		{UTF32BE, "\x00\x00\xfe\xff"},
		{UTF16LE, "\xff\xfe"},
		{UTF16BE, "\xfe\xff"},
	} {
		if bytes.HasPrefix(head, []byte(b.mark)) {
			return b.name, len(b.mark)
		}
	}
	return "", 0
}

// sniff finds the encoding of a text. probe gives further pieces of the file, so that a long file
// whose first other letter comes late is judged by that.
func sniff(head []byte, probe func(yield func([]byte) bool)) form {
	if name, length := bomOf(head); name != "" {
		f, _ := encodingOf(name)
		f.bom = length
		return f
	}
	if name := sniffWide(head); name != "" {
		f, _ := encodingOf(name)
		return f
	}
	judged := highLines(nil, head)
	unfit := !validPiece(head, len(head) < headSize)
	for piece := range probe {
		judged = highLines(judged, piece)
		unfit = unfit || !validPiece(piece, false)
	}
	name := UTF8
	if unfit && !mostlyUTF8(judged) {
		name = plausible(judged)
	}
	f, _ := encodingOf(name)
	return f
}

// validPiece says whether a piece of a text is UTF-8, up to characters that its ends cut.
func validPiece(piece []byte, whole bool) bool {
	for i := 0; i < 3 && len(piece) > 0 && !utf8.RuneStart(piece[0]); i++ {
		piece = piece[1:]
	}
	if utf8.Valid(piece) {
		return true
	}
	if whole {
		return false
	}
	for i := 1; i <= 3 && i <= len(piece); i++ {
		if tail := piece[len(piece)-i:]; utf8.RuneStart(tail[0]) {
			return !utf8.FullRune(tail) && utf8.Valid(piece[:len(piece)-i])
		}
	}
	return false
}

// highLines collects lines with letters beyond ASCII, up to as much as is worth judging.
func highLines(to, piece []byte) []byte {
	for line := range bytes.Lines(piece) {
		if len(to) > 32<<10 {
			break
		}
		if !isASCII(line) {
			to = append(append(to, line[:min(len(line), 4096)]...), '\n')
		}
	}
	return to
}

// mostlyUTF8 says of a text in which something is not UTF-8 that nearly all of it is: then
// single cells were pasted from elsewhere, and are decoded one by one.
func mostlyUTF8(text []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			bad++
		case size > 1:
			good++
		}
		i += max(size, 1)
	}
	return good > 4*bad
}

// sniffWide recognises UTF-16 without a mark: by the zeros of ASCII, or where there are few of
// those, by what the text would say.
func sniffWide(head []byte) string {
	head = head[:min(len(head), 8<<10)&^1]
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i&1]++
		}
	}
	units := len(head) / 2
	if units < 2 || zeros[0]+zeros[1] == 0 {
		return ""
	}
	for odd, name := range []string{UTF16BE, UTF16LE} {
		if zeros[odd] > units*6/10 && zeros[1-odd] < units/20+1 {
			return name
		}
		w := wide{unit: 2, big: name == UTF16BE}
		text, _ := w.appendUTF8(nil, head, true)
		if zeros[odd] > zeros[1-odd] && bytes.ContainsAny(text, "\r\n") && readable(text) > 0.97 {
			return name
		}
	}
	return ""
}
