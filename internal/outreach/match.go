package outreach

import (
	"slices"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/geo"
)

// Kind is a kind of connection that a volunteer declares.
type Kind string

// The kinds. All but the last make a match; the last forbids one.
const (
	SameOrganization Kind = "organization" // the id of an organization's contact
	SpeaksLanguage   Kind = "language"     // BCP 47
	KnowsCountry     Kind = "country"      // ISO 3166-1 alpha-2
	KnowsGroup       Kind = "stakeholder_group"
	KnowsRIR         Kind = "rir" // a Regional Internet Registry: the technical community of its countries
	KnowsExpertise   Kind = "expertise"
	KnowsRegion      Kind = "region"
	HasConflict      Kind = "conflict" // of interest: the id of an organization's contact, or a country
)

// The kinds of reasons that nobody declares: they come from what was done.
const (
	PastOrganization Kind = "past_organization"
	PastCountry      Kind = "past_country"
	PastGroup        Kind = "past_stakeholder_group"
	OnHand           Kind = "load" // what the volunteer holds already
)

// Kinds lists them in the order of their weight, the conflict of interest last.
func Kinds() []Kind {
	return []Kind{SameOrganization, SpeaksLanguage, KnowsCountry, KnowsGroup, KnowsRIR, KnowsExpertise, KnowsRegion, HasConflict}
}

// weight is how much a kind counts. Somebody from the house reaches most; a common language
// comes before a common place, because without it there is no conversation.
func (k Kind) weight() int {
	switch k {
	case SameOrganization:
		return 40
	case SpeaksLanguage:
		return 30
	case KnowsCountry:
		return 25
	case KnowsGroup, KnowsRIR:
		return 20
	case KnowsExpertise:
		return 15
	case KnowsRegion:
		return 10
	}
	return 0
}

// Reason is why a volunteer suits a contact, or "conflict", why not. Value is a code of the kind, for the
// reader's language to name; for an organization Name is what it is called. Reached and Tried count contacts,
// for what was done before; for OnHand Tried is how many claims the volunteer holds.
type Reason struct {
	Kind    Kind   `json:"kind"`
	Value   string `json:"value,omitempty"`
	Name    string `json:"name,omitempty"`
	Reached int    `json:"reached,omitempty"`
	Tried   int    `json:"tried,omitempty"`
}

// Key is the message key of the reason's sentence; its placeholders are Value, Reached and Tried.
func (r Reason) Key() string { return "outreach.reason." + string(r.Kind) }

// Speaker says texts in a language.
type Speaker interface {
	T(key string, args ...any) string
	Tag() string
	LanguageName(tag string) string
}

// Say says a reason in a sentence.
func (r Reason) Say(l Speaker, ref *geo.Reference) string {
	return l.T(r.Key(), "Value", ValueName(l, ref, r.Kind, r.Value, r.Name), "Reached", r.Reached, "Tried", r.Tried)
}

// Brief says a reason without its reader in it, for those who look at somebody else's: "Language: Spanish".
func (r Reason) Brief(l Speaker, ref *geo.Reference) string {
	switch r.Kind {
	case PastOrganization, PastCountry, PastGroup, OnHand:
		return r.Say(l, ref)
	}
	return l.T("outreach.connection."+string(r.Kind), "Value", ValueName(l, ref, r.Kind, r.Value, r.Name))
}

// ValueName is what a connection's value is called in a language; name is that of an organization.
func ValueName(l Speaker, ref *geo.Reference, k Kind, value, name string) string {
	switch k {
	case SpeaksLanguage:
		return l.LanguageName(value)
	case KnowsCountry, PastCountry:
		return ref.CountryName(value, l.Tag())
	case KnowsGroup, PastGroup:
		return ref.GroupName(value, l.Tag())
	case KnowsRegion:
		return l.T("region." + value + ".short")
	case KnowsExpertise:
		return l.T("contact.expertise." + value)
	case HasConflict:
		if _, ok := ref.Country(value); ok {
			return ref.CountryName(value, l.Tag())
		}
	case SameOrganization, KnowsRIR, PastOrganization, OnHand:
	}
	if name != "" {
		return name
	}
	return value
}

// Connection is something that a volunteer says they are connected to.
type Connection struct {
	ID        int64
	AccountID int64
	Kind      Kind
	Value     string
}

// Card is what matching knows of a contact.
type Card struct {
	ContactID        int64
	Kind             string
	Name             string
	SortName         string
	Country          string
	Region           string // on the cycle's list
	StakeholderGroup string // on the cycle's list
	Languages        string
	LanguageChain    string
	Expertise        string
	OptedOut         bool
	Responded        bool // known of one contact, not of a list
	Usable           bool // has an address that may be mailed
	Bounced          bool
	Organizations    []Org `gorm:"-"`
}

// Org is an organization that a contact belongs to.
type Org struct {
	ContactID      int64 // the member
	OrganizationID int64
	Name           string
}

// profile is a volunteer in the eyes of matching.
type profile struct {
	ties map[Kind][]string
	past map[pastOf]tally
	live int // claims on hand, where they are to count
}

func profileOf(connections []Connection) profile {
	p := profile{ties: map[Kind][]string{}}
	for _, c := range connections {
		p.ties[c.Kind] = append(p.ties[c.Kind], c.Value)
	}
	return p
}

func (p profile) speak(language string) {
	if language != "" && !p.has(SpeaksLanguage, language) {
		p.ties[SpeaksLanguage] = append(p.ties[SpeaksLanguage], language)
	}
}

func (p profile) has(k Kind, value string) bool {
	return value != "" && slices.Contains(p.ties[k], value)
}

// conflicted says whether a conflict of interest keeps the volunteer from the contact: one that they
// declared, or an organization that their own contact record says they have left, or they themselves.
func (p profile) conflicted(c *Card) bool {
	if len(p.ties[HasConflict]) == 0 {
		return false
	}
	if p.has(HasConflict, c.Country) || p.has(HasConflict, strconv.FormatInt(c.ContactID, 10)) {
		return true
	}
	return slices.ContainsFunc(c.Organizations, func(o Org) bool {
		return p.has(HasConflict, strconv.FormatInt(o.OrganizationID, 10))
	})
}

// fit is how well a volunteer suits a contact. Ties is the part that comes of what connects them; Score is
// moved by what was done before and by what the volunteer holds.
type fit struct {
	ties, score int
	reasons     []Reason // in the order of their weight; only where they were asked for
	explain     bool
}

func (f *fit) tie(r Reason, ok bool) {
	if !ok {
		return
	}
	f.ties += r.Kind.weight()
	f.score += r.Kind.weight()
	if f.explain {
		f.reasons = append(f.reasons, r)
	}
}

// match says how well the volunteer suits the contact: the sum of the weights of the reasons, which come
// heaviest first, each kind once. The same two always match alike.
func (p profile) match(ref *geo.Reference, c *Card) (score int, reasons []Reason) {
	t := traitsOf(ref, c)
	f := p.fit(&t, true)
	return f.score, f.reasons
}

func (p profile) fit(t *traits, explain bool) fit {
	f := fit{explain: explain}
	f.tie(p.organization(t))
	f.tie(p.language(t))
	f.tie(Reason{Kind: KnowsCountry, Value: t.Country}, p.has(KnowsCountry, t.Country))
	f.tie(Reason{Kind: KnowsGroup, Value: t.StakeholderGroup}, p.has(KnowsGroup, t.StakeholderGroup))
	f.tie(Reason{Kind: KnowsRIR, Value: t.rir}, p.has(KnowsRIR, t.rir))
	for _, tag := range t.expertise {
		if p.has(KnowsExpertise, tag) {
			f.tie(Reason{Kind: KnowsExpertise, Value: tag}, true)
			break
		}
	}
	f.tie(Reason{Kind: KnowsRegion, Value: t.Region}, p.has(KnowsRegion, t.Region))
	p.remember(&f, t)
	return f
}

// traits is a card with its lists taken apart, because it is matched with many volunteers.
type traits struct {
	*Card
	id            string
	organizations []string // their ids as text, beside Card.Organizations
	languages     []string
	bases         []string // of the languages
	expertise     []string
	rir           string // of the technical community only
}

func traitsOf(ref *geo.Reference, c *Card) traits {
	t := traits{Card: c, id: strconv.FormatInt(c.ContactID, 10), languages: strings.Fields(c.LanguageChain), expertise: strings.Fields(c.Expertise)}
	for _, tag := range t.languages {
		t.bases = append(t.bases, base(tag))
	}
	for _, o := range c.Organizations {
		t.organizations = append(t.organizations, strconv.FormatInt(o.OrganizationID, 10))
	}
	if country, ok := ref.Country(c.Country); ok && c.StakeholderGroup == geo.GroupTechnicalCommunity {
		t.rir = country.RIR
	}
	return t
}

func (p profile) organization(t *traits) (Reason, bool) {
	if len(p.ties[SameOrganization]) == 0 {
		return Reason{}, false
	}
	for i, id := range t.organizations {
		if p.has(SameOrganization, id) {
			return Reason{Kind: SameOrganization, Value: id, Name: t.Organizations[i].Name}, true
		}
	}
	return Reason{Kind: SameOrganization, Value: t.id, Name: t.Name}, p.has(SameOrganization, t.id)
}

// language is the first language of the contact that the volunteer speaks. People who share a
// language understand each other across its dialects, so the base of the tags decides; texts are stricter.
func (p profile) language(t *traits) (Reason, bool) {
	for i, b := range t.bases {
		for _, own := range p.ties[SpeaksLanguage] {
			if b == base(own) {
				return Reason{Kind: SpeaksLanguage, Value: t.languages[i]}, true
			}
		}
	}
	return Reason{}, false
}

func base(tag string) string {
	b, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(b)
}
