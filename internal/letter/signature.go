package letter

import "github.com/convoke/convoke/internal/i18n"

// SignatureRequest asks somebody to sign a contribution that a colleague gave, or to sign it anew after it was corrected.
type SignatureRequest struct {
	Person
	Cycle        string
	From         string // who gave the contribution
	Organization string // for which they did, "" for none
	For          string // the organization that is to sign, "" for the person alone
	Again        bool   // it was signed and has another text now
	Link         string // where to read and to answer; it is a secret
}

// Kind is KindSignatureRequest.
func (SignatureRequest) Kind() string { return KindSignatureRequest }

func (m SignatureRequest) write(l *i18n.Localizer) content {
	from := m.From
	if m.Organization != "" {
		from = l.T("letter.signature_request.from", "Name", m.From, "Organization", m.Organization)
	}
	key := "letter.signature_request.intro"
	if m.Again {
		key = "letter.signature_request.again"
	}
	c := content{
		Subject:    l.T("letter.signature_request.subject", "Cycle", m.Cycle),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, key, "From", from, "Cycle", m.Cycle)},
		Action:     action{Label: l.T("letter.signature_request.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.signature_request.nothing"), say(l, "letter.signature_request.secret")},
		Signature:  say(l, "letter.signature"),
	}
	if m.For != "" {
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.signature_request.for", "Organization", m.For))
	}
	return c
}
