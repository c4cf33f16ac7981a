package web

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// exportTime is how long an export may take: a browser waits for its first byte.
const exportTime = 4 * time.Minute

// exportContacts gives the contacts that the filter of the list shows, as a file.
func (w *Web) exportContacts(c *fiber.Ctx) error {
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	f, _ := w.filterOf(c, current.ID)
	return w.sendSheet(c, "contacts-"+w.Now().Format(time.DateOnly), c.Query("format"), func(ctx context.Context, to sheet.Writer) error {
		_, err := w.Imports.Export(ctx, account.ActorFrom(ctx), f, to)
		return err
	})
}

// rejectedRows gives the rejected rows of an import in its own columns, with the reasons.
func (w *Web) rejectedRows(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	say := func(p contact.CellProblem) string {
		said := sayProblem(l, p, func(text string) string { return text })
		if said.Value != "" {
			said.Text += " “" + said.Value + "”"
		}
		return said.Text
	}
	return w.sendSheet(c, "rejected", c.Query("format"), func(ctx context.Context, to sheet.Writer) error {
		return w.Imports.Rejected(ctx, account.ActorFrom(ctx), id, l.T("contact.import.reason"), say, to)
	})
}

// sendSheet lets fill write a table into a file of ours and sends it when that went well: nothing leaves the
// house before the event that says so is in the trail.
func (w *Web) sendSheet(c *fiber.Ctx, name, format string, fill func(context.Context, sheet.Writer) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), exportTime)
	defer cancel()
	file, err := os.CreateTemp("", "convoke-*")
	if err != nil {
		return errs.Wrap("web.send_sheet", err)
	}
	sent := passing{file}
	to, kind, err := sheetWriter(file, name, &format)
	if err == nil {
		err = fill(ctx, to)
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = sent.Close()
		return err
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+"."+format+`"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendStream(sent)
}

func sheetWriter(to io.Writer, name string, format *string) (sheet.Writer, string, error) {
	if *format == "xlsx" {
		title, _, _ := strings.Cut(name, "-")
		x, err := sheet.NewXLSX(to, title)
		return x, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", err
	}
	*format = "csv"
	return sheet.NewCSV(to, true), "text/csv; charset=utf-8", nil
}

// passing is a file that goes when it was read.
type passing struct{ *os.File }

// Close implements io.Closer.
func (p passing) Close() error {
	err := p.File.Close()
	if gone := os.Remove(p.Name()); err == nil {
		err = gone
	}
	return err
}
