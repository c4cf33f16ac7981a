package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/errs"
)

// Parts is what a campaign's message is made of, in one locale and variant. Subject, Text and
// HTML may contain markers (Slot) where a recipient's value will stand.
type Parts struct {
	From    Address
	ReplyTo Address // empty Email: none, unless the recipient brings one
	Subject string
	Text    string
	HTML    string // a whole document, or what stands inside <body>: it is then wrapped
	Locale  string // BCP 47
	Below   string // the language of a second text below the first; empty: none
	Dir     string // "ltr" or "rtl", for the wrapping; empty means "ltr"

	ListID        string // "Name <id.example.org>" or "id.example.org"; empty: none
	AutoSubmitted string // "auto-generated", "auto-replied" (RFC 3834); empty: none
	Headers       []Header
}

// Recipient is what differs from message to message. Values stand in the order of Slots.
type Recipient struct {
	From            Address // empty Email: the skeleton's
	To              Address
	ReplyTo         Address   // empty Email: the skeleton's
	ReplyToo        Address   // a second one beside ReplyTo; empty Email: none
	MessageID       string    // "local@domain", without angle brackets
	Date            time.Time // written in its own zone
	UnsubscribeURL  string    // https: one click (RFC 8058); empty: none
	UnsubscribeMail string    // an address; empty: none
	Values          []string
}

// Skeleton is a multipart/alternative message encoded once, with slots. It is immutable and may
// be used by any number of goroutines.
type Skeleton struct {
	slots    []string
	from     []byte // the whole line
	replyTo  []byte
	subject  []piece
	fixedSub []byte // the whole line where the subject has no slot
	tail     []byte // fixed headers, the empty line, the head of the text part
	text     *body
	middle   []byte
	html     *body
	end      []byte
}

// NewSkeleton encodes the parts. What cannot be sent is an Invalid error that names the field.
func NewSkeleton(p Parts) (*Skeleton, error) {
	if err := checkParts(p); err != nil {
		return nil, err
	}
	var x slotIndex
	subject, err := x.split("subject", p.Subject)
	if err != nil {
		return nil, err
	}
	text, err := x.split("text", cleanBody(p.Text))
	if err != nil {
		return nil, err
	}
	page, err := x.split("html", cleanBody(wrapHTML(p)))
	if err != nil {
		return nil, err
	}
	s := assemble(p, subject, text, page)
	s.slots = x.names
	return s, checkSize(s.text.size() + s.html.size())
}

// MaxMessage is the size of the largest message that is made: servers refuse larger ones, and mostly far smaller ones.
const MaxMessage = 10 << 20

func checkSize(bytes int) error {
	if bytes <= MaxMessage {
		return nil
	}
	return errs.InvalidFields(errs.FieldError("text", "mail.text.too_large", "Size", (bytes+1<<20-1)>>20, "Most", MaxMessage>>20))
}

// assemble encodes what is fixed.
func assemble(p Parts, subject, text, page []piece) *Skeleton {
	s := &Skeleton{subject: subject, text: newBody(text, false), html: newBody(page, true)}
	if len(subject) == 1 {
		s.fixedSub = s.appendSubject(nil, nil)
	}
	s.from = appendLine(nil, "From: ", p.From)
	if p.ReplyTo.Email != "" {
		s.replyTo = appendLine(nil, "Reply-To: ", p.ReplyTo)
	}
	s.frame(p)
	return s
}

func checkParts(p Parts) error {
	var fields []errs.Field
	if _, err := Normalize(p.From.Email); err != nil {
		fields = append(fields, errs.FieldError("from", "mail.address.form"))
	}
	if p.ReplyTo.Email != "" {
		if _, err := Normalize(p.ReplyTo.Email); err != nil {
			fields = append(fields, errs.FieldError("reply_to", "mail.address.form"))
		}
	}
	if strings.TrimSpace(p.Subject) == "" {
		fields = append(fields, errs.FieldError("subject", "mail.subject.empty"))
	}
	if strings.ContainsAny(p.Subject, "\r\n") {
		fields = append(fields, errs.FieldError("subject", "mail.subject.line"))
	}
	if strings.TrimSpace(p.Text) == "" {
		fields = append(fields, errs.FieldError("text", "mail.text.empty"))
	}
	if strings.TrimSpace(p.HTML) == "" {
		fields = append(fields, errs.FieldError("html", "mail.text.empty"))
	}
	if _, err := language.Parse(p.Locale); err != nil {
		fields = append(fields, errs.FieldError("locale", "mail.locale.unknown", "Tag", p.Locale))
	}
	if _, err := language.Parse(p.Below); p.Below != "" && err != nil {
		fields = append(fields, errs.FieldError("below", "mail.locale.unknown", "Tag", p.Below))
	}
	if p.Dir != "" && p.Dir != "ltr" && p.Dir != "rtl" {
		fields = append(fields, errs.FieldError("dir", "mail.dir.unknown"))
	}
	if len(fields) > 0 {
		return errs.InvalidFields(fields...)
	}
	for _, h := range p.Headers {
		if err := checkHeader(h); err != nil {
			return err
		}
	}
	return nil
}

// wrapHTML makes a document with language and direction of what stands inside <body>.
func wrapHTML(p Parts) string {
	if strings.Contains(strings.ToLower(p.HTML), "<html") {
		return p.HTML
	}
	dir := p.Dir
	if dir == "" {
		dir = "ltr"
	}
	return fmt.Sprintf("<!DOCTYPE html>\n<html lang=%q dir=%q>\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s</title>\n</head>\n<body>\n%s\n</body>\n</html>\n",
		p.Locale, dir, html.EscapeString(cleanHeader(p.Subject)), p.HTML)
}

// frame writes everything between the values that does not change. The boundary comes from the
// content; "=_" can stand in neither encoding, so that no content can contain it.
func (s *Skeleton) frame(p Parts) {
	boundary := boundaryOf(p.Subject, p.Text, p.HTML)
	if p.ListID != "" {
		s.tail = append(s.tail, "List-ID: "...)
		s.tail = append(appendListID(s.tail, p.ListID), "\r\n"...)
	}
	s.tail = append(s.tail, "Content-Language: "...)
	s.tail = appendToken(s.tail, p.Locale)
	if p.Below != "" {
		s.tail = appendToken(append(s.tail, ", "...), p.Below)
	}
	s.tail = append(s.tail, "\r\n"...)
	if p.AutoSubmitted != "" {
		s.tail = append(s.tail, "Auto-Submitted: "...)
		s.tail = append(appendToken(s.tail, p.AutoSubmitted), "\r\n"...)
	}
	for _, h := range p.Headers {
		s.tail = append(append(s.tail, h.Name...), ": "...)
		s.tail = append(appendText(s.tail, h.Value, len(h.Name)+2), "\r\n"...)
	}
	s.tail = fmt.Appendf(s.tail, "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=%q\r\n\r\n--%s\r\n%s",
		boundary, boundary, partHead("text/plain", s.text))
	s.middle = fmt.Appendf(nil, "\r\n--%s\r\n%s", boundary, partHead("text/html", s.html))
	s.end = fmt.Appendf(nil, "\r\n--%s--\r\n", boundary)
}

func partHead(kind string, b *body) string {
	return "Content-Type: " + kind + "; charset=utf-8\r\nContent-Transfer-Encoding: " + b.encoding() + "\r\n\r\n"
}

func boundaryOf(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		fmt.Fprintf(h, "%d:%s", len(t), t)
	}
	return "=_" + hex.EncodeToString(h.Sum(nil)[:16])
}

// Slots are the names of the values that a message needs, in the order of Recipient.Values.
func (s *Skeleton) Slots() []string { return append([]string(nil), s.slots...) }

// Missing names the slots for which the recipient has no value. A campaign must not send then.
func (s *Skeleton) Missing(r Recipient) []string {
	var missing []string
	for i, name := range s.slots {
		if i >= len(r.Values) || strings.TrimSpace(r.Values[i]) == "" {
			missing = append(missing, name)
		}
	}
	return missing
}

// Render appends the whole message, lines ended by CRLF and ASCII but for an internationalized
// address, to dst and returns it. No value can add a header or leave its place: line ends in what
// goes into a header become spaces, and each body's values are escaped for it.
func (s *Skeleton) Render(dst []byte, r Recipient) []byte {
	dst = append(dst, "Date: "...)
	dst = r.Date.AppendFormat(dst, "Mon, 02 Jan 2006 15:04:05 -0700")
	dst = append(dst, "\r\n"...)
	if r.From.Email != "" {
		dst = appendLine(dst, "From: ", r.From)
	} else {
		dst = append(dst, s.from...)
	}
	dst = appendLine(dst, "To: ", r.To)
	if s.fixedSub != nil {
		dst = append(dst, s.fixedSub...)
	} else {
		dst = s.appendSubject(dst, r.Values)
	}
	dst = append(dst, "Message-ID: <"...)
	dst = append(appendToken(dst, r.MessageID), ">\r\n"...)
	switch {
	case r.ReplyTo.Email != "" && r.ReplyToo.Email != "":
		dst = appendPair(dst, "Reply-To: ", r.ReplyTo, r.ReplyToo)
	case r.ReplyTo.Email != "":
		dst = appendLine(dst, "Reply-To: ", r.ReplyTo)
	default:
		dst = append(dst, s.replyTo...)
	}
	dst = appendUnsubscribe(dst, r.UnsubscribeURL, r.UnsubscribeMail)
	dst = append(dst, s.tail...)
	dst = s.text.render(dst, r.Values)
	dst = append(dst, s.middle...)
	dst = s.html.render(dst, r.Values)
	return append(dst, s.end...)
}

func (s *Skeleton) appendSubject(dst []byte, values []string) []byte {
	var room [256]byte
	b := room[:0]
	for _, p := range s.subject {
		b = append(b, p.literal...)
		if p.slot >= 0 && p.slot < len(values) {
			b = append(b, values[p.slot]...)
		}
	}
	dst = append(dst, "Subject: "...)
	dst = appendText(dst, string(b), len("Subject: "))
	return append(dst, "\r\n"...)
}

func appendLine(dst []byte, name string, a Address) []byte {
	dst = append(dst, name...)
	dst = appendAddress(dst, a, len(name))
	return append(dst, "\r\n"...)
}

// appendPair writes two addresses, each on a line of its own.
func appendPair(dst []byte, name string, a, b Address) []byte {
	dst = appendAddress(append(dst, name...), a, len(name)+1) // with room for the comma
	dst = appendAddress(append(dst, ",\r\n "...), b, 1)
	return append(dst, "\r\n"...)
}

// appendUnsubscribe writes List-Unsubscribe (RFC 2369) and, for an https link, the promise that
// one POST is enough (RFC 8058).
func appendUnsubscribe(dst []byte, link, address string) []byte {
	if link == "" && address == "" {
		return dst
	}
	dst = append(dst, "List-Unsubscribe:"...)
	if len("List-Unsubscribe: <>,")+len(link) > lineLimit+2 {
		dst = append(dst, "\r\n"...) // a link stays whole
	}
	dst = append(dst, ' ')
	if link != "" {
		dst = append(dst, '<')
		dst = append(appendURI(dst, link), '>')
	}
	if address != "" {
		if link != "" {
			dst = append(dst, ",\r\n "...)
		}
		dst = append(dst, "<mailto:"...)
		dst = append(appendURI(dst, address), '>')
	}
	dst = append(dst, "\r\n"...)
	if strings.HasPrefix(link, "https://") {
		dst = append(dst, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"...)
	}
	return dst
}

func appendListID(dst []byte, id string) []byte {
	name, bare, found := strings.Cut(id, "<")
	if !found {
		name, bare = "", id
	}
	return appendAddress(dst, Address{Name: name, Email: bare}, len("List-ID: "))
}
