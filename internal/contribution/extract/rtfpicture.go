package extract

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"strconv"
)

// cleanPicture cleans the picture in a group of the copy that is about to be closed, which is in hexadecimal digits behind its
// words. A picture that is none, or in a format that is taken as it is, stays as it was.
func (t *rtf) cleanPicture(from int) {
	group := t.copy.Bytes()[from:]
	at := digitsOf(group)
	digits := bytes.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, group[at:])
	raw := make([]byte, len(digits)/2)
	if _, err := hex.Decode(raw, digits[:len(raw)*2]); err != nil {
		return
	}
	clean, changed := t.cleaned(raw)
	if !changed {
		return
	}
	t.copy.Truncate(from + at)
	for len(clean) > 0 {
		n := min(len(clean), 64)
		t.copy.WriteByte('\n')
		t.copy.WriteString(hex.EncodeToString(clean[:n]))
		clean = clean[n:]
	}
}

// digitsOf is where the digits of a picture begin: behind its words and the groups within.
func digitsOf(group []byte) int {
	depth := 0
	for i := 0; i < len(group); i++ {
		switch c := group[i]; {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == '\\':
			for i++; i+1 < len(group) && (isLetter(group[i+1]) || isDigit(group[i+1]) || group[i+1] == '-'); i++ {
			}
		case depth > 1 || c == ' ' || c == '\r' || c == '\n' || c == '\t':
		default:
			return i
		}
	}
	return len(group)
}

// cleaned is a picture without what tells of its maker; changed is false where it is taken as it is.
func (t *rtf) cleaned(raw []byte) (clean []byte, changed bool) {
	in := bufio.NewReader(bytes.NewReader(raw))
	clean, changed = raw, false
	if cleaner := cleanerOf(in); cleaner != nil {
		var out bytes.Buffer
		if stripped, err := cleaner(in, &out); err == nil && stripped {
			clean, changed = out.Bytes(), true
			t.stripped[Author] = true
		}
	}
	return clean, changed
}

// binaryPicture writes the bytes of a picture with the word that tells how many they are.
func (t *rtf) binaryPicture(raw []byte) {
	clean, _ := t.cleaned(raw)
	t.keep([]byte(`\bin` + strconv.Itoa(len(clean)) + " ")...)
	t.keep(clean...)
}
