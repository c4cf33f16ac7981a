package web

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	commentsPage   page[commentsData]   = "comments"
	newCommentPage page[newCommentData] = "comment_new"
	threadPage     page[threadData]     = "comment"
)

// commentsData are the threads of a text.
type commentsData struct {
	Nav      documentNav
	Talk     talkView
	Filters  []commentFilter
	Threads  []threadItem
	Opening  []form.Option
	MayClose bool // the reader says who may comment
}

// commentFilter is a part of the threads.
type commentFilter struct {
	Key     string
	Count   int
	Href    string
	Current bool
}

// talkView is a text with its threads beside the passages.
type talkView struct {
	document.Talk
	Base     string   // of the document's pages
	Closes   *dateRow // when comments are asked for, nil for no date
	Late     bool     // that is over
	Editors  int      // threads that wait for the editors
	Authors  []string // of threads that wait for them
	Write    bool     // the reader may comment now
	OnWhole  string   // where one comments on the text as a whole, "" where the reader may not
	Passages []passageItem
	Whole    []threadItem // about the text as a whole
	Gone     []threadItem // whose passage is not in the wording any more
}

// passageItem is a passage with its threads.
type passageItem struct {
	document.Segment
	Label   string
	HTML    template.HTML // of Markdown
	Lang    string        // "" for an address
	Comment string        // where one comments on it, "" where the reader may not
	Threads []threadItem
}

// Open are the threads that nobody has decided.
func (p passageItem) Open() []threadItem { return p.threads(true) }

// Decided are the others.
func (p passageItem) Decided() []threadItem { return p.threads(false) }

func (p passageItem) threads(open bool) []threadItem {
	return slices.DeleteFunc(slices.Clone(p.Threads), func(t threadItem) bool { return (t.State == document.ThreadOpen) != open })
}

// threadItem is a thread as a list shows it.
type threadItem struct {
	document.ThreadView
	Place string
	Lang  string        // of the text
	Href  string        // "" where it has no page for the reader
	HTML  template.HTML // of a suggestion: what it takes out and puts in
	Zone  *time.Location
	Mine  bool
}

// Replies is how much was said after what began the thread.
func (i threadItem) Replies() int { return max(len(i.Said)-1, 0) }

func (w *Web) commentSection() section {
	return section{
		pages: []definition{commentsPage, newCommentPage, threadPage},
		routes: func(r *httpserver.Router) {
			large := httpserver.BodyLimit(documentBody)
			r.Handle(fiber.MethodGet, "/documents/:id/comments", account.CommentRead, w.comments)
			r.Handle(fiber.MethodGet, "/documents/:id/comments/new", account.CommentWrite, w.newComment)
			r.Handle(fiber.MethodPost, "/documents/:id/comments", account.CommentWrite, w.comment, large)
			r.Handle(fiber.MethodPost, "/documents/:id/commenting", account.DocumentFreeze, w.setCommenting)
			r.Handle(fiber.MethodGet, "/comments/:id", account.CommentRead, w.thread)
			r.Handle(fiber.MethodPost, "/comments/:id/reply", account.CommentWrite, w.replyToComment, large)
			r.Handle(fiber.MethodPost, "/comments/:id/withdraw", account.CommentWrite, w.withdrawComment)
			r.Handle(fiber.MethodPost, "/comments/:id/decide", account.CommentDecide, w.decideComment, large)
		},
	}
}

func (w *Web) comments(c *fiber.Ctx) error {
	data, err := w.commentsData(c)
	if err != nil {
		return err
	}
	return commentsPage.showForm(w, c, data, form.With("commenting", string(data.Talk.Commenting)))
}

func (w *Web) commentsData(c *fiber.Ctx) (commentsData, error) {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return commentsData{}, err
	}
	actor := account.ActorFrom(c.UserContext())
	view, err := w.talkView(c, id)
	if err != nil {
		return commentsData{}, err
	}
	data := commentsData{
		Nav:  documentNav{ID: id, Kind: view.Kind, At: "comments", actor: actor},
		Talk: view, MayClose: actor.May(account.DocumentFreeze),
	}
	all := slices.Concat(view.Whole, passageThreads(view.Passages), view.Gone)
	data.addFilters(c.Query("show"), all)
	l := w.Server.Localizer(c)
	for _, k := range document.Commentings() {
		data.Opening = append(data.Opening, form.Option{Value: string(k), Label: l.T("comment.commenting." + string(k))})
	}
	return data, nil
}

func passageThreads(passages []passageItem) []threadItem {
	var all []threadItem
	for _, p := range passages {
		all = append(all, p.Threads...)
	}
	return all
}

// addFilters picks the threads to show: those that wait for the editors, those that concern the reader, those that
// are decided, or all.
func (d *commentsData) addFilters(show string, all []threadItem) {
	for _, f := range []struct {
		key  string
		take func(threadItem) bool
	}{
		{"", func(threadItem) bool { return true }},
		{"editors", threadItem.Waits},
		{"mine", func(t threadItem) bool { return t.Mine }},
		{"decided", func(t threadItem) bool { return t.State != document.ThreadOpen }},
	} {
		filter := commentFilter{Key: "comment.filter." + f.key, Href: d.Talk.Base + "/comments", Current: f.key == show}
		if f.key == "" {
			filter.Key = "comment.filter.all"
		} else {
			filter.Href += "?" + url.Values{"show": {f.key}}.Encode()
		}
		for _, t := range all {
			if !f.take(t) {
				continue
			}
			filter.Count++
			if filter.Current {
				d.Threads = append(d.Threads, t)
			}
		}
		d.Filters = append(d.Filters, filter)
	}
}

// talkView is a text with its threads for a member.
func (w *Web) talkView(c *fiber.Ctx, documentID int64) (talkView, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	talk, err := w.Documents.Talk(ctx, actor, documentID)
	if err != nil {
		return talkView{}, err
	}
	view := talkView{Talk: talk, Base: documentPath(documentID)}
	view.Write = actor.May(account.CommentWrite) && talk.Revision.State == document.OpenForComment && talk.Commenting != document.CommentingClosed
	err = w.layOut(c, &view, view.Base+"/comments/new", func(t document.ThreadView) string { return commentPath(t.ID) })
	return view, err
}

// layOut puts the threads beside their passages, and says until when comments are asked for. href is where a
// thread has its page, and on where one comments.
func (w *Web) layOut(c *fiber.Ctx, view *talkView, on string, href func(document.ThreadView) string) error {
	dates, err := w.Cycles.Dates(c.UserContext(), view.CycleID, w.Now())
	if err != nil {
		return err
	}
	if view.Write {
		view.OnWhole = on + "?passage="
	}
	l := w.Server.Localizer(c)
	if d, ok := dates[cycle.CommentsClose]; ok {
		row := w.dateRow(l, d)
		view.Closes, view.Late = &row, !w.Now().Before(row.At)
	}
	at := map[string]int{}
	for i, s := range view.Segments {
		at[s.Key] = i
		view.Passages = append(view.Passages, w.passage(l, view, s, on))
	}
	for _, t := range view.Threads {
		view.owe(t)
		item := w.threadItem(c, view.SourceLanguage, t)
		item.Href = href(t)
		switch i, there := at[t.SegmentKey]; {
		case t.SegmentKey == "":
			view.Whole = append(view.Whole, item)
		case !there:
			view.Gone = append(view.Gone, item)
		default:
			view.Passages[i].Threads = append(view.Passages[i].Threads, item)
		}
	}
	return nil
}

// owe notes who is still to answer in a thread.
func (v *talkView) owe(t document.ThreadView) {
	switch {
	case t.Waits():
		v.Editors++
	case t.WaitsFor == document.WaitsForAuthor && !slices.Contains(v.Authors, t.Author):
		v.Authors = append(v.Authors, t.Author)
	}
}

func (w *Web) passage(l *i18n.Localizer, view *talkView, s document.Segment, on string) passageItem {
	p := passageItem{Segment: s, Label: l.Error(document.Place(s.Key))}
	if s.Kind != document.URL {
		p.Lang = view.SourceLanguage
	}
	p.HTML = mailOnPage(w.Documents.PassageHTML(s), document.Fields(), func(name string) string { return "{{" + name + "}}" })
	if view.Write {
		p.Comment = on + "?" + url.Values{"passage": {s.Key}}.Encode()
	}
	return p
}

func (w *Web) threadItem(c *fiber.Ctx, lang string, t document.ThreadView) threadItem {
	actor := account.ActorFrom(c.UserContext())
	item := threadItem{ThreadView: t, Lang: lang, Zone: zone(actor.TimeZone), Mine: actor.SignedIn() && t.AuthorID != nil && *t.AuthorID == actor.ID}
	l := w.Server.Localizer(c)
	if item.Place = l.T("comment.whole"); t.SegmentKey != "" {
		item.Place = l.Error(document.Place(t.SegmentKey))
	}
	if t.Kind == document.Suggestion {
		item.HTML = changesHTML([]document.Change{{Kind: document.Removed, Text: t.Quote}, {Kind: document.Kept, Text: " "}, {Kind: document.Added, Text: t.Replacement}})
	}
	return item
}

func (w *Web) setCommenting(c *fiber.Ctx) error {
	ctx := c.UserContext()
	data, err := w.commentsData(c)
	if err != nil {
		return err
	}
	to := document.Commenting(c.FormValue("commenting"))
	if err := w.Documents.SetCommenting(ctx, account.ActorFrom(ctx), data.Talk.ID, to); err != nil {
		return commentsPage.again(w, c, data, err)
	}
	return w.redirect(c, data.Talk.Base+"/comments", "comment.commenting.saved")
}

func commentPath(id int64) string { return "/comments/" + strconv.FormatInt(id, 10) }
