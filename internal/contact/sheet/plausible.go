package sheet

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The commonest letters of the languages that an encoding was made for. A text decoded as it was
// meant consists of them for more than a half; decoded otherwise, of letters that hardly occur.
const (
	commonLatin    = "éèêëáàâãäåçíîïñóòôõöøúùûüßÉÁÍÓÚÖÜÇÑ’‘“”–ºª°«»œ"
	commonCyrillic = "оеаинтсрвлкмдпуяыьгзбчйхжОАСМРКНИГПВЕДТЛ"
	commonArabic   = "اليمنورتبدةعسهفحكقشصطجخأزغضإىذءئثظؤلآ،"
)

// readable is the share of letters, digits and usual signs of living scripts among the characters.
func readable(text []byte) float64 {
	good, all := 0, 0
	for _, r := range string(text) {
		all++
		switch {
		case r == '\r', r == '\n', r == '\t', r == ' ', r > ' ' && r < 0x7f,
			r < 0x0600 && unicode.IsLetter(r), unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Devanagari, unicode.Thai,
				unicode.Hiragana, unicode.Katakana), r >= 0x4e00 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3, r >= 0x3000 && r <= 0x3011, r >= 0xff01 && r <= 0xff5e:
			good++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(good) / float64(all)
}

// plausible guesses the encoding of a text that is not UTF-8: the one in which the letters beyond
// ASCII are those that its languages use, standing together as they do.
func plausible(text []byte) string {
	best, name := 0.35, Windows1252
	for _, c := range []struct {
		name  string
		score float64
	}{
		{Windows1252, scoreLatin(text)},
		{Windows1251, scoreScript(text, Windows1251, unicode.Cyrillic, commonCyrillic)},
		{Windows1256, scoreScript(text, Windows1256, unicode.Arabic, commonArabic)},
		{GB18030, scoreHan(text)},
	} {
		if c.score > best {
			best, name = c.score, c.name
		}
	}
	return name
}

// scoreLatin: accented letters are common ones, and stand alone among those of ASCII.
func scoreLatin(text []byte) float64 {
	decoded, _ := latin.appendUTF8(nil, text)
	good, all := 0, 0
	previous := ' '
	runes := []rune(string(decoded))
	for i, r := range runes {
		if r >= utf8.RuneSelf {
			all++
			follows := ' '
			if i+1 < len(runes) {
				follows = runes[i+1]
			}
			if strings.ContainsRune(commonLatin, r) && (previous < utf8.RuneSelf || follows < utf8.RuneSelf) {
				good++
			}
		}
		previous = r
	}
	return share(good, all)
}

// scoreScript: whole words are of one script and of its common letters, capitals only in front.
func scoreScript(text []byte, name string, script *unicode.RangeTable, common string) float64 {
	f, _ := encodingOf(name)
	decoded, _ := f.decode.appendUTF8(nil, text)
	good, all, alone := 0, 0, 0
	for word := range strings.FieldsFuncSeq(string(decoded), func(r rune) bool { return r < utf8.RuneSelf && !isASCIILetter(r) }) {
		length := utf8.RuneCountInString(word)
		for i, r := range word {
			if r < utf8.RuneSelf {
				continue
			}
			all++
			switch {
			case !unicode.Is(script, r) || !strings.ContainsRune(common, r):
			case i > 0 && unicode.IsUpper(r) && word != strings.ToUpper(word):
			case length == 1 || len(word) == length+1:
				alone++ // one such letter among those of ASCII is an accent rather
			default:
				good++
			}
		}
	}
	return share(good, all) - share(alone, all)
}

func isASCIILetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

// scoreHan: the bytes come in pairs, nearly all of them in the rows of the common characters.
func scoreHan(text []byte) float64 {
	f, _ := encodingOf(GB18030)
	decoded, whole := f.decode.appendUTF8(nil, text)
	if !whole {
		return 0
	}
	common, all := 0, 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf || i+1 >= len(text) {
			i++
			continue
		}
		all++
		// Rows 16 to 55 of GB 2312 are the characters in everyday use, rows 1 and 3 the signs.
		lead, trail := text[i], text[i+1]
		if (lead >= 0xb0 && lead <= 0xd7 || lead == 0xa1 || lead == 0xa3) && trail >= 0xa1 {
			common++
		}
		i += 2
	}
	han := bytes.ContainsFunc(decoded, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if !han {
		return 0
	}
	// Cyrillic words in windows-1251 may read as pairs too, though seldom as common ones.
	return share(common, all)
}

func share(part, all int) float64 {
	if all == 0 {
		return 0
	}
	return float64(part) / float64(all)
}
