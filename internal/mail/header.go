package mail

import (
	"encoding/base64"
	"net/textproto"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

const (
	lineLimit  = 76 // RFC 2045 and 2047: lines of encoded text, without CRLF
	wordFrame  = len("=?UTF-8?B?") + len("?=")
	plainLimit = 60 // a longer name or subject is folded
)

// Header is one line of a message's head. The value is plain text, encoded on writing.
type Header struct {
	Name  string
	Value string
}

// cleanHeader makes one line out of any text: no control characters, so that no value can begin
// a header of its own; no characters that reorder the text around them; single spaces.
func cleanHeader(s string) string {
	if isCleanLine(s) {
		return s
	}
	mapped := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		case isBidiControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(mapped), " ")
}

// cleanSentence is cleanHeader for a text in which names of another direction are isolated (U+2068 … U+2069): these
// signs stay where each has its partner, because they reorder nothing outside of them.
func cleanSentence(s string) string {
	if !strings.ContainsRune(s, isolateBegin) {
		return cleanHeader(s)
	}
	depth := 0
	for _, r := range s {
		switch r {
		case isolateBegin:
			depth++
		case isolateEnd:
			depth--
		}
		if depth < 0 || depth > 1 {
			return cleanHeader(s)
		}
	}
	if depth != 0 {
		return cleanHeader(s)
	}
	if isCleanBut(s, isIsolate) {
		return s
	}
	return cleanGuarded(s)
}

// cleanGuarded is cleanSentence for any text in which the isolates are in order. Signs of the private area stand in their place
// meanwhile; a text has none of its own.
func cleanGuarded(s string) string {
	guard := strings.NewReplacer("\ue010", "", "\ue011", "", string(isolateBegin), "\ue010", string(isolateEnd), "\ue011")
	return strings.NewReplacer("\ue010", string(isolateBegin), "\ue011", string(isolateEnd)).Replace(cleanHeader(guard.Replace(s)))
}

const (
	isolateBegin = '\u2068'
	isolateEnd   = '\u2069'
)

// isIsolate knows the signs of an isolate, and not those that stand for them meanwhile.
func isIsolate(r rune) bool { return r == isolateBegin || r == isolateEnd }

// isCleanLine may say no to a clean line, never yes to another.
func isCleanLine(s string) bool { return isCleanBut(s, func(rune) bool { return false }) }

// isCleanBut is isCleanLine where some signs may stand that otherwise may not.
func isCleanBut(s string, may func(rune) bool) bool {
	space := true
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c > '~' || (space && c == ' ') {
				return false
			}
			space = c == ' '
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case may(r):
		case r <= '\u00a0', r == '\ue010', r == '\ue011', r >= '\u2000' && r <= '\u206f', r == '\u061c', r == '\u1680', r == '\u3000', r == utf8.RuneError:
			return false
		}
		space = false
		i += size
	}
	return s == "" || !space
}

// form is how a phrase must be written in a header.
type form int

const (
	formAtoms  form = iota // as it is
	formQuoted             // in quotation marks
	formWords              // as encoded-words
)

// phraseForm decides for a name before an address. Some receivers misread <>&" in a quoted
// string or in a Q encoded-word, so these characters always take the B encoding.
func phraseForm(s string) form {
	f := formAtoms
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~' || c == '<' || c == '>' || c == '&' || c == '"' || c == '\\':
			return formWords
		case strings.IndexByte("().,:;@[]", c) >= 0:
			f = formQuoted
		}
	}
	if len(s) > plainLimit || strings.Contains(s, "=?") {
		return formWords
	}
	return f
}

// appendAddress appends `Name <email>`, folded; col is where on the line it begins.
func appendAddress(dst []byte, a Address, col int) []byte {
	start := len(dst) - col
	if name := cleanHeader(a.Name); name != "" {
		switch phraseForm(name) {
		case formAtoms:
			dst = append(dst, name...)
		case formQuoted:
			dst = append(dst, '"')
			dst = append(dst, name...)
			dst = append(dst, '"')
		case formWords:
			var last int
			dst, last = appendWords(dst, name, col)
			start = len(dst) - last
		}
		if len(dst)-start+len(a.Email)+3 > lineLimit {
			dst = append(dst, "\r\n"...)
		}
		dst = append(dst, ' ')
	}
	dst = append(dst, '<')
	dst = appendToken(dst, a.Email)
	return append(dst, '>')
}

// appendText appends unstructured text (a subject) that begins at column col.
func appendText(dst []byte, s string, col int) []byte {
	s = cleanSentence(s)
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] <= '~'
	}
	switch {
	case !ascii || strings.Contains(s, "=?"):
		dst, _ = appendWords(dst, s, col)
		return dst
	case col+len(s) <= lineLimit:
		return append(dst, s...)
	}
	return appendFolded(dst, s, col)
}

// appendFolded breaks plain text at its spaces; text with a word too long for a line is encoded.
func appendFolded(dst []byte, s string, col int) []byte {
	words := strings.Split(s, " ")
	for _, w := range words {
		if len(w) > plainLimit {
			dst, _ = appendWords(dst, s, col)
			return dst
		}
	}
	for i, w := range words {
		if i > 0 && col+1+len(w) > lineLimit {
			dst = append(dst, "\r\n"...)
			col = 0
		}
		if i > 0 {
			dst = append(dst, ' ')
			col++
		}
		dst = append(dst, w...)
		col += len(w)
	}
	return dst
}

// appendWords appends B encoded-words (RFC 2047), each whole in its characters, and returns the
// column where the last one ends.
func appendWords(dst []byte, s string, col int) ([]byte, int) {
	for {
		room := (lineLimit - col - wordFrame) / 4 * 3
		n := wholeRunes(s, room)
		if n == 0 && s != "" {
			dst = append(dst, "\r\n "...)
			col = 1
			continue
		}
		dst = append(dst, "=?UTF-8?B?"...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(s[:n]))
		dst = append(dst, "?="...)
		col += wordFrame + base64.StdEncoding.EncodedLen(n)
		s = s[n:]
		if s == "" {
			return dst, col
		}
		dst = append(dst, "\r\n "...)
		col = 1
	}
}

// wholeRunes is the length of the longest start of s that fits into n bytes and ends between
// two characters.
func wholeRunes(s string, n int) int {
	if n >= len(s) {
		return len(s)
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return max(n, 0)
}

// appendToken appends a machine's word (an address, an identifier) without anything that could
// end it: white space, control characters, angle brackets.
func appendToken(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c > ' ' && c != 0x7f && c != '<' && c != '>' {
			dst = append(dst, c)
		}
	}
	return dst
}

// appendURI appends a link; what may not stand in one is percent-encoded.
func appendURI(dst []byte, s string) []byte {
	const hexDigits = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if c > ' ' && c < 0x7f && c != '<' && c != '>' && c != ',' {
			dst = append(dst, c)
			continue
		}
		if c > ' ' {
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}

// checkHeader refuses a fixed header that is not one.
func checkHeader(h Header) error {
	name := textproto.TrimString(h.Name)
	if name == "" || name != h.Name || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
		return errs.InvalidFields(errs.FieldError("headers", "mail.header.name", "Name", h.Name))
	}
	return nil
}
