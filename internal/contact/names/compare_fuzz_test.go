package names

import (
	"slices"
	"strings"
	"testing"
)

// Two names of any bytes: the order does not matter, a name is identical with itself, and nothing unknown is said.
func FuzzCompare(f *testing.F) {
	for _, seed := range [][4]string{
		{"José Núñez", "Nunez, Jose", "", ""},
		{"محمد حسن", "Mohamed Hassan", "", ""},
		{"王小明", "Xiaoming Wang", "Wang Xiaoming", ""},
		{"Юрий Щёголев", "Yuri Shchegolev", "", "Iurii"},
		{"Аna", "A\u200bna", "\xff\xfe", "김민수"},
		{"Dr. J. Silva", "Joana M. Silva GmbH", "", "e.V."},
		{"IGF", "Internet Governance Forum", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, one, two, latinOne, latinTwo string) {
		if len(one)+len(two)+len(latinOne)+len(latinTwo) > 2*longest {
			t.Skip() // no name that is entered is as long; FuzzKey tries what is cut
		}
		a, b := Written{one, latinOne}, Written{two, latinTwo}
		for _, kind := range []Kind{Person, Organization} {
			there, back := Compare(kind, a, b), Compare(kind, b, a)
			if there.Likeness != back.Likeness {
				t.Errorf("%q, %q: %q, the other way %q", a, b, there.Likeness, back.Likeness)
			}
			if !slices.Contains([]Likeness{Identical, Disguise, Reordered, Spelled, Script, Near, Different}, there.Likeness) {
				t.Errorf("%q, %q: %q", a, b, there.Likeness)
			}
			if near := there.Likeness == Near; near != (there.Left != "" && there.Right != "") {
				t.Errorf("%q, %q: %q by %q and %q", a, b, there.Likeness, there.Left, there.Right)
			}
			if PartOf(kind, a, b) != PartOf(kind, b, a) {
				t.Errorf("%q, %q: a part one way only", a, b)
			}
			if self := Compare(kind, a, a); Tight(one) != "" && self.Likeness != Identical {
				t.Errorf("%q and itself: %q", a, self.Likeness)
			}
			if shouted := Compare(kind, Written{Name: one}, Written{Name: " " + one + " "}); Tight(one) != "" && len(one) < longest/2 && shouted.Likeness != Identical {
				t.Errorf("%q with spaces around: %q", one, shouted.Likeness)
			}
		}
		if Comparable(a, b) != Comparable(b, a) || Acronym(one, two) != Acronym(two, one) || Distance(one, two) != Distance(two, one) {
			t.Errorf("%q, %q: the order matters", a, b)
		}
		if d := Distance(one, one); d != 0 && len([]rune(one)) <= longest {
			t.Errorf("%q is %d from itself", one, d)
		}
		if strings.TrimSpace(Tight(one)) != Tight(one) {
			t.Errorf("%q: %q", one, Tight(one))
		}
	})
}
