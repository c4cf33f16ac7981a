package api

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/httpserver"
)

// RespondForm is what a personal link leads to: the questions in one language, and what was saved.
type RespondForm struct {
	Cycle        string             `json:"cycle" doc:"its slug"`
	Title        string             `json:"title"`
	Language     string             `json:"language" doc:"BCP 47: the language of the contributor, or the one asked for"`
	Questions    string             `json:"questions_language" doc:"BCP 47: the language of every text of the questions"`
	Items        []RespondQuestion  `json:"questions"`
	Sections     []RespondSection   `json:"sections,omitempty" doc:"headings; questions without one come first"`
	FreeForm     bool               `json:"free_form" doc:"whether there is a closing free-form answer with the key other"`
	FreeText     string             `json:"free_text,omitempty" doc:"how that is worded, where it has words of its own"`
	Deadline     *RespondDeadline   `json:"deadline" doc:"late contributions are welcome and marked"`
	Contribution RespondContributor `json:"contribution"`
	Answers      map[string]string  `json:"answers" doc:"by question"`
	Files        []ContributionFile `json:"files" doc:"the documents that are attached"`
	Words        int                `json:"words" doc:"of answers and documents"`
}

// RespondSection is a heading over the questions that name it.
type RespondSection struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
}

// RespondQuestion is a question; one with items is answered item by item, a choice by the keys of its items, one a line.
type RespondQuestion struct {
	Key         string        `json:"key"`
	Kind        string        `json:"kind,omitempty" enum:"text,short,single,multiple,group,file"`
	Section     string        `json:"section,omitempty" doc:"the key of its section"`
	Preamble    string        `json:"preamble,omitempty"`
	Text        string        `json:"text"`
	Items       []RespondItem `json:"items,omitempty"`
	OtherKey    string        `json:"other_key,omitempty" doc:"the key for what the items do not name"`
	FollowUp    string        `json:"follow_up,omitempty"`
	FollowUpKey string        `json:"follow_up_key,omitempty"`
}

// RespondItem is one of several things that a question asks about.
type RespondItem struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// RespondDeadline is a displayed day and the instant at which it ends.
type RespondDeadline struct {
	Date string    `json:"date" format:"date"`
	Zone string    `json:"zone" doc:"aoe for anywhere on earth, or an IANA name"`
	Ends time.Time `json:"ends_at"`
}

// RespondContributor is who answers and how far it is.
type RespondContributor struct {
	State        string `json:"state" enum:"draft,received,checked,published,withheld,withdrawn"`
	Name         string `json:"name"`
	Organization string `json:"organization,omitempty"`
	Capacity     string `json:"capacity" enum:"individual,organizational"`
	Consent      bool   `json:"consent_publication"`
	Late         bool   `json:"late"`
	PublicNumber int    `json:"public_number,omitempty"`
}

// RespondInput is what is saved; what is absent stays as it is.
type RespondInput struct {
	Answers      map[string]string `json:"answers,omitempty" doc:"by question; an empty text takes an answer back"`
	Language     string            `json:"language,omitempty" doc:"BCP 47, one of the product's languages"`
	Consent      *bool             `json:"consent_publication,omitempty"`
	Name         string            `json:"name,omitempty"`
	Organization string            `json:"organization,omitempty"`
	Capacity     string            `json:"capacity,omitempty" enum:"individual,organizational"`
}

func (a *API) respondEndpoints() []endpoint {
	private := []httpserver.Option{httpserver.Private()}
	writing := append(slices.Clone(private), httpserver.BodyLimit(contributionBody), httpserver.Limit(6000, 10*time.Minute))
	const reason = "the token in the address is the right, and no cookie counts"
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/respond/:token", action: account.PublicAnswer, handler: a.openRespond,
			summary: "The questions behind a personal link, and what was saved; changes nothing",
			params:  []param{{name: "lang", doc: "BCP 47: the language wanted, else the contributor's"}}, response: RespondForm{}, options: private,
		},
		{
			method: fiber.MethodPut, path: "/respond/:token", action: account.PublicAnswer, handler: a.saveRespond,
			summary: "Save answers", request: RespondInput{}, response: RespondForm{}, options: writing, noCSRF: reason,
		},
		{
			method: fiber.MethodPost, path: "/respond/:token/submit", action: account.PublicAnswer, handler: a.submitRespond,
			summary: "Submit; again is no error", response: RespondForm{}, options: writing, noCSRF: reason,
		},
		{
			method: fiber.MethodPost, path: "/respond/:token/withdraw", action: account.PublicAnswer, handler: a.withdrawRespond,
			summary: "Withdraw; the answers are deleted", response: RespondForm{}, options: writing, noCSRF: reason,
		},
	}
}

func (a *API) openRespond(c *fiber.Ctx) error {
	f, err := a.Contributions.Open(c.UserContext(), c.Params("token"), c.Query("lang"))
	if err != nil {
		return err
	}
	return c.JSON(respondForm(f))
}

func (a *API) saveRespond(c *fiber.Ctx) error {
	in, err := decode[RespondInput](c)
	if err != nil {
		return err
	}
	ctx, token := c.UserContext(), c.Params("token")
	e := contribution.Entry{Answers: in.Answers, Language: in.Language, Consent: in.Consent}
	if in.Name != "" || in.Organization != "" || in.Capacity != "" {
		if e.Profile, err = a.respondProfile(ctx, token, in); err != nil {
			return err
		}
	}
	if _, err := a.Contributions.Save(ctx, account.ActorFrom(ctx), token, e); err != nil {
		return err
	}
	return a.openRespond(c)
}

// respondProfile is what was said before, with what is said now over it.
func (a *API) respondProfile(ctx context.Context, token string, in RespondInput) (*contribution.Profile, error) {
	f, err := a.Contributions.Open(ctx, token, "")
	if err != nil {
		return nil, err
	}
	k := f.Contribution
	p := contribution.Profile{
		Name: k.Name, Organization: k.Organization, Capacity: k.Capacity, StakeholderGroup: k.StakeholderGroup, Country: k.Country,
	}
	if in.Name != "" {
		p.Name = in.Name
	}
	if in.Organization != "" {
		p.Organization = in.Organization
	}
	if in.Capacity != "" {
		p.Capacity = contribution.Capacity(in.Capacity)
	}
	return &p, nil
}

func (a *API) submitRespond(c *fiber.Ctx) error {
	return a.respondMove(c, a.Contributions.Submit)
}

func (a *API) withdrawRespond(c *fiber.Ctx) error {
	return a.respondMove(c, a.Contributions.Withdraw)
}

func (a *API) respondMove(c *fiber.Ctx, move func(context.Context, account.Actor, string) (contribution.Contribution, error)) error {
	ctx := c.UserContext()
	if _, err := move(ctx, account.ActorFrom(ctx), c.Params("token")); err != nil {
		return err
	}
	return a.openRespond(c)
}

func respondForm(f contribution.Form) RespondForm {
	k := f.Contribution
	out := RespondForm{
		Cycle: f.Round.Slug, Title: f.Questionnaire.Title, Language: f.Locale, Questions: f.Questionnaire.Locale,
		Items: []RespondQuestion{}, FreeForm: f.Questionnaire.FreeForm, FreeText: f.Questionnaire.FreeText, Answers: f.Answers, Words: f.Answers.Words(), Files: filesOf(f.Files),
		Contribution: RespondContributor{
			State: string(k.State), Name: k.Name, Organization: k.Organization, Capacity: string(k.Capacity),
			Consent: k.ConsentPublication, Late: k.Late,
		},
	}
	for _, file := range f.Files {
		out.Words += file.Words
	}
	if k.PublicNumber != nil {
		out.Contribution.PublicNumber = *k.PublicNumber
	}
	if d := f.Deadline; d != nil {
		out.Deadline = &RespondDeadline{Date: d.Day.Format(time.DateOnly), Zone: d.Zone, Ends: d.At}
	}
	for _, s := range f.Questionnaire.Sections {
		out.Sections = append(out.Sections, RespondSection{Key: s.ID, Title: s.Title, Text: s.Text})
	}
	for _, q := range f.Questionnaire.Questions {
		item := RespondQuestion{Key: q.ID, Kind: q.Kind, Section: q.Section, Preamble: q.Preamble, Text: q.Text, FollowUp: q.FollowUp}
		for _, i := range q.Items {
			item.Items = append(item.Items, RespondItem{Key: i.ID, Text: i.Text})
		}
		if q.Other {
			item.OtherKey = q.ID + contribution.ItemOther
		}
		if q.FollowUp != "" {
			item.FollowUpKey = q.ID + contribution.ItemFollowUp
		}
		out.Items = append(out.Items, item)
	}
	return out
}
