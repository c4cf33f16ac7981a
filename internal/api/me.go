package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
)

// Me is who the token belongs to.
type Me struct {
	ID        int64          `json:"id"`
	Name      string         `json:"name"`
	Email     string         `json:"email" format:"email"`
	Language  string         `json:"language" doc:"BCP 47"`
	TimeZone  string         `json:"time_zone" doc:"IANA name"`
	Roles     []account.Role `json:"roles"`
	Countries []string       `json:"countries" doc:"ISO 3166-1 alpha-2 codes of the countries of the initiatives that the account coordinates"`
}

func (a *API) meEndpoints() []endpoint {
	return []endpoint{{
		method: fiber.MethodGet, path: "/me", action: account.AccountRead, handler: a.me,
		summary: "Who I am", response: Me{},
	}}
}

func (a *API) me(c *fiber.Ctx) error {
	who := account.ActorFrom(c.UserContext())
	return c.JSON(Me{
		ID: who.ID, Name: who.Name, Email: who.Email, Language: who.Language, TimeZone: who.TimeZone,
		Roles: who.Roles, Countries: orEmpty(who.Countries),
	})
}
