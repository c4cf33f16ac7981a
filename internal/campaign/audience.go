package campaign

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Audience is a filter over the contacts on the cycle's list. What is named within one field is
// alternatives, the fields narrow each other. An empty filter means nobody: everybody must be
// said by All, which then still is narrowed by the fields.
//
// Response, Sent, NotSent and NeverWritten change by the sending itself. They decide who gets the call; its follow-ups
// go to whoever was sent it, whatever these say by then.
type Audience struct {
	Groups       []string   `json:"stakeholder_groups,omitempty"`
	Regions      []string   `json:"regions,omitempty"`
	Countries    []string   `json:"countries,omitempty"` // ISO 3166-1 alpha-2
	Languages    []string   `json:"languages,omitempty"` // BCP 47; es takes es-MX too
	Tags         []string   `json:"tags,omitempty"`      // areas of expertise
	NRIs         []string   `json:"nris,omitempty"`      // AnyNRI, NoNRI, or the id of an initiative that the contact answers for
	Response     []Response `json:"response,omitempty"`  // in this cycle
	Sent         []StepRef  `json:"sent,omitempty"`      // was sent one of these messages
	NotSent      []StepRef  `json:"not_sent,omitempty"`  // leaves out whoever was sent one of these
	NeverWritten bool       `json:"never_written,omitempty"`
	All          bool       `json:"all,omitempty"`
}

// Words of Audience.NRIs.
const (
	AnyNRI = "any"
	NoNRI  = "none"
)

// Response is how far a contact's answer to the cycle is.
type Response string

// The states of an answer.
const (
	NotStarted Response = "not_started"
	Started    Response = "started" // something was written in the form, and not handed in
	Answered   Response = "answered"
)

// Responses lists them in the order in which they are shown.
func Responses() []Response { return []Response{NotStarted, Started, Answered} }

// StepRef names a message of a campaign.
type StepRef struct {
	Campaign int64 `json:"campaign"`
	Step     int   `json:"step"` // its position, from 1
}

// Empty says whether the filter means nobody.
func (a Audience) Empty() bool {
	return !a.All && !a.NeverWritten &&
		len(a.Groups)+len(a.Regions)+len(a.Countries)+len(a.Languages)+len(a.Tags)+len(a.NRIs)+len(a.Response)+len(a.Sent)+len(a.NotSent) == 0
}

// A language is put into a pattern, where a sign such as _ would stand for any letter and "__" for
// nearly everybody. So is a tag.
var (
	wordPattern     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	countryPattern  = regexp.MustCompile(`^[A-Z]{2}$`)
	languagePattern = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
	tagPattern      = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
	nriPattern      = regexp.MustCompile(`^(?:any|none|[1-9][0-9]{0,17})$`)
)

// maxWords is how many alternatives a field takes: databases bound the arguments of a statement.
const maxWords = 500

func (a Audience) validate() []errs.Field {
	if a.Empty() {
		return []errs.Field{errs.FieldError("audience", "campaign.audience.nobody")}
	}
	var wrong []errs.Field
	check := func(name string, words []string, pattern *regexp.Regexp, key string) {
		if len(words) > maxWords {
			wrong = append(wrong, errs.FieldError(name, "field.choice"))
		} else if i := slices.IndexFunc(words, func(w string) bool { return !pattern.MatchString(w) }); i >= 0 {
			wrong = append(wrong, errs.FieldError(name, key, "Word", words[i]))
		}
	}
	check("audience.stakeholder_groups", a.Groups, wordPattern, "field.choice")
	check("audience.regions", a.Regions, wordPattern, "field.choice")
	check("audience.countries", a.Countries, countryPattern, "campaign.audience.no_country")
	check("audience.languages", a.Languages, languagePattern, "campaign.audience.no_language")
	check("audience.tags", a.Tags, tagPattern, "field.choice")
	check("audience.nris", a.NRIs, nriPattern, "field.choice")
	if slices.ContainsFunc(a.Response, func(r Response) bool { return !slices.Contains(Responses(), r) }) {
		wrong = append(wrong, errs.FieldError("audience.response", "field.choice"))
	}
	for name, refs := range map[string][]StepRef{"audience.sent": a.Sent, "audience.not_sent": a.NotSent} {
		if len(refs) > maxWords {
			wrong = append(wrong, errs.FieldError(name, "field.choice"))
		}
	}
	return wrong
}

// checkAudience is validate, and refuses what the filter names and does not exist.
func (s *Service) checkAudience(tx *db.Tx, a Audience) ([]errs.Field, error) {
	wrong := a.validate()
	unknown, err := s.checkWords(tx, a)
	for _, f := range unknown {
		if !slices.ContainsFunc(wrong, func(w errs.Field) bool { return w.Name == f.Name }) {
			wrong = append(wrong, f)
		}
	}
	if err != nil || len(wrong) > 0 {
		return wrong, err
	}
	if ok, err := initiativesExist(tx, a.initiatives()); err != nil || !ok {
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, errs.FieldError("audience.nris", "field.choice"))
	}
	for _, f := range []struct {
		name string
		refs []StepRef
	}{{"audience.sent", a.Sent}, {"audience.not_sent", a.NotSent}} {
		ok, err := stepsExist(tx, f.refs)
		if err != nil {
			return nil, err
		}
		if !ok {
			wrong = append(wrong, errs.FieldError(f.name, "field.choice"))
		}
	}
	return wrong, nil
}

// checkWords refuses words that nobody has: a slip would leave people out, and nothing would say so.
func (s *Service) checkWords(tx *db.Tx, a Audience) (wrong []errs.Field, err error) {
	refuse := func(name string, words []string, known func(string) bool, key string) {
		for _, word := range words {
			if !known(word) {
				wrong = append(wrong, errs.FieldError(name, key, "Word", word))
				return
			}
		}
	}
	refuse("audience.languages", a.Languages, isLanguage, "campaign.audience.no_language")
	refuse("audience.regions", a.Regions, func(w string) bool { return geo.Region(w).Valid() }, "field.choice")
	if s.Reference == nil {
		return wrong, nil
	}
	refuse("audience.countries", a.Countries, func(w string) bool { _, ok := s.Reference.Country(w); return ok }, "campaign.audience.no_country")
	expertise := s.Reference.Expertise()
	refuse("audience.tags", a.Tags, func(w string) bool {
		return slices.ContainsFunc(expertise, func(e geo.Expertise) bool { return e.Tag == w })
	}, "field.choice")
	refuse("audience.stakeholder_groups", a.Groups, func(w string) bool {
		if _, ok := s.Reference.Group(w); ok || err != nil {
			return true
		}
		var listed bool
		listed, err = groupListed(tx, w) // a cycle may have groups of its own
		return listed
	}, "field.choice")
	return wrong, err
}

func isLanguage(word string) bool {
	tag, err := language.Parse(word)
	return err == nil && tag != language.Und && languagePattern.MatchString(word)
}

// tidy writes codes as the list of contacts does.
func (a Audience) tidy() Audience {
	a.Countries, a.Languages = slices.Clone(a.Countries), slices.Clone(a.Languages)
	for i, code := range a.Countries {
		if countryPattern.MatchString(strings.ToUpper(code)) {
			a.Countries[i] = strings.ToUpper(code)
		}
	}
	for i, word := range a.Languages {
		if tag, err := language.Parse(word); err == nil {
			a.Languages[i] = tag.String()
		}
	}
	return a
}

// initiatives are the ids that the filter names.
func (a Audience) initiatives() []int64 {
	var ids []int64
	for _, w := range a.NRIs {
		if id, err := strconv.ParseInt(w, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func fieldName(list string, i int) string { return list + "." + strconv.Itoa(i) }

// GroupCount is how many contacts of a stakeholder group a filter finds.
type GroupCount struct {
	Group    string
	Count    int
	Mailable int // of them, with an address that may be mailed
}

// Found is whom a filter finds.
type Found struct {
	Count, Mailable int
	Groups          []GroupCount // the most frequent first
}

// Find says whom a filter would find on the list of a cycle. An audience that means nobody is errs.Invalid.
func (s *Service) Find(ctx context.Context, by account.Actor, cycleID int64, a Audience) (Found, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return Found{}, err
	}
	a = a.tidy()
	tx := s.DB.Read(ctx)
	wrong, err := s.checkAudience(tx, a)
	if err != nil {
		return Found{}, errs.Wrap("campaign.find", err)
	}
	if len(wrong) > 0 {
		return Found{}, errs.InvalidFields(wrong...)
	}
	q := snapshot{cycleID: cycleID, audience: a}
	if err := q.loadInitiatives(tx, &groundwork{}); err != nil {
		return Found{}, errs.Wrap("campaign.find", err)
	}
	var f Found
	if f.Groups, err = groupCounts(tx, &q); err != nil {
		return Found{}, errs.Wrap("campaign.find", err)
	}
	for _, g := range f.Groups {
		f.Count, f.Mailable = f.Count+g.Count, f.Mailable+g.Mailable
	}
	slices.SortFunc(f.Groups, func(a, b GroupCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Group, b.Group))
	})
	return f, nil
}

// EarlierStep is a message that may be named in a filter.
type EarlierStep struct {
	StepRef
	CampaignName string
	CycleName    string
	CycleID      int64
	Kind         StepKind
}

// EarlierSteps lists the messages that were launched, of this and earlier cycles, the newest first.
func (s *Service) EarlierSteps(ctx context.Context, by account.Actor) ([]EarlierStep, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	all, err := earlierSteps(s.DB.Read(ctx))
	return all, errs.Wrap("campaign.earlier_steps", err)
}

// InitiativeName is an initiative that may be named in a filter.
type InitiativeName struct {
	ID   int64
	Name string
}

// InitiativeNames lists the initiatives by name.
func (s *Service) InitiativeNames(ctx context.Context, by account.Actor) ([]InitiativeName, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	all, err := initiativeNames(s.DB.Read(ctx))
	return all, errs.Wrap("campaign.initiative_names", err)
}
