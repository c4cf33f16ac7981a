package web

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const listingPage page[listingData] = "contact_listing"

type listingData struct {
	ID              int64
	Name            string
	Cycle           cycle.Cycle
	Groups, Regions []form.Option
	History         []placeThen // the latest first
}

// placeThen is a place on the list that somebody gave to a contact, or without a group that it was taken off.
type placeThen struct {
	At                  time.Time
	By, Group, RegionIn string
}

func (w *Web) listingData(c *fiber.Ctx) (listingData, contact.Detail, error) {
	by, err := officerOnly(c)
	if err != nil {
		return listingData{}, contact.Detail{}, err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return listingData{}, contact.Detail{}, err
	}
	current, err := w.cycleOf(c)
	if err != nil {
		return listingData{}, contact.Detail{}, err
	}
	d, err := w.Contacts.Get(c.UserContext(), by, id)
	if err != nil {
		return listingData{}, d, err
	}
	l := w.Server.Localizer(c)
	data := listingData{ID: id, Name: d.Name, Cycle: current, Regions: []form.Option{
		{Label: l.T("contact.listing.region_own", "Region", w.regionName(l, d.Region))},
	}}
	for _, g := range w.Geo.Groups() {
		data.Groups = append(data.Groups, form.Option{Value: g.Code, Label: w.Geo.GroupName(g.Code, l.Tag())})
	}
	for _, r := range geo.Regions() {
		data.Regions = append(data.Regions, form.Option{Value: string(r), Label: l.T("region." + string(r))})
	}
	data.History, err = w.placesThen(c, l, current.ID, id)
	return data, d, err
}

// placesThen reads the history from the trail, which forgets nothing.
func (w *Web) placesThen(c *fiber.Ctx, l *i18n.Localizer, cycleID, id int64) ([]placeThen, error) {
	var events []audit.Event
	for _, action := range []string{"contact.listed", "contact.unlisted"} {
		some, err := w.Trail.List(c.UserContext(), audit.Filter{ObjectKind: "contact", ObjectID: id, Action: action, Limit: 50})
		if err != nil {
			return nil, err
		}
		events = append(events, some...)
	}
	slices.SortFunc(events, func(a, b audit.Event) int { return cmp.Compare(b.ID, a.ID) })
	var places []placeThen
	for _, e := range events {
		var place struct {
			Group  string `json:"stakeholder_group"`
			Region string `json:"region"`
		}
		if e.CycleID == nil || *e.CycleID != cycleID || json.Unmarshal([]byte(e.After), &place) != nil {
			continue
		}
		if e.Action == "contact.unlisted" {
			places = append(places, placeThen{At: e.At, By: e.ActorName})
			continue
		}
		places = append(places, placeThen{At: e.At, By: e.ActorName, Group: w.groupName(l, place.Group), RegionIn: w.regionName(l, place.Region)})
	}
	return places, nil
}

func (w *Web) listing(c *fiber.Ctx) error {
	data, d, err := w.listingData(c)
	if err != nil {
		return err
	}
	typed := form.With("stakeholder_group", d.StakeholderGroup)
	for _, place := range d.Listings {
		if place.CycleID == data.Cycle.ID {
			typed = form.With("stakeholder_group", place.StakeholderGroup)
			if place.Region != d.Region {
				typed = form.With("stakeholder_group", place.StakeholderGroup, "region", place.Region)
			}
		}
	}
	return listingPage.showForm(w, c, data, typed)
}

func (w *Web) placeOnList(c *fiber.Ctx) error {
	data, _, err := w.listingData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	err = w.Contacts.AddToCycle(ctx, account.ActorFrom(ctx), data.Cycle.ID, data.ID, c.FormValue("stakeholder_group"), c.FormValue("region"))
	if err != nil {
		return listingPage.again(w, c, data, err)
	}
	return w.redirect(c, contactPath(data.ID), "contact.listing.saved")
}
