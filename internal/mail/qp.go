package mail

import (
	"strings"
	"unicode/utf8"
)

// softLimit leaves room for the "=" of a soft line break.
const softLimit = lineLimit - 1

const upperHex = "0123456789ABCDEF"

// appendQP appends s, whose line ends are LF, in quoted-printable, beginning at column col, and
// returns the column where it ends. Characters are never split between lines. A dot and "From "
// at the beginning of a line are encoded, so that neither SMTP nor a mailbox file must alter them.
func appendQP(dst []byte, s string, col int) ([]byte, int) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\n':
			dst = append(dst, '\r', '\n')
			col = 0
			i++
		case col > 0 && isSafe(c):
			n := safeRun(s[i:], softLimit-col)
			if n == 0 {
				dst = append(dst, "=\r\n"...)
				col = 0
				continue
			}
			dst = append(dst, s[i:i+n]...)
			col += n
			i += n
		case col+1 <= softLimit && plainQP(s, i, col):
			dst = append(dst, c)
			col++
			i++
		default:
			size := 1
			if c >= utf8.RuneSelf {
				_, size = utf8.DecodeRuneInString(s[i:])
			}
			if col+3*size > softLimit {
				dst = append(dst, "=\r\n"...)
				col = 0
			}
			for _, b := range []byte(s[i : i+size]) {
				dst = append(dst, '=', upperHex[b>>4], upperHex[b&15])
			}
			col += 3 * size
			i += size
		}
	}
	return dst, col
}

// isSafe says whether a byte may stand for itself anywhere but at the beginning of a line.
func isSafe(c byte) bool { return c > ' ' && c <= '~' && c != '=' }

// safeRun is how many of the first limit bytes may stand for themselves in the middle of a line.
func safeRun(s string, limit int) int {
	n := min(len(s), limit)
	for i := range n {
		if !isSafe(s[i]) {
			return i
		}
	}
	return max(n, 0)
}

// plainQP says whether the byte at i may stand for itself at this column.
func plainQP(s string, i, col int) bool {
	c := s[i]
	switch {
	case c == ' ' || c == '\t':
		return i+1 < len(s) && s[i+1] != '\n'
	case c < ' ' || c > '~' || c == '=':
		return false
	case col == 0 && c == '.':
		return false
	case col == 0 && c == 'F':
		return !strings.HasPrefix(s[i:], "From ")
	}
	return true
}

// cleanBody makes text that may stand in a body: valid UTF-8, line ends LF, no control
// characters but line end and tab.
func cleanBody(s string) string {
	if isCleanBody(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f:
			return -1
		}
		return r
	}, s)
}

func isCleanBody(s string) bool {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(s)
}
