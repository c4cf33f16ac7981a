package web

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	handoverPage page[handoverData] = "handover"
	givePage     page[giveData]     = "give"
)

// handoverData is for a volunteer who looks for a colleague.
type handoverData struct {
	Claim      outreach.Claim
	Contact    string
	Colleagues []takerRow
	Options    []form.Option
}

// giveData is for an officer: a contact to give, or a claim to take from one to another.
type giveData struct {
	ContactID  int64
	Contact    string
	Claim      *outreach.Past // that holds, nil where the contact is to be given
	Candidates []takerRow
	Options    []form.Option
	Purposes   []form.Option
}

// takerRow is a volunteer in view of a contact.
type takerRow struct {
	outreach.Candidate
	Why    []string
	Cannot string
}

func (w *Web) handoverSection() section {
	return section{
		pages: []definition{handoverPage, givePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/outreach/claims/:id/hand-over", account.ClaimWork, w.handover)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/hand-over", account.ClaimWork, w.offer)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/withdraw", account.ClaimWork, w.withdrawOffer)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/accept", account.ClaimTake, w.acceptOffer)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/decline", account.ClaimTake, w.declineOffer)
			r.Handle(fiber.MethodGet, "/outreach/claims/:id/assign", account.ClaimAssign, w.assign)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/reassign", account.ClaimAssign, w.reassign)
			r.Handle(fiber.MethodPost, "/outreach/claims/:id/revoke", account.ClaimRevoke, w.takeBack)
			r.Handle(fiber.MethodGet, "/outreach/give/:id", account.ClaimAssign, w.give)
			r.Handle(fiber.MethodPost, "/outreach/give/:id", account.ClaimAssign, w.giveTo)
		},
	}
}

func (w *Web) handover(c *fiber.Ctx) error {
	data, err := w.handoverData(c)
	if err != nil {
		return err
	}
	return handoverPage.show(w, c, data)
}

func (w *Web) handoverData(c *fiber.Ctx) (handoverData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return handoverData{}, err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	claim, all, err := w.Outreach.Colleagues(ctx, by, id)
	if err != nil {
		return handoverData{}, err
	}
	data := handoverData{Claim: claim}
	data.Colleagues, data.Options = w.takerRows(w.Server.Localizer(c), all)
	data.Contact, err = w.contactName(c, claim.ContactID)
	return data, err
}

func (w *Web) contactName(c *fiber.Ctx, id int64) (string, error) {
	d, err := w.Contacts.Get(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	return d.Name, err
}

// takerRows says of each why they suit, and makes the choices of those who may have the contact.
func (w *Web) takerRows(l *i18n.Localizer, all []outreach.Candidate) ([]takerRow, []form.Option) {
	rows := make([]takerRow, len(all))
	options := []form.Option{{Label: l.T("outreach.candidate.choose")}}
	for i, k := range all {
		rows[i] = takerRow{Candidate: k}
		for _, r := range k.Reasons {
			rows[i].Why = append(rows[i].Why, r.Brief(l, w.Geo))
		}
		if k.Cannot != "" {
			rows[i].Cannot = l.T(k.Cannot, "Max", outreach.MaxLive)
			continue
		}
		options = append(options, form.Option{
			Value: strconv.FormatInt(k.VolunteerID, 10), Label: l.T("outreach.candidate.option", "Name", k.Name, "Fit", k.Score),
		})
	}
	return rows, options
}

// volunteerField is the volunteer who was chosen.
func volunteerField(c *fiber.Ctx) (int64, error) {
	id, err := strconv.ParseInt(c.FormValue("volunteer"), 10, 64)
	if err != nil {
		return 0, errs.InvalidFields(errs.FieldError("volunteer", "field.choice"))
	}
	return id, nil
}

func (w *Web) offer(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	to, wrong := volunteerField(c)
	if wrong == nil {
		_, wrong = w.Outreach.HandOver(ctx, account.ActorFrom(ctx), id, to, c.FormValue("note"))
	}
	if wrong != nil {
		data, err := w.handoverData(c)
		if err != nil {
			return err
		}
		return handoverPage.again(w, c, data, wrong)
	}
	return w.redirect(c, "/outreach", "outreach.offer.made")
}

func (w *Web) withdrawOffer(c *fiber.Ctx) error {
	return w.tap(c, "outreach.offer.withdrawn", func(by account.Actor, id int64) error {
		return w.Outreach.WithdrawOffer(c.UserContext(), by, id)
	})
}

func (w *Web) acceptOffer(c *fiber.Ctx) error {
	return w.tap(c, "outreach.offer.accepted", func(by account.Actor, id int64) error {
		_, err := w.Outreach.AcceptOffer(c.UserContext(), by, id)
		return err
	})
}

func (w *Web) declineOffer(c *fiber.Ctx) error {
	return w.tap(c, "outreach.offer.declined", func(by account.Actor, id int64) error {
		return w.Outreach.DeclineOffer(c.UserContext(), by, id, c.FormValue("answer"))
	})
}

func (w *Web) assign(c *fiber.Ctx) error {
	data, err := w.assignData(c)
	if err != nil {
		return err
	}
	return givePage.show(w, c, data)
}

func (w *Web) assignData(c *fiber.Ctx) (giveData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return giveData{}, err
	}
	ctx := c.UserContext()
	claim, err := w.Outreach.Live(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return giveData{}, err
	}
	data, err := w.giveData(c, claim.CycleID, claim.ContactID, claim.VolunteerID)
	data.Claim = &claim
	return data, err
}

// giveData looks for volunteers other than the one who has the contact, 0 for nobody.
func (w *Web) giveData(c *fiber.Ctx, cycleID, contactID, holder int64) (giveData, error) {
	ctx := c.UserContext()
	data := giveData{ContactID: contactID}
	var err error
	if data.Contact, err = w.contactName(c, contactID); err != nil {
		return data, err
	}
	all, err := w.Outreach.Candidates(ctx, account.ActorFrom(ctx), cycleID, contactID)
	all = slices.DeleteFunc(all, func(k outreach.Candidate) bool { return k.VolunteerID == holder })
	l := w.Server.Localizer(c)
	data.Candidates, data.Options = w.takerRows(l, all)
	for _, p := range outreach.Purposes() {
		data.Purposes = append(data.Purposes, form.Option{Value: string(p), Label: l.T("outreach.purpose." + string(p))})
	}
	return data, err
}

func (w *Web) reassign(c *fiber.Ctx) error {
	return w.officers(c, "outreach.reassign.done", func(by account.Actor, id int64) error {
		to, wrong := volunteerField(c)
		if wrong != nil {
			to = 0 // a missing reason is to be said as well
		}
		_, err := w.Outreach.Reassign(c.UserContext(), by, id, to, c.FormValue("reason"))
		return err
	})
}

func (w *Web) takeBack(c *fiber.Ctx) error {
	return w.officers(c, "outreach.claim.revoked", func(by account.Actor, id int64) error {
		_, err := w.Outreach.Revoke(c.UserContext(), by, id, c.FormValue("reason"))
		return err
	})
}

// officers does one thing with somebody's claim and leads to the contact.
func (w *Web) officers(c *fiber.Ctx, said string, step func(by account.Actor, id int64) error) error {
	data, err := w.assignData(c)
	if err != nil {
		return err
	}
	if err := step(account.ActorFrom(c.UserContext()), data.Claim.ID); err != nil {
		return givePage.again(w, c, data, err)
	}
	return w.redirect(c, contactPath(data.ContactID), said)
}

func (w *Web) give(c *fiber.Ctx) error {
	data, err := w.givenContact(c)
	if err != nil {
		return err
	}
	return givePage.showForm(w, c, data, form.With("purpose", string(outreach.ReachOut)))
}

func (w *Web) givenContact(c *fiber.Ctx) (giveData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return giveData{}, err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return giveData{}, err
	}
	return w.giveData(c, current.ID, id, 0)
}

func (w *Web) giveTo(c *fiber.Ctx) error {
	data, err := w.givenContact(c)
	if err != nil {
		return err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	to, wrong := volunteerField(c)
	if wrong == nil {
		_, wrong = w.Outreach.Give(ctx, account.ActorFrom(ctx), current.ID, data.ContactID, to, outreach.Purpose(c.FormValue("purpose")), c.FormValue("note"))
	}
	if wrong != nil {
		return givePage.again(w, c, data, wrong)
	}
	return w.redirect(c, contactPath(data.ContactID), "outreach.give.done")
}

// mayGive says whether an officer may give the contact to somebody: it is on the list, and not opted out.
func mayGive(by account.Actor, d contact.Detail, cycleID int64) bool {
	if !by.May(account.ClaimAssign) || d.OptedOut || slices.Contains(d.Stopped, cycleID) {
		return false
	}
	for _, l := range d.Listings {
		if l.CycleID == cycleID {
			return true
		}
	}
	return false
}
