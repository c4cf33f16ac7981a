package campaign

import (
	"cmp"
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// TextChoice says for whom a text is shown, and in which form. Without a language it is that of the contact.
type TextChoice struct {
	ContactID int64
	Locale    string
	Variant   *string // nil: that of the contact
}

// TextPreview is a text as a contact would get it, as it stands now. No address is in it, and its links lead nowhere.
type TextPreview struct {
	Name     string
	Choice   ChosenText // what the contact would get
	Locale   string     // what is shown
	Variant  string
	Policy   LanguagePolicy
	Below    string // the language of the source text below, "" where there is none
	Default  string // the cycle's language
	Raw      []byte
	Approved []string // the languages in which the text may be sent
}

// ChosenText is what the rules choose for a contact.
type ChosenText struct {
	Locale   string // "" where there is none
	Fallback bool   // for want of one of the contact's own
	Held     bool   // the contact waits for a translation
	Variant  string
}

// noValue stands in a preview where nobody has a value yet.
const noValue = "…"

// PreviewText shows a message of a cycle for a real contact. The caller has asked the contacts' room whether the actor may
// see the contact.
func (s *Service) PreviewText(ctx context.Context, by account.Actor, documentID int64, choice TextChoice) (TextPreview, error) {
	if err := by.Require(account.DocumentRead); err != nil {
		return TextPreview{}, err
	}
	if err := by.Require(account.ContactRead); err != nil {
		return TextPreview{}, err
	}
	p, err := s.previewText(ctx, documentID, choice)
	return p, errs.Wrap("campaign.preview_text", err)
}

func (s *Service) previewText(ctx context.Context, documentID int64, choice TextChoice) (TextPreview, error) {
	d, err := s.Texts.Document(ctx, documentID)
	if err != nil {
		return TextPreview{}, err
	}
	if d.Kind == KindQuestionnaire {
		return TextPreview{}, errs.E(errs.Invalid, "document.not_a_message")
	}
	cycle, err := s.Cycles.Cycle(ctx, d.CycleID)
	if err != nil {
		return TextPreview{}, err
	}
	to, err := readerOf(s.DB.Read(ctx), d.CycleID, choice.ContactID)
	if err != nil {
		return TextPreview{}, err
	}
	if err := s.knowDeadline(ctx, cycle.ID, &to.person); err != nil {
		return TextPreview{}, err
	}
	p := TextPreview{Name: to.Name, Policy: d.LanguagePolicy, Default: cycle.DefaultLanguage}
	if p.Choice, p.Approved, err = s.chosenText(ctx, d, cycle, to); err != nil {
		return TextPreview{}, err
	}
	p.Locale, p.Variant = cmp.Or(choice.Locale, p.Choice.Locale, d.SourceLanguage), p.Choice.Variant
	if choice.Variant != nil {
		p.Variant = *choice.Variant
	}
	of := edition{
		revisionID: d.RevisionID, locale: p.Locale, variant: p.Variant, draft: true,
		bilingual: d.LanguagePolicy == PolicyBilingual && mailed(d), bare: !mailed(d),
	}
	made, err := s.encode(ctx, cycle, of, "")
	if err != nil {
		return TextPreview{}, err
	}
	c, err := s.composerOf(ctx, cycle, made, p.Locale)
	if err != nil {
		return TextPreview{}, err
	}
	c.filler, p.Below = noValue, made.below
	e, err := c.envelope(to.person)
	p.Raw = e.Data
	return p, err
}

// chosenText is what a campaign of this text would send to the contact now.
func (s *Service) chosenText(ctx context.Context, d Document, cycle Cycle, to reader) (ChosenText, []string, error) {
	locales, err := s.locales(ctx, cycle.ID, d.RevisionID, !d.Frozen)
	if err != nil {
		return ChosenText{}, nil, err
	}
	chain := resolveChains([]string{to.Chain}, locales, cycle.DefaultLanguage, d.LanguagePolicy)[0]
	c := ChosenText{Locale: chain.Locale, Fallback: chain.Fallback, Held: chain.Locale == "" && d.LanguagePolicy == PolicyHold}
	c.Variant, err = s.variantFor(ctx, d.RevisionID, to.ContactID, to.StakeholderGroup)
	return c, locales, err
}

// mailed says whether campaigns send the document.
func mailed(d Document) bool { return d.Kind == KindMessage || d.Kind == KindFollowUp }
