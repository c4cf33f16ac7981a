package letter

import (
	"strings"
	"time"

	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
)

// Person is a member of the house as a letter speaks to them.
type Person struct {
	Email    string
	Name     string
	Language string
	Zone     *time.Location
}

func (p Person) recipient() mail.Address { return mail.Address{Name: p.Name, Email: p.Email} }
func (p Person) language() string        { return p.Language }

// HandoverOffer asks a volunteer to take a contact on from a colleague.
type HandoverOffer struct {
	Person
	From    string
	Contact string // its name
	Purpose string // the code of a purpose
	Note    string // what the colleague wrote, "" for nothing
	Expires time.Time
	Link    string // where to answer
}

// Kind is KindHandoverOffer.
func (HandoverOffer) Kind() string { return KindHandoverOffer }

func (m HandoverOffer) write(l *i18n.Localizer) content {
	c := content{
		Subject:  l.T("letter.handover_offer.subject", "From", m.From, "Contact", m.Contact),
		Greeting: greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.handover_offer.intro",
			"From", m.From, "Contact", m.Contact, "Purpose", l.T("outreach.purpose."+m.Purpose), "Until", l.DateTime(m.Expires, m.Zone))},
		Action:    action{Label: l.T("letter.handover_offer.button"), URL: m.Link},
		After:     []paragraph{say(l, "letter.handover_offer.choices", "From", m.From)},
		Signature: say(l, "letter.signature"),
	}
	if m.Note != "" {
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.handover.note", "Name", m.From, "Note", m.Note))
	}
	return c
}

// HandoverAnswer tells a volunteer what a colleague said.
type HandoverAnswer struct {
	Person
	Colleague string
	Contact   string
	Accepted  bool
	Answer    string // what the colleague wrote, "" for nothing
	Link      string
}

// Kind is KindHandoverAnswer.
func (HandoverAnswer) Kind() string { return KindHandoverAnswer }

func (m HandoverAnswer) write(l *i18n.Localizer) content {
	said := "declined"
	if m.Accepted {
		said = "accepted"
	}
	c := content{
		Subject:    l.T("letter.handover_answer.subject."+said, "Colleague", m.Colleague, "Contact", m.Contact),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.handover_answer."+said, "Colleague", m.Colleague, "Contact", m.Contact)},
		Action:     action{Label: l.T("letter.claim_warning.button"), URL: m.Link},
		Signature:  say(l, "letter.signature"),
	}
	if m.Answer != "" {
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.handover.note", "Name", m.Colleague, "Note", m.Answer))
	}
	return c
}

// ClaimTaken tells a volunteer that an officer ended a claim, and why.
type ClaimTaken struct {
	Person
	Officer string
	Contact string
	Reason  string
	To      string // who goes on with it, "" for nobody
	Link    string
}

// Kind is KindClaimTaken.
func (ClaimTaken) Kind() string { return KindClaimTaken }

func (m ClaimTaken) write(l *i18n.Localizer) content {
	after := say(l, "letter.claim_taken.nobody")
	if m.To != "" {
		after = say(l, "letter.claim_taken.to", "Name", m.To)
	}
	return content{
		Subject:  l.T("letter.claim_taken.subject", "Contact", m.Contact),
		Greeting: greet(l, m.Name),
		Paragraphs: []paragraph{
			say(l, "letter.claim_taken.intro", "Officer", m.Officer, "Contact", m.Contact),
			say(l, "letter.claim_taken.reason", "Reason", m.Reason),
			after,
		},
		Action:    action{Label: l.T("letter.claim_warning.button"), URL: m.Link},
		Signature: say(l, "letter.signature"),
	}
}

// ClaimsGiven tells a volunteer which contacts an officer gave them, and why them.
type ClaimsGiven struct {
	Person
	Officer string
	Note    string // what the officer wrote, "" for nothing
	Expires time.Time
	Items   []GivenItem
	Link    string
}

// GivenItem is a contact that was given.
type GivenItem struct {
	Contact string
	Purpose string   // the code of a purpose
	Why     []string // sentences in the volunteer's language
}

// Kind is KindClaimsGiven.
func (ClaimsGiven) Kind() string { return KindClaimsGiven }

func (m ClaimsGiven) write(l *i18n.Localizer) content {
	c := content{
		Subject:  l.T("letter.claims_given.subject"),
		Greeting: greet(l, m.Name),
		Paragraphs: []paragraph{
			say(l, "letter.claims_given.intro", "Officer", m.Officer, "Until", l.DateTime(m.Expires, m.Zone)),
		},
		Action:    action{Label: l.T("letter.claim_warning.button"), URL: m.Link},
		After:     []paragraph{say(l, "letter.claims_given.back")},
		Signature: say(l, "letter.signature"),
	}
	if m.Note != "" {
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.handover.note", "Name", m.Officer, "Note", m.Note))
	}
	for _, item := range m.Items {
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.claims_given.item",
			"Contact", item.Contact, "Purpose", l.T("outreach.purpose."+item.Purpose), "Why", strings.Join(item.Why, " ")))
	}
	return c
}
