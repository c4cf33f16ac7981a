package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// overdueText is a text whose day has come and that cannot be frozen as it is.
type overdueText struct {
	document.Overdue
	Day    *dateRow
	Places []placeLink
}

// freezeDocument leads to where the places are mended that forbid it: who may freeze may edit. Where
// only comments forbid it, a reason is asked for.
func (w *Web) freezeDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c, "read")
	if err != nil {
		return err
	}
	_, err = w.Documents.FreezeDespite(ctx, account.ActorFrom(ctx), data.ID, c.FormValue(document.OverrideField))
	switch {
	case errs.Is(err, errs.Invalid) && len(data.Places) > 0 && !inVariant(data.Detail):
		return w.documentEditAgain(c, data, err)
	case errs.Is(err, errs.Invalid):
		return documentPage.again(w, c, data, onReadPage(err))
	case err != nil:
		return documentPage.again(w, c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.freeze.done")
}

// inVariant says whether a place is mended on the page of the variants.
func inVariant(d document.Detail) bool {
	return d.Kind != document.Survey && slices.ContainsFunc(d.Places, func(f errs.Field) bool { return strings.Contains(f.Name, ".") })
}

// onReadPage leaves out the places: that page lists them with links to where they are mended.
func onReadPage(err error) error {
	e := *errs.Find(err)
	e.Fields = slices.DeleteFunc(slices.Clone(e.Fields), func(f errs.Field) bool { return f.Name != document.OverrideField })
	return &e
}

// setFreezeDate sets the day at whose end a text is frozen, or takes it back.
func (w *Web) setFreezeDate(c *fiber.Ctx) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	data, err := w.documentData(c, "read")
	if err != nil {
		return err
	}
	if c.FormValue("do") == "clear" {
		if _, err := w.Documents.ClearFreezeDate(ctx, actor, data.ID); err != nil {
			return documentPage.again(w, c, data, err)
		}
		return w.redirect(c, documentPath(data.ID), "document.freeze_at.cleared")
	}
	date := document.FreezeDate{On: c.FormValue("on_date"), Zone: c.FormValue("zone")}
	if date.Zone == "" {
		date.Zone = cycle.AoE
	}
	if date.At, err = cycle.EndOfDay(date.On, date.Zone); err != nil {
		return documentPage.again(w, c, data, err)
	}
	if _, err := w.Documents.SetFreezeDate(ctx, actor, data.ID, date); err != nil {
		return documentPage.again(w, c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.freeze_at.set")
}

func (w *Web) reopenDocument(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.documentData(c, "read")
	if err != nil {
		return err
	}
	if _, err := w.Documents.Reopen(ctx, account.ActorFrom(ctx), data.ID, c.FormValue("reason")); err != nil {
		return documentPage.again(w, c, data, err)
	}
	return w.redirect(c, documentPath(data.ID), "document.reopen.done")
}

// freezeDay is the day at whose end a text is frozen, nil where none is set.
func (w *Web) freezeDay(l *i18n.Localizer, d document.Document) *dateRow {
	if d.FreezeAt == nil {
		return nil
	}
	row := w.dateRow(l, cycle.Date{OnDate: d.FreezeOn, Zone: d.FreezeZone, At: *d.FreezeAt})
	return &row
}

// freezeForm proposes the day that is set, else the one on which comments close.
func (w *Web) freezeForm(c *fiber.Ctx, d document.Document) (form.Form, error) {
	if d.FreezeAt != nil {
		return form.With("on_date", d.FreezeOn, "zone", d.FreezeZone), nil
	}
	dates, err := w.Cycles.Dates(c.UserContext(), d.CycleID, w.Now())
	if err != nil {
		return form.Form{}, err
	}
	if closing, ok := dates[cycle.CommentsClose]; ok && closing.At.After(w.Now()) {
		return form.With("on_date", closing.OnDate, "zone", closing.Zone), nil
	}
	return form.With("zone", cycle.AoE), nil
}

// overdueTexts are those that somebody who may freeze has to decide about; of all cycles where cycleID is 0.
func (w *Web) overdueTexts(c *fiber.Ctx, cycleID int64) ([]overdueText, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	if w.Documents == nil || !actor.May(account.DocumentFreeze) {
		return nil, nil
	}
	all, err := w.Documents.Overdue(ctx, actor, cycleID)
	if err != nil {
		return nil, err
	}
	l := w.Server.Localizer(c)
	var texts []overdueText
	for _, o := range all {
		texts = append(texts, overdueText{
			Overdue: o, Day: w.freezeDay(l, o.Document), Places: placeLinks(l, o.Document, o.Places, true),
		})
	}
	return texts, nil
}

// placeLinks leads each problem of a text to the field in which it is mended.
func placeLinks(l *i18n.Localizer, d document.Document, places []errs.Field, editable bool) []placeLink {
	links := make([]placeLink, len(places))
	for i, p := range places {
		links[i].Text = l.FieldMessage(p)
		if editable {
			links[i].Href = fieldPath(d, p.Name)
		}
	}
	return links
}
