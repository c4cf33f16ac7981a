package document

import (
	"context"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// ThreadView is a thread as a page shows it.
type ThreadView struct {
	Thread
	Author  string // a name
	Decider string
	Said    []Said
	Passage string   // its present text
	Gone    bool     // the passage is not in the present wording
	Now     string   // what stands under the anchor now
	Changes []Change // of an open suggestion that can be accepted: what that would change in the passage
	Bar     error    // of an open suggestion that cannot: why
}

// Said is one comment with the name of who said it.
type Said struct {
	Comment
	Author string
}

// Unseen says whether something in it waits until an editor lets it be seen.
func (v ThreadView) Unseen() bool {
	return !v.Visible || slices.ContainsFunc(v.Said, func(c Said) bool { return !c.Visible })
}

// Waits says whether the thread waits for the editors.
func (v ThreadView) Waits() bool { return v.State == ThreadOpen && v.WaitsFor == WaitsForEditors }

// Talk is a document with threads about it, in the order of their passages.
type Talk struct {
	Document
	Title    string
	Revision Revision
	Segments []Segment
	Threads  []ThreadView // of the part that was asked for
	Outline
}

// Talk gives a part of the threads of a document. Who does not decide on comments does not see those from the public
// that nobody has let be seen.
func (s *Service) Talk(ctx context.Context, by account.Actor, documentID int64, part TalkPart) (Talk, error) {
	if err := by.Require(account.CommentRead); err != nil {
		return Talk{}, err
	}
	talk, err := s.talk(s.DB.Read(ctx), by, documentID, by.May(account.CommentDecide), part)
	return talk, errs.Wrap("document.talk", err)
}

// PublicTalk is the draft of a document that is open to the public, with a part of what everybody may see;
// errs.NotFound for any other.
func (s *Service) PublicTalk(ctx context.Context, by account.Actor, cycleID int64, slug string, part TalkPart) (Talk, error) {
	if err := by.Require(account.PublicRead); err != nil {
		return Talk{}, err
	}
	tx := s.DB.Read(ctx)
	d, err := orNotFound(documentBySlug(tx, cycleID, slug))
	if err == nil && d.Commenting != CommentingPublic {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	if err != nil {
		return Talk{}, errs.Wrap("document.public_talk", err)
	}
	talk, err := s.talk(tx, by, d.ID, false, part)
	if err == nil {
		err = forPublic(tx, &talk)
	}
	return talk, errs.Wrap("document.public_talk", err)
}

// PublicThread is one thread of a document that is open to the public, as everybody may see it.
func (s *Service) PublicThread(ctx context.Context, by account.Actor, documentID, threadID int64) (ThreadView, error) {
	if err := by.Require(account.PublicRead); err != nil {
		return ThreadView{}, err
	}
	tx := s.DB.Read(ctx)
	talk, view, err := s.threadIn(tx, threadID, false)
	if err == nil {
		talk.Threads = []ThreadView{view}
		err = forPublic(tx, &talk)
	}
	if err == nil && (len(talk.Threads) == 0 || talk.ID != documentID || talk.Commenting != CommentingPublic) {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	return view, errs.Wrap("document.public_thread", err)
}

// PublicDraft is a document on which the public may comment, or might until it was frozen.
type PublicDraft struct {
	Document
	Open bool // its current revision takes comments
}

// PublicDrafts lists the documents of a cycle that the public reads with their comments.
func (s *Service) PublicDrafts(ctx context.Context, cycleID int64) ([]PublicDraft, error) {
	tx := s.DB.Read(ctx)
	all, err := documentsOf(tx, cycleID)
	if err != nil {
		return nil, errs.Wrap("document.public_drafts", err)
	}
	current, err := currentRevisions(tx, cycleID)
	if err != nil {
		return nil, errs.Wrap("document.public_drafts", err)
	}
	var drafts []PublicDraft
	for _, d := range all {
		if d.Commenting == CommentingPublic {
			drafts = append(drafts, PublicDraft{Document: d, Open: current[d.ID].State == OpenForComment})
		}
	}
	return drafts, nil
}

// ThreadByID gives one thread with its document.
func (s *Service) ThreadByID(ctx context.Context, by account.Actor, threadID int64) (Talk, ThreadView, error) {
	if err := by.Require(account.CommentRead); err != nil {
		return Talk{}, ThreadView{}, err
	}
	talk, view, err := s.threadIn(s.DB.Read(ctx), threadID, by.May(account.CommentDecide))
	return talk, view, errs.Wrap("document.thread", err)
}

func (s *Service) threadIn(tx *db.Tx, threadID int64, all bool) (Talk, ThreadView, error) {
	t, err := thread(tx, threadID)
	if err == nil && !t.Visible && !all {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	if err != nil {
		return Talk{}, ThreadView{}, err
	}
	talk, err := s.wholeOf(tx, t.DocumentID)
	if err != nil {
		return talk, ThreadView{}, err
	}
	views, err := viewsOf(tx, talk.Segments, []Thread{t})
	if err != nil {
		return talk, ThreadView{}, err
	}
	if !all {
		withoutUnseen(views)
	}
	view := views[0]
	if view.Kind != Suggestion || view.State != ThreadOpen {
		return talk, view, nil
	}
	_, err = view.accepted(tx, talk.Document, talk.Revision)
	if err != nil && errs.Find(err) == nil {
		return talk, view, err
	}
	if view.Bar = err; err != nil {
		view.Changes = nil
	}
	return talk, view, nil
}

// wholeOf is a document in its current wording, without its threads.
func (s *Service) wholeOf(tx *db.Tx, documentID int64) (Talk, error) {
	var talk Talk
	var err error
	if talk.Document, err = orNotFound(documentByID(tx, documentID)); err != nil {
		return talk, err
	}
	if talk.Revision, err = orNotFound(currentRevision(tx, documentID)); err != nil {
		return talk, err
	}
	talk.Segments, err = segmentsOf(tx, talk.Revision.ID)
	talk.Title = titleOf(talk.Segments)
	return talk, err
}

func (s *Service) talk(tx *db.Tx, by account.Actor, documentID int64, all bool, part TalkPart) (Talk, error) {
	talk, err := s.wholeOf(tx, documentID)
	if err != nil {
		return talk, err
	}
	outlines, err := threadOutlines(tx, documentID)
	if err != nil {
		return talk, err
	}
	if !all {
		outlines = slices.DeleteFunc(outlines, func(t Thread) bool { return !t.Visible })
	}
	inOrder(talk.Segments, outlines)
	chosen := part.of(outlines, by)
	talk.Outline = outlineOf(outlines, by)
	talk.Found = len(chosen)
	if talk.Revision.Editable() == nil { // nobody replies to what is said of a frozen text
		if talk.Authors, err = authorsAsked(tx, outlines); err != nil {
			return talk, err
		}
	}
	threads, err := threadsWith(tx, part.page(chosen))
	if err != nil {
		return talk, err
	}
	if talk.Threads, err = viewsOf(tx, talk.Segments, threads); err == nil && !all {
		withoutUnseen(talk.Threads)
	}
	return talk, err
}

// withoutUnseen leaves out what the public said and no editor has let be seen.
func withoutUnseen(threads []ThreadView) {
	for i := range threads {
		threads[i].Said = slices.DeleteFunc(threads[i].Said, func(c Said) bool { return !c.Visible })
	}
}

// viewsOf shows threads over the present wording, those about the whole text first, those whose passage is gone last.
func viewsOf(tx *db.Tx, segments []Segment, threads []Thread) ([]ThreadView, error) {
	ids := make([]int64, len(threads))
	for i, t := range threads {
		ids[i] = t.ID
	}
	said, err := commentsOf(tx, ids...)
	if err != nil {
		return nil, err
	}
	var people []int64
	for _, t := range threads {
		people = append(people, idsOf(t.AuthorID, t.DecidedBy)...)
		for _, c := range said[t.ID] {
			people = append(people, idsOf(c.AuthorID)...)
		}
	}
	names, err := namesOf(tx, people)
	if err != nil {
		return nil, err
	}
	inOrder(segments, threads)
	views := make([]ThreadView, len(threads))
	for i, t := range threads {
		views[i] = t.view(segments, said[t.ID], names)
	}
	return views, nil
}

func (t Thread) view(segments []Segment, said []Comment, names map[int64]string) ThreadView {
	v := ThreadView{Thread: t, Author: t.author(names)}
	if t.DecidedBy != nil {
		v.Decider = names[*t.DecidedBy]
	}
	for _, c := range said {
		one := Said{Comment: c, Author: c.PublicName}
		if c.AuthorID != nil {
			one.Author = names[*c.AuthorID]
		}
		v.Said = append(v.Said, one)
	}
	if t.SegmentKey == "" {
		return v
	}
	text, there := textOf(segments, t.SegmentKey)
	v.Passage, v.Gone = text, !there
	v.Now = t.present(text)
	if t.Kind == Suggestion && t.State == ThreadOpen {
		if suggested, err := t.applied(text, there); err == nil {
			v.Changes = wordChanges(text, suggested)
		}
	}
	return v
}

// maxNews is how many threads the news of a member show.
const maxNews = 20

// newsLast is how long the end of a thread is news to its author.
const newsLast = 14 * 24 * time.Hour

// CommentNews is what comments ask of somebody in a cycle.
type CommentNews struct {
	Waiting int          // threads that wait for the editors, for who is one
	Mine    []ThreadNews // one's own threads in which somebody else has had the last word
}

// ThreadNews is a thread with what its author finds in it.
type ThreadNews struct {
	Thread
	Title string // of its document
}

// CommentNews says what comments ask of the actor.
func (s *Service) CommentNews(ctx context.Context, by account.Actor, cycleID int64) (CommentNews, error) {
	var news CommentNews
	if err := by.Require(account.CommentRead); err != nil {
		return news, err
	}
	tx := s.DB.Read(ctx)
	var err error
	if by.May(account.CommentDecide) {
		if news.Waiting, err = waitingThreads(tx, cycleID); err != nil {
			return news, errs.Wrap("document.comment_news", err)
		}
	}
	mine, err := threadsFor(tx, cycleID, by.ID, s.Now().Add(-newsLast))
	if err != nil || len(mine) == 0 {
		return news, errs.Wrap("document.comment_news", err)
	}
	current, err := currentRevisions(tx, cycleID)
	if err != nil {
		return news, errs.Wrap("document.comment_news", err)
	}
	for _, t := range mine {
		segments, err := segmentsOf(tx, current[t.DocumentID].ID)
		if err != nil {
			return news, errs.Wrap("document.comment_news", err)
		}
		news.Mine = append(news.Mine, ThreadNews{Thread: t, Title: titleOf(segments)})
	}
	return news, nil
}

// PassageHTML is how a passage in Markdown looks in a mail; "" for any other, whose text is shown as it is.
func (s *Service) PassageHTML(passage Segment) string {
	if passage.Kind != Markdown {
		return ""
	}
	return s.renderer.HTML(passage.Text)
}
