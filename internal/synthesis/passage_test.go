package synthesis

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestPassages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"sentences":     {"One. Two! Three? Four…", []string{"One.", "Two!", "Three?", "Four…"}},
		"lines":         {"A list:\n- one\n- two\n\nEnd", []string{"A list:", "- one", "- two", "End"}},
		"no sentences":  {"version 2.1 of example.org", []string{"version 2.1 of example.org"}},
		"initials":      {"By J. Silva. And others.", []string{"By J. Silva.", "And others."}},
		"quoted":        {"He said “stop.” Then he left.", []string{"He said “stop.”", "Then he left."}},
		"Chinese":       {"网络安全很重要。我们需要合作！", []string{"网络安全很重要。", "我们需要合作！"}},
		"quoted there":  {"他说：“停。”然后离开。", []string{"他说：“停。”", "然后离开。"}},
		"Arabic":        {"هل هذا ممكن؟ نعم.", []string{"هل هذا ممكن؟", "نعم."}},
		"nothing":       {" \n\t", nil},
		"without a end": {"unfinished", []string{"unfinished"}},
	} {
		var got []string
		for _, p := range Passages(c.text) {
			got = append(got, p.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestPassagesHoldEveryCharacterOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab J.!?…。”’ \n\t؟é中"))).Draw(t, "text")
		runes, covered, last := []rune(text), make([]bool, len([]rune(text))), 0
		for _, p := range Passages(text) {
			if p.Start < last || p.End <= p.Start || p.Text != string(runes[p.Start:p.End]) || p.Text != strings.TrimSpace(p.Text) {
				t.Fatalf("%+v after %d in %q", p, last, text)
			}
			last = p.End
			for i := p.Start; i < p.End; i++ {
				covered[i] = true
			}
		}
		for i, r := range runes {
			if !covered[i] && !unicode.IsSpace(r) {
				t.Fatalf("%q is in no passage of %q", r, text)
			}
		}
	})
}

func TestFind(t *testing.T) {
	t.Parallel()
	const text = "DNS is shared.\nThe  DNS is a risk. DNS"
	for _, c := range []struct {
		words      string
		near       int
		start, end int
		ok         bool
	}{
		{"The DNS is", 0, 15, 26, true},
		{"DNS", 0, 0, 3, true},
		{"DNS", 99, 35, 38, true},
		{"shared. The", 0, 7, 18, true},
		{"DNSSEC", 0, 0, 0, false},
		{"  ", 0, 0, 0, false},
	} {
		start, end, ok := find(text, c.words, c.near)
		if ok != c.ok || ok && (start != c.start || end != c.end) {
			t.Errorf("%q near %d: %d–%d %v", c.words, c.near, start, end, ok)
		}
	}
}

func TestTagsAreWrittenAlike(t *testing.T) {
	t.Parallel()
	got, problem := cleanTags(SplitTags("IoT,  Mobile Security; iot\nالأمن السيبراني، 数据"))
	if want := []string{"iot", "mobile-security", "الأمن-السيبراني", "数据"}; problem != "" || !slices.Equal(got, want) {
		t.Errorf("%q %s, want %q", got, problem, want)
	}
	if _, problem := cleanTags([]string{strings.Repeat("x", maxTag+1)}); problem == "" {
		t.Error("a tag of any length")
	}
	if _, problem := cleanTags(strings.Split("abcdefghijklm", "")); problem == "" {
		t.Error("any number of tags")
	}
}
