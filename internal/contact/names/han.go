package names

import (
	"slices"
	"strings"
	"unicode"

	pinyin "github.com/mozillazg/go-pinyin"
)

// breakHan writes Han characters as syllables in Latin letters, each a word of its own.
func breakHan(text string) string {
	if !hasScript(text, unicode.Han) {
		return text
	}
	for _, honorific := range []string{"先生", "女士", "小姐", "博士", "教授", "老师", "老師"} {
		if rest := strings.Replace(text, honorific, " ", 1); hasScript(rest, unicode.Han) {
			text = rest
		}
	}
	args := pinyin.NewArgs()
	var b strings.Builder
	for _, r := range text {
		if readings := pinyin.SinglePinyin(r, args); unicode.Is(unicode.Han, r) && len(readings) > 0 {
			b.WriteString(" " + strings.ReplaceAll(readings[0], "v", "u") + " ")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// syllable says whether a word is what a Chinese syllable looks like in Latin letters, with some that there are not.
func syllable(word string) bool {
	switch word {
	case "a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "er":
		return true
	}
	switch withoutInitial(word) {
	case "a", "o", "e", "i", "u", "v", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "ia", "ie", "iu", "iao", "ian", "in", "iang", "ing", "iong",
		"ua", "uo", "ui", "un", "ue", "uai", "uan", "uang":
		return true
	}
	return false
}

// withoutInitial is a word without the consonant that begins a syllable, "" where none does.
func withoutInitial(word string) string {
	for _, initial := range []string{"zh", "ch", "sh"} {
		if rest, ok := strings.CutPrefix(word, initial); ok {
			return rest
		}
	}
	if word != "" && strings.IndexByte("bpmfdtnlgkhjqxrzcsyw", word[0]) >= 0 {
		return word[1:]
	}
	return ""
}

// syllables takes a name apart that could be a Chinese one, so that "Xiao-Ming Wang", "Wang Xiaoming" and the Han characters
// have the same words. Any other name of such syllables comes apart too, and always in the same way.
func syllables(words []string) []string {
	var all []string
	single := false
	for _, w := range words {
		parts := split(w)
		if parts == nil {
			return words
		}
		single = single || len(parts) == 1
		all = append(all, parts...)
	}
	if !single || len(all) < 2 || len(all) > 4 {
		return words
	}
	return all
}

// split takes a word apart into syllables, the first as long as possible; nil where it is not made of them.
func split(word string) []string {
	if word == "" || len(word) > 18 || !ascii(word) {
		return nil
	}
	if syllable(word) {
		return []string{word}
	}
	for n := min(6, len(word)-1); n > 0; n-- {
		if !syllable(word[:n]) {
			continue
		}
		if rest := split(word[n:]); rest != nil {
			return append([]string{word[:n]}, rest...)
		}
	}
	return nil
}

// chinese says whether all words are single such syllables.
func chinese(words []string) bool {
	return len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !syllable(w) })
}

// hanOnly are the Han characters of a name in order.
func hanOnly(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Han, r) {
			return r
		}
		return -1
	}, name)
}
