package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/web/form"
)

const platePage page[plateData] = "plate"

// plateData is what "Fill my plate" would claim, and then what came of it.
type plateData struct {
	Count  int
	Counts []form.Option
	Room   int
	Max    int
	Gaps   []gapRow
	Picked []pickedRow // after claiming, nil before
}

type pickedRow struct {
	outreach.Picked
	Refusal string // "" where it was claimed
}

func (w *Web) plateSection() section {
	return section{
		pages: []definition{platePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/outreach/plate", account.ClaimMake, w.plate)
			r.Handle(fiber.MethodPost, "/outreach/plate", account.ClaimMake, w.fillPlate)
		},
	}
}

func (w *Web) plate(c *fiber.Ctx) error {
	data, err := w.plateData(c)
	if errs.Is(err, errs.Invalid) {
		return w.redirect(c, "/outreach/plate", "")
	}
	if err != nil {
		return err
	}
	return platePage.showForm(w, c, data, form.With("count", strconv.Itoa(data.Count)))
}

func (w *Web) plateData(c *fiber.Ctx) (plateData, error) {
	current, err := w.cycleOf(c)
	if err != nil {
		return plateData{}, err
	}
	data := plateData{Count: outreach.PlateDefault, Max: outreach.MaxLive}
	if asked := c.Query("count"); asked != "" {
		data.Count, _ = strconv.Atoi(asked) // 0 is refused
	}
	l := w.Server.Localizer(c)
	for n := 1; n <= outreach.MaxLive; n++ {
		data.Counts = append(data.Counts, form.Option{Value: strconv.Itoa(n), Label: l.Number(int64(n))})
	}
	ctx := c.UserContext()
	gaps, room, err := w.Outreach.Plate(ctx, account.ActorFrom(ctx), current.ID, data.Count)
	data.Room = room
	for _, g := range gaps {
		data.Gaps = append(data.Gaps, w.gapRow(l, g))
	}
	return data, err
}

// fillPlate claims what was ticked.
func (w *Web) fillPlate(c *fiber.Ctx) error {
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	picked, err := w.Outreach.TakePlate(ctx, account.ActorFrom(ctx), current.ID, picksOf(typed))
	if err != nil {
		data, failed := w.plateData(c)
		if failed != nil {
			return failed
		}
		return platePage.again(w, c, data, err)
	}
	l := w.Server.Localizer(c)
	data := plateData{Picked: make([]pickedRow, len(picked)), Max: outreach.MaxLive}
	for i, p := range picked {
		data.Picked[i] = pickedRow{Picked: p}
		if p.Refused != nil {
			data.Picked[i].Refusal = l.Error(p.Refused)
		}
	}
	return platePage.show(w, c, data)
}

// picksOf reads boxes of the form "12:reach_out".
func picksOf(f form.Form) []outreach.Pick {
	var picks []outreach.Pick
	for _, v := range f.Values["contact"] {
		id, purpose, _ := strings.Cut(v, ":")
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			picks = append(picks, outreach.Pick{ContactID: n, Purpose: outreach.Purpose(purpose)})
		}
	}
	return picks
}
