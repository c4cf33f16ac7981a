package mail

import (
	"encoding/base64"
	"strings"
)

// base64Stream encodes pieces as one base64 text: bytes that do not fill a group of three wait
// for the next piece.
type base64Stream struct {
	wait [3]byte
	n    int // bytes waiting, 0 to 2
	col  int
}

// alignedLiteral is a fixed piece encoded for each number of bytes that may wait before it, so
// that a text encoded once need not be encoded again behind a value of any length.
type alignedLiteral [3]struct {
	head []byte // completes the waiting group
	body []byte // encoded lines
	tail []byte // waits for the next piece
	col  int    // column where body ends
}

func newAlignedLiteral(s string) *alignedLiteral {
	var a alignedLiteral
	for wait := range 3 {
		head := min((3-wait)%3, len(s))
		rest := s[head:]
		whole := len(rest) / 3 * 3
		v := &a[wait]
		v.head, v.tail = []byte(s[:head]), []byte(rest[whole:])
		for line := rest[:whole]; line != ""; {
			n := min(lineLimit/4*3, len(line))
			if len(v.body) > 0 {
				v.body = append(v.body, "\r\n"...)
			}
			v.body = base64.StdEncoding.AppendEncode(v.body, []byte(line[:n]))
			v.col = n / 3 * 4
			line = line[n:]
		}
	}
	return &a
}

func (b *base64Stream) literal(dst []byte, a *alignedLiteral) []byte {
	v := &a[b.n]
	dst = b.bytes(dst, v.head)
	if len(v.body) > 0 {
		if b.col > 0 {
			dst = append(dst, "\r\n"...)
		}
		dst = append(dst, v.body...)
		b.col = v.col
	}
	return b.bytes(dst, v.tail)
}

func (b *base64Stream) bytes(dst, s []byte) []byte {
	for len(s) > 0 {
		n := copy(b.wait[b.n:], s)
		b.n += n
		s = s[n:]
		if b.n == 3 {
			dst = b.group(dst)
			b.n = 0
		}
	}
	return dst
}

// text is bytes for a value, whose line ends become CRLF.
func (b *base64Stream) text(dst []byte, s string) []byte {
	for {
		line, rest, more := strings.Cut(s, "\n")
		dst = b.run(dst, line)
		if !more {
			return dst
		}
		dst = b.bytes(dst, []byte{'\r', '\n'})
		s = rest
	}
}

// run encodes whole groups together, as many as the line has room for.
func (b *base64Stream) run(dst []byte, s string) []byte {
	for len(s) > 0 {
		groups := min((lineLimit-b.col)/4, len(s)/3)
		if b.n > 0 || groups == 0 {
			n := copy(b.wait[b.n:], s)
			s = s[n:]
			if b.n += n; b.n == 3 {
				dst = b.group(dst)
				b.n = 0
			}
			continue
		}
		var room [lineLimit / 4 * 3]byte
		n := copy(room[:groups*3], s)
		dst = base64.StdEncoding.AppendEncode(dst, room[:n])
		b.col += groups * 4
		s = s[n:]
	}
	return dst
}

func (b *base64Stream) group(dst []byte) []byte {
	if b.col+4 > lineLimit {
		dst = append(dst, "\r\n"...)
		b.col = 0
	}
	b.col += 4
	return base64.StdEncoding.AppendEncode(dst, b.wait[:b.n])
}

// end writes what still waits, padded.
func (b *base64Stream) end(dst []byte) []byte {
	if b.n > 0 {
		dst = b.group(dst)
	}
	return dst
}
