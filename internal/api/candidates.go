package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/httpserver"
)

// Candidate is a contact that somebody suggested.
type Candidate struct {
	ID               int64            `json:"id"`
	State            string           `json:"state" enum:"proposed,accepted,merged,rejected"`
	Kind             string           `json:"kind" enum:"person,organization"`
	Origin           string           `json:"origin" enum:"member,public,answer,reader"`
	Name             string           `json:"name"`
	Transliteration  string           `json:"transliteration,omitempty"`
	Organization     string           `json:"organization,omitempty"`
	Function         string           `json:"function,omitempty"`
	Email            string           `json:"email,omitempty" format:"email"`
	StakeholderGroup string           `json:"stakeholder_group"`
	Country          string           `json:"country,omitempty"`
	Language         string           `json:"language,omitempty"`
	Note             string           `json:"note,omitempty"`
	DecisionNote     string           `json:"decision_note,omitempty"`
	ContactID        *int64           `json:"contact_id,omitempty" doc:"what it became"`
	ContributionID   *int64           `json:"contribution_id,omitempty" doc:"whose answer named it"`
	SuggesterName    string           `json:"suggester_name,omitempty" doc:"of somebody without an account, until it is decided"`
	SuggesterEmail   string           `json:"suggester_email,omitempty" format:"email"`
	Alike            []CandidateMatch `json:"alike,omitempty" doc:"for officers, of one that waits: the contacts that it may be"`
	SuggestedAt      time.Time        `json:"suggested_at"`
}

// CandidateMatch is a contact that a candidate may be.
type CandidateMatch struct {
	ContactID int64  `json:"contact_id"`
	Name      string `json:"name"`
	Why       string `json:"why" enum:"same_address,same_name"`
}

// CandidateInput is a suggestion.
type CandidateInput struct {
	Kind             string `json:"kind" enum:"person,organization"`
	Name             string `json:"name"`
	Transliteration  string `json:"transliteration,omitempty"`
	Organization     string `json:"organization,omitempty"`
	Function         string `json:"function,omitempty" doc:"see Affiliation"`
	Email            string `json:"email,omitempty" format:"email"`
	StakeholderGroup string `json:"stakeholder_group"`
	Country          string `json:"country,omitempty"`
	Language         string `json:"language,omitempty" doc:"BCP 47"`
	Note             string `json:"note,omitempty"`
	ContributionID   *int64 `json:"contribution_id,omitempty" doc:"for officers: whose answer named it"`
}

// candidate is what was sent, as the room knows it.
func (in CandidateInput) candidate() contact.Candidate {
	k := contact.Candidate{
		Kind: contact.Kind(in.Kind), Name: in.Name, Transliteration: in.Transliteration, Organization: in.Organization,
		Function: contact.Function(in.Function), Email: in.Email, StakeholderGroup: in.StakeholderGroup, Country: in.Country,
		Language: in.Language, Note: in.Note,
	}
	if in.ContributionID != nil {
		k.Origin, k.ContributionID = contact.FromAnswer, in.ContributionID
	}
	return k
}

// CandidateDecision is a word on a suggestion.
type CandidateDecision struct {
	Note      string          `json:"note,omitempty" doc:"required to reject; whoever suggested it can read it"`
	ContactID int64           `json:"contact_id,omitempty" doc:"to merge: the contact that it is"`
	Edited    *CandidateInput `json:"edited,omitempty" doc:"to accept: what it is really called and the like"`
	Unlisted  bool            `json:"unlisted,omitempty" doc:"to accept: without putting it on the list of the cycle"`
}

func (a *API) candidateEndpoints() []endpoint {
	decide := func(verb, summary string, do func(*fiber.Ctx, account.Actor, int64, CandidateDecision) (contact.Candidate, error)) endpoint {
		return endpoint{
			method: fiber.MethodPost, path: "/candidates/:id/" + verb, action: account.CandidateDecide, handler: a.decideCandidate(do),
			summary: summary, request: CandidateDecision{}, response: Candidate{},
		}
	}
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/cycles/:slug/candidates", action: account.CandidateSuggest, handler: a.suggest,
			summary: "Suggest a contact", request: CandidateInput{}, response: Candidate{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodGet, path: "/cycles/:slug/candidates", action: account.CandidateSuggest, handler: a.candidates,
			summary: "Suggested contacts, the newest first: all for officers, one's own for others", response: List[Candidate]{},
			params: []param{
				{name: "state", enum: []string{"proposed", "accepted", "merged", "rejected"}},
				{name: "cursor", doc: "next_cursor of the page before"},
			},
		},
		{
			method: fiber.MethodGet, path: "/candidates/:id", action: account.CandidateDecide, handler: a.candidate,
			summary: "One suggestion, with the contacts that it may be", response: Candidate{},
		},
		decide("accept", "Make a contact of a suggestion", func(c *fiber.Ctx, by account.Actor, id int64, d CandidateDecision) (contact.Candidate, error) {
			how := contact.Approval{Note: d.Note, Unlisted: d.Unlisted}
			if d.Edited != nil {
				edited := d.Edited.candidate()
				how.Edited = &edited
			}
			return a.Contacts.Accept(c.UserContext(), by, id, how)
		}),
		decide("merge", "Say which contact a suggestion is", func(c *fiber.Ctx, by account.Actor, id int64, d CandidateDecision) (contact.Candidate, error) {
			return a.Contacts.Merge(c.UserContext(), by, id, d.ContactID, d.Note)
		}),
		decide("reject", "Turn a suggestion down", func(c *fiber.Ctx, by account.Actor, id int64, d CandidateDecision) (contact.Candidate, error) {
			return a.Contacts.Reject(c.UserContext(), by, id, d.Note)
		}),
	}
}

func candidateOf(k contact.Candidate) Candidate {
	return Candidate{
		ID: k.ID, State: string(k.State), Origin: string(k.Origin), Kind: string(k.Kind), Name: k.Name, Transliteration: k.Transliteration,
		Organization: k.Organization, Function: string(k.Function), Email: k.Email,
		StakeholderGroup: k.StakeholderGroup, Country: k.Country, Language: k.Language, Note: k.Note, DecisionNote: k.DecisionNote,
		ContactID: k.ContactID, SuggestedAt: k.SuggestedAt, ContributionID: k.ContributionID,
		SuggesterName: k.SuggesterName, SuggesterEmail: k.SuggesterEmail,
	}
}

func (a *API) suggest(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	in, err := decode[CandidateInput](c)
	if err != nil {
		return err
	}
	k, err := a.Contacts.Suggest(ctx, account.ActorFrom(ctx), round.ID, in.candidate())
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(candidateOf(k))
}

func (a *API) candidates(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	var before int64
	if err := (paging{cursor: c.Query("cursor")}).after(&before); err != nil {
		return err
	}
	all, more, err := a.Contacts.Candidates(ctx, account.ActorFrom(ctx), round.ID, contact.CandidateState(c.Query("state")), before)
	if err != nil {
		return err
	}
	items := make([]Candidate, len(all))
	for i, k := range all {
		items[i] = candidateOf(k)
	}
	var next any
	if more {
		next = items[len(items)-1].ID
	}
	list, err := listOf(items, next)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) decideCandidate(do func(*fiber.Ctx, account.Actor, int64, CandidateDecision) (contact.Candidate, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := httpserver.ID(c, "id")
		if err != nil {
			return err
		}
		in, err := decode[CandidateDecision](c)
		if err != nil {
			return err
		}
		k, err := do(c, account.ActorFrom(c.UserContext()), id, in)
		if err != nil {
			return err
		}
		return c.JSON(candidateOf(k))
	}
}

func (a *API) candidate(c *fiber.Ctx) error {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	k, err := a.Contacts.Candidate(ctx, by, id)
	if err != nil {
		return err
	}
	out := candidateOf(k)
	if k.State != contact.Proposed {
		return c.JSON(out)
	}
	alike, err := a.Contacts.LikelyMatches(ctx, by, k)
	if err != nil {
		return err
	}
	for _, m := range alike[k.ID] {
		why := "same_name"
		if m.SameAddress {
			why = "same_address"
		}
		out.Alike = append(out.Alike, CandidateMatch{ContactID: m.ContactID, Name: m.Name, Why: why})
	}
	return c.JSON(out)
}
