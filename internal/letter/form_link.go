package letter

import "github.com/convoke/convoke/internal/i18n"

// FormLink brings a contributor the link to go on with what they began.
type FormLink struct {
	Person
	Cycle string
	Link  string // it is a secret
}

// Kind is KindFormLink.
func (FormLink) Kind() string { return KindFormLink }

func (m FormLink) write(l *i18n.Localizer) content {
	return content{
		Subject:    l.T("letter.form_link.subject", "Cycle", m.Cycle),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.form_link.intro", "Cycle", m.Cycle)},
		Action:     action{Label: l.T("letter.form_link.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.form_link.secret")},
		Signature:  say(l, "letter.signature"),
	}
}
