package mail

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/textproto"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html/charset"

	"github.com/convoke/convoke/internal/errs"
)

const (
	maxParsed  = 32 << 20 // a larger message is not read at all
	maxHeaders = 500
	maxName    = 200     // of a header's name
	maxBody    = 1 << 20 // of text and of HTML each
	maxFiles   = 100
)

// Parsed is a message read for people: everything decoded, nothing executed.
type Parsed struct {
	Headers     []Header // in their order, folded lines joined, encoded-words decoded
	Text        string   // line ends LF; at most 1 MiB
	HTML        string   // as sent: sanitize before showing
	Attachments []string // file names, at most 100
	Cut         bool     // something was left out for its size
}

// Header is the first value of a header, by any spelling of its name; "" if there is none.
func (p *Parsed) Header(name string) string {
	for _, h := range p.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// Read reads a message. One over 32 MiB is errs.TooLarge, one that is no message errs.Invalid;
// damage inside of it is passed over as far as possible.
func Read(raw []byte) (*Parsed, error) {
	if len(raw) > maxParsed {
		return nil, errs.E(errs.TooLarge, "mail.parse.too_large")
	}
	env, err := enmime.NewParser(enmime.SkipMalformedParts(true), enmime.MaxStoredPartErrors(20), enmime.DisableTextConversion(true)).
		ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return nil, &errs.Error{Code: errs.Invalid, Key: "mail.parse.unreadable", Err: err}
	}
	p := &Parsed{}
	p.Headers, p.Cut = readHeaders(raw)
	p.Text = p.limit(env.Text)
	p.HTML = p.limit(env.HTML)
	for _, parts := range [][]*enmime.Part{env.Attachments, env.Inlines, env.OtherParts} {
		for _, part := range parts {
			if len(p.Attachments) == maxFiles {
				p.Cut = true
				return p, nil
			}
			p.Attachments = append(p.Attachments, fileName(part))
		}
	}
	return p, nil
}

func fileName(part *enmime.Part) string {
	if name := cleanHeader(part.FileName); name != "" {
		return name
	}
	return cleanHeader(part.ContentType)
}

func (p *Parsed) limit(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	if len(s) > maxBody {
		p.Cut = true
		return s[:wholeRunes(s, maxBody)]
	}
	return s
}

// readHeaders keeps the order, which a map of headers cannot. What of one is beyond maxHeaderBytes is left out.
func readHeaders(raw []byte) (headers []Header, cut bool) {
	type field struct{ name, value []byte }
	var fields []field
	for line := range bytes.Lines(raw) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if k := len(fields) - 1; k >= 0 && len(fields[k].value) < maxHeaderBytes {
				fields[k].value = append(append(fields[k].value, ' '), bytes.TrimLeft(line, " \t")...)
			}
			continue
		}
		if len(fields) == maxHeaders {
			cut = true
			break
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && len(name) <= maxName && textproto.TrimString(string(name)) == string(name) {
			fields = append(fields, field{name, bytes.Clone(bytes.TrimSpace(value))})
		}
	}
	dec := wordDecoder()
	for _, f := range fields {
		h := Header{Name: string(f.name), Value: firstBytes(string(f.value), maxHeaderBytes)}
		cut = cut || len(f.value) > maxHeaderBytes
		if decoded, err := dec.DecodeHeader(h.Value); err == nil {
			h.Value = decoded
		}
		h.Value = cleanRead(h)
		headers = append(headers, h)
	}
	return headers, cut
}

// cleanRead is the value of a header on one line. Names may stand isolated in a subject.
func cleanRead(h Header) string {
	if h.Name == "Subject" {
		return cleanSentence(h.Value)
	}
	return cleanHeader(h.Value)
}

func wordDecoder() *mime.WordDecoder { return &mime.WordDecoder{CharsetReader: charsetReader} }

var errCharset = errors.New("unknown charset")

func charsetReader(name string, r io.Reader) (io.Reader, error) {
	enc, _ := charset.Lookup(name)
	if enc == nil {
		return nil, errCharset
	}
	return enc.NewDecoder().Reader(r), nil
}
