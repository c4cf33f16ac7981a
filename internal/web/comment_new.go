package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

type newCommentData struct {
	Talk   talkView
	Fields commentFields
}

// commentFields are the fields of somebody who comments on a passage, or suggests other words for it.
type commentFields struct {
	Passage  passageItem // its key is "" for the text as a whole
	Revision int         // that the reader has before them
	Suggests bool
	Kinds    []commentFilter // links to the two forms
	Public   bool            // for somebody without an account
}

// commentForm is what the partial of these fields needs.
type commentForm struct {
	Form   form.Form
	Fields commentFields
}

func remark(f form.Form, fields commentFields) commentForm { return commentForm{f, fields} }

// commentFieldsOf are the fields for the passage that was asked for; errs.NotFound where there is none of this key.
func commentFieldsOf(view talkView, at, key, kind string) (commentFields, error) {
	fields := commentFields{Revision: view.Revision.Number, Suggests: kind == string(document.Suggestion) && key != ""}
	i := slices.IndexFunc(view.Passages, func(p passageItem) bool { return p.Key == key })
	if i < 0 && key != "" {
		return fields, errs.E(errs.NotFound, "comment.passage.unknown")
	}
	if i < 0 {
		return fields, nil
	}
	fields.Passage = view.Passages[i]
	for _, k := range []document.ThreadKind{document.Remark, document.Suggestion} {
		fields.Kinds = append(fields.Kinds, commentFilter{
			Key: "comment.kind." + string(k), Href: at + "?" + url.Values{"passage": {key}, "kind": {string(k)}}.Encode(),
			Current: fields.Suggests == (k == document.Suggestion),
		})
	}
	return fields, nil
}

func (w *Web) newCommentData(c *fiber.Ctx, key, kind string) (newCommentData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return newCommentData{}, err
	}
	data := newCommentData{}
	if data.Talk, err = w.talkView(c, id, document.TalkPart{Beside: threadsBeside}); err != nil {
		return data, err
	}
	data.Fields, err = commentFieldsOf(data.Talk, data.Talk.Base+"/comments/new", key, kind)
	return data, err
}

func (w *Web) newComment(c *fiber.Ctx) error {
	data, err := w.newCommentData(c, c.Query("passage"), c.Query("kind"))
	if err != nil {
		return err
	}
	return newCommentPage.showForm(w, c, data, form.With("quote", c.Query("quote"), "near", c.Query("near"), "suggestion", data.Fields.Passage.Text))
}

func (w *Web) comment(c *fiber.Ctx) error {
	ctx := c.UserContext()
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	data, err := w.newCommentData(c, "", "")
	if err != nil {
		return err
	}
	t, err := w.Documents.Comment(ctx, account.ActorFrom(ctx), data.Talk.ID, commentInput(typed))
	if err == nil {
		return w.redirect(c, commentPath(t.ID), "comment.started")
	}
	data.Fields, err = refusedFields(data.Talk, data.Talk.Base+"/comments/new", typed, err)
	return newCommentPage.refuse(w, c, data, typed, err)
}

// refusedFields are the fields in which somebody goes on who was refused. Where the passage was taken out meanwhile,
// they are those of a comment on the text as a whole, with all that was typed in it.
func refusedFields(view talkView, at string, typed form.Form, refusal error) (commentFields, error) {
	fields, err := commentFieldsOf(view, at, typed.Value("passage"), typed.Value("kind"))
	if err == nil {
		return fields, refusal
	}
	body := strings.TrimSpace(typed.Value("body") + "\n\n" + typed.Value("suggestion"))
	typed.Values["body"] = []string{body}
	fields, _ = commentFieldsOf(view, at, "", "") // there always is the text as a whole
	if errs.Is(refusal, errs.Invalid) || errs.Is(refusal, errs.Conflict) {
		refusal = errs.E(errs.Invalid, "comment.passage.unknown")
	}
	return fields, refusal
}

func commentInput(typed form.Form) document.CommentInput {
	base, _ := strconv.Atoi(typed.Value("base_revision")) // what is no number is the current one
	in := document.CommentInput{
		Base: base, SegmentKey: typed.Value("passage"), Quote: typed.Value("quote"), Body: typed.Value("body"),
		Suggests: typed.Value("kind") == string(document.Suggestion), Suggestion: typed.Value("suggestion"),
	}
	if near, err := strconv.Atoi(typed.Value("near")); err == nil {
		in.Near = &near
	}
	return in
}
