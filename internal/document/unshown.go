package document

import (
	"slices"
	"strings"
	"unicode"

	"github.com/convoke/convoke/internal/db"
)

// shown is a wording as the public reads it: what rests on a contribution that is not public any more is not there. A paragraph names the
// contributions on which it rests at its end, so it is the passage with such a link and those before it, up to the end of the paragraph before; of a
// list only the items with such a link.
func shown(segments []Segment, unshown []string) []Segment {
	if len(unshown) == 0 {
		return segments
	}
	out := slices.Clone(segments)
	for i := range out {
		s := &out[i]
		if !linksAny(s.Text, unshown) {
			continue
		}
		if rest, list := withoutItems(s.Text, unshown); list && rest != "" {
			s.Text = rest
			continue
		}
		for j := i; j >= 0 && (j == i || !endsParagraph(segments[j])); j-- {
			out[j].Text, out[j].Unshown = "", true
		}
	}
	return out
}

// endsParagraph says whether the passage is a heading, the title, or the end of a paragraph that names on what it rests.
func endsParagraph(s Segment) bool {
	return s.Kind != Markdown || strings.HasPrefix(s.Text, "#") || strings.Contains(s.Text, "/contributions/")
}

// linksAny says whether a text has one of these addresses.
func linksAny(text string, addresses []string) bool {
	return slices.ContainsFunc(addresses, func(address string) bool {
		for {
			_, after, found := strings.Cut(text, address)
			if !found {
				return false
			}
			if next := strings.IndexFunc(after, func(r rune) bool { return !unicode.IsDigit(r) }); next == 0 || after == "" {
				return true
			}
			text = after // the beginning of a greater number
		}
	})
}

// withoutItems is a list without the items that have one of these addresses; list is false where the text is none.
func withoutItems(text string, addresses []string) (rest string, list bool) {
	var stay []string
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "- ") {
			return "", false
		}
		if !linksAny(line, addresses) {
			stay = append(stay, line)
		}
	}
	return strings.Join(stay, "\n"), true
}

// forPublic takes out of a talk what the public may not read any more, and the threads about it.
func forPublic(tx *db.Tx, talk *Talk) error {
	unshown, err := unshownAddresses(tx)
	if err != nil || len(unshown) == 0 {
		return err
	}
	threads := talk.Threads[:0:0]
	for _, v := range talk.Threads {
		hidden, err := hides(tx, talk.Segments, v.Thread, unshown)
		if err != nil {
			return err
		}
		if !hidden {
			threads = append(threads, v)
		}
	}
	talk.Threads, talk.Segments = threads, shown(talk.Segments, unshown)
	return nil
}

// hides says whether a thread is about what the public may not read any more: in the present wording, or in that which it was made about.
func hides(tx *db.Tx, segments []Segment, t Thread, unshown []string) (bool, error) {
	if t.SegmentKey == "" && t.BegunKey == "" {
		return false, nil
	}
	if !sameText(segments, shown(segments, unshown), t.SegmentKey) {
		return true, nil
	}
	old, err := segmentsOf(tx, t.RevisionID)
	return err == nil && !sameText(old, shown(old, unshown), t.BegunKey), err
}

func sameText(a, b []Segment, key string) bool {
	one, _ := textOf(a, key)
	other, _ := textOf(b, key)
	return one == other
}

// withoutWords is a thread for who wrote it, about what the public may not read any more: what they said stays, what they said it of does not.
func (v ThreadView) withoutWords() ThreadView {
	v.Quote, v.Replacement, v.Passage, v.Now, v.Changes = "", "", "", "", nil
	return v
}
