package mail

import (
	"strings"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// Message is a single mail: a sign-in link, an acknowledgement, a warning.
type Message struct {
	From    Address
	To      Address
	ReplyTo Address // empty Email: none
	Subject string
	Text    string
	HTML    string // a whole document, or what stands inside <body>: it is then wrapped
	Locale  string
	Dir     string // "ltr" or "rtl"; empty means "ltr"

	MessageID string    // "local@domain", without angle brackets
	Date      time.Time // written in its own zone

	AutoSubmitted   string // "auto-generated", "auto-replied" (RFC 3834); empty: none
	ListID          string
	UnsubscribeURL  string
	UnsubscribeMail string
	InReplyTo       string // "local@domain" of the mail answered; empty: none
	Headers         []Header
}

// Compose makes the whole message, with the encoding and the headers of a campaign's. The same
// input gives the same bytes. What cannot be sent is an Invalid error that names the field.
// Markers of slots mean nothing here: text that people wrote may contain anything.
func Compose(m Message) ([]byte, error) {
	p := m.parts()
	if err := m.check(p); err != nil {
		return nil, err
	}
	s := assemble(p, whole(p.Subject), whole(cleanBody(p.Text)), whole(cleanBody(wrapHTML(p))))
	if err := checkSize(s.text.size() + s.html.size()); err != nil {
		return nil, err
	}
	return s.Render(nil, Recipient{
		To: m.To, MessageID: m.MessageID, Date: m.Date, UnsubscribeURL: m.UnsubscribeURL, UnsubscribeMail: m.UnsubscribeMail,
	}), nil
}

func whole(s string) []piece { return []piece{{literal: s, slot: -1}} }

func (m Message) parts() Parts {
	p := Parts{
		From: m.From, ReplyTo: m.ReplyTo, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Locale: m.Locale, Dir: m.Dir,
		ListID: m.ListID, AutoSubmitted: m.AutoSubmitted,
	}
	if m.InReplyTo != "" {
		id := "<" + string(appendToken(nil, m.InReplyTo)) + ">"
		p.Headers = append(p.Headers, Header{"In-Reply-To", id}, Header{"References", id})
	}
	p.Headers = append(p.Headers, m.Headers...)
	return p
}

func (m Message) check(p Parts) error {
	if err := checkParts(p); err != nil {
		return err
	}
	if _, err := Normalize(m.To.Email); err != nil {
		return errs.InvalidFields(errs.FieldError("to", "mail.address.form"))
	}
	if m.Date.IsZero() || !strings.Contains(m.MessageID, "@") {
		return errs.InvalidFields(errs.FieldError("message_id", "mail.message_id"))
	}
	return nil
}
