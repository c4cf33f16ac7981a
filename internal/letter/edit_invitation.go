package letter

import "github.com/convoke/convoke/internal/i18n"

// EditInvitation brings somebody the link to a contribution that a colleague writes and wants them to edit.
type EditInvitation struct {
	Person
	Cycle        string
	From         string // who gives the contribution
	Organization string // for which they do, "" for none
	Link         string // it is a secret
}

// Kind is KindEditInvitation.
func (EditInvitation) Kind() string { return KindEditInvitation }

func (m EditInvitation) write(l *i18n.Localizer) content {
	from := m.From
	if m.Organization != "" {
		from = l.T("letter.signature_request.from", "Name", m.From, "Organization", m.Organization)
	}
	return content{
		Subject:    l.T("letter.edit_invitation.subject", "Cycle", m.Cycle),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.edit_invitation.intro", "From", from, "Cycle", m.Cycle), say(l, "letter.edit_invitation.may", "Name", m.From)},
		Action:     action{Label: l.T("letter.edit_invitation.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.edit_invitation.secret"), say(l, "letter.edit_invitation.mistake")},
		Signature:  say(l, "letter.signature"),
	}
}
