package web

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const auditPage page[auditData] = "audit"

type auditData struct {
	Events   []audit.Event
	Next     string
	Filtered bool
}

func (w *Web) auditSection() section {
	return section{
		pages: []definition{auditPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/audit", account.AuditRead, w.audit)
		},
	}
}

func (w *Web) audit(c *fiber.Ctx) error {
	kind, object := c.Query("object"), c.Query("id")
	id, _ := strconv.ParseInt(object, 10, 64) // what is no number does not narrow
	before, _ := strconv.ParseInt(c.Query("before"), 10, 64)
	events, err := w.Trail.List(c.UserContext(), audit.Filter{ObjectKind: kind, ObjectID: id, Before: before, Limit: listLength})
	if err != nil {
		return err
	}
	data := auditData{Events: events, Filtered: kind != "" || id != 0}
	if len(events) == listLength {
		data.Next = "/audit?" + url.Values{
			"object": {kind}, "id": {object}, "before": {strconv.FormatInt(events[len(events)-1].ID, 10)},
		}.Encode()
	}
	return auditPage.showForm(w, c, data, form.With("object", kind, "id", object))
}
