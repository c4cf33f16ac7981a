package letter

import "github.com/convoke/convoke/internal/i18n"

// CorrectionDecided tells an author what became of the correction that they asked for.
type CorrectionDecided struct {
	Person
	Cycle   string
	Refused string // why it was refused, "" where it was approved
	Public  string // the address of what everybody reads
	Link    string // where the author asks for another, "" where nobody but they has it
}

// Kind is KindCorrectionDecided.
func (CorrectionDecided) Kind() string { return KindCorrectionDecided }

func (m CorrectionDecided) write(l *i18n.Localizer) content {
	c := content{Greeting: greet(l, m.Name), Signature: say(l, "letter.signature")}
	if m.Refused == "" {
		c.Subject = l.T("letter.correction.approved.subject", "Cycle", m.Cycle)
		c.Paragraphs = []paragraph{say(l, "letter.correction.approved.intro", "Cycle", m.Cycle)}
		c.Action = action{Label: l.T("letter.correction.approved.button"), URL: m.Public}
		return c
	}
	c.Subject = l.T("letter.correction.refused.subject", "Cycle", m.Cycle)
	c.Paragraphs = []paragraph{
		say(l, "letter.correction.refused.intro", "Cycle", m.Cycle), say(l, "letter.correction.refused.reason", "Reason", m.Refused),
	}
	c.After = []paragraph{say(l, "letter.correction.refused.again")}
	c.Action = action{Label: l.T("letter.correction.refused.button"), URL: m.Link}
	if m.Link == "" {
		c.Action = action{Label: l.T("letter.correction.refused.public"), URL: m.Public}
	}
	return c
}
