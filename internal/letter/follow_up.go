package letter

import (
	"time"

	"github.com/convoke/convoke/internal/i18n"
)

// FollowUpReady tells a volunteer that a follow-up is due to contacts of theirs, and that they may write first.
type FollowUpReady struct {
	Person
	Items []ReadyItem
	Link  string // to the volunteer's work
}

// ReadyItem is a contact to whom a follow-up is due.
type ReadyItem struct {
	Contact string
	Until   time.Time // when the campaign writes
}

// Kind is KindFollowUpReady.
func (FollowUpReady) Kind() string { return KindFollowUpReady }

func (m FollowUpReady) write(l *i18n.Localizer) content {
	c := content{
		Subject:    l.T("letter.follow_up_ready.subject"),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.follow_up_ready.intro")},
		Action:     action{Label: l.T("letter.claim_warning.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.follow_up_ready.after")},
		Signature:  say(l, "letter.signature"),
	}
	for _, item := range m.Items {
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.follow_up_ready.item", "Contact", item.Contact, "Until", l.DateTime(item.Until, m.Zone)))
	}
	return c
}
