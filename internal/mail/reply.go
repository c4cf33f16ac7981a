package mail

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
)

const (
	maxReplyLines = 64
	maxReplyText  = 500
)

// reply is one answer of a server, its lines joined by spaces.
type reply struct {
	code     int
	enhanced string
	text     string
	lines    []string // of a 2xx reply to EHLO only
}

func (r reply) ok() bool     { return r.code >= 200 && r.code < 300 }
func (r reply) later() bool  { return r.code >= 400 && r.code < 500 }
func (r reply) never() bool  { return r.code >= 500 && r.code < 600 }
func (r reply) leaves() bool { return r.code == 421 }

func (r reply) String() string { return fmt.Sprintf("%d %s %s", r.code, r.enhanced, r.text) }

var errReply = errors.New("the server's reply is not SMTP")

// readReply reads a reply of one or more lines. Its memory is bounded whatever the server sends.
func readReply(br *bufio.Reader, keep bool) (reply, error) {
	var r reply
	var text strings.Builder
	for n := 0; ; n++ {
		line, err := br.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) || n == maxReplyLines {
			return r, errReply
		}
		if err != nil {
			return r, err
		}
		code, last, rest, ok := parseReplyLine(line)
		if !ok || n > 0 && code != r.code {
			return r, errReply
		}
		r.code = code
		rest = r.take(n, rest, keep)
		if text.Len()+len(rest) < maxReplyText {
			if n > 0 {
				text.WriteByte(' ')
			}
			text.Write(rest)
		}
		if last {
			r.text = cleanHeader(text.String())
			return r, nil
		}
	}
}

// take keeps what line n says and returns what of it belongs to the text.
func (r *reply) take(n int, rest []byte, keep bool) []byte {
	switch {
	case n == 0:
		r.enhanced, rest = cutEnhanced(r.code, rest)
	case keep:
		r.lines = append(r.lines, string(rest))
	default:
		_, rest = cutEnhanced(r.code, rest)
	}
	return rest
}

func parseReplyLine(line []byte) (code int, last bool, rest []byte, ok bool) {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	if len(line) < 3 {
		return 0, false, nil, false
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, false, nil, false
		}
		code = code*10 + int(c-'0')
	}
	if code < 200 || code > 599 {
		return 0, false, nil, false
	}
	switch {
	case len(line) == 3:
		return code, true, nil, true
	case line[3] == ' ':
		return code, true, line[4:], true
	case line[3] == '-':
		return code, false, line[4:], true
	}
	return 0, false, nil, false
}

// cutEnhanced takes "5.1.1" from the beginning of a reply's text, if it is of the code's class.
func cutEnhanced(code int, s []byte) (string, []byte) {
	n, dots := 0, 0
	for n < len(s) && (s[n] == '.' || s[n] >= '0' && s[n] <= '9') {
		if s[n] == '.' {
			dots++
		}
		n++
	}
	if dots != 2 || n > 9 || s[1] != '.' || s[n-1] == '.' || int(s[0]-'0') != code/100 || (n < len(s) && s[n] != ' ') {
		return "", s
	}
	if n == len(s) {
		return string(s[:n]), nil
	}
	return string(s[:n]), s[n+1:]
}
