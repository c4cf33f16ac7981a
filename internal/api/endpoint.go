package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
)

// endpoint is an operation: its route, and beside it what openapi.json says of it.
//
// To add one, write in a file of your own a method of API that lists the endpoints of your
// noun, add it to endpoints in api.go, and what it needs to Deps:
//
//	func (a *API) claimEndpoints() []endpoint {
//		return []endpoint{{
//			method: fiber.MethodPost, path: "/contacts/:id/claims", action: account.ClaimMake, handler: a.makeClaim,
//			summary: "Claim a contact", request: ClaimInput{}, response: Claim{}, status: fiber.StatusCreated,
//		}}
//	}
//
// The types are plain structs with json tags in snake_case, exported, and named for the noun. A field
// without omitempty is required. Other tags: doc:"what it is", enum:"a,b,c", format:"email". The handler
// decodes, calls one use case, and replies; what goes wrong it returns:
//
//	func (a *API) makeClaim(c *fiber.Ctx) error {
//		contact, err := httpserver.ID(c, "id")
//		if err != nil {
//			return err
//		}
//		in, err := decode[ClaimInput](c)
//		if err != nil {
//			return err
//		}
//		ctx := c.UserContext()
//		claim, err := a.Outreach.Claim(ctx, account.ActorFrom(ctx), contact, in.Purpose)
//		if err != nil {
//			return err
//		}
//		return c.Status(fiber.StatusCreated).JSON(claimOf(claim))
//	}
//
// For listings see paging and List.
type endpoint struct {
	method  string
	path    string // below Prefix, as fiber writes it: /contacts/:id
	action  account.Action
	handler fiber.Handler
	options []httpserver.Option
	noCSRF  string // why it needs no account: the actor is nobody, whatever is sent along; "" where it needs one

	summary  string
	params   []param  // of the query; those of the path are known from it
	request  any      // a value of the body's type, upload{} for a file, nil for no body
	bodiless bool     // the request may have no body
	response any      // a value of the answer's type, nil for none
	files    []string // the media types of an answer that is a file instead
	status   int      // 0 means 200, or 204 where there is no response
}

// param is a parameter of the query.
type param struct {
	name string
	doc  string
	kind string   // "string" for "", "integer", "boolean"
	enum []string // the values that are accepted, nil for any
	must bool
}

// upload as a request means multipart/form-data with one file named "file".
type upload struct{}

// yamlFile as a response means a YAML document.
type yamlFile struct{}

const yamlType = "application/yaml"

func (e endpoint) code() int {
	switch {
	case e.status != 0:
		return e.status
	case e.response == nil && e.files == nil:
		return fiber.StatusNoContent
	}
	return fiber.StatusOK
}
