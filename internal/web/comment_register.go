package web

import (
	"context"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
)

const registerPage page[registerData] = "document_register"

// registerData are all threads about a text, with what became of them.
type registerData struct {
	Nav   documentNav
	Talk  document.Talk
	Rows  []registerRow
	Count map[document.ThreadState]int
	Order []document.ThreadState
	Next  string
	Prev  string
}

// registerRow is a thread as the register has it.
type registerRow struct {
	document.ThreadView
	Place  string
	Answer string // why it was declined, or what it was answered
}

// registerOnPage is how many threads one page of the register has.
const registerOnPage = 50

func (w *Web) register(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	page := max(c.QueryInt("page", 1), 1)
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	actor := account.ActorFrom(ctx)
	talk, err := w.Documents.Talk(ctx, actor, id, document.TalkPart{Skip: (page - 1) * registerOnPage, Limit: registerOnPage})
	if err != nil {
		return err
	}
	d := registerData{
		Nav: documentNav{ID: id, Kind: talk.Kind, At: "comments", actor: actor}, Talk: talk, Rows: registerRows(l, talk),
		Count: map[document.ThreadState]int{}, Order: document.ThreadStates(),
	}
	for _, state := range d.Order {
		d.Count[state] = talk.Counts[string(state)]
	}
	address := documentPath(id) + "/register?page="
	if page > 1 {
		d.Prev = address + strconv.Itoa(page-1)
	}
	if page*registerOnPage < talk.Found {
		d.Next = address + strconv.Itoa(page+1)
	}
	return registerPage.show(w, c, d)
}

func registerRows(l *i18n.Localizer, talk document.Talk) []registerRow {
	rows := make([]registerRow, len(talk.Threads))
	for i, t := range talk.Threads {
		rows[i] = registerRow{ThreadView: t, Place: passageLabel(l, t.SegmentKey), Answer: answerTo(t)}
	}
	return rows
}

// answerTo is why a thread was decided as it was: the reason, else the last that was said by anybody but its author.
func answerTo(t document.ThreadView) string {
	if t.Reason != "" || t.State == document.ThreadOpen {
		return t.Reason
	}
	for _, said := range slices.Backward(t.Said) {
		if said.AuthorID != nil && (t.AuthorID == nil || *said.AuthorID != *t.AuthorID) {
			return said.Body
		}
	}
	return ""
}

// Comment is what the thread began with: a remark, or other words.
func (r registerRow) Comment() string {
	text := r.Said[0].Body
	if r.Kind == document.Suggestion {
		return joined(r.Replacement, text)
	}
	return text
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

// registerFile gives the whole register as a table.
func (w *Web) registerFile(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	name := "register-" + strconv.FormatInt(id, 10)
	return w.sendSheet(c, name, c.Query("format"), func(ctx context.Context, to sheet.Writer) error {
		actor := account.ActorFrom(ctx)
		talk, err := w.Documents.Talk(ctx, actor, id, document.TalkPart{})
		if err != nil {
			return err
		}
		head := []string{"number", "who", "place", "quote", "said", "disposition", "answer", "by", "when"}
		for i, key := range head {
			head[i] = l.T("comment.register." + key)
		}
		if err := to.Write(head); err != nil {
			return err
		}
		for _, r := range registerRows(l, talk) {
			when := ""
			if r.DecidedAt != nil {
				when = l.ShortDate(*r.DecidedAt, zone(actor.TimeZone))
			}
			err := to.Write([]string{
				strconv.FormatInt(r.ID, 10), r.Author, r.Place, r.Quote, r.Comment(), l.T("comment.state." + string(r.State)), r.Answer, r.Decider, when,
			})
			if err != nil {
				return err
			}
		}
		return to.Close()
	})
}
