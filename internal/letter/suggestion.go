package letter

import "github.com/convoke/convoke/internal/i18n"

// SuggestionOutcome tells a member of the house what became of a contact that they suggested.
type SuggestionOutcome struct {
	Person
	Candidate string // the name that they suggested
	State     string // accepted, merged or rejected
	Note      string // what an officer wrote, "" for nothing
	Link      string // to their suggestions
}

// Kind is KindSuggestionOutcome.
func (SuggestionOutcome) Kind() string { return KindSuggestionOutcome }

func (m SuggestionOutcome) write(l *i18n.Localizer) content {
	c := content{
		Subject:    l.T("letter.suggestion.subject", "Candidate", m.Candidate),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.suggestion."+m.State, "Candidate", m.Candidate)},
		Action:     action{Label: l.T("letter.suggestion.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.suggestion.thanks")},
		Signature:  say(l, "letter.signature"),
	}
	if m.Note != "" {
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.suggestion.note", "Note", m.Note))
	}
	return c
}
