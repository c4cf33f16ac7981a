package letter

import "github.com/convoke/convoke/internal/i18n"

// TranslationRelieved tells a translator that an officer took a translation from them, and why.
type TranslationRelieved struct {
	Person
	Officer string
	Title   string // of the text
	Locale  string // into which it was translated
	Reason  string
	Link    string // to the translations
}

// Kind is KindTranslationRelieved.
func (TranslationRelieved) Kind() string { return KindTranslationRelieved }

func (m TranslationRelieved) write(l *i18n.Localizer) content {
	return content{
		Subject:  l.T("letter.translation_relieved.subject", "Title", m.Title),
		Greeting: greet(l, m.Name),
		Paragraphs: []paragraph{
			say(l, "letter.translation_relieved.intro", "Officer", m.Officer, "Title", m.Title, "Language", l.LanguageName(m.Locale)),
			say(l, "letter.claim_taken.reason", "Reason", m.Reason),
			say(l, "letter.translation_relieved.kept"),
		},
		Action:    action{Label: l.T("letter.translation_relieved.button"), URL: m.Link},
		Signature: say(l, "letter.signature"),
	}
}
