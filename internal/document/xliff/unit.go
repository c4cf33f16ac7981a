package xliff

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/document/unit"
)

// unitOf reads a unit. A tool may have cut its segment into several, with ignorable spaces between them.
func unitOf(n *node) unit.Unit {
	u := unit.Unit{Key: n.get("id"), Base: attributeOf(n.attr, own, "base"), Was: attributeOf(n.attr, own, "was")}
	in := inline{data: dataOf(n)}
	var source, target strings.Builder
	parts, translated, done := 0, 0, 0
	for _, k := range n.kids {
		if k.name.Local != "segment" && k.name.Local != "ignorable" {
			continue
		}
		from := in.source(k.kid("source"))
		source.WriteString(from)
		to := k.kid("target")
		if k.name.Local == "ignorable" {
			if to != nil {
				from = in.text(to)
			}
			target.WriteString(from)
			continue
		}
		parts++
		if to == nil || len(to.kids) == 0 {
			continue
		}
		translated++
		target.WriteString(in.text(to))
		switch k.get("state") {
		case "translated", "reviewed", "final":
			done++
		}
		if k.get("subState") == outdated && k.get("state") != "translated" && k.get("state") != "reviewed" && k.get("state") != "final" {
			u.State = unit.Doubt
		}
	}
	u.Source = source.String()
	if translated == 0 {
		u.State = unit.Open
		return u
	}
	u.Target = target.String()
	switch {
	case translated < parts:
		u.State = unit.Doubt
	case done == parts:
		u.State = unit.Done
	}
	if in.lost {
		u.Fault = unit.FaultInline
	}
	return u
}

func dataOf(n *node) map[string]string {
	data := map[string]string{}
	if all := n.kid("originalData"); all != nil {
		for _, d := range all.kids {
			if d.name.Local == "data" {
				data[d.get("id")] = (&inline{}).text(d)
			}
		}
	}
	return data
}

// inline puts the texts of inline codes in their places.
type inline struct {
	data   map[string]string
	ofID   map[string]string // what the codes of the source stand for
	inside bool              // of a source
	lost   bool              // a code of the target stands for nothing that is known
}

func (in *inline) source(n *node) string {
	if n == nil {
		return ""
	}
	if in.ofID == nil {
		in.ofID = map[string]string{}
	}
	in.inside = true
	defer func() { in.inside = false }()
	return in.text(n)
}

func (in *inline) text(n *node) string {
	var b strings.Builder
	for _, k := range n.kids {
		in.put(&b, k)
	}
	return b.String()
}

func (in *inline) put(b *strings.Builder, k *node) {
	switch k.name.Local {
	case "":
		b.WriteString(k.text)
	case "cp":
		if r, err := strconv.ParseInt(k.get("hex"), 16, 32); err == nil && utf8.ValidRune(rune(r)) && r > 0 {
			b.WriteRune(rune(r))
		}
	case "ph":
		in.code(b, k)
	case "sc", "ec":
		b.WriteString(in.stands(k, "dataRef", "equiv"))
	case "pc":
		b.WriteString(in.stands(k, "dataRefStart", "equivStart"))
		b.WriteString(in.text(k))
		b.WriteString(in.stands(k, "dataRefEnd", "equivEnd"))
	case "mrk":
		b.WriteString(in.text(k))
	}
}

// code puts in what a placeholder stands for, as the file says or as the source's code of the same id does.
func (in *inline) code(b *strings.Builder, k *node) {
	text := in.stands(k, "dataRef", "equiv")
	if text == "" {
		text = k.get("disp")
	}
	switch {
	case text == "" && in.ofID[k.get("id")] == "":
		in.lost = in.lost || !in.inside
	case text == "":
		text = in.ofID[k.get("id")]
	case in.inside:
		in.ofID[k.get("id")] = text
	}
	b.WriteString(text)
}

func (in *inline) stands(k *node, ref, equiv string) string {
	if text, ok := in.data[k.get(ref)]; ok {
		return text
	}
	return k.get(equiv)
}
