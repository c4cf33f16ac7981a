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
// reader's language to name; for an organization Name is what it is called.
type Reason struct {
	Kind  Kind
	Value string
	Name  string
}

// Key is the message key of the reason's sentence; its placeholder is Value.
func (r Reason) Key() string { return "outreach.reason." + string(r.Kind) }

// Name is what a connection's value is called in a language, as far as the reference data knows it:
// countries and groups. Other values, for instance language tags, come back as they are.
func (s *Service) Name(k Kind, value, locale string) string {
	switch k {
	case KnowsCountry, HasConflict:
		return s.Reference.CountryName(value, locale)
	case KnowsGroup:
		return s.Reference.GroupName(value, locale)
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
type profile map[Kind][]string

func profileOf(language string, connections []Connection) profile {
	p := profile{}
	if language != "" {
		p[SpeaksLanguage] = append(p[SpeaksLanguage], language)
	}
	for _, c := range connections {
		p[c.Kind] = append(p[c.Kind], c.Value)
	}
	return p
}

func (p profile) has(k Kind, value string) bool { return value != "" && slices.Contains(p[k], value) }

// conflicted says whether a conflict of interest keeps the volunteer from the contact.
func (p profile) conflicted(c *Card) bool {
	if p.has(HasConflict, c.Country) || p.has(HasConflict, strconv.FormatInt(c.ContactID, 10)) {
		return true
	}
	return slices.ContainsFunc(c.Organizations, func(o Org) bool {
		return p.has(HasConflict, strconv.FormatInt(o.OrganizationID, 10))
	})
}

// match says how well the volunteer suits the contact: the sum of the weights of the reasons, which come
// heaviest first, each kind once. The same two always match alike.
func (p profile) match(ref *geo.Reference, c *Card) (score int, reasons []Reason) {
	add := func(r Reason, ok bool) {
		if ok {
			score += r.Kind.weight()
			reasons = append(reasons, r)
		}
	}
	add(p.organization(c))
	add(p.language(c))
	add(Reason{Kind: KnowsCountry, Value: c.Country}, p.has(KnowsCountry, c.Country))
	add(Reason{Kind: KnowsGroup, Value: c.StakeholderGroup}, p.has(KnowsGroup, c.StakeholderGroup))
	if country, ok := ref.Country(c.Country); ok && c.StakeholderGroup == geo.GroupTechnicalCommunity {
		add(Reason{Kind: KnowsRIR, Value: country.RIR}, p.has(KnowsRIR, country.RIR))
	}
	for _, tag := range strings.Fields(c.Expertise) {
		if p.has(KnowsExpertise, tag) {
			add(Reason{Kind: KnowsExpertise, Value: tag}, true)
			break
		}
	}
	add(Reason{Kind: KnowsRegion, Value: c.Region}, p.has(KnowsRegion, c.Region))
	return score, reasons
}

func (p profile) organization(c *Card) (Reason, bool) {
	for _, o := range c.Organizations {
		if id := strconv.FormatInt(o.OrganizationID, 10); p.has(SameOrganization, id) {
			return Reason{Kind: SameOrganization, Value: id, Name: o.Name}, true
		}
	}
	id := strconv.FormatInt(c.ContactID, 10)
	return Reason{Kind: SameOrganization, Value: id, Name: c.Name}, p.has(SameOrganization, id)
}

// language is the first language of the contact that the volunteer speaks. People who share a
// language understand each other across its dialects, so the base of the tags decides; texts are stricter.
func (p profile) language(c *Card) (Reason, bool) {
	for _, tag := range strings.Fields(c.LanguageChain) {
		for _, own := range p[SpeaksLanguage] {
			if base(tag) == base(own) {
				return Reason{Kind: SpeaksLanguage, Value: tag}, true
			}
		}
	}
	return Reason{}, false
}

func base(tag string) string {
	b, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(b)
}
