package mail

import (
	"bytes"
	"strings"
)

// What a report says of a message that was sent (RFC 3464, RFC 5965).
const (
	DeliveryReport = "delivery"
	FeedbackReport = "feedback"

	maxReported = 100 // recipients of a report
)

// Report is what a server says of a message that it returns.
type Report struct {
	Kind       string // DeliveryReport or FeedbackReport
	Recipients []Reported
	Feedback   string   // abuse, not-spam, …; "" in a report of a delivery
	Original   []Header // of the message that is returned, as much as came back
}

// Reported is what became of a message at one recipient.
type Reported struct {
	Action     string // failed, delayed, delivered, relayed, expanded
	Status     string // 5.1.1; "" where there is none that is one
	Diagnostic string // the words of the server, at most 500 bytes
	Original   string // the address as we wrote it, where the server tells
	Final      string // the address at which it ended
}

// OriginalHeader is the first value of a header of the returned message.
func (r *Report) OriginalHeader(name string) string {
	for _, h := range r.Original {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// readReport takes a part of a multipart/report; false where it is for people.
func (m *Incoming) readReport(kind string, content []byte) bool {
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		r := m.report(DeliveryReport)
		r.Recipients = append(r.Recipients, readStatus(content)...)
		r.Recipients = r.Recipients[:min(len(r.Recipients), maxReported)]
	case "message/feedback-report":
		r := m.report(FeedbackReport)
		r.Kind = FeedbackReport
		for _, h := range block(content) {
			switch strings.ToLower(h.Name) {
			case "feedback-type":
				r.Feedback = strings.ToLower(firstBytes(h.Value, 40))
			case "original-rcpt-to":
				r.Recipients = append(r.Recipients, Reported{Original: addressOf(h.Value)})
				r.Recipients = r.Recipients[:min(len(r.Recipients), maxReported)]
			}
		}
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
		head, _ := headAndBody(content)
		r := m.report("")
		r.Original, _ = readHeaders(head)
	default:
		return false
	}
	return true
}

// report is the message's, made of the kind where there is none yet.
func (m *Incoming) report(kind string) *Report {
	if m.Report == nil {
		m.Report = &Report{}
	}
	if m.Report.Kind == "" {
		m.Report.Kind = kind
	}
	return m.Report
}

// readStatus reads the groups of fields of a delivery status: the first speaks of the message, the others of a recipient each.
func readStatus(content []byte) []Reported {
	var all []Reported
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	for len(content) > 0 && len(all) < maxReported {
		group, rest, _ := bytes.Cut(content, []byte("\n\n"))
		content = bytes.TrimLeft(rest, "\n")
		if r, ok := readGroup(group); ok {
			all = append(all, r)
		}
	}
	return all
}

func readGroup(group []byte) (r Reported, ok bool) {
	for _, h := range block(group) {
		switch strings.ToLower(h.Name) {
		case "action":
			r.Action, _, _ = strings.Cut(strings.ToLower(firstBytes(h.Value, 40)), " ")
		case "status":
			r.Status = statusOf(h.Value)
		case "diagnostic-code":
			r.Diagnostic = firstBytes(afterType(h.Value), 500)
		case "original-recipient":
			r.Original = addressOf(h.Value)
		case "final-recipient":
			r.Final = addressOf(h.Value)
		}
	}
	if r.Status == "" {
		r.Status = statusOf(r.Diagnostic)
	}
	return r, r.Action != "" || r.Final != "" && r.Status != ""
}

// block reads fields as headers are read.
func block(content []byte) []Header {
	fields, _ := readHeaders(bytes.TrimLeft(content, "\r\n"))
	return fields
}

// afterType is the value behind its type: "rfc822; a@b" is "a@b".
func afterType(value string) string {
	if kind, rest, found := strings.Cut(value, ";"); found && !strings.ContainsAny(strings.TrimSpace(kind), " @") {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(value)
}

func addressOf(value string) string {
	return firstBytes(strings.Trim(afterType(value), "<> "), 320)
}

// statusOf is the first status of RFC 3463 in a text: class, subject and detail.
func statusOf(text string) string {
	for _, word := range strings.FieldsFunc(firstBytes(text, 1000), func(r rune) bool {
		return r != '.' && (r < '0' || r > '9')
	}) {
		parts := strings.Split(strings.Trim(word, "."), ".")
		if len(parts) != 3 || parts[0] != "2" && parts[0] != "4" && parts[0] != "5" {
			continue
		}
		if n1, n2 := len(parts[1]), len(parts[2]); n1 >= 1 && n1 <= 3 && n2 >= 1 && n2 <= 3 {
			return strings.Join(parts, ".")
		}
	}
	return ""
}
