package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/httpserver"
)

// Preference is something that was asked not to be got at a mailbox of a contact, by whoever reads there.
type Preference struct {
	ID          int64      `json:"id" doc:"0 for a suppressed mailbox of which nothing else is kept; that does not end here"`
	Scope       string     `json:"scope" enum:"campaign,cycle,everything,reminders,second_reminder"`
	CampaignID  int64      `json:"campaign_id,omitempty" doc:"of the scope campaign"`
	CycleID     int64      `json:"cycle_id,omitempty" doc:"of the scope cycle"`
	AddressID   int64      `json:"address_id" doc:"of the mailbox"`
	How         string     `json:"how" enum:"page,one_click,mail,officer,complaint"`
	DeliveryID  *int64     `json:"delivery_id,omitempty" doc:"the mail by whose link it was asked"`
	Note        string     `json:"note,omitempty" doc:"of the officer who recorded it"`
	AskedAt     time.Time  `json:"asked_at"`
	EndedAt     *time.Time `json:"ended_at,omitempty" doc:"absent while it holds"`
	EndedReason string     `json:"ended_reason,omitempty"`
}

// PreferenceInput is what a contact asked in words.
type PreferenceInput struct {
	Scope string `json:"scope" enum:"cycle,everything,reminders,second_reminder"`
	Cycle string `json:"cycle,omitempty" doc:"slug, of the scope cycle; the current one if absent"`
	Note  string `json:"note" doc:"how it was asked"`
}

// PreferenceEnd says why messages may be sent again.
type PreferenceEnd struct {
	Reason string `json:"reason"`
}

func (a *API) preferenceEndpoints() []endpoint {
	const write = account.ContactWrite
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/contacts/:id/preferences", action: write, handler: a.preferences,
			summary: "What was asked not to be got at the mailboxes of a contact, with what has ended", response: List[Preference]{},
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/preferences", action: write, handler: a.recordPreference,
			summary: "Record what a contact asked in words", request: PreferenceInput{}, response: List[Preference]{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodPost, path: "/contacts/:id/preferences/:preference/end", action: write, handler: a.endPreference,
			summary: "Let it be sent again, with the reason", request: PreferenceEnd{}, response: List[Preference]{}, status: fiber.StatusOK,
		},
	}
}

func (a *API) preferences(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.showPreferences(c, fiber.StatusOK, id)
}

func (a *API) showPreferences(c *fiber.Ctx, status int, id int64) error {
	ctx := c.UserContext()
	rows, err := a.Contacts.AskedOf(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	out := List[Preference]{Items: make([]Preference, len(rows))}
	for i, r := range rows {
		p := Preference{
			ID: r.ID, Scope: string(r.Scope), AddressID: r.AddressID, How: r.How, DeliveryID: r.DeliveryID, Note: r.Note,
			AskedAt: r.AskedAt, EndedAt: r.EndedAt, EndedReason: r.EndedNote,
		}
		switch r.Scope {
		case contact.ThisCampaign:
			p.CampaignID = r.ObjectID
		case contact.ThisCycle:
			p.CycleID = r.ObjectID
		}
		out.Items[i] = p
	}
	return c.Status(status).JSON(out)
}

func (a *API) recordPreference(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[PreferenceInput](c)
	if err != nil {
		return err
	}
	w := contact.Recorded{Scope: contact.Scope(in.Scope), Note: in.Note}
	if w.Scope == contact.ThisCycle {
		if w.CycleID, err = a.cycleID(c, in.Cycle); err != nil {
			return err
		}
	}
	if err := a.Contacts.RecordAsked(ctx, account.ActorFrom(ctx), id, w); err != nil {
		return err
	}
	return a.showPreferences(c, fiber.StatusCreated, id)
}

func (a *API) endPreference(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	preference, err := httpserver.ID(c, "preference")
	if err != nil {
		return err
	}
	in, err := decode[PreferenceEnd](c)
	if err != nil {
		return err
	}
	if err := a.Contacts.EndAsked(ctx, account.ActorFrom(ctx), id, preference, in.Reason); err != nil {
		return err
	}
	return a.showPreferences(c, fiber.StatusOK, id)
}
