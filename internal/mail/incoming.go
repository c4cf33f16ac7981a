package mail

import (
	"bytes"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of a message that comes in. What is beyond them is kept as it came and not taken apart.
const (
	MaxIncoming    = 25 << 20 // bytes; a larger one is refused where it arrives
	maxParts       = 500      // of MIME, over all levels
	maxNesting     = 50       // boundaries in one message, whatever they nest in
	maxHeaderBytes = 16 << 10 // of one header
	maxAddresses   = 100      // of one header
	maxReferences  = 50
)

// Incoming is a message that somebody sent us, read for deciding what it is. Nothing in it is proved: whoever wrote it
// may have written anything.
type Incoming struct {
	From       Address   // of the header; no Email where there is none that can be read
	Recipients []string  // of To, Cc and the headers in which servers note to whom they delivered
	MessageID  string    // without its angle brackets, as all identifiers here
	References []string  // In-Reply-To first, then References, the newest first
	Date       time.Time // UTC, zero where it cannot be read; what the sender's clock said
	Received   time.Time // UTC, zero where there is none: what the last server on the way noted, on top of all others
	Subject    string
	Headers    []Header // in their order, decoded, one line each
	Text       string   // line ends LF, at most 1 MiB; of a message in HTML only, its words; of a broken one, what there is
	Files      []File
	Auto       Auto
	Report     *Report // nil where it is none
	Broken     bool    // its MIME could not be taken apart, wholly or in part
	Cut        bool    // something was left out for its size
}

// File is a part of a message that is no text to read.
type File struct {
	Name    string // cleaned, at most 120 characters; never "", never a path
	Type    string // as its sender says, in lower case: never believe it
	Content []byte
	Inline  bool // a picture in the text, say
}

// Header is the first value of a header, by any spelling of its name; "" if there is none.
func (m *Incoming) Header(name string) string {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// ReadIncoming reads a message. It reads whatever there is: damage, unknown character sets and what is beyond the bounds cost
// the parts that they are in, never the message.
func ReadIncoming(raw []byte) *Incoming {
	m := &Incoming{}
	if len(raw) > MaxIncoming {
		raw, m.Cut = raw[:MaxIncoming], true
	}
	head, body := headAndBody(raw)
	var cut bool
	m.Headers, cut = readHeaders(head)
	m.Cut = m.Cut || cut
	m.readHead(head)
	m.readParts(raw, body)
	m.Auto = autoOf(m)
	return m
}

func (m *Incoming) readHead(head []byte) {
	if from := addressesIn(rawValue(head, "From")); len(from) > 0 {
		m.From = from[0]
	}
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc"} {
		for _, a := range addressesIn(rawValue(head, name)) {
			m.Recipients = append(m.Recipients, a.Email)
		}
	}
	m.Subject = m.Header("Subject")
	m.Date = dateOf(m.Header("Date"))
	if _, at, found := cutLast(m.Header("Received"), ";"); found {
		m.Received = dateOf(at)
	}
	if ids := identifiers(m.Header("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	m.References = identifiers(m.Header("In-Reply-To"))
	older := identifiers(m.Header("References"))
	for i := len(older) - 1; i >= 0 && len(m.References) < maxReferences; i-- {
		m.References = append(m.References, older[i])
	}
}

// headAndBody parts the headers from what follows their empty line.
func headAndBody(raw []byte) (head, body []byte) {
	for at := 0; at < len(raw); {
		n := bytes.IndexByte(raw[at:], '\n')
		if n < 0 {
			break
		}
		if len(bytes.TrimRight(raw[at:at+n], "\r")) == 0 {
			return raw[:at], raw[at+n+1:]
		}
		at += n + 1
	}
	return raw, nil
}

// rawValue is the first value of a header as it was sent, unfolded: addresses are taken apart before their names are decoded,
// because a decoded name may have a comma in it.
func rawValue(head []byte, name string) string {
	var value []byte
	found := false
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		switch {
		case found && folded && len(value) < maxHeaderBytes:
			value = append(append(value, ' '), bytes.TrimSpace(line)...)
		case found && !folded:
			return firstBytes(string(value), maxHeaderBytes)
		case !folded:
			key, rest, ok := bytes.Cut(line, []byte(":"))
			if found = ok && strings.EqualFold(textproto.TrimString(string(key[:min(len(key), 80)])), name); found {
				value = append(value, bytes.TrimSpace(rest[:min(len(rest), maxHeaderBytes)])...)
			}
		}
	}
	return firstBytes(string(value), maxHeaderBytes)
}

var looseAddress = regexp.MustCompile(`[^\s<>,;:"()]{1,64}@[^\s<>,;:"()@]{1,255}`)

// addressesIn are the addresses of a header: by the book, else whatever looks like one.
func addressesIn(value string) []Address {
	var all []Address
	parser := mail.AddressParser{WordDecoder: wordDecoder()}
	if list, err := parser.ParseList(value); err == nil {
		for _, a := range list[:min(len(list), maxAddresses)] {
			all = append(all, Address{Name: cleanHeader(a.Name), Email: cleanHeader(a.Address)})
		}
		return all
	}
	for _, found := range looseAddress.FindAllStringIndex(value, maxAddresses) {
		a := Address{Email: cleanHeader(strings.ToValidUTF8(value[found[0]:found[1]], "\ufffd"))}
		if before := value[:found[0]]; len(all) == 0 && strings.HasSuffix(before, "<") {
			a.Name = looseName(strings.TrimSuffix(before, "<"))
		}
		all = append(all, a)
	}
	return all
}

// looseName is the name before an address in a header that is not by the book, such as one in bytes of another character set.
func looseName(s string) string {
	s = strings.Trim(strings.TrimSpace(s), `"'`)
	if decoded, err := wordDecoder().DecodeHeader(s); err == nil {
		s = decoded
	}
	return cleanHeader(strings.ToValidUTF8(s, "\ufffd"))
}

var identifier = regexp.MustCompile(`<([^<>\s]{1,250})>`)

// identifiers are those of a header with message identifiers, in their order.
func identifiers(value string) []string {
	var all []string
	for _, found := range identifier.FindAllStringSubmatch(value, maxReferences) {
		all = append(all, found[1])
	}
	return all
}

// dateOf is UTC, zero for what is no date or one that no clock of today says.
func dateOf(value string) time.Time {
	at, err := mail.ParseDate(strings.TrimSpace(value))
	if err != nil || at.Year() < 1980 || at.Year() > 2100 {
		return time.Time{}
	}
	return at.UTC()
}

func cutLast(s, sep string) (before, after string, found bool) {
	if at := strings.LastIndex(s, sep); at >= 0 {
		return s[:at], s[at+len(sep):], true
	}
	return s, "", false
}

// firstBytes is the longest start of s that fits and ends between two characters.
func firstBytes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return s[:wholeRunes(s, most)]
}

// fileNamed is a name that is safe to write anywhere: the last part of a path, without signs that control or reorder.
func fileNamed(name, kind string) string {
	name = cleanHeader(name)
	if at := strings.LastIndexAny(name, `/\`); at >= 0 {
		name = name[at+1:]
	}
	name = strings.TrimLeft(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name), ". ")
	if utf8.RuneCountInString(name) > 120 {
		name = shortened(name, 120)
	}
	if name == "" {
		return "file" + extensionOf(kind)
	}
	return name
}

// shortened keeps the ending of a name.
func shortened(name string, most int) string {
	runes := []rune(name)
	ending := 0
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		ending = utf8.RuneCountInString(name[at:])
	}
	if ending == 0 || ending > 12 {
		return string(runes[:most])
	}
	return string(runes[:most-ending]) + string(runes[len(runes)-ending:])
}

func extensionOf(kind string) string {
	switch kind {
	case "message/rfc822", "message/global":
		return ".eml"
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".html"
	case "text/calendar":
		return ".ics"
	}
	return ".bin"
}
