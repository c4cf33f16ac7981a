package names

import (
	"slices"
	"strings"
	"sync"
	"unicode"
)

// skeleton is a folded word without what spellings and transliterations of one name differ in: y, i and j; kh and h; sh, sch and
// s; ts, ch, c and k; w and v; doubled letters. Of a word in the Arabic script it is the bones. A skeleton is its own.
func skeleton(word string) string {
	if hasScript(word, unicode.Arabic) {
		return strings.Join(bones(word), " ")
	}
	if !ascii(word) {
		return word
	}
	// Each round brings some letters together that the next one may find beside others.
	for range 8 {
		next := soften(word)
		if next == word {
			break
		}
		word = next
	}
	return word
}

func ascii(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return r > unicode.MaxASCII })
}

// softer is made once: making it costs a thousand times what using it does.
var softer = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer(
		"shch", "sk", "tsch", "k", "sch", "s", "sh", "s", "sz", "s", "tch", "k", "ch", "k", "cz", "k", "ts", "k", "tz", "k", "tc", "k",
		"ck", "k", "kh", "h", "zh", "z", "dj", "i", "ph", "f", "x", "ks", "qu", "k", "c", "k", "q", "k", "w", "v",
		"ou", "u", "oo", "u", "ee", "i", "ae", "a", "oe", "o", "ue", "u",
		"yi", "i", "iy", "i", "ij", "i", "ji", "i", "y", "i", "j", "i",
	)
})

func soften(word string) string {
	word = afterConsonant(word, "yo", "e") // Fyodor, Fedor
	if rest, ok := strings.CutPrefix(word, "ye"); ok {
		word = "e" + rest
	}
	word = softer().Replace(word)
	word = afterConsonant(word, "h", "")
	word = undouble(word)
	if n := len(word); n > 3 && word[n-1] == 'h' && vowel(word[n-2]) {
		word = word[:n-1]
	}
	if n := len(word); n > 3 && word[n-1] == 'f' {
		word = word[:n-1] + "v" // Ivanoff
	}
	return word
}

func afterConsonant(word, what, with string) string {
	for from := 1; ; {
		at := strings.Index(word[min(from, len(word)):], what)
		if at < 0 {
			return word
		}
		at += from
		if c := word[at-1]; c < 'a' || c > 'z' || vowel(c) || c == 'h' {
			from = at + 1
			continue
		}
		word = word[:at] + with + word[at+len(what):]
		from = max(at, 1)
	}
}

func vowel(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }

func undouble(word string) string {
	var b strings.Builder
	for i := range len(word) {
		if i > 0 && word[i] == word[i-1] && (word[i] < '0' || word[i] > '9') {
			continue
		}
		b.WriteByte(word[i])
	}
	return b.String()
}

// bones are the consonants of a word, as the Arabic script would write it. A word that was put together with abd gives two.
func bones(word string) []string {
	if hasScript(word, unicode.Arabic) {
		return arabicBones(word)
	}
	if !ascii(word) {
		return []string{word}
	}
	if slices.Contains([]string{"al", "el", "ul", "ar", "ad", "as", "bin", "ben", "ibn", "bint", "ould", "the"}, word) {
		return nil
	}
	for _, prefix := range []string{"abdul", "abdel", "abdal", "abdur", "abder", "abd"} {
		if word == prefix {
			return []string{"bd"}
		}
		if rest, ok := strings.CutPrefix(word, prefix); ok && len(rest) >= 2 {
			if rest == "lah" || rest == "ah" || rest == "llah" || rest == "allah" {
				rest = "lah"
			}
			return []string{"bd", consonants(rest)}
		}
	}
	for _, article := range []string{"al", "el"} {
		if rest, ok := strings.CutPrefix(word, article); ok && len(rest) >= 4 && !vowel(rest[0]) {
			word = rest
		}
	}
	return []string{consonants(word)}
}

var consonantal = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("sh", "s", "kh", "h", "gh", "g", "th", "t", "dh", "d", "ph", "f", "ch", "k", "dj", "g", "j", "g",
		"c", "k", "q", "k", "x", "ks", "v", "f")
})

func consonants(word string) string {
	word = consonantal().Replace(word)
	var b strings.Builder
	for i := range len(word) {
		if c := word[i]; !vowel(c) && c != 'w' {
			b.WriteByte(c)
		}
	}
	return lastH(undouble(b.String()))
}

func arabicBones(word string) []string {
	switch word {
	case "بن", "ابن", "بنت", "ال", "آل", "ولد":
		return nil
	case "عبدالله":
		return []string{"bd", "l"}
	}
	if rest, ok := strings.CutPrefix(word, "عبدال"); ok && len(rest) >= 4 {
		return []string{"bd", arabicBones(rest)[0]}
	}
	if rest, ok := strings.CutPrefix(word, "ال"); ok && len(rest) >= 4 {
		word = rest
	}
	var b strings.Builder
	for _, r := range word {
		if l, ok := arabicBone(r); ok {
			b.WriteString(l)
			continue
		}
		b.WriteRune(r)
	}
	return []string{lastH(undouble(b.String()))}
}

// lastH drops a final h, which is a vowel more often than not: Fatima, Fatimah, فاطمة.
func lastH(bone string) string {
	if len(bone) > 1 {
		bone = strings.TrimSuffix(bone, "h")
	}
	if bone == "" {
		return "a"
	}
	return bone
}
