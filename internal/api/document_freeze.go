package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
)

// FreezeInput says why a text is frozen while comments are open.
type FreezeInput struct {
	Override string `json:"override,omitempty" doc:"the reason; nothing else than open comments is overridden by it"`
}

// ReopenInput is why a frozen text is opened again.
type ReopenInput struct {
	Reason string `json:"reason"`
}

// FreezeDateInput is the day at whose end a text is frozen by itself.
type FreezeDateInput struct {
	OnDate string `json:"on_date" doc:"YYYY-MM-DD"`
	Zone   string `json:"zone,omitempty" doc:"an IANA name; absent means anywhere on earth"`
}

// DocumentFreezeDate is the day at whose end a text is frozen by itself.
type DocumentFreezeDate struct {
	OnDate string    `json:"on_date" doc:"YYYY-MM-DD"`
	Zone   string    `json:"zone" doc:"aoe, anywhere on earth, or an IANA name"`
	At     time.Time `json:"at" doc:"the instant at which the day ends there"`
}

func (a *API) documentFreezeEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/documents/:id/freeze", action: account.DocumentFreeze, handler: a.freezeDocument,
			summary: "Freeze the wording; 422 names every place that forbids it, and open comments", request: FreezeInput{}, bodiless: true, response: DocumentDetail{},
		},
		{
			method: fiber.MethodPost, path: "/documents/:id/reopen", action: account.DocumentFreeze, handler: a.reopenDocument,
			summary: "Open a new revision of a frozen or sent text", request: ReopenInput{}, response: DocumentDetail{},
		},
		{
			method: fiber.MethodPut, path: "/documents/:id/freeze-date", action: account.DocumentFreeze, handler: a.setFreezeDate,
			summary: "Set the day at whose end the text is frozen by itself", request: FreezeDateInput{}, response: DocumentDetail{},
		},
		{
			method: fiber.MethodDelete, path: "/documents/:id/freeze-date", action: account.DocumentFreeze, handler: a.clearFreezeDate,
			summary: "Take that day back", response: DocumentDetail{},
		},
	}
}

func (a *API) freezeDocument(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	var in FreezeInput
	if len(c.Body()) > 0 {
		if in, err = decode[FreezeInput](c); err != nil {
			return err
		}
	}
	ctx := c.UserContext()
	if _, err := a.Documents.FreezeDespite(ctx, account.ActorFrom(ctx), id, in.Override); err != nil {
		return err
	}
	return a.showDocument(c, id)
}

func (a *API) reopenDocument(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[ReopenInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := a.Documents.Reopen(ctx, account.ActorFrom(ctx), id, in.Reason); err != nil {
		return err
	}
	return a.showDocument(c, id)
}

func (a *API) setFreezeDate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[FreezeDateInput](c)
	if err != nil {
		return err
	}
	date := document.FreezeDate{On: in.OnDate, Zone: in.Zone}
	if date.Zone == "" {
		date.Zone = cycle.AoE
	}
	if date.At, err = cycle.EndOfDay(date.On, date.Zone); err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := a.Documents.SetFreezeDate(ctx, account.ActorFrom(ctx), id, date); err != nil {
		return err
	}
	return a.showDocument(c, id)
}

func (a *API) clearFreezeDate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := a.Documents.ClearFreezeDate(ctx, account.ActorFrom(ctx), id); err != nil {
		return err
	}
	return a.showDocument(c, id)
}
