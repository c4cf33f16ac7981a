package api

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// CommentThread is a comment or a suggested edit on a passage of a text, with what was said about it.
type CommentThread struct {
	ID          int64      `json:"id"`
	DocumentID  int64      `json:"document_id"`
	Kind        string     `json:"kind" enum:"comment,suggestion"`
	Segment     string     `json:"segment" doc:"the key of the passage; empty for the text as a whole"`
	Quote       string     `json:"quote" doc:"the words that are meant, as they read then; empty for the whole passage"`
	Start       int        `json:"start" doc:"where they stand now, in code points"`
	Length      int        `json:"length"`
	Touched     bool       `json:"touched" doc:"what stands there now reads otherwise, or is gone"`
	Replacement string     `json:"replacement" doc:"of a suggestion: what is to stand in the place of the quote"`
	State       string     `json:"state" enum:"open,accepted,declined,answered"`
	WaitsFor    string     `json:"waits_for" doc:"editors or author; empty once it is decided"`
	Reason      string     `json:"reason,omitempty" doc:"why it was declined"`
	Author      string     `json:"author" doc:"a name"`
	Public      bool       `json:"public" doc:"the author has no account"`
	Visible     bool       `json:"visible" doc:"what comes from the public waits until an editor lets it be seen"`
	CreatedAt   time.Time  `json:"created_at"`
	DecidedBy   string     `json:"decided_by,omitempty"`
	DecidedAt   *time.Time `json:"decided_at,omitempty"`
	Said        []Remark   `json:"said" doc:"in order; the first began the thread"`
}

// Remark is one thing said in a thread.
type Remark struct {
	Author    string    `json:"author"`
	Public    bool      `json:"public" doc:"said by somebody without an account"`
	Visible   bool      `json:"visible" doc:"what the public says waits until an editor lets it be seen"`
	Text      string    `json:"text"`
	Asks      bool      `json:"asks" doc:"an editor asks the author of the thread"`
	CreatedAt time.Time `json:"created_at"`
}

// CommentInput is what somebody says of a passage: a text, and the words that are meant; or the whole passage as
// it should read.
type CommentInput struct {
	BaseRevision int     `json:"base_revision,omitempty" doc:"the number of the revision that was read; absent for the current one"`
	Segment      string  `json:"segment,omitempty" doc:"the key of the passage; absent for the text as a whole"`
	Quote        string  `json:"quote,omitempty" doc:"words that stand in the passage"`
	Start        *int    `json:"start,omitempty" doc:"about where they stand, in code points; needed where they stand there more than once"`
	Text         string  `json:"text,omitempty"`
	Suggestion   *string `json:"suggestion,omitempty" doc:"the whole passage as it should read; makes it a suggested edit"`
}

// ReplyInput is one more thing said in a thread.
type ReplyInput struct {
	Text string `json:"text"`
}

// CommentDecisionInput is what becomes of a thread.
type CommentDecisionInput struct {
	Decision string `json:"decision" enum:"accepted,declined,answered,asked" doc:"asked leaves it open and lets it wait for its author"`
	Text     string `json:"text,omitempty" doc:"the reason, the answer or the question; needed but for accepted"`
}

// VisibilityInput says whether everybody sees what came from the public.
type VisibilityInput struct {
	Visible bool   `json:"visible"`
	Reason  string `json:"reason,omitempty" doc:"needed to hide it; an open thread is declined by it"`
}

// CommentingInput says who may comment on a text.
type CommentingInput struct {
	Commenting string `json:"commenting" enum:"closed,members,public"`
}

func (a *API) commentEndpoints() []endpoint {
	large := []httpserver.Option{httpserver.BodyLimit(documentBody)}
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/documents/:id/comments", action: account.CommentRead, handler: a.listComments,
			summary: "Comments and suggested edits on a text, in the order of its passages", response: List[CommentThread]{},
			params: pagingParams(
				param{name: "state", doc: "only those in this state", enum: []string{"open", "accepted", "declined", "answered"}},
				param{name: "segment", doc: "only those about this passage; empty for the text as a whole"}),
		},
		{
			method: fiber.MethodPost, path: "/documents/:id/comments", action: account.CommentWrite, handler: a.comment, options: large,
			summary: "Comment on a passage, or suggest other words for it", request: CommentInput{}, response: CommentThread{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodPut, path: "/documents/:id/commenting", action: account.DocumentFreeze, handler: a.setCommenting,
			summary: "Say who may comment on a text", request: CommentingInput{},
		},
		{
			method: fiber.MethodGet, path: "/comments/:id", action: account.CommentRead, handler: a.getComment,
			summary: "A thread", response: CommentThread{},
		},
		{
			method: fiber.MethodDelete, path: "/comments/:id", action: account.CommentWrite, handler: a.withdrawComment,
			summary: "Take back one's own thread while nobody has answered",
		},
		{
			method: fiber.MethodPost, path: "/comments/:id/replies", action: account.CommentWrite, handler: a.replyToComment, options: large,
			summary: "Reply in an open thread", request: ReplyInput{}, response: CommentThread{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodPost, path: "/comments/:id/decision", action: account.CommentDecide, handler: a.decideComment, options: large,
			summary: "Decide a thread; an accepted suggestion makes a new revision, 409 says who decided before", request: CommentDecisionInput{}, response: CommentThread{},
		},
		{
			method: fiber.MethodPost, path: "/comments/:id/visibility", action: account.CommentDecide, handler: a.showComment,
			summary: "Let everybody see what came from the public, or hide it", request: VisibilityInput{}, response: CommentThread{},
		},
	}
}

func commentThreadOf(t document.ThreadView) CommentThread {
	out := CommentThread{
		ID: t.ID, DocumentID: t.DocumentID, Kind: string(t.Kind), Segment: t.SegmentKey, Quote: t.Quote, Start: t.Start, Length: t.Length,
		Touched: t.Touched || t.Gone, Replacement: t.Replacement, State: string(t.State), WaitsFor: t.WaitsFor, Reason: t.Reason,
		Author: t.Author, Public: t.AuthorID == nil, Visible: t.Visible, CreatedAt: t.CreatedAt, DecidedBy: t.Decider, DecidedAt: t.DecidedAt,
		Said: []Remark{},
	}
	for _, c := range t.Said {
		out.Said = append(out.Said, Remark{Author: c.Author, Public: c.AuthorID == nil, Visible: c.Visible, Text: c.Body, Asks: c.Asks, CreatedAt: c.CreatedAt})
	}
	return out
}

func (a *API) listComments(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	part := document.TalkPart{Show: c.Query("state")}
	if part.Show != "" && !slices.Contains(document.ThreadStates(), document.ThreadState(part.Show)) {
		return errs.InvalidFields(errs.FieldError("state", "field.choice"))
	}
	if c.Context().QueryArgs().Has("segment") {
		segment := c.Query("segment")
		part.Passage = &segment
	}
	page, err := pagingOf(c)
	if err == nil {
		err = page.after(&part.Skip)
	}
	if err != nil {
		return err
	}
	part.Limit = page.limit
	talk, err := a.Documents.Talk(ctx, account.ActorFrom(ctx), id, part)
	if err != nil {
		return err
	}
	var items []CommentThread
	for _, t := range talk.Threads {
		items = append(items, commentThreadOf(t))
	}
	var next any
	if part.Skip+part.Limit < talk.Found {
		next = part.Skip + part.Limit
	}
	list, err := listOf(items, next)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) getComment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.showThread(c, id, fiber.StatusOK)
}

func (a *API) showThread(c *fiber.Ctx, id int64, status int) error {
	ctx := c.UserContext()
	_, t, err := a.Documents.ThreadByID(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return c.Status(status).JSON(commentThreadOf(t))
}

func (a *API) comment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[CommentInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	said := document.CommentInput{Base: in.BaseRevision, SegmentKey: in.Segment, Quote: in.Quote, Near: in.Start, Body: in.Text}
	if in.Suggestion != nil {
		said.Suggests, said.Suggestion = true, *in.Suggestion
	}
	t, err := a.Documents.Comment(ctx, account.ActorFrom(ctx), id, said)
	if err != nil {
		return named(err, map[string]string{"passage": "segment", "body": "text"})
	}
	return a.showThread(c, t.ID, fiber.StatusCreated)
}

// named gives the fields of an error the names that they have here.
func named(err error, names map[string]string) error {
	e := errs.Find(err)
	if e == nil {
		return err
	}
	renamed := *e
	renamed.Fields = nil
	for _, f := range e.Fields {
		if name, ok := names[f.Name]; ok {
			f.Name = name
		}
		renamed.Fields = append(renamed.Fields, f)
	}
	return &renamed
}

func (a *API) setCommenting(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[CommentingInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := a.Documents.SetCommenting(ctx, account.ActorFrom(ctx), id, document.Commenting(in.Commenting)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) withdrawComment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := a.Documents.WithdrawThread(ctx, account.ActorFrom(ctx), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) replyToComment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[ReplyInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := a.Documents.Reply(ctx, account.ActorFrom(ctx), id, in.Text); err != nil {
		return err
	}
	return a.showThread(c, id, fiber.StatusCreated)
}

func (a *API) decideComment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[CommentDecisionInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	switch in.Decision {
	case string(document.ThreadAccepted):
		_, err = a.Documents.AcceptThread(ctx, by, id)
	case string(document.ThreadDeclined):
		_, err = a.Documents.DeclineThread(ctx, by, id, in.Text)
	case string(document.ThreadAnswered):
		_, err = a.Documents.AnswerThread(ctx, by, id, in.Text)
	case "asked":
		_, err = a.Documents.AskBack(ctx, by, id, in.Text)
	default:
		err = errs.InvalidFields(errs.FieldError("decision", "field.choice"))
	}
	if err != nil {
		return err
	}
	return a.showThread(c, id, fiber.StatusOK)
}

func (a *API) showComment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[VisibilityInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	if in.Visible {
		_, err = a.Documents.ShowThread(ctx, by, id)
	} else {
		_, err = a.Documents.HideThread(ctx, by, id, in.Reason)
	}
	if err != nil {
		return err
	}
	return a.showThread(c, id, fiber.StatusOK)
}
