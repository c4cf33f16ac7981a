package letter

import "github.com/convoke/convoke/internal/i18n"

// CommentNews tells somebody without an account how their comment on a draft stands. It repeats nothing of what was
// said: nobody has proved that the address is theirs.
type CommentNews struct {
	Person
	Title string // of the draft
	News  string // received, replied, asked, accepted, declined or answered
	Link  string // to the thread; it is a secret
}

// Kind is KindCommentNews.
func (CommentNews) Kind() string { return KindCommentNews }

func (m CommentNews) write(l *i18n.Localizer) content {
	return content{
		Subject:    l.T("letter.comment_news.subject", "Title", m.Title),
		Greeting:   greet(l, ""),
		Paragraphs: []paragraph{say(l, "letter.comment_news."+m.News, "Title", m.Title)},
		Action:     action{Label: l.T("letter.comment_news.button"), URL: m.Link},
		After:      []paragraph{say(l, "letter.comment_news.secret"), say(l, "letter.comment_news.not_you")},
		Signature:  say(l, "letter.signature"),
	}
}
