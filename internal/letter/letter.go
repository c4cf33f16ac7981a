// Package letter writes the single mails of the house: the sign-in link, the acknowledgement of a
// contribution, the warning before a claim expires. Each is a type. It is rendered in the recipient's
// language, stored in the transaction that it tells of, and sent by a worker afterwards.
package letter

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
)

// The kinds, as they stand in outgoing_mail.
const (
	KindSignIn            = "sign_in"
	KindAcknowledgement   = "acknowledgement"
	KindClaimWarning      = "claim_warning"
	KindHandoverOffer     = "handover_offer"
	KindSuggestionOutcome = "suggestion_outcome"
	KindHandoverAnswer    = "handover_answer"
	KindClaimTaken        = "claim_taken"
	KindClaimsGiven       = "claims_given"

	KindTranslationRelieved = "translation_relieved"
	KindCommentNews         = "comment_news"
	KindFollowUpReady       = "follow_up_ready"
	KindAddressConfirmation = "address_confirmation"
	KindAddressMoved        = "address_moved"
	KindFormLink            = "form_link"
	KindSignatureRequest    = "signature_request"
	KindCorrectionDecided   = "correction_decided"
	KindEditInvitation      = "edit_invitation"
	KindTest                = "campaign_test" // a campaign's message to whoever looks at it
)

// Letter is one of the types of this package.
type Letter interface {
	// Kind is one of the kinds above.
	Kind() string
	recipient() mail.Address
	language() string
	write(l *i18n.Localizer) content
}

// content is what a letter says, in one language.
type content struct {
	Subject    string
	Greeting   paragraph
	Paragraphs []paragraph
	Action     action // the one thing to do; without a URL there is none
	After      []paragraph
	Signature  paragraph
}

// paragraph is said twice: with invisible marks around names in plain text, with <bdi> in HTML.
type paragraph struct {
	Text string
	HTML template.HTML
}

type action struct{ Label, URL string }

// say makes a paragraph; args are placeholder name and value in turn. A value that is an address of
// a page becomes a link in HTML.
func say(l *i18n.Localizer, key string, args ...any) paragraph {
	plain, rich := slices.Clone(args), slices.Clone(args)
	for i := 1; i < len(args); i += 2 {
		s, ok := args[i].(string)
		if !ok {
			continue
		}
		plain[i] = isolate(s)
		if isLink(s) {
			rich[i] = template.HTML(fmt.Sprintf(`<a href="%[1]s" dir="ltr">%[1]s</a>`, template.HTMLEscapeString(s))) //nolint:gosec // escaped
		}
	}
	return paragraph{Text: l.T(key, plain...), HTML: l.HTML(key, rich...)}
}

// greet calls a person by name, or greets without one.
func greet(l *i18n.Localizer, name string) paragraph {
	if name == "" {
		return say(l, "letter.greeting.unnamed")
	}
	return say(l, "letter.greeting", "Name", name)
}

// SignIn carries the link that signs somebody in, once.
type SignIn struct {
	To       string
	Name     string
	Language string
	Link     string // with the secret: kept nowhere once the mail has left
	Expires  time.Time
	Zone     *time.Location // of the recipient
}

// Kind is KindSignIn.
func (SignIn) Kind() string              { return KindSignIn }
func (m SignIn) recipient() mail.Address { return mail.Address{Name: m.Name, Email: m.To} }
func (m SignIn) language() string        { return m.Language }

func (m SignIn) write(l *i18n.Localizer) content {
	return content{
		Subject:    l.T("letter.sign_in.subject"),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.sign_in.intro")},
		Action:     action{Label: l.T("letter.sign_in.button"), URL: m.Link},
		After: []paragraph{
			say(l, "letter.sign_in.once", "Until", l.DateTime(m.Expires, m.Zone)),
			say(l, "letter.sign_in.not_you"),
		},
		Signature: say(l, "letter.signature"),
	}
}

// Acknowledgement thanks for a contribution the moment it arrives.
type Acknowledgement struct {
	CycleID      int64
	Cycle        string // its name
	To           string
	Name         string
	Organization string
	Language     string
	Link         string // to read, correct or withdraw it
	Call         string // the public page of the call
	Published    bool   // whether it can be read by everybody
	Waits        bool   // it will be published once an officer has checked it
	Late         bool
	Deadline     time.Time // the displayed day; zero where there was none
}

// Kind is KindAcknowledgement.
func (Acknowledgement) Kind() string              { return KindAcknowledgement }
func (m Acknowledgement) recipient() mail.Address { return mail.Address{Name: m.Name, Email: m.To} }
func (m Acknowledgement) language() string        { return m.Language }

func (m Acknowledgement) write(l *i18n.Localizer) content {
	c := content{
		Subject:    l.T("letter.acknowledgement.subject", "Cycle", m.Cycle),
		Greeting:   greet(l, m.Name),
		Paragraphs: []paragraph{say(l, "letter.acknowledgement.thanks", "Cycle", m.Cycle)},
		Action:     action{Label: l.T("letter.acknowledgement.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.acknowledgement.keep")},
		Signature:  say(l, "letter.signature"),
	}
	switch {
	case m.Published:
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.acknowledgement.published", "Call", m.Call))
	case m.Waits:
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.acknowledgement.waits", "Call", m.Call))
	default:
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.acknowledgement.not_published"))
	}
	if m.Late {
		c.Paragraphs = append(c.Paragraphs, say(l, "letter.acknowledgement.late"))
	}
	return c
}

// fields are the values of the merge fields that a cycle's own text may have.
func (m Acknowledgement) fields(l *i18n.Localizer) map[string]string {
	f := map[string]string{
		"contact": m.Name, "organization": m.Organization, "cycle": m.Cycle, "personal_link": m.Link, "call_link": m.Call,
		"deadline": "", "volunteer": "", "unsubscribe_link": "",
	}
	if !m.Deadline.IsZero() {
		f["deadline"] = l.Date(m.Deadline, time.UTC)
	}
	return f
}

// ClaimWarning tells a volunteer that a claim is about to expire.
type ClaimWarning struct {
	To       string
	Name     string
	Language string
	Contact  string // the name of the contact
	Expires  time.Time
	Zone     *time.Location // of the volunteer
	Link     string         // where to renew, log or hand back
}

// Kind is KindClaimWarning.
func (ClaimWarning) Kind() string              { return KindClaimWarning }
func (m ClaimWarning) recipient() mail.Address { return mail.Address{Name: m.Name, Email: m.To} }
func (m ClaimWarning) language() string        { return m.Language }

func (m ClaimWarning) write(l *i18n.Localizer) content {
	return content{
		Subject:  l.T("letter.claim_warning.subject", "Contact", m.Contact),
		Greeting: greet(l, m.Name),
		Paragraphs: []paragraph{
			say(l, "letter.claim_warning.intro", "Contact", m.Contact, "Until", l.DateTime(m.Expires, m.Zone)),
			say(l, "letter.claim_warning.choices"),
		},
		Action:    action{Label: l.T("letter.claim_warning.button"), URL: m.Link},
		After:     []paragraph{say(l, "letter.claim_warning.returns")},
		Signature: say(l, "letter.signature"),
	}
}
