// Package po writes and reads the files of gettext: one message for each segment, its key as the context. It
// knows nothing of databases.
package po

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/convoke/convoke/internal/document/unit"
)

// Type is the media type of a file.
const Type = "text/x-gettext-translation"

// idHeader names what the file holds; tools keep headers that they do not know.
const idHeader = "X-Convoke-File"

// Write makes a file. Read gives back what it was made of, but for the notes.
func Write(f unit.File) []byte {
	var b bytes.Buffer
	b.WriteString("msgid \"\"\nmsgstr \"\"\n")
	for _, h := range [][2]string{
		{idHeader, f.ID},
		{"Language", strings.ReplaceAll(f.Target, "-", "_")},
		{"X-Source-Language", strings.ReplaceAll(f.Source, "-", "_")},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=UTF-8"},
		{"Content-Transfer-Encoding", "8bit"},
	} {
		b.WriteString(quote(h[0]+": "+strings.ReplaceAll(h[1], "\n", " ")+"\n") + "\n")
	}
	for _, u := range f.Units {
		writeUnit(&b, u)
	}
	return b.Bytes()
}

func writeUnit(b *bytes.Buffer, u unit.Unit) {
	b.WriteString("\n")
	for _, n := range u.Notes {
		for line := range strings.SplitSeq(n, "\n") {
			b.WriteString("#. " + line + "\n")
		}
	}
	fmt.Fprintf(b, "#. [%s]\n", u.Base)
	if u.State == unit.Doubt {
		b.WriteString("#, fuzzy\n")
	}
	if u.Was != "" {
		for line := range strings.SplitSeq(strings.TrimSuffix(field("msgid", u.Was), "\n"), "\n") {
			b.WriteString("#| " + line + "\n")
		}
	}
	b.WriteString(field("msgctxt", u.Key))
	b.WriteString(field("msgid", u.Source))
	b.WriteString(field("msgstr", u.Target))
}

// field writes a text of several lines line by line.
func field(name, text string) string {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) > 1 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 1 {
		return name + " " + quote(text) + "\n"
	}
	var b strings.Builder
	b.WriteString(name + " \"\"\n")
	for _, l := range lines {
		b.WriteString(quote(l) + "\n")
	}
	return b.String()
}

func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\%03o`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
