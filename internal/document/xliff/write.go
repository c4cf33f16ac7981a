// Package xliff writes and reads XLIFF 2: one file, one unit for each segment. Merge fields are inline codes,
// which tools do not let translators change. It knows nothing of databases.
package xliff

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/document/unit"
)

const (
	namespace = "urn:oasis:names:tc:xliff:document:2.0"
	own       = "urn:convoke:translation:1"
	outdated  = "convoke:outdated" // the sub-state of a unit whose source was changed after it was translated
)

// Type is the media type of a file.
const Type = "application/xliff+xml"

// Write makes a file. Read gives back what it was made of, but for the notes.
func Write(f unit.File) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	fmt.Fprintf(&b, `<xliff version="2.0" xmlns="%s" xmlns:cv="%s" srcLang="%s" trgLang="%s">`+"\n", namespace, own, attribute(f.Source), attribute(f.Target))
	fmt.Fprintf(&b, ` <file id="%s" xml:space="preserve">`+"\n", attribute(f.ID))
	for _, u := range f.Units {
		writeUnit(&b, u)
	}
	b.WriteString(" </file>\n</xliff>\n")
	return b.Bytes()
}

func writeUnit(b *bytes.Buffer, u unit.Unit) {
	fmt.Fprintf(b, `  <unit id="%s" cv:base="%s"`, attribute(u.Key), attribute(u.Base))
	if u.Was != "" {
		fmt.Fprintf(b, ` cv:was="%s"`, attribute(u.Was))
	}
	b.WriteString(">\n")
	if len(u.Notes) > 0 {
		b.WriteString("   <notes>\n")
		for _, n := range u.Notes {
			b.WriteString("    <note>" + content(n) + "</note>\n")
		}
		b.WriteString("   </notes>\n")
	}
	c := newCodes(u.Source, u.Target)
	c.write(b)
	fmt.Fprintf(b, "   <segment%s>\n    <source>%s</source>\n", stateOf(u), c.text(u.Source))
	if u.Target != "" {
		fmt.Fprintf(b, "    <target>%s</target>\n", c.text(u.Target))
	}
	b.WriteString("   </segment>\n  </unit>\n")
}

func stateOf(u unit.Unit) string {
	switch u.State {
	case unit.Done:
		return ` state="translated"`
	case unit.Doubt:
		return ` state="initial" subState="` + outdated + `"`
	}
	return ""
}

// codes are the merge fields of a unit, each with the number by which source and target name it. The same
// field twice has two numbers, because an id stands once in a text.
type codes struct {
	data []string         // by number−1
	at   map[string][]int // the numbers of a field
}

func newCodes(texts ...string) *codes {
	c := &codes{at: map[string][]int{}}
	for _, text := range texts {
		seen := map[string]int{}
		for _, f := range unit.Fields.FindAllString(text, -1) {
			if seen[f]++; seen[f] > len(c.at[f]) {
				c.data = append(c.data, f)
				c.at[f] = append(c.at[f], len(c.data))
			}
		}
	}
	return c
}

func (c *codes) write(b *bytes.Buffer) {
	if len(c.data) == 0 {
		return
	}
	b.WriteString("   <originalData>\n")
	for i, d := range c.data {
		fmt.Fprintf(b, `    <data id="d%d">%s</data>`+"\n", i+1, content(d))
	}
	b.WriteString("   </originalData>\n")
}

// text is a text with its fields as inline codes.
func (c *codes) text(text string) string {
	var b strings.Builder
	used := map[string]int{}
	at := 0
	for _, m := range unit.Fields.FindAllStringIndex(text, -1) {
		f := text[m[0]:m[1]]
		n := strconv.Itoa(c.at[f][used[f]])
		used[f]++
		b.WriteString(content(text[at:m[0]]))
		b.WriteString(`<ph id="` + n + `" dataRef="d` + n + `" canCopy="no" canDelete="no" equiv="` + attribute(f) + `" disp="` + attribute(f) + `"/>`)
		at = m[1]
	}
	b.WriteString(content(text[at:]))
	return b.String()
}

// content writes a text between tags. What XML cannot hold has an element of its own.
func content(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '\r':
			b.WriteString("&#xD;")
		case !character(r):
			fmt.Fprintf(&b, `<cp hex="%04X"/>`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// attribute writes a text between quotes. What XML cannot hold is left out.
func attribute(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\n', r == '\t', r == '\r':
			fmt.Fprintf(&b, "&#x%X;", r)
		case character(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// character says whether XML 1.0 can hold it.
func character(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}
