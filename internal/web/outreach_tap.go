package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/outreach"
)

// The forms of the list: what volunteers do most takes one tap from there.

// tapAttempt leads back to the list, or, where they answered, to where the answer is recorded.
func (w *Web) tapAttempt(c *fiber.Ctx) error {
	to := "/outreach"
	return w.tapTo(c, &to, "outreach.attempt.logged", func(by account.Actor, id int64) error {
		until, err := dayField(c, "promised_until", by)
		if err != nil {
			return err
		}
		made, err := w.Outreach.LogAttempt(c.UserContext(), by, id, outreach.Attempt{
			Channel: outreach.Channel(c.FormValue("channel")), Outcome: outreach.Outcome(c.FormValue("outcome")),
			Note: c.FormValue("note"), PromisedUntil: until,
		})
		if made.Outcome == outreach.Responded {
			to = contactPath(made.ContactID) + "#message"
		}
		return err
	})
}

func (w *Web) tapRenew(c *fiber.Ctx) error {
	return w.tap(c, "outreach.claim.renewed", func(by account.Actor, id int64) error {
		_, err := w.Outreach.Renew(c.UserContext(), by, id)
		return err
	})
}

func (w *Web) tapFinish(c *fiber.Ctx) error {
	return w.tap(c, "outreach.claim.finished", func(by account.Actor, id int64) error {
		_, err := w.Outreach.Finish(c.UserContext(), by, id, c.FormValue("release_note"))
		return err
	})
}

func (w *Web) tapRelease(c *fiber.Ctx) error {
	return w.tap(c, "outreach.claim.released", func(by account.Actor, id int64) error {
		_, err := w.Outreach.Release(c.UserContext(), by, id, c.FormValue("release_note"))
		return err
	})
}

// tap does one thing with a claim and leads back to the list, which keeps what was typed if it fails.
func (w *Web) tap(c *fiber.Ctx, said string, step func(by account.Actor, id int64) error) error {
	to := "/outreach"
	return w.tapTo(c, &to, said, step)
}

// tapTo is tap that leads to where the step says.
func (w *Web) tapTo(c *fiber.Ctx, to *string, said string, step func(by account.Actor, id int64) error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := step(account.ActorFrom(c.UserContext()), id); err != nil {
		return w.outreachAgain(c, id, err)
	}
	return w.redirect(c, *to, said)
}

func (w *Web) outreachAgain(c *fiber.Ctx, claimID int64, why error) error {
	data, err := w.outreachData(c)
	if err != nil {
		return err
	}
	for i := range data.Claims {
		data.Claims[i].Wrong = data.Claims[i].ID == claimID
	}
	return outreachPage.again(w, c, data, why)
}
