package extract

import (
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// frequent are the letters of which four fifths of all text in a language are made.
const (
	frequentRussian = "оеаинтсрвлкмдпуОЕАИНТСРВЛКМДПУ"
	frequentArabic  = "اليمنوترهةبعدسف"
)

// legacy finds the character set of a text that is no Unicode: the one in which its words beyond ASCII are made of the letters
// that are frequent in Russian or Arabic; else that of Chinese, where its bytes are pairs of common characters; else Windows-1252,
// in which every byte has a meaning.
func legacy(raw []byte) encoding.Encoding {
	if standsAlone(raw) {
		if found := byLetters(raw); found != nil {
			return found
		}
	}
	if looksChinese(raw) {
		return simplifiedchinese.GB18030
	}
	return charmap.Windows1252
}

// standsAlone says whether words are written wholly beyond ASCII: in Latin letters, those with accents stand among others.
func standsAlone(raw []byte) bool {
	alone, among := 0, 0
	for i := 0; i < len(raw); {
		from := i
		for i < len(raw) && raw[i] >= 0x80 {
			i++
		}
		switch {
		case i == from:
			i++
		case from > 0 && isLetter(raw[from-1]) || i < len(raw) && isLetter(raw[i]):
			among++
		case i > from+1:
			alone++
		}
	}
	return alone > among
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// byLetters is nil where no character set makes mostly frequent letters of the text.
func byLetters(raw []byte) encoding.Encoding {
	var counts [256]int
	all := 0
	for _, b := range raw {
		if b >= 0x80 {
			counts[b]++
			all++
		}
	}
	var best encoding.Encoding
	most := all * 6 / 10
	for _, c := range []struct {
		set     *charmap.Charmap
		letters string
	}{
		{charmap.Windows1251, frequentRussian},
		{charmap.KOI8R, frequentRussian},
		{charmap.CodePage866, frequentRussian},
		{charmap.Windows1256, frequentArabic},
		{charmap.ISO8859_6, frequentArabic},
	} {
		n := 0
		for _, r := range c.letters {
			if b, ok := c.set.EncodeRune(r); ok {
				n += counts[b]
			}
		}
		if n > most {
			best, most = c.set, n
		}
	}
	return best
}

// looksChinese says whether what is beyond ASCII are pairs of bytes (GBK), and most of them common characters: those that GB 2312
// has on its first level, and its punctuation.
func looksChinese(raw []byte) bool {
	pairs, common, odd := 0, 0, 0
	for i := 0; i < len(raw); {
		switch {
		case raw[i] < 0x80:
			i++
			continue
		case i+1 == len(raw): // a text that was cut
			i++
			continue
		case raw[i] == 0x80 || raw[i] == 0xff || raw[i+1] < 0x40 && !isDigit(raw[i+1]) || raw[i+1] == 0x7f || raw[i+1] == 0xff:
			odd++
			i++
			continue
		}
		pairs++
		if raw[i+1] >= 0xa1 && (raw[i] >= 0xb0 && raw[i] <= 0xd7 || raw[i] >= 0xa1 && raw[i] <= 0xa3) {
			common++
		}
		i += 2
	}
	return common > 1 && common*10 > pairs*7 && odd*20 < pairs
}

func isDigit(b byte) bool { return b >= 0x30 && b <= 0x39 }
