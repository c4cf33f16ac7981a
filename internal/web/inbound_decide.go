package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/inbound"
)

// inboundMake makes a contribution of a mail, and leads to it.
func (w *Web) inboundMake(c *fiber.Ctx) error {
	d, err := w.inboundData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	consent, err := consentOf(posted)
	if err != nil {
		return inboundMailPage.again(w, c, d, err)
	}
	p := profileOf(posted)
	o := inbound.Order{
		CycleID: d.Round.ID, Language: posted.Value("language"), Consent: consent,
		Sender: inbound.Sender{Name: p.Name, Organization: p.Organization, Capacity: string(p.Capacity), StakeholderGroup: p.StakeholderGroup, Country: p.Country},
	}
	if id := strings.TrimSpace(posted.Value("contact_id")); id != "" {
		if o.ContactID, err = strconv.ParseInt(id, 10, 64); err != nil || o.ContactID <= 0 {
			return inboundMailPage.again(w, c, d, errs.InvalidFields(errs.FieldError("contact_id", "field.number")))
		}
	}
	made, err := w.Inbound.MakeContribution(c.UserContext(), account.ActorFrom(c.UserContext()), d.ID, o)
	if err != nil {
		return inboundMailPage.again(w, c, d, err)
	}
	return w.inboundLed(c, made, "inbound.made", "inbound.made_without")
}

// inboundLed leads to what became of a mail, and says what of it stayed behind.
func (w *Web) inboundLed(c *fiber.Ctx, made inbound.Made, key, without string) error {
	to := "/contributions/" + strconv.FormatInt(made.ContributionID, 10)
	if len(made.NotTaken) > 0 {
		return w.redirect(c, to, without, "Names", strings.Join(made.NotTaken, ", "))
	}
	return w.redirect(c, to, key)
}

// inboundAdd adds the documents of a mail to the contribution that its sender has, and leads to it.
func (w *Web) inboundAdd(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	made, err := w.Inbound.AddToContribution(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if err != nil {
		return w.inboundSaid(c, err, "")
	}
	return w.inboundLed(c, made, "inbound.added", "inbound.added_without")
}

func (w *Web) inboundClose(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	outcome := inbound.Outcome(c.FormValue("outcome"))
	err = w.Inbound.Close(c.UserContext(), account.ActorFrom(c.UserContext()), id, outcome, c.FormValue("note"))
	return w.inboundSaid(c, err, "inbound.closed")
}

func (w *Web) inboundReopen(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return w.inboundSaid(c, w.Inbound.Reopen(c.UserContext(), account.ActorFrom(c.UserContext()), id), "inbound.reopened")
}

// inboundSaid shows the mail with what was wrong, or leads to it with what was done.
func (w *Web) inboundSaid(c *fiber.Ctx, err error, key string) error {
	if err == nil {
		return w.redirect(c, "/inbound/"+c.Params("id"), key)
	}
	d, failed := w.inboundData(c)
	if failed != nil {
		return failed
	}
	return inboundMailPage.again(w, c, d, err)
}
