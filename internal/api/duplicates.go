package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/httpserver"
)

// Duplicate are two contacts that may be one.
type Duplicate struct {
	ID      int64           `json:"id"`
	Score   int             `json:"score" doc:"0 to 100"`
	Reasons []string        `json:"reasons" doc:"what speaks for and against it, the strongest first"`
	Low     DuplicateMember `json:"low"`
	High    DuplicateMember `json:"high"`
	FoundAt time.Time       `json:"found_at"`
}

// DuplicateMember is one of them.
type DuplicateMember struct {
	ContactID    int64  `json:"contact_id"`
	Kind         string `json:"kind" enum:"person,organization"`
	Name         string `json:"name"`
	Organization string `json:"organization,omitempty"`
	Country      string `json:"country,omitempty"`
}

// MergeInput says which contact becomes part of this one.
type MergeInput struct {
	Other int64             `json:"other" doc:"the contact that becomes part of this one"`
	Keep  map[string]string `json:"keep,omitempty" doc:"for name, transliteration, stakeholder_group, country, region, language, expertise, source or notes whose value stays: mine, theirs or both"`
}

// MergeResult says how the merge can be taken back.
type MergeResult struct {
	ContactID   int64 `json:"contact_id"`
	ChangesetID int64 `json:"changeset_id"`
}

// Changeset is a merge or a bulk edit.
type Changeset struct {
	ID       int64      `json:"id"`
	Kind     string     `json:"kind" enum:"contact.merge,contact.bulk"`
	At       time.Time  `json:"at"`
	By       string     `json:"by"`
	Note     string     `json:"note,omitempty" doc:"of a merge the name, of a bulk edit what it changed, as JSON"`
	UndoneAt *time.Time `json:"undone_at,omitempty"`
}

func (a *API) duplicateEndpoints() []endpoint {
	merge := account.ContactMerge
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/duplicates", action: merge, handler: a.duplicates,
			summary: "Contacts that may be one, the likeliest first", response: List[Duplicate]{}, params: pagingParams(),
		},
		{
			method: fiber.MethodPost, path: "/duplicates/:id/dismiss", action: merge, handler: a.dismissDuplicate,
			summary: "Remember that two contacts are not the same", status: fiber.StatusNoContent,
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/merge", action: merge, handler: a.mergeContact,
			summary: "Make another contact a part of this one", request: MergeInput{}, response: MergeResult{},
		},
		{
			method: fiber.MethodPost, path: "/changesets/:id/undo", action: merge, handler: a.undoChangeset,
			summary: "Take a merge or a bulk edit back whole; 409 where what it set was changed since", response: Changeset{},
		},
	}
}

func (a *API) duplicates(c *fiber.Ctx) error {
	ctx, by := c.UserContext(), account.ActorFrom(c.UserContext())
	p, err := pagingOf(c)
	if err != nil {
		return err
	}
	var last int64
	if err := p.after(&last); err != nil {
		return err
	}
	var after *contact.Pair
	if last != 0 {
		pair, err := a.Contacts.Pair(ctx, by, last)
		if err != nil {
			return err
		}
		after = &pair
	}
	pairs, more, err := a.Contacts.Duplicates(ctx, by, after, p.limit)
	if err != nil {
		return err
	}
	all := make([]Duplicate, len(pairs))
	for i, d := range pairs {
		all[i] = Duplicate{ID: d.ID, Score: d.Score, Reasons: d.ReasonCodes(), Low: memberOf(d.Low), High: memberOf(d.High), FoundAt: d.FoundAt}
	}
	var next any
	if more {
		next = all[len(all)-1].ID
	}
	list, err := listOf(all, next)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func memberOf(s contact.PairSide) DuplicateMember {
	return DuplicateMember{ContactID: s.ContactID, Kind: string(s.Kind), Name: s.Name, Organization: s.Organization, Country: s.Country}
}

func (a *API) dismissDuplicate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if _, err := a.Contacts.Dismiss(c.UserContext(), account.ActorFrom(c.UserContext()), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) mergeContact(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[MergeInput](c)
	if err != nil {
		return err
	}
	done, err := a.Contacts.Unite(c.UserContext(), account.ActorFrom(c.UserContext()), contact.Union{Survivor: id, Other: in.Other, Keep: in.Keep})
	if err != nil {
		return err
	}
	return c.JSON(MergeResult{ContactID: done.Contact.ID, ChangesetID: done.ChangesetID})
}

func (a *API) undoChangeset(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx, by := c.UserContext(), account.ActorFrom(c.UserContext())
	if _, err := a.Contacts.Undo(ctx, by, id); err != nil {
		return err
	}
	s, err := a.Contacts.Change(ctx, by, id)
	if err != nil {
		return err
	}
	return c.JSON(Changeset{ID: s.ID, Kind: s.Kind, At: s.At, By: s.ByName, Note: s.Note, UndoneAt: s.UndoneAt})
}
