package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decodeTransfer undoes a transfer encoding (RFC 2045); of what is damaged, as much as can be.
func decodeTransfer(content []byte, encoding string) (decoded []byte, damaged bool) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return decodeBase64(content)
	case "quoted-printable":
		decoded, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(content)))
		if err != nil {
			return content, true
		}
		return decoded, false
	case "", "7bit", "8bit", "binary":
		return content, false
	}
	return content, true
}

// decodeBase64 passes over whatever is not of the alphabet, as RFC 2045 asks for.
func decodeBase64(content []byte) (decoded []byte, damaged bool) {
	clean := make([]byte, 0, len(content))
	for _, c := range content {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			clean = append(clean, c)
		case c == '=', c == '\r', c == '\n', c == ' ', c == '\t':
		default:
			damaged = true
		}
	}
	if len(clean)%4 == 1 {
		clean, damaged = clean[:len(clean)-1], true
	}
	decoded = make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(decoded, clean)
	return decoded[:n], damaged || err != nil
}

// decodeText makes UTF-8 of a text. What says nothing of its characters, or that they are ASCII when they are not, is UTF-8 if it
// can be, else what Western programs write.
func decodeText(content []byte, charset string) string {
	charset = strings.ToLower(strings.Trim(charset, `"' `))
	if charset != "" && charset != "us-ascii" && charset != "ascii" && charset != "utf-8" && charset != "utf8" {
		if r, err := charsetReader(charset, bytes.NewReader(content)); err == nil {
			if b, err := io.ReadAll(io.LimitReader(r, 4*maxBody)); err == nil {
				return string(b)
			}
		}
	}
	if utf8.Valid(content) || charset == "utf-8" || charset == "utf8" {
		return string(content)
	}
	b, err := charmap.Windows1252.NewDecoder().Bytes(content)
	if err != nil {
		return string(content)
	}
	return string(b)
}
