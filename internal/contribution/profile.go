package contribution

import (
	"regexp"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Profile is what contributors say about themselves. Email, group and country are asked only of those who
// were not invited: of the others the list of the cycle knows them.
type Profile struct {
	Name             string
	Organization     string
	Capacity         Capacity
	Email            string
	StakeholderGroup string
	Country          string // ISO 3166-1 alpha-2
}

// cleanProfile checks what somebody says about themselves.
func (s *Service) cleanProfile(p Profile, unsolicited bool) (Profile, []errs.Field) {
	var wrong []errs.Field
	line := func(field string, text *string) {
		var problem string
		if *text, problem = cleanLine(*text); problem != "" {
			wrong = append(wrong, errs.FieldError(field, problem, "Max", LineLimit))
		}
	}
	line("name", &p.Name)
	line("organization", &p.Organization)
	if errs.Blank(p.Name) {
		wrong = append(wrong, errs.FieldError("name", "field.required"))
	}
	if p.Capacity != Individual && p.Capacity != Organizational {
		wrong = append(wrong, errs.FieldError("capacity", "field.choice"))
	}
	if p.Capacity == Organizational && p.Organization == "" {
		wrong = append(wrong, errs.FieldError("organization", "contribution.organization.required"))
	}
	if !unsolicited {
		p.Email, p.StakeholderGroup, p.Country = "", "", ""
		return p, wrong
	}
	return p, append(wrong, s.checkPlace(p)...)
}

func (s *Service) checkPlace(p Profile) []errs.Field {
	var wrong []errs.Field
	if _, ok := s.Geo.Group(p.StakeholderGroup); !ok {
		wrong = append(wrong, errs.FieldError("stakeholder_group", "field.stakeholder_group"))
	}
	if _, ok := s.Geo.Country(p.Country); !ok && (p.Country != "" || p.StakeholderGroup != geo.GroupIntergovernmental) {
		wrong = append(wrong, errs.FieldError("country", "field.country"))
	}
	return wrong
}

// addressInName is what mail programs make a link of: a web address with its beginning or a path, or a mailbox. Booking.com is a name.
var addressInName = regexp.MustCompile(`(?i)://|\bwww\.|[\pL\d]\.\pL{2,}[/?#]|[^\s@]@[^\s@]+\.[^\s@]`)

// checkNames refuses addresses in names that anybody may type: they go into mails of the secretariat to people whom the same person
// chooses, who would take its word for what is behind the link.
func checkNames(name, organization string) []errs.Field {
	var wrong []errs.Field
	for _, line := range [][2]string{{"name", name}, {"organization", organization}} {
		if addressInName.MatchString(line[1]) {
			wrong = append(wrong, errs.FieldError(line[0], "field.name_address"))
		}
	}
	return wrong
}

// keepMailbox leaves a form the mailbox that it was begun with, to which alone its mails go. One may be named where there is none,
// because the contribution before was withdrawn.
func (s *Service) keepMailbox(c Contribution, p *Profile) []errs.Field {
	if c.ContactID != nil || c.Email != "" || p.Email == "" {
		p.Email = ""
		return nil
	}
	var err error
	if p.Email, err = s.Normalize(p.Email); err != nil {
		return []errs.Field{errs.FieldError("email", "field.email")}
	}
	return nil
}

// describe takes over a checked profile. Group and place of a contact stay those of the list.
func (c *Contribution) describe(ref *geo.Reference, p Profile) {
	c.Name, c.Organization, c.Capacity = p.Name, p.Organization, p.Capacity
	if c.ContactID != nil {
		return
	}
	c.StakeholderGroup, c.Country = p.StakeholderGroup, p.Country
	c.Region = string(ref.RegionOf(p.Country))
	if p.StakeholderGroup == geo.GroupIntergovernmental {
		c.Region = string(geo.NoRegion)
	}
	if p.Email != "" {
		c.Email = p.Email
	}
}
