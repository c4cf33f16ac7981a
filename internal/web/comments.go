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
	Passage  string // only threads about this passage are listed; a label, "" for all
	Threads  []threadItem
	Previous string // pages of the list, "" where there is none
	Next     string
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
	Write    bool     // the reader may comment now
	OnWhole  string   // where one comments on the text as a whole, "" where the reader may not
	Passages []passageItem
	Whole    passageItem  // the text as a whole
	Gone     []threadItem // whose passage is not in the wording any more
}

// Editors is how many threads wait for the editors.
func (v talkView) Editors() int { return v.Counts["editors"] }

// maxAsked is how many of those who were asked are named.
const maxAsked = 12

// Asked are those who were asked something.
func (v talkView) Asked() []document.AskedAuthor { return v.Authors[:min(len(v.Authors), maxAsked)] }

// MoreAsked is how many others were.
func (v talkView) MoreAsked() int { return max(len(v.Authors)-maxAsked, 0) }

// passageItem is a passage with its threads.
type passageItem struct {
	document.Segment
	Label   string
	HTML    template.HTML // of Markdown
	Lang    string        // "" for an address
	Comment string        // where one comments on it, "" where the reader may not
	Threads []threadItem
	Count   document.ThreadCount
	All     string // where all threads about it are listed, "" where all stand here
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
	Named string // the author, with whether they are a member or from the public
	Place string
	Lang  string        // of the text
	Href  string        // "" where it has no page for the reader
	HTML  template.HTML // of a suggestion: what it takes out and puts in
	Zone  *time.Location
	Mine  bool
}

// beginningLength is how much of a text stands in a list.
const beginningLength = 400

// Excerpt is the beginning of what was said first.
func (i threadItem) Excerpt() string { return beginning(i.Said[0].Body) }

// Words are the beginning of the words that are meant.
func (i threadItem) Words() string { return beginning(i.Quote) }

func beginning(text string) string {
	letters := []rune(text)
	if len(letters) <= beginningLength {
		return text
	}
	return string(letters[:beginningLength]) + "…"
}

// Replies is how much was said after what began the thread.
func (i threadItem) Replies() int { return max(len(i.Said)-1, 0) }

func (w *Web) commentSection() section {
	return section{
		pages: []definition{commentsPage, newCommentPage, threadPage, registerPage},
		routes: func(r *httpserver.Router) {
			large := httpserver.BodyLimit(documentBody)
			r.Handle(fiber.MethodGet, "/documents/:id/comments", account.CommentRead, w.comments)
			r.Handle(fiber.MethodGet, "/documents/:id/comments/new", account.CommentWrite, w.newComment)
			r.Handle(fiber.MethodPost, "/documents/:id/comments", account.CommentWrite, w.comment, large)
			r.Handle(fiber.MethodPost, "/documents/:id/commenting", account.DocumentFreeze, w.setCommenting)
			r.Handle(fiber.MethodGet, "/documents/:id/register", account.CommentRead, w.register)
			r.Handle(fiber.MethodGet, "/documents/:id/register.csv", account.CommentRead, w.registerFile)
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
	part := document.TalkPart{Show: c.Query("show"), Limit: threadsOnPage}
	page := max(c.QueryInt("page", 1), 1)
	part.Skip = (page - 1) * threadsOnPage
	if c.Context().QueryArgs().Has("passage") {
		key := c.Query("passage")
		part.Passage = &key
	}
	if !slices.Contains(document.Shows(), part.Show) {
		part.Show = ""
	}
	view, err := w.talkView(c, id, part)
	if err != nil {
		return commentsData{}, err
	}
	data := commentsData{
		Nav:  documentNav{ID: id, Kind: view.Kind, At: "comments", actor: actor},
		Talk: view, MayClose: actor.May(account.DocumentFreeze),
	}
	data.Threads = slices.Concat(view.Whole.Threads, passageThreads(view.Passages), view.Gone)
	l := w.Server.Localizer(c)
	if part.Passage != nil {
		data.Passage = passageLabel(l, *part.Passage)
	}
	data.addFilters(part)
	if page > 1 {
		data.Previous = data.address(part, page-1)
	}
	if part.Skip+len(view.Threads) < view.Found {
		data.Next = data.address(part, page+1)
	}
	for _, k := range document.Commentings() {
		data.Opening = append(data.Opening, form.Option{Value: string(k), Label: l.T("comment.commenting." + string(k))})
	}
	return data, nil
}

// threadsBeside is how many threads stand beside one passage.
const threadsBeside = 4

// threadsOnPage is how many threads a page of the list has.
const threadsOnPage = 20

// address is that of a page of the list.
func (d *commentsData) address(part document.TalkPart, page int) string {
	q := url.Values{}
	if part.Show != "" {
		q.Set("show", part.Show)
	}
	if part.Passage != nil {
		q.Set("passage", *part.Passage)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return d.Talk.Base + "/comments"
	}
	return d.Talk.Base + "/comments?" + q.Encode()
}

func passageThreads(passages []passageItem) []threadItem {
	var all []threadItem
	for _, p := range passages {
		all = append(all, p.Threads...)
	}
	return all
}

// addFilters links to those that wait for the editors, those of the reader, those that are decided, and all.
func (d *commentsData) addFilters(part document.TalkPart) {
	for _, show := range document.Shows() {
		filter := commentFilter{Key: "comment.filter." + show, Count: d.Talk.Counts[show], Current: show == part.Show && part.Passage == nil}
		if show == "" {
			filter.Key = "comment.filter.all"
		}
		filter.Href = d.address(document.TalkPart{Show: show}, 1)
		d.Filters = append(d.Filters, filter)
	}
}

// talkView is a text with its threads for a member.
func (w *Web) talkView(c *fiber.Ctx, documentID int64, part document.TalkPart) (talkView, error) {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	talk, err := w.Documents.Talk(ctx, actor, documentID, part)
	if err != nil {
		return talkView{}, err
	}
	view := talkView{Talk: talk, Base: documentPath(documentID)}
	view.Write = actor.May(account.CommentWrite) && talk.Revision.State == document.OpenForComment && talk.Commenting != document.CommentingClosed
	err = w.layOut(c, &view, view.Base+"/comments/new", view.Base+"/comments", func(t document.ThreadView) string { return commentPath(t.ID) })
	return view, err
}

// layOut puts the threads beside their passages, and says until when comments are asked for. href is where a
// thread has its page, on where one comments, and all where the threads about a passage are listed.
func (w *Web) layOut(c *fiber.Ctx, view *talkView, on, all string, href func(document.ThreadView) string) error {
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
		item := w.threadItem(c, view.SourceLanguage, t)
		item.Href = href(t)
		switch i, there := at[t.SegmentKey]; {
		case t.SegmentKey == "":
			view.Whole.Threads = append(view.Whole.Threads, item)
		case !there:
			view.Gone = append(view.Gone, item)
		default:
			view.Passages[i].Threads = append(view.Passages[i].Threads, item)
		}
	}
	view.Whole.counted(view.Talk, all)
	for i := range view.Passages {
		view.Passages[i].counted(view.Talk, all)
	}
	return nil
}

// counted says how many threads there are about the passage, and where they are listed if not all of them stand here.
func (p *passageItem) counted(talk document.Talk, all string) {
	p.Count = talk.At[p.Key]
	if p.Count.All() > len(p.Threads) {
		p.All = all + "?" + url.Values{"passage": {p.Key}}.Encode()
	}
}

// passageLabel is what a person reads for a passage.
func passageLabel(l *i18n.Localizer, key string) string {
	if key == "" {
		return l.T("comment.whole")
	}
	return l.Error(document.Place(key))
}

func (w *Web) passage(l *i18n.Localizer, view *talkView, s document.Segment, on string) passageItem {
	p := passageItem{Segment: s, Label: l.Error(document.Place(s.Key))}
	if s.Kind != document.URL {
		p.Lang = view.SourceLanguage
	}
	p.HTML = mailOnPage(w.Documents.PassageHTML(s), document.Fields(), func(name string) string { return "{{" + name + "}}" })
	if view.Write && !s.Unshown {
		p.Comment = on + "?" + url.Values{"passage": {s.Key}}.Encode()
	}
	return p
}

func (w *Web) threadItem(c *fiber.Ctx, lang string, t document.ThreadView) threadItem {
	actor := account.ActorFrom(c.UserContext())
	item := threadItem{ThreadView: t, Lang: lang, Zone: zone(actor.TimeZone), Mine: actor.SignedIn() && t.AuthorID != nil && *t.AuthorID == actor.ID}
	l := w.Server.Localizer(c)
	item.Place = passageLabel(l, t.SegmentKey)
	from := "comment.from_member"
	if t.AuthorID == nil {
		from = "comment.from_public"
	}
	item.Named = l.T("comment.named", "Name", t.Author, "From", l.T(from))
	if t.Kind == document.Suggestion {
		item.HTML = changesHTML([]document.Change{{Kind: document.Removed, Text: beginning(t.Quote)}, {Kind: document.Kept, Text: " "}, {Kind: document.Added, Text: beginning(t.Replacement)}})
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
