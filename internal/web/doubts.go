package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/outreach"
)

const doubtsPage page[doubtsData] = "doubts"

// doubtsData are the addresses that volunteers call wrong.
type doubtsData struct {
	Cycle  cycle.Cycle
	Doubts []outreach.Doubt
}

func (w *Web) doubtsSection() section {
	return section{
		pages: []definition{doubtsPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/doubts", account.AddressDecide, w.doubts)
			r.Handle(fiber.MethodPost, "/doubts/:id", account.AddressDecide, w.decideDoubt)
		},
	}
}

func (w *Web) doubts(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	data := doubtsData{Cycle: current}
	if data.Doubts, err = w.Outreach.Doubts(ctx, account.ActorFrom(ctx), current.ID, 0); err != nil {
		return err
	}
	return doubtsPage.show(w, c, data)
}

// doubtsOf are those about one contact, for whoever decides about them.
func (w *Web) doubtsOf(c *fiber.Ctx, cycleID, contactID int64) ([]outreach.Doubt, error) {
	by := account.ActorFrom(c.UserContext())
	if !by.May(account.AddressDecide) {
		return nil, nil
	}
	return w.Outreach.Doubts(c.UserContext(), by, cycleID, contactID)
}

// decideDoubt leads back to where the decision was made: the page of the contact or the list.
func (w *Web) decideDoubt(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	decision := outreach.Decision(c.FormValue("decision"))
	if _, err := w.Outreach.DecideReport(ctx, account.ActorFrom(ctx), id, decision); err != nil {
		return err
	}
	return w.redirect(c, httpserver.LocalPath(c.FormValue("next"), "/doubts"), "address.doubt.decided."+string(decision))
}
