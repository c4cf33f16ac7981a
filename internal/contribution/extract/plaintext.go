package extract

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// readText takes a text as it stands. Its copy is UTF-8 with the line ends of today, without what is no text.
func (j *job) readText(r io.ReaderAt, size int64) error {
	raw := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), raw); err != nil {
		return err
	}
	text := decode(raw)
	if !looksLikeText(text) {
		return otherKind()
	}
	text = plain([]byte(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)))
	j.clean = []byte(text + "\n")
	for block := range strings.SplitSeq(text, "\n\n") {
		j.out.add(paragraph, []byte(block))
	}
	return nil
}

// decode makes UTF-8 of a text: by its byte order mark, by the zeros of UTF-16, as UTF-8 where it is, else by its letters.
func decode(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return string(raw[3:])
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return fromUTF16(raw[2:], binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return fromUTF16(raw[2:], binary.BigEndian)
	}
	if order := wideOrder(raw); order != nil {
		return fromUTF16(raw, order)
	}
	if mostlyUTF8(raw) {
		return string(raw)
	}
	text, err := legacy(raw).NewDecoder().Bytes(raw)
	if err != nil { // which none of them gives: what is no character becomes the one that stands for those
		return strings.ToValidUTF8(string(raw), "\ufffd")
	}
	return string(text)
}

// mostlyUTF8 allows for a character that was cut or spoilt among many that are whole.
func mostlyUTF8(raw []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(raw); {
		if raw[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size <= 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	return bad == 0 || good > 4*bad
}

// wideOrder recognises UTF-16 without a mark by the zeros beside the letters of ASCII.
func wideOrder(raw []byte) binary.ByteOrder {
	head := raw[:min(len(raw), headSize)&^1]
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i&1]++
		}
	}
	units := len(head) / 2
	switch {
	case units < 4:
	case zeros[1] > units*6/10 && zeros[0] <= units/20:
		return binary.LittleEndian
	case zeros[0] > units*6/10 && zeros[1] <= units/20:
		return binary.BigEndian
	}
	return nil
}

// fromUTF16 decodes; a lone surrogate becomes the replacement character.
func fromUTF16(raw []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units))
}
