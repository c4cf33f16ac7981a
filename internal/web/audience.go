package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// audienceFields is what a filter is chosen from, and whom it finds.
type audienceFields struct {
	Everybody, Groups, Regions, Tags []form.Option
	NRI, NRIs                        []form.Option // any or none; the initiatives
	Response, Steps, Never           []form.Option
	Found                            *audienceFound // nil until somebody counts
}

// audienceFound is whom a filter finds, in the reader's words.
type audienceFound struct {
	campaign.Found
	Groups []foundGroup
}

type foundGroup struct {
	campaign.GroupCount
	Name string
}

// audienceForm is the fields with what is in them.
type audienceForm struct {
	Form form.Form
	audienceFields
}

func whom(f form.Form, fields audienceFields) audienceForm { return audienceForm{f, fields} }

// More says whether one of the fields that are folded away is in use or wrong.
func (f audienceForm) More() bool {
	return slices.ContainsFunc(foldedFields(), func(name string) bool { return f.Form.Value(name) != "" || f.Form.Error(name) != "" })
}

func foldedFields() []string {
	return []string{"countries", "tags", "nri", "nris", "response", "sent", "not_sent", "never"}
}

func (w *Web) audienceFields(c *fiber.Ctx) (audienceFields, error) {
	l := w.Server.Localizer(c)
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	f := audienceFields{
		Everybody: []form.Option{{Value: "all", Label: l.T("campaign.new.everybody")}},
		NRI: []form.Option{
			{Value: campaign.AnyNRI, Label: l.T("campaign.audience.nri_any")}, {Value: campaign.NoNRI, Label: l.T("campaign.audience.nri_none")},
		},
		Never: []form.Option{{Value: "yes", Label: l.T("campaign.audience.never_yes")}},
	}
	for _, r := range campaign.Responses() {
		f.Response = append(f.Response, form.Option{Value: string(r), Label: l.T("campaign.audience.response." + string(r))})
	}
	names, err := w.Campaigns.InitiativeNames(ctx, by)
	if err != nil {
		return f, err
	}
	for _, n := range names {
		f.NRIs = append(f.NRIs, form.Option{Value: strconv.FormatInt(n.ID, 10), Label: n.Name, Name: true})
	}
	steps, err := w.Campaigns.EarlierSteps(ctx, by)
	if err != nil {
		return f, err
	}
	for _, s := range steps {
		f.Steps = append(f.Steps, form.Option{Value: stepValue(s.StepRef), Label: earlierStepName(l, s)})
	}
	if w.Geo == nil {
		return f, nil
	}
	for _, g := range w.Geo.Groups() {
		f.Groups = append(f.Groups, form.Option{Value: g.Code, Label: w.Geo.GroupName(g.Code, l.Tag())})
	}
	for _, r := range geo.Regions() {
		f.Regions = append(f.Regions, form.Option{Value: string(r), Label: l.T("region." + string(r))})
	}
	for _, e := range w.Geo.Expertise() {
		f.Tags = append(f.Tags, form.Option{Value: e.Tag, Label: expertiseName(l, e.Tag)})
	}
	return f, nil
}

func earlierStepName(l *i18n.Localizer, s campaign.EarlierStep) string {
	step := l.T("campaign.step.call")
	if s.Kind == campaign.FollowUp {
		step = l.T("campaign.step.follow_up", "Number", s.Step)
	}
	return l.T("campaign.audience.step", "Cycle", l.Isolate(s.CycleName), "Campaign", l.Isolate(s.CampaignName), "Step", step)
}

// stepValue names a message in a form: 12:1.
func stepValue(r campaign.StepRef) string {
	return strconv.FormatInt(r.Campaign, 10) + ":" + strconv.Itoa(r.Step)
}

// stepRefs reads them; what is none names a message that does not exist, and so is told at its field.
func stepRefs(values []string) []campaign.StepRef {
	var refs []campaign.StepRef
	for _, v := range values {
		id, position, _ := strings.Cut(v, ":")
		var ref campaign.StepRef
		ref.Campaign, _ = strconv.ParseInt(id, 10, 64)
		ref.Step, _ = strconv.Atoi(position)
		refs = append(refs, ref)
	}
	return refs
}

// audienceOf reads the fields of a filter.
func (w *Web) audienceOf(f form.Form) campaign.Audience {
	a := campaign.Audience{
		All: f.Has("everybody", "all"), Groups: f.Values["groups"], Regions: f.Values["regions"],
		Languages: strings.Fields(w.Bundle.LanguageTags(f.Value("languages"))),
		Tags:      f.Values["tags"], NRIs: slices.Concat(f.Values["nri"], f.Values["nris"]),
		Sent: stepRefs(f.Values["sent"]), NotSent: stepRefs(f.Values["not_sent"]), NeverWritten: f.Has("never", "yes"),
	}
	for _, r := range f.Values["response"] {
		a.Response = append(a.Response, campaign.Response(r))
	}
	for _, text := range strings.FieldsFunc(f.Value("countries"), func(r rune) bool { return strings.ContainsRune(",;\n،、，；", r) }) {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if w.Geo != nil {
			if code, ok := w.Geo.ParseCountry(text); ok {
				text = code
			}
		}
		a.Countries = append(a.Countries, text)
	}
	return a
}

// audienceValues puts a filter into the fields of a form.
func audienceValues(values map[string][]string, a campaign.Audience) {
	for _, name := range append([]string{"everybody", "groups", "regions", "languages"}, foldedFields()...) {
		delete(values, name)
	}
	put := func(name string, all ...string) {
		if len(all) > 0 {
			values[name] = append(values[name], all...)
		}
	}
	if a.All {
		put("everybody", "all")
	}
	put("groups", a.Groups...)
	put("regions", a.Regions...)
	put("languages", strings.Join(a.Languages, " "))
	put("countries", strings.Join(a.Countries, ", "))
	put("tags", a.Tags...)
	for _, n := range a.NRIs {
		if n == campaign.AnyNRI || n == campaign.NoNRI {
			put("nri", n)
		} else {
			put("nris", n)
		}
	}
	for _, r := range a.Response {
		put("response", string(r))
	}
	for _, ref := range a.Sent {
		put("sent", stepValue(ref))
	}
	for _, ref := range a.NotSent {
		put("not_sent", stepValue(ref))
	}
	if a.NeverWritten {
		put("never", "yes")
	}
}

// foundBy says whom a filter would find.
func (w *Web) foundBy(c *fiber.Ctx, cycleID int64, a campaign.Audience) (*audienceFound, error) {
	ctx := c.UserContext()
	found, err := w.Campaigns.Find(ctx, account.ActorFrom(ctx), cycleID, a)
	if err != nil {
		return nil, err
	}
	shown := &audienceFound{Found: found}
	for _, g := range found.Groups {
		shown.Groups = append(shown.Groups, foundGroup{GroupCount: g, Name: w.groupName(w.Server.Localizer(c), g.Group)})
	}
	return shown, nil
}

// fieldsOfAudience names the fields of the form where the service names those of the filter.
func fieldsOfAudience(err error) error {
	fields := slices.Clone(errs.FieldsOf(err))
	for i := range fields {
		switch name := fields[i].Name; {
		case name == "audience":
			fields[i].Name = "everybody"
		case name == "audience.stakeholder_groups":
			fields[i].Name = "groups"
		case strings.HasPrefix(name, "audience."):
			fields[i].Name = strings.TrimPrefix(name, "audience.")
		}
	}
	if len(fields) == 0 {
		return err
	}
	return errs.InvalidFields(fields...)
}
