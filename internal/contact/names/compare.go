package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Likeness says in what way two names are the same.
type Likeness string

// The ways, the closest first. Different is none.
const (
	Identical Likeness = "identical" // up to case and diacritics, in the same order
	Disguise  Likeness = "disguise"  // to the eye only: lookalikes or characters that take no room
	Reordered Likeness = "reordered" // the same words in another order, or with a title or a legal form
	Spelled   Likeness = "spelled"   // spellings of one name in one script
	Script    Likeness = "script"    // in two scripts
	Near      Likeness = "near"      // a letter apart, as by a typing error
	Different Likeness = ""
)

// Written is a name as somebody wrote it.
type Written struct {
	Name            string
	Transliteration string
}

// Match is how two names are alike. Of Near, Left and Right are the words a letter apart.
type Match struct {
	Likeness
	Left, Right string
}

// Compare says in what way two names are the same. It does not matter which comes first but for Left and Right.
func Compare(kind Kind, a, b Written) Match {
	if t := Tight(a.Name); t != "" && t == Tight(b.Name) {
		if Disguised(a.Name) != Disguised(b.Name) {
			return Match{Likeness: Disguise}
		}
		return Match{Likeness: Identical}
	}
	wa, wb := Words(kind, a.Name), Words(kind, b.Name)
	slices.Sort(wa)
	slices.Sort(wb)
	switch {
	case len(wa) == 0 || len(wb) == 0:
		return Match{}
	case sameWords(a.Name, b.Name, wa, wb):
		return Match{Likeness: Reordered}
	case bothHan(a.Name, b.Name):
		return Match{}
	}
	if m := sameKey(kind, a, b, wa, wb); m != Different {
		return Match{Likeness: m}
	}
	if sameScript(a.Name, b.Name) { // a slip happens in the letters that were typed
		wa, wb = lettered(kind, a.Name), lettered(kind, b.Name)
	}
	return near(kind, wa, wb)
}

// lettered are the words in their own script, sorted.
func lettered(kind Kind, name string) []string {
	words := strings.Fields(Tight(name))
	if kind == Organization {
		words = withoutForms(words)
	} else {
		words = withoutTitles(words)
	}
	slices.Sort(words)
	return words
}

func bothHan(a, b string) bool { return hasScript(a, unicode.Han) && hasScript(b, unicode.Han) }

func sameWords(a, b string, wa, wb []string) bool {
	return slices.Equal(wa, wb) && sameScript(a, b) && hanOnly(a) == hanOnly(b)
}

func sameKey(kind Kind, a, b Written, wa, wb []string) Likeness {
	ka, kb := Key(kind, a.Name, a.Transliteration), Key(kind, b.Name, b.Transliteration)
	if sameScript(a.Name, b.Name) {
		switch {
		case ka != kb || hasScript(a.Name, unicode.Arabic) || chinese(wa) || chinese(wb):
			return Different // syllables have one spelling, and bones alone are too little between two Arabic names
		}
		return Spelled
	}
	if ka == kb && ka != "" && !hasScript(ka, unicode.Arabic) {
		return Script
	}
	bare := hasScript(a.Name, unicode.Arabic) || hasScript(b.Name, unicode.Arabic)
	bone := Bones(kind, a.Name, a.Transliteration)
	if bare && len(strings.Fields(bone)) > 1 && len(bone) > 5 && bone == Bones(kind, b.Name, b.Transliteration) {
		return Script
	}
	return Different
}

// sameScript says whether two names are written in letters of the same script. Latin ones may stand beside any, in a title.
func sameScript(a, b string) bool {
	for _, s := range []*unicode.RangeTable{
		unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana,
		unicode.Hebrew, unicode.Devanagari, unicode.Bengali, unicode.Tamil, unicode.Thai, unicode.Armenian, unicode.Georgian, unicode.Ethiopic,
	} {
		if hasScript(a, s) != hasScript(b, s) {
			return false
		}
	}
	return true
}

// near says whether one word is a typing error away and the others are the same.
func near(kind Kind, wa, wb []string) Match {
	if len(wa) != len(wb) || chinese(wa) || chinese(wb) {
		return nearJoined(kind, wa, wb)
	}
	left, right := apart(wa, wb)
	if len(left) != 1 || len(right) != 1 || len(wa) < 2 && kind == Person || !typo(left[0], right[0]) {
		return Match{}
	}
	return Match{Likeness: Near, Left: left[0], Right: right[0]}
}

// nearJoined: a space too many or too few.
func nearJoined(kind Kind, wa, wb []string) Match {
	if d := len(wa) - len(wb); d != 1 && d != -1 || chinese(wa) || chinese(wb) {
		return Match{}
	}
	left, right := apart(wa, wb)
	if len(left) == 1 {
		left, right = right, left
	}
	if len(left) != 2 || len(right) != 1 || kind == Person && len(wa)+len(wb) < 5 {
		return Match{}
	}
	if left[0]+left[1] == right[0] || left[1]+left[0] == right[0] {
		return Match{Likeness: Spelled}
	}
	return Match{}
}

// apart are the words of each that the other does not have. Both are sorted.
func apart(wa, wb []string) (left, right []string) {
	rest := slices.Clone(wb)
	for _, w := range wa {
		if at := slices.Index(rest, w); at >= 0 {
			rest = slices.Delete(rest, at, at+1)
			continue
		}
		left = append(left, w)
	}
	return left, rest
}

// typo says whether one word is the other with a slip of the finger: one letter too many, too few, another, or two in the wrong
// order. Short words and endings are not: Ana and Ada, Luis and Luisa are two people.
func typo(a, b string) bool {
	ra, rb := []rune(a), []rune(b)
	shorter, longer := min(len(ra), len(rb)), max(len(ra), len(rb))
	if shorter < 4 || longer-shorter > 1 || ending(ra, rb) || strings.ContainsAny(a+b, "0123456789") {
		return false
	}
	return Distance(a, b) == 1
}

// ending says whether only the last letters differ, and are vowels: Mario, Maria, Marie; Luis, Luisa.
func ending(a, b []rune) bool {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	rest := func(r []rune) bool {
		return len(r) == 0 || len(r) == 1 && strings.ContainsRune("aeiouyаеиоуыяюэ", r[0])
	}
	return rest(a[n:]) && rest(b[n:])
}

// Distance is how many letters have to be put in, taken out, replaced or swapped with their neighbour to make b of a (Damerau
// and Levenshtein, each place changed once).
func Distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	if utf8.RuneCountInString(a) > longest || utf8.RuneCountInString(b) > longest {
		return longest
	}
	older, last, row := make([]int, len(rb)+1), make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		row[0] = i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, last, row = last, row, older
	}
	return last[len(rb)]
}

// Comparable says whether Compare can tell that two names are not the same: both are in scripts of which we know how they are
// written in Latin letters.
func Comparable(a, b Written) bool { return known(a) && known(b) }

func known(w Written) bool {
	return !strings.ContainsFunc(chosen(w.Name, w.Transliteration), func(r rune) bool {
		return unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Han, unicode.Arabic)
	})
}

// PartOf says whether one name is a part of the other, or has initials for some of its words: "J. Silva", "Joana Silva", "Joana
// M. Silva". One word at least has to be written out in both.
func PartOf(kind Kind, a, b Written) bool {
	wa, wb := Words(kind, a.Name), Words(kind, b.Name)
	if len(wa) > len(wb) {
		wa, wb = wb, wa
	}
	if len(wa) == 0 || kind == Organization && len(wa) < 2 {
		return false
	}
	rest, whole := slices.Clone(wb), 0
	for _, w := range wa {
		at := slices.Index(rest, w)
		if at >= 0 {
			whole++
		} else if at = slices.IndexFunc(rest, func(r string) bool { return initial(w, r) || initial(r, w) }); at < 0 {
			return false
		}
		rest = slices.Delete(rest, at, at+1)
	}
	return whole > 0
}

func initial(short, long string) bool {
	return utf8.RuneCountInString(short) == 1 && strings.HasPrefix(long, short)
}

// Acronym says whether one name is made of the first letters of the other's words: ISOC is not, IGF is.
func Acronym(a, b string) bool {
	return acronymOf(a, b) || acronymOf(b, a)
}

func acronymOf(short, long string) bool {
	word := Tight(short)
	if n := len(word); n < 3 || n > 10 || strings.Contains(word, " ") {
		return false
	}
	var all, main strings.Builder
	for _, w := range strings.Fields(Tight(long)) {
		first, _ := utf8.DecodeRuneInString(w)
		all.WriteRune(first)
		if !smallWord(w) {
			main.WriteRune(first)
		}
	}
	return word == all.String() || word == main.String()
}
