package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// DKIM signs messages (RFC 6376, RFC 8463), with each of its keys. It is safe for use by several goroutines.
type DKIM struct {
	domain string
	keys   []DKIMKey
	now    func() time.Time
}

// NewDKIM signs for a domain, which is that of the sender.
func NewDKIM(domain string, keys []DKIMKey, now func() time.Time) *DKIM {
	return &DKIM{domain: domain, keys: keys, now: now}
}

// signed are the headers that a signature covers, those that RFC 8058 demands for one-click unsubscribing among them. From
// is named twice, so that nobody can add a second one; one that a message lacks cannot be added either.
var signed = []string{
	"from", "from", "to", "subject", "date", "message-id", "reply-to", "list-id", "list-unsubscribe", "list-unsubscribe-post",
	"content-language", "auto-submitted", "in-reply-to", "references", "mime-version", "content-type",
}

// signedList is the tag h=, folded.
const signedList = "from:from:to:subject:date:message-id:reply-to:list-id:\r\n  list-unsubscribe:list-unsubscribe-post:content-language:\r\n  auto-submitted:in-reply-to:references:mime-version:content-type"

// Sign returns a new message: the old one behind its signatures. The message must have CRLF line ends, as ours have.
func (d *DKIM) Sign(message []byte) []byte {
	head, body, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	scratch := relaxedBody(make([]byte, 0, len(message)), body)
	bodyHash := sha256.Sum256(scratch)
	covered := relaxedHead(scratch[:0], head)
	out := make([]byte, 0, len(message)+1024*len(d.keys))
	for _, k := range d.keys {
		start := len(out)
		out = d.appendUnsigned(out, k, bodyHash[:])
		all := relaxedHeader(covered[:len(covered):len(covered)], out[start:])
		hash := sha256.Sum256(all)
		out = appendSignature(out, k.sign(hash[:]))
		out = append(out, "\r\n"...)
	}
	return append(out, message...)
}

// appendUnsigned appends the header up to "b=".
func (d *DKIM) appendUnsigned(dst []byte, k DKIMKey, bodyHash []byte) []byte {
	dst = append(dst, "DKIM-Signature: v=1; a="...)
	dst = append(dst, k.Algorithm()...)
	dst = append(dst, "; c=relaxed/relaxed;\r\n d="...)
	dst = append(dst, d.domain...)
	dst = append(dst, ";\r\n s="...)
	dst = append(dst, k.Selector...)
	dst = append(dst, "; t="...)
	dst = strconv.AppendInt(dst, d.now().Unix(), 10)
	dst = append(dst, ";\r\n h="...)
	dst = append(dst, signedList...)
	dst = append(dst, ";\r\n bh="...)
	dst = base64.StdEncoding.AppendEncode(dst, bodyHash)
	return append(dst, ";\r\n b="...)
}

func appendSignature(dst, signature []byte) []byte {
	text := base64.StdEncoding.EncodeToString(signature)
	for len(text) > 72 {
		dst = append(append(dst, text[:72]...), "\r\n  "...)
		text = text[72:]
	}
	return append(dst, text...)
}

// sign signs a SHA-256 sum. A key that was read has signed once, and does so again.
func (k DKIMKey) sign(sum []byte) []byte {
	options := crypto.SignerOpts(crypto.SHA256)
	if _, ok := k.key.(ed25519.PrivateKey); ok {
		options = crypto.Hash(0) // RFC 8463: the sum is the message
	}
	signature, err := k.key.Sign(rand.Reader, sum, options)
	if err != nil {
		return nil // a receiver takes the message for unsigned
	}
	return signature
}

// relaxedHead appends the headers that are signed, as relaxed canonicalization has them, each the last of its name that is
// not taken yet.
func relaxedHead(dst, head []byte) []byte {
	fields := splitHead(head)
	taken := make([]bool, len(fields))
	for _, name := range signed {
		for i := len(fields) - 1; i >= 0; i-- {
			if !taken[i] && hasName(fields[i], name) {
				taken[i] = true
				dst = append(relaxedHeader(dst, fields[i]), "\r\n"...)
				break
			}
		}
	}
	return dst
}

// splitHead cuts a head into its headers, each with the lines that continue it.
func splitHead(head []byte) [][]byte {
	var fields [][]byte
	start := 0
	for at := 0; at < len(head); {
		n := bytes.Index(head[at:], []byte("\r\n"))
		if n < 0 {
			break
		}
		at += n + 2
		if at < len(head) && head[at] != ' ' && head[at] != '\t' {
			fields = append(fields, head[start:at-2])
			start = at
		}
	}
	return append(fields, head[start:])
}

func hasName(field []byte, name string) bool {
	return len(field) > len(name) && field[len(name)] == ':' && strings.EqualFold(string(field[:len(name)]), name)
}

// relaxedHeader appends a header without its line end: the name in lower case, white space of any kind and length as one
// space, none around the colon and at the end (RFC 6376, 3.4.2).
func relaxedHeader(dst, field []byte) []byte {
	name, value, _ := bytes.Cut(field, []byte(":"))
	dst = append(append(dst, bytes.ToLower(bytes.TrimRight(name, " \t"))...), ':')
	return appendRelaxed(dst, bytes.TrimLeft(value, " \t\r\n"))
}

// appendRelaxed appends a line with single spaces, and none at its end.
func appendRelaxed(dst, line []byte) []byte {
	gap := false
	for _, c := range line {
		switch c {
		case ' ', '\t', '\r', '\n':
			gap = true
			continue
		}
		if gap {
			dst, gap = append(dst, ' '), false
		}
		dst = append(dst, c)
	}
	return dst
}

// relaxedBody appends a body with single spaces within its lines, none at their ends, and no empty lines at its own
// (RFC 6376, 3.4.4).
func relaxedBody(dst, body []byte) []byte {
	end := 0 // of the last line that is not empty
	for len(body) > 0 {
		line, rest, found := bytes.Cut(body, []byte("\r\n"))
		if isRelaxed(line) {
			dst = append(dst, line...)
		} else {
			dst = appendRelaxed(dst, line)
		}
		empty := len(dst) == 0 || dst[len(dst)-1] == '\n'
		if body = rest; found || !empty {
			dst = append(dst, "\r\n"...)
		}
		if !empty {
			end = len(dst)
		}
	}
	return dst[:end]
}

// isRelaxed may say no to a line that needs no change, never yes to another.
func isRelaxed(line []byte) bool {
	return len(line) == 0 || line[len(line)-1] > ' ' && bytes.IndexByte(line, '\t') < 0 && !bytes.Contains(line, []byte("  "))
}
