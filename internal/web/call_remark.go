package web

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
)

// callRemarkData is a comment for whoever wrote it without an account, at its secret address.
type callRemarkData struct {
	threadItem
	Item     threadItem // the same, for partials
	Document document.Talk
	Round    contribution.Round
	Call     string
	Draft    string // the page of the draft, "" where it is not public now
	Address  string // of this page
	Reply    bool   // the thread takes a reply
}

func remarkPath(token string) string { return "/remarks/" + token }

func (w *Web) callRemarkData(c *fiber.Ctx) (callRemarkData, error) {
	ctx := c.UserContext()
	talk, view, err := w.Documents.Followed(ctx, account.ActorFrom(ctx), c.Params("token"))
	if err != nil {
		return callRemarkData{}, err
	}
	round, err := w.Contributions.RoundByID(ctx, talk.CycleID)
	if err != nil {
		return callRemarkData{}, err
	}
	data := callRemarkData{
		threadItem: w.threadItem(c, talk.SourceLanguage, view), Document: talk, Round: round, Call: callPath(round),
		Address: remarkPath(c.Params("token")), Reply: view.TakesPublicReply(talk.Document, talk.Revision) == nil,
	}
	data.Item = data.threadItem
	if talk.Commenting == document.CommentingPublic {
		data.Draft = data.Call + "/drafts/" + talk.Slug
	}
	return data, nil
}

func (w *Web) callRemark(c *fiber.Ctx) error {
	data, err := w.callRemarkData(c)
	if err != nil {
		return err
	}
	return callRemarkPage.show(w, c, data)
}

func (w *Web) callRemarkReplied(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.callRemarkData(c)
	if err != nil {
		return err
	}
	if err = httpserver.Limited(c); err == nil {
		_, err = w.Documents.ReplyPublicly(ctx, account.ActorFrom(ctx), c.Params("token"), c.FormValue("text"))
	}
	if err != nil {
		return callRemarkPage.again(w, c, data, err)
	}
	return w.redirect(c, data.Address, "comment.remark.replied")
}
