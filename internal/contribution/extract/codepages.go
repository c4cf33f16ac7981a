package extract

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

const maxFonts = 10_000

// codepages says how the bytes of an RTF text are to be read: by the character set of the font, else by the document's.
type codepages struct {
	page  int         // of the document
	fonts map[int]int // page by font
}

// set notes the character set of a font.
func (c *codepages) set(font, charset int) {
	page := map[int]int{
		0: 1252, 77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257,
		204: 1251, 222: 874, 238: 1250,
	}[charset]
	if page != 0 && len(c.fonts) < maxFonts {
		c.fonts[font] = page
	}
}

func (c *codepages) decode(raw []byte, font int) string {
	page := c.fonts[font]
	if page == 0 || page == 1252 && c.page != 0 {
		page = c.page // fonts often claim the Western set whatever the text is in
	}
	ascii := true
	for _, b := range raw {
		ascii = ascii && b < 0x80
	}
	if ascii {
		return string(raw)
	}
	text, err := encodingOf(page).NewDecoder().String(string(raw))
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\ufffd")
	}
	return text
}

func encodingOf(page int) encoding.Encoding {
	switch page {
	case 437:
		return charmap.CodePage437
	case 850:
		return charmap.CodePage850
	case 852:
		return charmap.CodePage852
	case 866:
		return charmap.CodePage866
	case 874:
		return charmap.Windows874
	case 932:
		return japanese.ShiftJIS
	case 936:
		return simplifiedchinese.GBK
	case 949:
		return korean.EUCKR
	case 950:
		return traditionalchinese.Big5
	case 1250:
		return charmap.Windows1250
	case 1251:
		return charmap.Windows1251
	case 1253:
		return charmap.Windows1253
	case 1254:
		return charmap.Windows1254
	case 1255:
		return charmap.Windows1255
	case 1256:
		return charmap.Windows1256
	case 1257:
		return charmap.Windows1257
	case 1258:
		return charmap.Windows1258
	case 10000:
		return charmap.Macintosh
	case 54936:
		return simplifiedchinese.GB18030
	case 65001:
		return unicode.UTF8
	}
	return charmap.Windows1252
}
