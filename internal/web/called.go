package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
)

// named is a name that a page shows of a contact.
type named struct {
	ID   int64
	Name *string
}

// callThem gives those a name that have none, so that what leads to them can be read.
func (w *Web) callThem(c *fiber.Ctx, all []named) error {
	var ids []int64
	for _, n := range all {
		if strings.TrimSpace(*n.Name) == "" {
			ids = append(ids, n.ID)
		}
	}
	if len(ids) == 0 || w.Contacts == nil {
		return nil
	}
	ctx := c.UserContext()
	called, err := w.Contacts.Called(ctx, account.ActorFrom(ctx), ids)
	for _, n := range all {
		if strings.TrimSpace(*n.Name) == "" {
			*n.Name = called[n.ID]
		}
	}
	return err
}
