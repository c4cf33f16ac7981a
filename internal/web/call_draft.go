package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/web/form"
)

// The public page of a draft, where the officer opened it, and that of a comment for whoever wrote it there.
const (
	callDraftPage  page[callDraftData]  = "call_draft"
	callRemarkPage page[callRemarkData] = "call_remark"
)

type callDraftData struct {
	Round  contribution.Round
	Call   string // the page of the call
	Talk   talkView
	Asked  bool // a passage was chosen: the form is shown
	Fields commentFields
	One    []threadItem // the thread that was asked for, if any
	Cites  []publicItem // contributions on which the text rests, as they are named now

	Here     []threadItem // threads about the passage that was asked for
	Previous string       // pages of them, "" where there is none
	Next     string
}

func (w *Web) callDraftSection() section {
	return section{
		pages: []definition{callDraftPage, callRemarkPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/calls/:slug/drafts/:document", account.PublicRead, w.callDraft)
			r.Handle(fiber.MethodPost, "/calls/:slug/drafts/:document", account.PublicAnswer, w.callDraftCommented,
				httpserver.LimitTold(30, time.Hour), httpserver.BodyLimit(documentBody))
			r.Handle(fiber.MethodGet, "/remarks/:token", account.PublicAnswer, w.callRemark, httpserver.Private())
			r.Handle(fiber.MethodPost, "/remarks/:token", account.PublicAnswer, w.callRemarkReplied,
				httpserver.Private(), httpserver.LimitTold(30, time.Hour), httpserver.BodyLimit(documentBody))
		},
	}
}

func (w *Web) callDraftData(c *fiber.Ctx) (callDraftData, error) {
	ctx := c.UserContext()
	round, err := w.Contributions.RoundBySlug(ctx, c.Params("slug"))
	if err != nil {
		return callDraftData{}, err
	}
	talk, err := w.Documents.PublicTalk(ctx, account.ActorFrom(ctx), round.ID, c.Params("document"), document.TalkPart{Beside: threadsBeside})
	if err != nil {
		return callDraftData{}, err
	}
	data := callDraftData{Round: round, Call: callPath(round)}
	data.Talk = talkView{Talk: talk, Base: data.Call + "/drafts/" + talk.Slug, Write: talk.Revision.State == document.OpenForComment}
	if err := w.layOut(c, &data.Talk, data.Talk.Base, data.Talk.Base, func(t document.ThreadView) string { return data.thread(t.ID) }); err != nil {
		return data, err
	}
	if data.Talk.OnWhole != "" {
		data.Talk.OnWhole += "#comment"
	}
	if data.Cites, err = w.citedIn(c, round, talk.Segments); err != nil {
		return data, err
	}
	data.Talk.Whole.toForm()
	for i := range data.Talk.Passages {
		data.Talk.Passages[i].toForm()
	}
	return data, nil
}

// citedIn are the published contributions to which a text links, named as they are now: the text itself has but their numbers.
func (w *Web) citedIn(c *fiber.Ctx, round contribution.Round, segments []document.Segment) ([]publicItem, error) {
	var numbers []int
	for _, s := range segments {
		for i, part := range strings.Split(s.Text, callPath(round)+"/contributions/") {
			end := strings.IndexFunc(part+" ", func(r rune) bool { return r < '0' || r > '9' })
			if n, err := strconv.Atoi(part[:end]); i > 0 && err == nil {
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	all, err := w.Contributions.PublishedAmong(c.UserContext(), round.ID, slices.Compact(numbers))
	var items []publicItem
	for _, p := range all {
		items = append(items, w.publicItem(w.Server.Localizer(c), callPath(round), p))
	}
	return items, err
}

// toForm lets the links of a passage lead to the form on the same page.
func (p *passageItem) toForm() {
	for _, href := range []*string{&p.Comment, &p.All} {
		if *href != "" {
			*href += "#comment"
		}
	}
}

func (d *callDraftData) thread(id int64) string {
	return d.Talk.Base + "?thread=" + strconv.FormatInt(id, 10) + "#thread"
}

// addThread shows one thread in full.
func (w *Web) addThread(c *fiber.Ctx, d *callDraftData, id int64) error {
	view, err := w.Documents.PublicThread(c.UserContext(), account.ActorFrom(c.UserContext()), d.Talk.ID, id)
	if err != nil {
		return err
	}
	item := w.threadItem(c, d.Talk.SourceLanguage, view)
	d.One = []threadItem{item}
	return nil
}

// addHere lists a page of the threads about a passage.
func (w *Web) addHere(c *fiber.Ctx, d *callDraftData, key string) error {
	page := max(c.QueryInt("page", 1), 1)
	part := document.TalkPart{Passage: &key, Skip: (page - 1) * threadsOnPage, Limit: threadsOnPage}
	talk, err := w.Documents.PublicTalk(c.UserContext(), account.ActorFrom(c.UserContext()), d.Round.ID, d.Talk.Slug, part)
	if err != nil {
		return err
	}
	for _, t := range talk.Threads {
		item := w.threadItem(c, d.Talk.SourceLanguage, t)
		item.Href = d.thread(t.ID)
		d.Here = append(d.Here, item)
	}
	address := func(page int) string {
		return d.Talk.Base + "?" + url.Values{"passage": {key}, "page": {strconv.Itoa(page)}}.Encode() + "#here"
	}
	if page > 1 {
		d.Previous = address(page - 1)
	}
	if part.Skip+len(talk.Threads) < talk.Found {
		d.Next = address(page + 1)
	}
	return nil
}

// ask shows the form with these fields, where the draft is open. Who is signed in has a name.
func (d *callDraftData) ask(fields commentFields, by account.Actor) {
	fields.Public = !by.SignedIn()
	for i := range fields.Kinds {
		fields.Kinds[i].Href += "#comment"
	}
	d.Asked, d.Fields = d.Talk.Write, fields
}

func (w *Web) callDraft(c *fiber.Ctx) error {
	data, err := w.callDraftData(c)
	if err != nil {
		return err
	}
	if c.Context().QueryArgs().Has("passage") {
		fields, err := commentFieldsOf(data.Talk, data.Talk.Base, c.Query("passage"), c.Query("kind"))
		if err != nil {
			return err
		}
		data.ask(fields, account.ActorFrom(c.UserContext()))
		if err := w.addHere(c, &data, c.Query("passage")); err != nil {
			return err
		}
	}
	if id := c.QueryInt("thread"); id > 0 {
		if err := w.addThread(c, &data, int64(id)); err != nil {
			return err
		}
	}
	return callDraftPage.showForm(w, c, data, form.With(
		"quote", c.Query("quote"), "near", c.Query("near"), "suggestion", data.Fields.Passage.Text, "began", w.began()))
}

// callDraftCommented takes what somebody without an account says. Whoever looks like a program is asked to send it
// once more, as in the form for contacts.
func (w *Web) callDraftCommented(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.callDraftData(c)
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if err = httpserver.Limited(c); err == nil && !w.byHand(typed) {
		err = errs.E(errs.Invalid, "comment.public.again")
		delete(typed.Values, "website")
		if _, forged := w.Contacts.Links.Parse(link.Shown, typed.Value("began")); forged != nil {
			typed.Values["began"] = []string{w.began()}
		}
	}
	var t document.Thread
	if err == nil {
		t, err = w.Documents.CommentPublicly(ctx, account.ActorFrom(ctx), data.Talk.ID, w.publicAuthor(c, typed), commentInput(typed))
	}
	if err != nil {
		var fields commentFields
		fields, err = refusedFields(data.Talk, data.Talk.Base, typed, err)
		data.ask(fields, account.ActorFrom(c.UserContext()))
		return callDraftPage.refuse(w, c, data, typed, err)
	}
	if t.AuthorID == nil {
		return w.redirect(c, remarkPath(w.Documents.FollowToken(t, data.Talk.CycleID)), "comment.public.thanks")
	}
	return w.redirect(c, data.Talk.Base, "comment.started")
}

// publicAuthor is what somebody without an account says of themselves. They are written to in the language of the page.
func (w *Web) publicAuthor(c *fiber.Ctx, typed form.Form) document.PublicAuthor {
	return document.PublicAuthor{Name: typed.Value("name"), Email: typed.Value("email"), Language: w.Server.Localizer(c).Tag()}
}
