package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// lookalike is the Latin letter that a Cyrillic, Greek or other letter can be taken for, 0 where there is none.
func lookalike(r rune) rune {
	const foreign = "АВЕЅІЈКМНОРСТУХҮԌԚԜаеѕіјорсухһԁԛԝցօսΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορικυɑɡıο"
	const latin = "" +
		"ABESIJKMHOPCTYXYGQWaesijopcyxhdqwgouABEZHIKMNOPTYXavopikuagio"
	if r < utf8.RuneSelf { // most letters by far
		return 0
	}
	at := 0
	for _, f := range foreign {
		if f == r {
			return rune(latin[at])
		}
		at++
	}
	return 0
}

// latinLookalikes writes in Latin letters what pretends to be: the letters of another script in a word that has Latin letters
// too, and a word of such letters only among Latin ones.
func latinLookalikes(text string) string {
	text = norm.NFKC.String(text)
	if !hasScript(text, unicode.Latin) || !strings.ContainsFunc(text, func(r rune) bool { return lookalike(r) != 0 }) {
		return text
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		if hasScript(w, unicode.Latin) || !strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) && lookalike(r) == 0 }) {
			words[i] = strings.Map(func(r rune) rune {
				if l := lookalike(r); l != 0 {
					return l
				}
				return r
			}, w)
		}
	}
	return strings.Join(words, " ")
}

// transliterate writes a word of Cyrillic or Greek letters in Latin ones.
func transliterate(word string) string {
	switch {
	case hasScript(word, unicode.Cyrillic):
		return cyrillic(norm.NFC.String(strings.ToLower(word)))
	case hasScript(word, unicode.Greek):
		return greek(stripMarks(strings.ToLower(word)))
	}
	return word
}

func stripMarks(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
}

// cyrillic follows the passport tables of the languages that write with it; the skeleton does away with where they differ.
func cyrillic(word string) string {
	var b strings.Builder
	for _, r := range word {
		if l, ok := cyrillicLetter(r); ok {
			b.WriteString(l)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

//nolint:funlen // a table
func cyrillicLetter(r rune) (string, bool) {
	switch r {
	case 'а':
		return "a", true
	case 'б':
		return "b", true
	case 'в':
		return "v", true
	case 'г', 'ґ', 'ѓ', 'ғ':
		return "g", true
	case 'д':
		return "d", true
	case 'ђ':
		return "dj", true
	case 'е', 'ё', 'э', 'є':
		return "e", true
	case 'ж', 'җ':
		return "zh", true
	case 'з', 'ѕ':
		return "z", true
	case 'и', 'й', 'і', 'ѝ', 'ј':
		return "i", true
	case 'ї':
		return "yi", true
	case 'к', 'қ', 'ќ':
		return "k", true
	case 'л':
		return "l", true
	case 'љ':
		return "lj", true
	case 'м':
		return "m", true
	case 'н', 'ң':
		return "n", true
	case 'њ':
		return "nj", true
	case 'о', 'ө':
		return "o", true
	case 'п':
		return "p", true
	case 'р':
		return "r", true
	case 'с':
		return "s", true
	case 'т':
		return "t", true
	case 'ћ':
		return "c", true
	case 'у', 'ў', 'ү', 'ұ':
		return "u", true
	case 'ф':
		return "f", true
	case 'х', 'һ', 'ҳ':
		return "kh", true
	case 'ц':
		return "ts", true
	case 'ч', 'ҷ':
		return "ch", true
	case 'џ':
		return "dz", true
	case 'ш':
		return "sh", true
	case 'щ':
		return "shch", true
	case 'ы':
		return "y", true
	case 'ъ', 'ь', '’', '\'':
		return "", true
	case 'ю':
		return "yu", true
	case 'я', 'ә':
		return "ya", true
	}
	return "", false
}

// greek follows ELOT 743 with the pairs that are one sound.
func greek(word string) string {
	return strings.NewReplacer(
		"ου", "ou", "αυ", "av", "ευ", "ev", "ηυ", "iv", "γγ", "ng", "γξ", "nx", "γχ", "nch", "μπ", "b", "ντ", "nt", "γκ", "g",
		"α", "a", "β", "v", "γ", "g", "δ", "d", "ε", "e", "ζ", "z", "η", "i", "θ", "th", "ι", "i", "κ", "k", "λ", "l", "μ", "m",
		"ν", "n", "ξ", "x", "ο", "o", "π", "p", "ρ", "r", "σ", "s", "ς", "s", "τ", "t", "υ", "y", "φ", "f", "χ", "ch", "ψ", "ps", "ω", "o",
	).Replace(word)
}

// arabicBone is a consonant of the Arabic script in the letters of bones; vowels and what carries them are none.
func arabicBone(r rune) (string, bool) {
	switch r {
	case 'ب':
		return "b", true
	case 'پ':
		return "p", true
	case 'ت', 'ث', 'ط', 'ٹ':
		return "t", true
	case 'ج', 'غ', 'گ', 'ݣ':
		return "g", true
	case 'ح', 'خ', 'ه', 'ھ', 'ہ', 'ة', 'ۀ':
		return "h", true
	case 'چ', 'ک', 'ك', 'ق', 'ڭ':
		return "k", true
	case 'د', 'ذ', 'ض', 'ڈ':
		return "d", true
	case 'ر', 'ڑ':
		return "r", true
	case 'ز', 'ژ', 'ظ':
		return "z", true
	case 'س', 'ص', 'ش':
		return "s", true
	case 'ف', 'ڤ':
		return "f", true
	case 'ل':
		return "l", true
	case 'م':
		return "m", true
	case 'ن', 'ں':
		return "n", true
	case 'و', 'ا', 'أ', 'إ', 'آ', 'ٱ', 'ى', 'ي', 'ی', 'ے', 'ئ', 'ؤ', 'ء', 'ع':
		return "", true
	}
	return "", false
}
