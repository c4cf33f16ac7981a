package unit

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/convoke/convoke/internal/errs"
)

var (
	markUTF8 = []byte{0xEF, 0xBB, 0xBF}
	markBE   = []byte{0xFE, 0xFF}
	markLE   = []byte{0xFF, 0xFE}
)

// Text makes UTF-8 with \n of a file in any encoding that tools write. charset is what the file says of
// itself, "" for nothing; a byte order mark is believed before it. NUL and what is too large are refused.
func Text(file []byte, charset string) ([]byte, error) {
	if len(file) > MaxBytes {
		return nil, errs.E(errs.TooLarge, "document.exchange.too_large", "Max", MaxBytes>>20)
	}
	text, err := decode(file, charset)
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
		return nil, errs.E(errs.Invalid, "document.exchange.encoding")
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n")), nil
}

func decode(file []byte, charset string) ([]byte, error) {
	switch {
	case bytes.HasPrefix(file, markUTF8):
		return file[len(markUTF8):], nil
	case bytes.HasPrefix(file, []byte{0, '<'}):
		return from16(file, bigEndian)
	case bytes.HasPrefix(file, []byte{'<', 0}):
		return from16(file, littleEndian)
	case bytes.HasPrefix(file, markBE):
		return from16(file[2:], bigEndian)
	case bytes.HasPrefix(file, markLE):
		return from16(file[2:], littleEndian)
	case charset == "" || utf8.Valid(file):
		return file, nil
	}
	known, err := htmlindex.Get(charset)
	if err != nil {
		return nil, errs.E(errs.Invalid, "document.exchange.encoding")
	}
	text, err := known.NewDecoder().Bytes(file)
	if err != nil {
		return nil, errs.E(errs.Invalid, "document.exchange.encoding")
	}
	return text, nil
}

func bigEndian(b []byte) uint16    { return uint16(b[0])<<8 | uint16(b[1]) }
func littleEndian(b []byte) uint16 { return uint16(b[1])<<8 | uint16(b[0]) }

func from16(b []byte, read func([]byte) uint16) ([]byte, error) {
	if len(b)%2 != 0 {
		return nil, errs.E(errs.Invalid, "document.exchange.encoding")
	}
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) > 1; b = b[2:] {
		units = append(units, read(b))
	}
	return []byte(string(utf16.Decode(units))), nil
}
