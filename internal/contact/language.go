package contact

import (
	"context"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// LanguageSource says why a contact is written to in a language. What a person reads is the text
// "contact.language_source.<source>".
type LanguageSource string

// The sources, in the order in which they are asked.
const (
	OwnLanguage          LanguageSource = "own"
	OrganizationLanguage LanguageSource = "organization"
	InitiativeLanguage   LanguageSource = "initiative"
	CountryLanguage      LanguageSource = "country"
)

// LanguageReason is one link of a contact's chain of languages.
type LanguageReason struct {
	Source    LanguageSource
	Name      string // of the organization or initiative, the code of the country, "" for the contact itself
	Languages []string
}

// Languages says in which languages a contact is written to, best first, and why. A contact outside of the actor's
// countries is errs.NotFound.
func (s *Service) Languages(ctx context.Context, by account.Actor, id int64) ([]LanguageReason, error) {
	if err := by.Require(account.ContactRead); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	c, err := orNotFound(contactByID(tx, id))
	if err != nil {
		return nil, errs.Wrap("contact.languages", err)
	}
	if !inScope(by, c.Country) {
		return nil, errs.E(errs.NotFound, "contact.not_found")
	}
	all, err := aroundThem(tx, []int64{id})
	if err != nil {
		return nil, errs.Wrap("contact.languages", err)
	}
	spoken, err := loadVoices(tx)
	d := &deriver{ref: s.Reference, voices: spoken}
	return d.languages(&c, all[id]), errs.Wrap("contact.languages", err)
}

// languages is the chain with its reasons: the contact's own, those of its organizations, those of the initiatives for
// which it answers (where one names none, that of its country), that of the contact's country. Each is asked only where those before have no text.
func (d *deriver) languages(c *Contact, at around) []LanguageReason {
	var all []LanguageReason
	add := func(source LanguageSource, name string, languages []string) {
		if len(languages) > 0 {
			all = append(all, LanguageReason{Source: source, Name: name, Languages: languages})
		}
	}
	add(OwnLanguage, "", strings.Fields(c.Languages))
	for _, o := range at.Organizations {
		add(OrganizationLanguage, o.Name, strings.Fields(o.Languages))
	}
	for _, v := range d.voices.of(c, at) {
		add(InitiativeLanguage, v.Name, d.spokenBy(v))
	}
	if country, ok := d.ref.Country(c.Country); ok {
		add(CountryLanguage, country.Code, strings.Fields(country.BriefingLanguage))
	}
	return all
}

func chainOf(reasons []LanguageReason) string {
	lists := make([][]string, len(reasons))
	for i, r := range reasons {
		lists[i] = r.Languages
	}
	return Chain(lists...)
}

// spokenBy are the languages in which an initiative works; where it names none, what all its countries have in common,
// which for a national one is the language of its country.
func (d *deriver) spokenBy(v voice) []string {
	if len(v.Languages) > 0 {
		return v.Languages
	}
	var common []string
	for i, code := range v.Countries {
		var here []string
		if country, ok := d.ref.Country(code); ok {
			here = strings.Fields(country.BriefingLanguage)
		}
		if i == 0 {
			common = here
			continue
		}
		common = slices.DeleteFunc(common, func(tag string) bool { return !slices.Contains(here, tag) })
	}
	return common
}

// voice is an initiative, the languages in which it works, and the countries that it is for.
type voice struct {
	Name      string
	Languages []string
	Countries []string
}

// voices are the initiatives that have languages or countries, by what shows that a contact answers for one: they are few.
type voices struct {
	byName    map[string]voice
	byContact map[int64]voice
	byMailbox map[string]voice
}

// of are the initiatives for which a contact answers, each once: as its entry, as a member of it, or at the mailbox
// of one of its coordinators.
func (v voices) of(c *Contact, at around) []voice {
	if len(v.byName) == 0 {
		return nil
	}
	var all []voice
	seen := map[string]bool{}
	add := func(found voice, ok bool) {
		if ok && !seen[found.Name] {
			seen[found.Name] = true
			all = append(all, found)
		}
	}
	entry := func(o *Contact) {
		if found, ok := v.byContact[o.ID]; ok && o.ID != 0 {
			add(found, true)
		}
		if o.Kind == Organization {
			found, ok := v.byName[o.Name]
			add(found, ok)
		}
	}
	entry(c)
	for i := range at.Organizations {
		entry(&at.Organizations[i])
	}
	for _, a := range at.Addresses {
		found, ok := v.byMailbox[a.Email]
		add(found, ok)
	}
	return all
}

// Answering names initiatives, and whoever else may answer for one differently than before.
type Answering struct {
	Initiatives []int64
	Accounts    []int64 // who coordinates or did
	Contacts    []int64 // entries that an initiative has or had
}

// RefreshAnswering brings, in the caller's transaction, the languages of contacts up to date after something changed
// about the initiatives for which they answer.
func (s *Service) RefreshAnswering(tx *db.Tx, a Answering) error {
	ids, err := answering(tx, a)
	if err != nil {
		return errs.Wrap("contact.refresh_answering", err)
	}
	return errs.Wrap("contact.refresh_answering", s.refreshAll(tx, ids))
}
