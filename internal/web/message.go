package web

import (
	"html/template"
	"maps"
	"regexp"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web/form"
)

const messagePage page[messageData] = "contact_message"

// messageView is what the page of a contact shows of mail in a volunteer's name.
type messageView struct {
	ContactID int64
	Holds     bool // the reader may write to the contact
	Ready     readyMessage
	Why       string // what keeps the message from being sent, "" where it is ready
	Missing   bool   // it is an address that is missing
	Answered  bool   // the reader logged that they answered, and the answer is not recorded yet
	Sent      []campaign.PersonalDelivery
}

// readyMessage is a message as it will arrive.
type readyMessage struct {
	campaign.Personal
	Mail mailView
}

type messageData struct {
	ContactID int64
	Ready     readyMessage
}

func (w *Web) messageSection() section {
	return section{
		pages: []definition{messagePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/contacts/:id/message", account.MessageSend, w.checkMessage)
			r.Handle(fiber.MethodPost, "/contacts/:id/message/check", account.MessageSend, w.checkMessage)
			r.Handle(fiber.MethodPost, "/contacts/:id/message", account.MessageSend, w.sendMessage)
		},
	}
}

func messagePath(id int64) string { return contactPath(id) + "/message" }

// messageView is for the page of a contact, which has revealed the address already where the reader holds it.
func (w *Web) messageView(c *fiber.Ctx, cycleID int64, k *contact.Detail, history outreach.History) (messageView, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	v := messageView{ContactID: k.ID}
	if w.Campaigns == nil {
		return v, nil
	}
	var err error
	if v.Sent, err = w.Campaigns.PersonalDeliveries(ctx, by, cycleID, k.ID); err != nil {
		return v, err
	}
	claim, err := w.Campaigns.ClaimToWrite(ctx, by, cycleID, k.ID)
	if err != nil || claim == 0 {
		return v, err
	}
	v.Holds = true
	v.Answered = !history.Responded && len(history.Attempts) > 0 && history.Attempts[0].Outcome == outreach.Responded
	v.Ready, err = w.readyMessage(c, claim, campaign.PersonalDraft{Revealed: k.Revealed})
	if err != nil {
		return v, err
	}
	if refusal := v.Ready.Refusal; refusal != nil {
		v.Why, v.Missing = refusalIn(w.Server.Localizer(c), refusal, zone(by.TimeZone)), !k.Addressable
	}
	return v, nil
}

// refusalIn says why a message cannot be sent, with days where the reader is.
func refusalIn(l *i18n.Localizer, err error, zone *time.Location) string {
	e := errs.Find(err)
	args := maps.Clone(e.Args)
	for name, v := range args {
		if at, ok := v.(time.Time); ok {
			args[name] = l.Date(at, zone)
		}
	}
	return l.T(e.Key, args)
}

// previewLink is a link of the contact's own: in a preview it leads nowhere, and cannot be followed.
var previewLink = regexp.MustCompile(` href="[^"]*/[ru]/preview(?:\?[^"]*)?"`)

func (w *Web) readyMessage(c *fiber.Ctx, claim int64, d campaign.PersonalDraft) (readyMessage, error) {
	ctx := c.UserContext()
	p, err := w.Campaigns.PersonalMessage(ctx, account.ActorFrom(ctx), claim, d)
	if err != nil || p.Refusal != nil {
		return readyMessage{Personal: p}, err
	}
	shown, err := w.showMail(p.Raw)
	shown.HTML = template.HTML(previewLink.ReplaceAllString(string(shown.HTML), "")) //nolint:gosec // it was sanitized, and only loses something
	return readyMessage{Personal: p, Mail: shown}, err
}

// claimToWrite is the contact of the address and the reader's claim on it; errs.NotFound without one.
func (w *Web) claimToWrite(c *fiber.Ctx) (contactID, claim int64, err error) {
	ctx := c.UserContext()
	if contactID, err = httpserver.ID(c, "id"); err != nil {
		return 0, 0, err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return 0, 0, err
	}
	claim, err = w.Campaigns.ClaimToWrite(ctx, account.ActorFrom(ctx), current.ID, contactID)
	if err == nil && claim == 0 {
		err = errs.E(errs.NotFound, "message.claim_lost")
	}
	return contactID, claim, err
}

// checkMessage shows the message with the opening that was typed, and to whom it would go.
func (w *Web) checkMessage(c *fiber.Ctx) error {
	id, claim, err := w.claimToWrite(c)
	if err != nil {
		return err
	}
	ready, err := w.readyMessage(c, claim, campaign.PersonalDraft{Opening: c.FormValue("opening")})
	if err == nil && ready.Refusal != nil {
		err = ready.Refusal
	}
	if err != nil {
		return w.contactAgain(c, err)
	}
	return messagePage.showForm(w, c, messageData{ContactID: id, Ready: ready}, form.With("opening", ready.Opening))
}

// sendMessage sends what was checked. What is not right any more is said on the page of the contact.
func (w *Web) sendMessage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, claim, err := w.claimToWrite(c)
	if err != nil {
		return err
	}
	seen := c.FormValue("seen")
	if seen == "" { // nobody has looked at anything
		return w.redirect(c, messagePath(id), "")
	}
	order := campaign.PersonalOrder{Opening: c.FormValue("opening"), Seen: seen}
	if _, err := w.Campaigns.SendPersonal(ctx, account.ActorFrom(ctx), claim, order); err != nil {
		return w.contactAgain(c, err)
	}
	return w.redirect(c, contactPath(id)+"#message", "message.sent")
}

// Path is where a message in a volunteer's name is checked and sent.
func (v messageView) Path() string {
	return "/contacts/" + strconv.FormatInt(v.ContactID, 10) + "/message"
}
