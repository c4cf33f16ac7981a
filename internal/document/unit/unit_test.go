package unit_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/errs"
)

func TestIDIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	id := unit.ID{Document: 12, Slug: "message", Revision: 3, Locale: "zh-Hant"}
	if got, ok := unit.ParseID(id.String()); !ok || got != id {
		t.Errorf("%q is read as %+v", id, got)
	}
	for _, text := range []string{"", "f1", "x:message:3:es", "12:message:x:es", "12:message:3:es:more"} {
		if _, ok := unit.ParseID(text); ok {
			t.Errorf("%q is taken for an id", text)
		}
	}
}

func in16(text string, mark bool, big bool) []byte {
	var b bytes.Buffer
	if mark {
		text = "\uFEFF" + text
	}
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b.Write([]byte{byte(u >> 8), byte(u)})
		} else {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
	}
	return b.Bytes()
}

func TestTextOfEveryEncoding(t *testing.T) {
	t.Parallel()
	const want = "<é>\n€ 中 𝄞"
	for name, file := range map[string][]byte{
		"UTF-8":             []byte(want),
		"CRLF":              []byte(strings.ReplaceAll(want, "\n", "\r\n")),
		"with a mark":       []byte("\uFEFF" + want),
		"UTF-16 LE":         in16(want, true, false),
		"UTF-16 BE":         in16(want, true, true),
		"LE without a mark": in16(want, false, false),
		"BE without a mark": in16(want, false, true),
	} {
		if got, err := unit.Text(file, "UTF-8"); err != nil || string(got) != want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if got, err := unit.Text([]byte("caf\xe9 \x80"), "windows-1252"); err != nil || string(got) != "café €" {
		t.Errorf("windows-1252: %q %v", got, err)
	}
	for name, file := range map[string][]byte{
		"NUL": []byte("a\x00b"), "no UTF-8": []byte("caf\xe9"), "half a unit": {0xFF, 0xFE, 'a'}, "too large": make([]byte, unit.MaxBytes+1),
	} {
		if _, err := unit.Text(file, ""); !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := unit.Text([]byte("caf\xe9"), "x-unheard-of"); !errs.Is(err, errs.Invalid) {
		t.Errorf("an unknown encoding: %v", err)
	}
}
