package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
)

const (
	duplicatesPage page[duplicatesData] = "duplicates"
	mergePage      page[mergeData]      = "merge"
	changesPage    page[changesData]    = "changes"
)

func (w *Web) duplicatesSection() section {
	return section{
		pages: []definition{duplicatesPage, mergePage, changesPage},
		routes: func(r *httpserver.Router) {
			merge := account.ContactMerge
			r.Handle(fiber.MethodGet, "/contacts/duplicates", merge, w.duplicates)
			r.Handle(fiber.MethodPost, "/contacts/duplicates/:id/dismiss", merge, w.dismissDuplicate)
			r.Handle(fiber.MethodGet, "/contacts/:id/merge", merge, w.compare)
			r.Handle(fiber.MethodPost, "/contacts/:id/merge", merge, w.merge)
			r.Handle(fiber.MethodGet, "/contacts/changes", merge, w.changes)
			r.Handle(fiber.MethodPost, "/contacts/changes/:id/undo", merge, w.undoChange)
		},
	}
}

type duplicatesData struct {
	Pairs []pairRow
	Next  string // address of the next page
}

// pairRow is a pair with what speaks for it in words.
type pairRow struct {
	contact.ListedPair
	Why []string
}

// SurvivorFirst is the address of the comparison: the older contact survives unless one chooses otherwise.
func (p pairRow) SurvivorFirst() string { return mergePath(p.LowID, p.HighID) }

func mergePath(survivor, other int64) string {
	return contactPath(survivor) + "/merge?other=" + strconv.FormatInt(other, 10)
}

func pairRows(l *i18n.Localizer, pairs []contact.ListedPair) []pairRow {
	rows := make([]pairRow, len(pairs))
	for i, p := range pairs {
		rows[i] = pairRow{ListedPair: p}
		for _, code := range p.ReasonCodes() {
			rows[i].Why = append(rows[i].Why, l.T("duplicate.reason."+code))
		}
	}
	return rows
}

func (w *Web) duplicates(c *fiber.Ctx) error {
	ctx, by := c.UserContext(), account.ActorFrom(c.UserContext())
	var after *contact.Pair
	if id, err := strconv.ParseInt(c.Query("after"), 10, 64); err == nil {
		p, err := w.Contacts.Pair(ctx, by, id)
		if err != nil {
			return err
		}
		after = &p
	}
	pairs, more, err := w.Contacts.Duplicates(ctx, by, after, 0)
	if err != nil {
		return err
	}
	data := duplicatesData{Pairs: pairRows(w.Server.Localizer(c), pairs)}
	if more {
		data.Next = "/contacts/duplicates?after=" + strconv.FormatInt(pairs[len(pairs)-1].ID, 10)
	}
	return duplicatesPage.show(w, c, data)
}

func (w *Web) dismissDuplicate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if _, err := w.Contacts.Dismiss(c.UserContext(), account.ActorFrom(c.UserContext()), id); err != nil {
		return err
	}
	return w.redirect(c, "/contacts/duplicates", "duplicate.dismissed")
}
