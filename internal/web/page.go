package web

import (
	"bytes"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

// page is a page: its value is the name of its template (templates/<name>.html), its type
// parameter the type of its data.
//
// To add one, first declare it with its data, in a file of your own:
//
//	const outreachPage page[outreachData] = "outreach"
//
//	type outreachData struct{ Claims []outreach.Claim }
//
// Second, write templates/outreach.html. It defines "title" (a text) and "main". In both the dot is
// View[outreachData]: .Data is the data, and beside it stands the Frame (.Form, .CSRF, .Zone, .Now, .Actor,
// .May "claim.make", …). The functions are in templates.go, the partials, each with an example of its
// use, in templates/partials, the classes in static/app.css. Inside of range and with, $ is the dot of the page.
//
// Third, write the handler as a method of Web and a section that names pages and routes. Put the
// section into sections.go, what it needs into Deps, and a link into nav.go if the page belongs there:
//
//	func (w *Web) outreachSection() section {
//		return section{
//			pages: []definition{outreachPage},
//			routes: func(r *httpserver.Router) {
//				r.Handle(fiber.MethodGet, "/outreach", account.OutreachRead, w.outreach)
//			},
//		}
//	}
//
//	func (w *Web) outreach(c *fiber.Ctx) error {
//		ctx := c.UserContext()
//		claims, err := w.Outreach.Mine(ctx, account.ActorFrom(ctx))
//		if err != nil {
//			return err
//		}
//		return outreachPage.show(w, c, outreachData{Claims: claims})
//	}
//
// A form posts {{template "csrf" $.CSRF}} and its fields to the address of its page. Its handler calls
// one use case and then either shows the page again, with all that was typed and what is wrong
// with it, or leads on with a message:
//
//	if err := w.Outreach.Log(ctx, actor, attempt); err != nil {
//		return outreachPage.again(w, c, data, err)
//	}
//	return w.redirect(c, "/outreach", "outreach.logged")
//
// Every text is a key in locales. The tests of this package check every template against its data.
type page[T any] string

// definition is a page of any data, for the tests.
type definition interface {
	name() string
	sample() any // the dot of the template
}

func (p page[T]) name() string { return string(p) }
func (p page[T]) sample() any  { return View[T]{} }

// View is the dot of a page's template.
type View[T any] struct {
	Frame
	Data T
}

// show answers 200 with the page.
func (p page[T]) show(w *Web, c *fiber.Ctx, data T) error {
	return p.render(w, c, fiber.StatusOK, data, form.Form{})
}

// showForm is show with values in the fields of the form.
func (p page[T]) showForm(w *Web, c *fiber.Ctx, data T, f form.Form) error {
	return p.render(w, c, fiber.StatusOK, data, f)
}

// again shows the page with all that was posted and what is wrong with it: 422 for errs.Invalid, 409 for
// errs.Conflict, 429 for errs.TooMany. Any other error is returned as it is, for the error page.
func (p page[T]) again(w *Web, c *fiber.Ctx, data T, err error) error {
	posted, failed := w.posted(c)
	if failed != nil {
		return failed
	}
	return p.refuse(w, c, data, posted, err)
}

// refuse is again with other values in the fields than those that were posted.
func (p page[T]) refuse(w *Web, c *fiber.Ctx, data T, f form.Form, err error) error {
	if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.TooMany) {
		return err
	}
	return p.render(w, c, errs.Status(err), data, f.Fail(w.Server.Localizer(c), err))
}

// render answers with the page. Words that were posted with a form that was not taken, and that stand nowhere on the
// page, are added to it, so that nobody loses them.
func (p page[T]) render(w *Web, c *fiber.Ctx, status int, data T, f form.Form) error {
	v := View[T]{Frame: w.frame(c, f), Data: data}
	b, err := w.execute(c, string(p), v)
	if err == nil && refused(c, status) {
		if v.Typed = missing(w.typedIn(c), b.String()); len(v.Typed) > 0 {
			b, err = w.execute(c, string(p), v)
		}
	}
	if err != nil {
		return errs.Wrap("web.render", err)
	}
	c.Set(fiber.HeaderContentLanguage, w.Server.Localizer(c).Tag())
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(b.Bytes())
}

// execute fills a buffer first, so that nobody ever gets half a page.
func (w *Web) execute(c *fiber.Ctx, name string, dot any) (*bytes.Buffer, error) {
	var b bytes.Buffer
	t, err := w.templates.in(w.Server.Localizer(c).Tag(), name)
	if err != nil {
		return &b, err
	}
	return &b, t.ExecuteTemplate(&b, "layout.html", dot)
}

// posted is what the person typed.
func (w *Web) posted(c *fiber.Ctx) (form.Form, error) {
	f := form.Form{Values: map[string][]string{}}
	if multipart, err := c.MultipartForm(); err == nil {
		f.Values = multipart.Value
	} else if values, err := url.ParseQuery(string(c.BodyRaw())); err == nil {
		f.Values = values
	} else {
		return f, errs.E(errs.Invalid, "error.bad_request")
	}
	delete(f.Values, httpserver.CSRFField)
	return f, nil
}

// redirect leads on after a change, with a message (a key, and placeholder name and value in
// turn) on the next page; key "" is without.
func (w *Web) redirect(c *fiber.Ctx, to, key string, args ...any) error {
	if key != "" {
		flash := httpserver.Flash{Key: key, Args: errs.E("", key, args...).Args}
		if err := w.Server.SetFlash(c, flash); err != nil {
			return errs.Wrap("web.redirect", err)
		}
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}
