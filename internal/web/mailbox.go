package web

import (
	"context"
	"html/template"
	"regexp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/microcosm-cc/bluemonday"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	mailboxPage page[mailboxData] = "mailbox"
	mailPage    page[mailData]    = "mail"
)

// Mailbox is the mail that was captured because no server is set; mail.CaptureTransport is one.
type Mailbox interface {
	List(ctx context.Context, f mail.CapturedFilter) ([]mail.Captured, error)
	Get(ctx context.Context, id int64) (*mail.Captured, error)
}

type mailboxData struct {
	Sending bool // a server is set: mail is sent and not kept
	Query   string
	Items   []mail.Captured
	Next    int64 // mail below this id, 0 on the last page
}

type mailData struct {
	mail.Captured
	Mail mailView
}

// mailView is a message as a page shows it.
type mailView struct {
	Subject   string
	Lang, Dir string
	Headers   []mail.Header
	Text      string
	HTML      template.HTML
}

const mailsShown = 50

func (w *Web) mailboxSection() section {
	return section{
		pages: []definition{mailboxPage, mailPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/mailbox", account.MailboxRead, w.capturedMails)
			r.Handle(fiber.MethodGet, "/mailbox/:id", account.MailboxRead, w.capturedMail)
			r.Handle(fiber.MethodGet, "/mailbox/:id/source", account.MailboxRead, w.mailSource)
		},
	}
}

func (w *Web) capturedMails(c *fiber.Ctx) error {
	data := mailboxData{Query: strings.TrimSpace(c.Query("q")), Sending: w.Mailbox == nil}
	if !data.Sending {
		before, err := strconv.ParseInt(c.Query("before", "0"), 10, 64)
		if err != nil {
			return errs.E(errs.NotFound, "error.not_found")
		}
		f := mail.CapturedFilter{Query: data.Query, Before: before, Limit: mailsShown}
		if data.Items, err = w.Mailbox.List(c.UserContext(), f); err != nil {
			return err
		}
		if len(data.Items) == mailsShown {
			data.Next = data.Items[len(data.Items)-1].ID
		}
	}
	return mailboxPage.showForm(w, c, data, form.With("q", data.Query))
}

func (w *Web) capturedMail(c *fiber.Ctx) error {
	m, err := w.captured(c)
	if err != nil {
		return err
	}
	shown, err := w.showMail(m.Raw)
	if err != nil {
		return err
	}
	return mailPage.show(w, c, mailData{Captured: *m, Mail: shown})
}

// mailSource is the message as it would have left, for reading it in a mail program.
func (w *Web) mailSource(c *fiber.Ctx) error {
	m, err := w.captured(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "message/rfc822")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="mail-`+strconv.FormatInt(m.ID, 10)+`.eml"`)
	return c.Send(m.Raw)
}

func (w *Web) captured(c *fiber.Ctx) (*mail.Captured, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return nil, err
	}
	if w.Mailbox == nil {
		return nil, errs.E(errs.NotFound, "error.not_found")
	}
	return w.Mailbox.Get(c.UserContext(), id)
}

// showMail reads a message for a page.
func (w *Web) showMail(raw []byte) (mailView, error) {
	read, err := mail.Read(raw)
	if err != nil {
		return mailView{}, err
	}
	shown := mailView{Subject: read.Header("Subject"), Headers: read.Headers, Text: read.Text}
	shown.Lang, _, _ = strings.Cut(read.Header("Content-Language"), ",") // the reader's comes first
	shown.Dir = w.Bundle.For(shown.Lang).Dir()
	shown.HTML = template.HTML(mailPolicy().Sanitize(read.HTML)) //nolint:gosec // that is what the policy is for
	return shown, nil
}

var (
	direct      = regexp.MustCompile(`^(?:ltr|rtl|auto)$`)
	languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$`)
)

// mailPolicy lets through what a letter needs, and nothing that loads, runs or imitates our page.
func mailPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "b", "em", "i", "ul", "ol", "li", "blockquote", "code", "pre")
	p.AllowElements("div", "bdi")
	p.AllowAttrs("dir").Matching(direct).OnElements("p", "div")
	p.AllowAttrs("lang").Matching(languageTag).OnElements("div")
	p.AllowStandardURLs()
	p.AllowAttrs("href").OnElements("a")
	p.RequireNoReferrerOnLinks(true)
	p.SkipElementsContent("head", "title")
	return p
}
