package web

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

// ownDatePage is the deadline of one contact in a cycle, because it meets before the annual meeting.
const ownDatePage page[ownDateData] = "own_date"

type ownDateData struct {
	Cycle     cycle.Cycle
	ContactID int64
	Name      string
	Path      string
	Seen      int64         // the date that the page shows, 0 for none
	Current   *dateRow      // nil for none
	Reason    string        // of the current one
	Deadline  *dateRow      // of everybody, nil where there is none
	Before    []ownDateGone // the last first
}

// ownDateGone is a date that applies no more.
type ownDateGone struct {
	dateRow
	State string
	Ended string
}

// grantedRow is a contact with a date of its own.
type grantedRow struct {
	dateRow
	Name, Path string
}

func (w *Web) ownDatesSection() section {
	return section{
		pages: []definition{ownDatePage},
		routes: func(r *httpserver.Router) {
			const path = "/cycles/:slug/own-dates/:contact"
			r.Handle(fiber.MethodGet, path, account.DateGrant, w.showOwnDate)
			r.Handle(fiber.MethodPost, path, account.DateGrant, w.grantDate)
			r.Handle(fiber.MethodPost, path+"/revoke", account.DateGrant, w.revokeDate)
		},
	}
}

func ownDatePath(slug string, contactID int64) string {
	return "/cycles/" + url.PathEscape(slug) + "/own-dates/" + strconv.FormatInt(contactID, 10)
}

func (w *Web) showOwnDate(c *fiber.Ctx) error {
	d, stored, err := w.ownDateData(c)
	if err != nil {
		return err
	}
	return ownDatePage.showForm(w, c, d, stored)
}

// ownDateData reads the page, and the form as it is stored: of who has none yet, with the date that the cycle offers to bodies
// that meet before the annual meeting.
func (w *Web) ownDateData(c *fiber.Ctx) (d ownDateData, stored form.Form, err error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	if d.ContactID, err = httpserver.ID(c, "contact"); err != nil {
		return d, stored, err
	}
	if d.Cycle, err = w.Cycles.BySlug(ctx, c.Params("slug")); err != nil {
		return d, stored, err
	}
	d.Path = ownDatePath(d.Cycle.Slug, d.ContactID)
	name, current, before, err := w.Cycles.OwnDateOf(ctx, account.ActorFrom(ctx), d.Cycle.ID, d.ContactID)
	if err != nil {
		return d, stored, err
	}
	d.Name = name
	for _, o := range before {
		d.Before = append(d.Before, ownDateGone{dateRow: w.dateRow(l, o.Date()), State: string(o.State), Ended: l.DateTime(*o.EndedAt, zone(account.ActorFrom(ctx).TimeZone))})
	}
	dates, err := w.Cycles.Dates(ctx, d.Cycle.ID, w.Now())
	if err != nil {
		return d, stored, err
	}
	if deadline, ok := dates[cycle.Deadline]; ok {
		row := w.dateRow(l, deadline)
		d.Deadline = &row
	}
	if current == nil {
		offered := dates[cycle.MeetingGrace]
		if offered.Zone == "" {
			offered.Zone = cycle.AoE
		}
		return d, form.With("on_date", offered.OnDate, "zone", offered.Zone), nil
	}
	row := w.dateRow(l, current.Date())
	d.Current, d.Reason, d.Seen = &row, current.Reason, current.ID
	return d, form.With("on_date", current.OnDate, "zone", current.Zone, "meeting", current.Meeting, "reason", current.Reason), nil
}

func (w *Web) grantDate(c *fiber.Ctx) error {
	return w.changeOwnDate(c, "cycle.own_date.granted", func(by account.Actor, d ownDateData, seen int64, f form.Form) error {
		_, err := w.Cycles.GrantDate(c.UserContext(), by, d.Cycle.ID, d.ContactID, seen, cycle.Grant{
			OnDate: f.Value("on_date"), Zone: f.Value("zone"), Meeting: f.Value("meeting"), Reason: f.Value("reason"),
		})
		return err
	})
}

func (w *Web) revokeDate(c *fiber.Ctx) error {
	return w.changeOwnDate(c, "cycle.own_date.revoked", func(by account.Actor, d ownDateData, seen int64, _ form.Form) error {
		return w.Cycles.RevokeDate(c.UserContext(), by, d.Cycle.ID, d.ContactID, seen)
	})
}

// changeOwnDate does one move, of what the officer saw on the page.
func (w *Web) changeOwnDate(c *fiber.Ctx, said string, move func(by account.Actor, d ownDateData, seen int64, f form.Form) error) error {
	d, stored, err := w.ownDateData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	var seen int64
	if given := posted.Value("seen"); given != "" {
		if seen, err = strconv.ParseInt(given, 10, 64); err != nil {
			return ownDatePage.refuse(w, c, d, posted.Over(stored), errs.E(errs.Conflict, "cycle.own_date.changed_meanwhile"))
		}
	}
	if err := move(account.ActorFrom(c.UserContext()), d, seen, posted); err != nil {
		return ownDatePage.refuse(w, c, d, posted.Over(stored), err)
	}
	return w.redirect(c, d.Path, said)
}

// ownDateOf is a contact's own date as it is said; nil for none, and for whoever may not grant one.
func (w *Web) ownDateOf(c *fiber.Ctx, cycleID, contactID int64) (*dateRow, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	if !by.May(account.DateGrant) {
		return nil, nil
	}
	_, current, _, err := w.Cycles.OwnDateOf(ctx, by, cycleID, contactID)
	if err != nil || current == nil {
		return nil, err
	}
	row := w.dateRow(w.Server.Localizer(c), current.Date())
	return &row, nil
}

// grantedRows are those who have a date of their own in a cycle, for whoever may grant one.
func (w *Web) grantedRows(c *fiber.Ctx, in cycle.Cycle) ([]grantedRow, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	if !by.May(account.DateGrant) {
		return nil, nil
	}
	all, err := w.Cycles.GrantedDates(ctx, by, in.ID)
	rows := make([]grantedRow, len(all))
	for i, g := range all {
		rows[i] = grantedRow{dateRow: w.dateRow(w.Server.Localizer(c), g.Date()), Name: g.Name, Path: ownDatePath(in.Slug, g.ContactID)}
	}
	return rows, err
}
