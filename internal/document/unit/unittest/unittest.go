// Package unittest draws files of translations for tests of formats.
package unittest

import (
	"strings"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/document/unit"
)

// Sample is a file with what formats find hard.
func Sample() unit.File {
	target := "مرحبًا {{contact}}،\nيُرجى قراءة [النداء](https://www.example.org/?a=1&b=2)."
	return unit.File{
		ID: "12:message:3:ar", Source: "en", Target: "ar",
		Units: []unit.Unit{
			{Key: "subject", Notes: []string{"Subject"}, Source: "Call for \"contributions\" <2017>", Base: unit.Mark("")},
			{
				Key: "p1", Notes: []string{"Passage 1"}, Source: "Dear {{contact}},\nplease read [the call](https://www.example.org/?a=1&b=2).",
				Target: target, Base: unit.Mark(target), State: unit.Done,
			},
			{
				Key: "government.p2", Source: "- {{deadline}}\n- {{deadline}} again\t(C:\\temp)\n", Was: "- {{deadline}}",
				Target: "- {{deadline}}", Base: unit.Mark("- {{deadline}}"), State: unit.Doubt,
			},
		},
	}
}

// Draw makes a file of any texts that a document can hold.
func Draw(t *rapid.T) unit.File {
	text := rapid.StringOf(rapid.OneOf(
		rapid.SampledFrom([]rune("\n\t \"\\<>&{}'[]()#|~,;:ab\u00A0\u200F\uFFFE\u2028é中م")), rapid.Rune().Filter(func(r rune) bool { return r >= ' ' && r != 0x7f && r != 0xFFFD }),
	))
	piece := rapid.OneOf(text, rapid.SampledFrom([]string{"{{contact}}", "{{ deadline }}", "{{", "}}", "{{a}} {{a}}", "", " "}))
	join := func(label string) string {
		return rapid.Custom(func(t *rapid.T) string { return piece.Draw(t, "a") + piece.Draw(t, "b") + piece.Draw(t, "c") }).Draw(t, label)
	}
	f := unit.File{ID: "1:m:2:es", Source: "en", Target: "es"}
	keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z0-9_.]{0,8}`), 0, 5, rapid.ID[string]).Draw(t, "keys")
	for _, key := range keys {
		u := unit.Unit{Key: key, Source: "x" + join("source"), Target: join("target")}
		u.Base = unit.Mark(u.Target)
		if u.Target != "" {
			u.State = rapid.SampledFrom([]unit.State{unit.Done, unit.Doubt}).Draw(t, "state")
		}
		if u.State == unit.Doubt && rapid.Bool().Draw(t, "was") {
			u.Was = "y" + strings.Map(inAttribute, join("earlier"))
		}
		f.Units = append(f.Units, u)
	}
	return f
}

// inAttribute leaves out what XML cannot hold between quotes.
func inAttribute(r rune) rune {
	if r == 0xFFFE || r == 0xFFFF {
		return -1
	}
	return r
}

// Bare is a file as formats give it back: without notes, lines and faults.
func Bare(f unit.File) unit.File {
	units := make([]unit.Unit, len(f.Units))
	for i, u := range f.Units {
		u.Notes, u.Line = nil, 0
		units[i] = u
	}
	f.Units = units
	return f
}
