package mail

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// appendWire appends a message as it goes over the wire: line ends CRLF, a dot at the beginning
// of a line doubled, and the final dot. Messages of our own need no change and are copied whole.
func appendWire(dst, data []byte, rendered bool) []byte {
	if rendered || isWire(data) {
		dst = append(dst, data...)
	} else {
		dst = appendStuffed(dst, data)
	}
	if len(data) > 0 && !bytes.HasSuffix(dst, []byte("\r\n")) {
		dst = append(dst, "\r\n"...)
	}
	return append(dst, ".\r\n"...)
}

// isWire says whether every line ends with CRLF and none begins with a dot.
func isWire(data []byte) bool {
	if len(data) > 0 && data[0] == '.' {
		return false
	}
	lines := 0
	for at := 0; ; lines++ {
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		if at < 2 || data[at-2] != '\r' || at < len(data) && data[at] == '.' {
			return false
		}
	}
	return bytes.Count(data, []byte{'\r'}) == lines
}

// appendStuffed makes CRLF of every kind of line end, so that no other end of data than ours
// can be seen by a server that reads line ends loosely.
func appendStuffed(dst, data []byte) []byte {
	start := true
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case c == '\r':
			if i+1 < len(data) && data[i+1] == '\n' {
				i++
			}
			fallthrough
		case c == '\n':
			dst = append(dst, "\r\n"...)
			start = true
			continue
		case c == '.' && start:
			dst = append(dst, '.')
		}
		dst = append(dst, c)
		start = false
	}
	return dst
}

// check refuses on our side what the server cannot or must not be asked.
func (c *smtpConn) check(e *Envelope) (Result, bool) {
	e.wide = !is7Bit(e.mayBeWide())
	switch {
	case e.From != "" && !isPath(e.From):
		return refusal(StageFrom, 553, "5.1.7", "not an address"), true
	case !isPath(e.To):
		return refusal(StageTo, 553, "5.1.3", "not an address"), true
	case c.sizeLimit > 0 && int64(len(e.Data)) > c.sizeLimit:
		return refusal(StageFrom, 552, TooLarge, fmt.Sprintf("larger than the %d bytes that the server takes", c.sizeLimit)), true
	case !c.utf8 && needsUTF8(e):
		return refusal(StageTo, 553, NotInternational, "the server takes no internationalized addresses"), true
	case !c.eightBit && e.wide:
		return refusal(StageData, 554, "5.6.3", "the server takes 7-bit mail only"), true
	}
	return Result{}, false
}

// mayBeWide is the part of a message in which there may be something else than ASCII.
func (e *Envelope) mayBeWide() []byte {
	if e.Rendered {
		if end := bytes.Index(e.Data, []byte("\r\n\r\n")); end >= 0 {
			return e.Data[:end]
		}
	}
	return e.Data
}

// NotInternational is the enhanced code of a refusal because of an address that is not ASCII (RFC 6531), TooLarge of one
// because of the size of the message, whoever refuses.
const (
	NotInternational = "5.6.7"
	TooLarge         = "5.3.4"
)

// needsUTF8 says whether a message can travel by SMTPUTF8 only (RFC 6531): an address of the envelope or of the head is
// not ASCII. Messages of ours are ASCII in everything else, and need no look at the head.
func needsUTF8(e *Envelope) bool {
	if !isASCII(e.From) || !isASCII(e.To) {
		return true
	}
	if !e.wide {
		return false
	}
	head, _, _ := bytes.Cut(e.Data, []byte("\r\n\r\n"))
	return !is7Bit(head)
}

func refusal(s Stage, code int, enhanced, words string) Result {
	return Result{Outcome: Failed, Stage: s, Code: code, Enhanced: enhanced, Reply: words}
}

// isPath says whether an address may stand between the angle brackets of a command.
func isPath(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == 0x7f || c == '<' || c == '>' {
			return false
		}
	}
	return s != "" && len(s) <= 320
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// is7Bit is isASCII for whole messages, sixteen bytes at a time.
func is7Bit(b []byte) bool {
	const high = 0x8080808080808080
	for len(b) >= 16 {
		if (binary.NativeEndian.Uint64(b)|binary.NativeEndian.Uint64(b[8:]))&high != 0 {
			return false
		}
		b = b[16:]
	}
	return isASCII(string(b))
}
