package letter

import "github.com/convoke/convoke/internal/i18n"

// AddressConfirmation asks somebody whether messages should come to their address. It names nobody: anybody who holds a mail of
// ours could have typed the address.
type AddressConfirmation struct {
	Person
	Cycle string
	Link  string // with the secret
}

// Kind is KindAddressConfirmation.
func (AddressConfirmation) Kind() string { return KindAddressConfirmation }

func (m AddressConfirmation) write(l *i18n.Localizer) content {
	return content{
		Subject:    l.T("letter.address_confirmation.subject"),
		Greeting:   greet(l, ""),
		Paragraphs: []paragraph{say(l, "letter.address_confirmation.intro", "Cycle", m.Cycle)},
		Action:     action{Label: l.T("letter.address_confirmation.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.address_confirmation.not_you")},
		Signature:  say(l, "letter.signature"),
	}
}

// AddressMoved tells an address that messages go to another from now on, and where that can be undone.
type AddressMoved struct {
	Person
	Cycle  string
	Masked string // the new address
	Link   string // to the page behind the link of our mails
}

// Kind is KindAddressMoved.
func (AddressMoved) Kind() string { return KindAddressMoved }

func (m AddressMoved) write(l *i18n.Localizer) content {
	return content{
		Subject:    l.T("letter.address_moved.subject"),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.address_moved.intro", "Cycle", m.Cycle, "Mailbox", m.Masked)},
		Action:     action{Label: l.T("letter.address_moved.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.address_moved.not_you")},
		Signature:  say(l, "letter.signature"),
	}
}
