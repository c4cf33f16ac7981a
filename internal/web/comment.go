package web

import (
	"html/template"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

type threadData struct {
	threadItem
	Item     threadItem // the same, for partials
	Document document.Talk
	Base     string
	Passage  threadPassage
	Changes  template.HTML // of a suggestion that can be accepted: the passage with what it would change
	Obstacle string        // of a suggestion that cannot: why
	ByHand   string        // where it is brought into the text by hand, "" where the reader may not
	Closed   bool          // the wording is frozen
	Reply    bool          // the reader may
	Decide   bool
	Withdraw bool
}

// threadPassage is the passage in its present wording, parted by the words that are meant.
type threadPassage struct{ Before, Meant, After string }

func (w *Web) thread(c *fiber.Ctx) error {
	data, err := w.threadData(c)
	if err != nil {
		return err
	}
	return threadPage.show(w, c, data)
}

func (w *Web) threadData(c *fiber.Ctx) (threadData, error) {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return threadData{}, err
	}
	actor := account.ActorFrom(ctx)
	talk, view, err := w.Documents.ThreadByID(ctx, actor, id)
	if err != nil {
		return threadData{}, err
	}
	open := view.State == document.ThreadOpen
	data := threadData{
		threadItem: w.threadItem(c, talk.SourceLanguage, view), Document: talk, Base: documentPath(talk.ID),
		Changes: changesHTML(view.Changes), Closed: talk.Revision.State != document.OpenForComment,
		Decide: open && actor.May(account.CommentDecide),
	}
	data.Href, data.Item = commentPath(id), data.threadItem
	data.Passage = partedBy(view)
	if view.Bar != nil && data.Decide {
		data.Obstacle = w.Server.Localizer(c).Error(view.Bar)
		if actor.May(account.DocumentWrite) && !data.Closed {
			data.ByHand = fieldPath(talk.Document, view.SegmentKey)
		}
	}
	data.Reply = open && actor.May(account.CommentWrite) && !data.Closed && (data.Decide || data.Mine && data.WaitsFor == document.WaitsForAuthor || talk.Commenting != document.CommentingClosed)
	data.Withdraw = view.Withdrawable(actor, saidOf(view)) == nil
	return data, nil
}

func saidOf(t document.ThreadView) []document.Comment {
	said := make([]document.Comment, len(t.Said))
	for i, s := range t.Said {
		said[i] = s.Comment
	}
	return said
}

func partedBy(t document.ThreadView) threadPassage {
	letters := []rune(t.Passage)
	start := min(t.Start, len(letters))
	end := min(start+t.Length, len(letters))
	if t.Quote == "" && start == 0 && end == len(letters) {
		return threadPassage{Before: string(letters)}
	}
	return threadPassage{string(letters[:start]), string(letters[start:end]), string(letters[end:])}
}

func (w *Web) replyToComment(c *fiber.Ctx) error {
	return w.inThread(c, "comment.replied", func(by account.Actor, id int64) error {
		_, err := w.Documents.Reply(c.UserContext(), by, id, c.FormValue("text"))
		return err
	})
}

func (w *Web) withdrawComment(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	t, err := w.Documents.WithdrawThread(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return w.threadAgain(c, err)
	}
	return w.redirect(c, documentPath(t.DocumentID)+"/comments", "comment.withdrawn")
}

// decideComment is what an editor does with a thread, by the button that was pressed.
func (w *Web) decideComment(c *fiber.Ctx) error {
	ctx := c.UserContext()
	text := c.FormValue("text")
	do := c.FormValue("do")
	acts := map[string]func(by account.Actor, id int64) (document.Thread, error){
		"accept": func(by account.Actor, id int64) (document.Thread, error) {
			return w.Documents.AcceptThread(ctx, by, id)
		},
		"decline": func(by account.Actor, id int64) (document.Thread, error) {
			return w.Documents.DeclineThread(ctx, by, id, text)
		},
		"answer": func(by account.Actor, id int64) (document.Thread, error) {
			return w.Documents.AnswerThread(ctx, by, id, text)
		},
		"ask": func(by account.Actor, id int64) (document.Thread, error) {
			return w.Documents.AskBack(ctx, by, id, text)
		},
		"show": func(by account.Actor, id int64) (document.Thread, error) { return w.Documents.ShowThread(ctx, by, id) },
		"hide": func(by account.Actor, id int64) (document.Thread, error) {
			return w.Documents.HideThread(ctx, by, id, c.FormValue("reason"))
		},
	}
	act, ok := acts[do]
	if !ok {
		return w.threadAgain(c, errs.E(errs.Invalid, "comment.decide.choose"))
	}
	return w.inThread(c, "comment.done."+do, func(by account.Actor, id int64) error {
		_, err := act(by, id)
		return err
	})
}

// inThread does something with the thread of the path, and leads back to it.
func (w *Web) inThread(c *fiber.Ctx, said string, act func(by account.Actor, id int64) error) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if err := act(account.ActorFrom(c.UserContext()), id); err != nil {
		return w.threadAgain(c, err)
	}
	return w.redirect(c, commentPath(id), said)
}

// threadAgain shows the thread as it is now, with what was typed and what is wrong.
func (w *Web) threadAgain(c *fiber.Ctx, err error) error {
	if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) {
		return err
	}
	data, failed := w.threadData(c)
	if failed != nil {
		return failed
	}
	return threadPage.again(w, c, data, err)
}
