package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web/form"
)

const contactPage page[contactData] = "contact"

type contactData struct {
	Cycle      cycle.Cycle
	Contact    contact.Detail
	Row        contactRow // its codes in words
	Chain      []string   // the languages to write in, best first
	Place      placeThen  // on the list of the cycle, without a group where it is not on it
	Derived    string     // the region that follows from group and country
	First      int64      // the address that is written to, 0 for none
	NameLang   string     // the language of the name, "" where it is not known
	Expertise  []string
	History    outreach.History
	Mine       []outreach.Past // the actor's live claims
	Others     []outreach.Past // live claims of others
	Purposes   []form.Option   // what the actor may claim it for
	Channels   []form.Option
	Outcomes   []form.Option
	Stopped    bool               // wants no more messages of the cycle
	Asked      []contact.AskedRow // what holds of what was asked not to be got, for officers
	Likely     []pairRow          // pairs that the contact may be a duplicate in, for officers
	CanMerge   bool
	CanEdit    bool
	CanAdd     bool // an address
	CanRevoke  bool
	CanGive    bool // to a volunteer
	CanConnect bool // a volunteer, and it is an organization
	MustFind   bool // the actor has claimed to find the address
	MustReach  bool
	Message    messageView
	Courses    []courseView
	Mails      []inboundRow
	Doubts     []outreach.Doubt // about its addresses, for whoever decides
	OwnDate    *dateRow         // its own deadline in the cycle, for whoever may grant one
}

func contactPath(id int64) string { return "/contacts/" + strconv.FormatInt(id, 10) }

func (w *Web) contact(c *fiber.Ctx) error {
	data, err := w.contactData(c)
	if errs.Is(err, errs.NotFound) {
		return w.toSuccessor(c, err)
	}
	if err != nil {
		return err
	}
	return contactPage.show(w, c, data)
}

func (w *Web) contactData(c *fiber.Ctx) (contactData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return contactData{}, err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return contactData{}, err
	}
	data := contactData{Cycle: current}
	if data.Contact, err = w.Contacts.Get(ctx, by, id); err != nil {
		return data, err
	}
	if err := w.callThem(c, []named{{id, &data.Contact.Name}}); err != nil {
		return data, err
	}
	if data.History, err = w.Outreach.History(ctx, by, current.ID, id); err != nil {
		return data, err
	}
	pairs, err := w.Contacts.DuplicatesOf(ctx, by, id)
	if err != nil {
		return data, err
	}
	data.Likely, data.CanMerge = pairRows(w.Server.Localizer(c), pairs), by.May(account.ContactMerge)
	data.Stopped = slices.Contains(data.Contact.Stopped, current.ID)
	if by.Scope(account.ContactWrite) == account.All {
		if data.Asked, err = w.Contacts.AskedOf(ctx, by, id); err != nil {
			return data, err
		}
		data.Asked = slices.DeleteFunc(data.Asked, func(a contact.AskedRow) bool { return a.EndedAt != nil })
	}
	data.describe(w, w.Server.Localizer(c))
	data.decide(w, w.Server.Localizer(c), by)
	if data.Message, err = w.messageView(c, current.ID, &data.Contact, data.History); err != nil {
		return data, err
	}
	if data.Courses, err = w.coursesOf(c, current.ID, id); err != nil {
		return data, err
	}
	if data.Mails, err = w.mailsOf(c, id); err != nil {
		return data, err
	}
	if data.OwnDate, err = w.ownDateOf(c, current.ID, id); err != nil {
		return data, err
	}
	data.Doubts, err = w.doubtsOf(c, current.ID, id)
	return data, err
}

// describe says the facts in the reader's language.
func (d *contactData) describe(w *Web, l *i18n.Localizer) {
	k := d.Contact
	d.Row = w.contactRow(l, contact.Row{StakeholderGroup: k.StakeholderGroup, Region: k.Region, Country: k.Country, Languages: k.Languages})
	d.Chain = languageNames(l, k.LanguageChain)
	d.Derived = w.regionName(l, w.Contacts.RegionFor(k.StakeholderGroup, k.Country))
	d.NameLang, _, _ = strings.Cut(k.Languages, " ")
	for _, place := range k.Listings {
		if place.CycleID == d.Cycle.ID {
			d.Place = placeThen{Group: w.groupName(l, place.StakeholderGroup), RegionIn: w.regionName(l, place.Region)}
		}
	}
	for _, a := range k.Addresses {
		if d.First == 0 && a.Status == contact.AddressOK && !a.Suppressed {
			d.First = a.AddressID
		}
	}
	d.Expertise = expertiseNames(l, k.Expertise)
	for _, v := range outreach.Channels() {
		d.Channels = append(d.Channels, form.Option{Value: string(v), Label: l.T("outreach.channel." + string(v))})
	}
	for _, v := range outreach.Outcomes() {
		d.Outcomes = append(d.Outcomes, form.Option{Value: string(v), Label: l.T("outreach.outcome." + string(v))})
	}
}

// decide says what the actor may do; the use cases decide again.
func (d *contactData) decide(w *Web, l *i18n.Localizer, by account.Actor) {
	held := map[outreach.Purpose]bool{}
	for _, p := range d.History.Claims {
		if !p.Live(w.Now()) {
			continue
		}
		held[p.Purpose] = true
		if p.VolunteerID == by.ID {
			d.Mine = append(d.Mine, p)
			d.MustFind = d.MustFind || p.Purpose == outreach.FindAddress
			d.MustReach = d.MustReach || p.Purpose != outreach.FindAddress
		} else {
			d.Others = append(d.Others, p)
		}
	}
	all := by.Scope(account.ContactWrite) == account.All
	d.CanEdit, d.CanRevoke = all, by.May(account.ClaimRevoke)
	d.CanGive = mayGive(by, d.Contact, d.Cycle.ID)
	d.CanAdd = all || len(d.Mine) > 0
	d.CanConnect = by.May(account.ClaimMake) && d.Contact.Kind == contact.Organization
	listed := slices.ContainsFunc(d.Contact.Listings, func(l contact.Listing) bool { return l.CycleID == d.Cycle.ID })
	if !by.May(account.ClaimMake) || d.Contact.OptedOut || d.Stopped || d.Contact.ErasedAt != nil || !listed {
		return
	}
	for _, p := range outreach.Purposes() {
		needless := p == outreach.FindAddress && d.Contact.Addressable || p == outreach.ReachOut && d.History.Responded
		if !held[p] && !needless {
			d.Purposes = append(d.Purposes, form.Option{Value: string(p), Label: l.T("outreach.purpose." + string(p))})
		}
	}
}

// contactAgain shows the page of the contact with what was wrong.
func (w *Web) contactAgain(c *fiber.Ctx, why error) error {
	data, err := w.contactData(c)
	if err != nil {
		return err
	}
	return contactPage.again(w, c, data, why)
}

func (w *Web) addAddress(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if _, err := w.Outreach.AddAddress(ctx, account.ActorFrom(ctx), id, c.FormValue("email")); err != nil {
		return w.contactAgain(c, err)
	}
	return w.redirect(c, contactPath(id), "contact.address.added")
}

func (w *Web) makeClaim(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	made, err := w.Outreach.Claim(ctx, account.ActorFrom(ctx), current.ID, id, outreach.Purpose(c.FormValue("purpose")))
	if err != nil {
		return w.contactAgain(c, err)
	}
	l, actor := w.Server.Localizer(c), account.ActorFrom(ctx)
	return w.redirect(c, contactPath(id), "outreach.claim.made", "Until", l.Date(made.ExpiresAt, zone(actor.TimeZone)))
}

func (w *Web) renewClaim(c *fiber.Ctx) error {
	return w.claimStep(c, "outreach.claim.renewed", func(by account.Actor, claim int64) error {
		_, err := w.Outreach.Renew(c.UserContext(), by, claim)
		return err
	})
}

func (w *Web) releaseClaim(c *fiber.Ctx) error {
	return w.claimStep(c, "outreach.claim.released", func(by account.Actor, claim int64) error {
		_, err := w.Outreach.Release(c.UserContext(), by, claim, c.FormValue("release_note"))
		return err
	})
}

func (w *Web) finishClaim(c *fiber.Ctx) error {
	return w.claimStep(c, "outreach.claim.finished", func(by account.Actor, claim int64) error {
		_, err := w.Outreach.Finish(c.UserContext(), by, claim, c.FormValue("release_note"))
		return err
	})
}

func (w *Web) revokeClaim(c *fiber.Ctx) error {
	return w.claimStep(c, "outreach.claim.revoked", func(by account.Actor, claim int64) error {
		_, err := w.Outreach.Revoke(c.UserContext(), by, claim, c.FormValue("reason"))
		return err
	})
}

func (w *Web) logAttempt(c *fiber.Ctx) error {
	return w.claimStep(c, "outreach.attempt.logged", func(by account.Actor, claim int64) error {
		until, err := dayField(c, "promised_until", by)
		if err != nil {
			return err
		}
		_, err = w.Outreach.LogAttempt(c.UserContext(), by, claim, outreach.Attempt{
			Channel: outreach.Channel(c.FormValue("channel")), Outcome: outreach.Outcome(c.FormValue("outcome")),
			Note: c.FormValue("note"), PromisedUntil: until,
		})
		return err
	})
}

// claimStep does one thing with a claim of the contact and leads back to it.
func (w *Web) claimStep(c *fiber.Ctx, said string, step func(by account.Actor, claim int64) error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	claim, err := httpserver.ID(c, "claim")
	if err != nil {
		return err
	}
	if err := w.Outreach.OnContact(c.UserContext(), claim, id); err != nil {
		return err
	}
	if err := step(account.ActorFrom(c.UserContext()), claim); err != nil {
		return w.contactAgain(c, err)
	}
	return w.redirect(c, contactPath(id), said)
}

// dayField is the end of a day in the person's zone, nil where the field is empty.
func dayField(c *fiber.Ctx, name string, by account.Actor) (*time.Time, error) {
	text := c.FormValue(name)
	if text == "" {
		return nil, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone(by.TimeZone))
	if err != nil {
		return nil, errs.InvalidFields(errs.FieldError(name, "field.date"))
	}
	end := day.AddDate(0, 0, 1).UTC()
	return &end, nil
}
