package document

import (
	"context"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// PublicAuthor is somebody who comments without an account. The address is for telling them the outcome: it is shown to
// nobody, and forgotten once the thread is decided or the cycle is closed.
type PublicAuthor struct {
	Name     string
	Email    string // "" for none
	Language string // BCP 47, in which they are written to
}

// CommentNotice tells somebody without an account how their comment stands.
type CommentNotice struct {
	Email    string
	Language string
	Title    string // of the document, in its source language
	News     string // received, replied, asked, accepted, declined or answered
	Token    string // of the page at which they read it
}

// CommentPublicly begins a thread for somebody without an account, who gives a name. It is seen by editors only,
// until one of them lets everybody see it. A document that is not open to the public is errs.NotFound.
func (s *Service) CommentPublicly(ctx context.Context, by account.Actor, documentID int64, author PublicAuthor, in CommentInput) (Thread, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Thread{}, err
	}
	t := Thread{AuthorID: holder(by), Visible: true}
	var wrong []errs.Field
	if !by.SignedIn() {
		t, wrong = s.publicThread(author)
	}
	var told Notice
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		d, r, err := lockCurrent(tx, documentID)
		if err != nil {
			return err
		}
		if d.Commenting != CommentingPublic {
			return errs.E(errs.NotFound, "error.not_found")
		}
		if err := s.begin(tx, by, d, r, &t, in, wrong...); err != nil {
			return err
		}
		told, err = s.tell(tx.Context(), tx, deciding{document: d, revision: r, thread: t}, "received")
		return err
	})
	if err == nil && told != nil {
		told.Wake(ctx)
	}
	return t, errs.Wrap("document.comment_publicly", err)
}

// publicThread is a thread of somebody without an account, with what is wrong with what they say of themselves.
func (s *Service) publicThread(author PublicAuthor) (Thread, []errs.Field) {
	t := Thread{PublicName: visible(author.Name)}
	var wrong []errs.Field
	switch {
	case t.PublicName == "":
		wrong = append(wrong, errs.FieldError("name", "field.required"))
	case utf8.RuneCountInString(t.PublicName) > maxName:
		wrong = append(wrong, errs.FieldError("name", "field.too_long", "Max", maxName))
	case claimsMark(t.PublicName):
		wrong = append(wrong, errs.FieldError("name", "comment.public.name.mark"))
	case mixesScripts(t.PublicName):
		wrong = append(wrong, errs.FieldError("name", "comment.public.name.mixed"))
	}
	if author.Email == "" || s.Normalize == nil {
		return t, wrong
	}
	email, err := s.Normalize(author.Email)
	if e := errs.Find(err); e != nil {
		wrong = append(wrong, errs.Field{Name: "email", Key: e.Key, Args: e.Args})
	}
	t.PublicEmail, t.PublicLanguage = email, author.Language
	return t, wrong
}

// FollowToken is the secret of the page at which somebody without an account follows their thread.
func (s *Service) FollowToken(t Thread, cycleID int64) string {
	return s.Links.Token(link.Comment, link.Target{CycleID: cycleID, ContactID: t.ID})
}

// followed is the thread of a token.
func (s *Service) followed(token string) (int64, error) {
	if s.Links == nil {
		return 0, errs.E(errs.NotFound, "error.not_found")
	}
	target, err := s.Links.Parse(link.Comment, token)
	return target.ContactID, err
}

// Followed is the thread of whoever has this token, with all that was said in it, whether others see it or not.
func (s *Service) Followed(ctx context.Context, by account.Actor, token string) (Talk, ThreadView, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Talk{}, ThreadView{}, err
	}
	id, err := s.followed(token)
	if err != nil {
		return Talk{}, ThreadView{}, err
	}
	tx := s.DB.Read(ctx)
	t, err := orNotFound(threadByID(tx, id))
	if err == nil && t.AuthorID != nil {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	if err != nil {
		return Talk{}, ThreadView{}, errs.Wrap("document.followed", err)
	}
	talk, err := s.wholeOf(tx, t.DocumentID)
	if err != nil {
		return talk, ThreadView{}, errs.Wrap("document.followed", err)
	}
	views, err := viewsOf(tx, talk.Segments, []Thread{t})
	if err != nil {
		return talk, ThreadView{}, errs.Wrap("document.followed", err)
	}
	talk.Threads = views
	if err := forPublic(tx, &talk); err != nil {
		return talk, ThreadView{}, errs.Wrap("document.followed", err)
	}
	if len(talk.Threads) == 0 {
		return talk, views[0].withoutWords(), nil
	}
	return talk, views[0], nil
}

// ReplyPublicly goes on with the thread of whoever has this token. What they say is seen by editors only, until one of
// them lets everybody see it.
func (s *Service) ReplyPublicly(ctx context.Context, by account.Actor, token, body string) (Thread, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Thread{}, err
	}
	id, err := s.followed(token)
	if err != nil {
		return Thread{}, err
	}
	var t Thread
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := lockThread(tx, id)
		if err != nil {
			return err
		}
		if c.thread.AuthorID != nil {
			return errs.E(errs.NotFound, "error.not_found")
		}
		if err := c.thread.TakesPublicReply(c.document, c.revision); err != nil {
			return err
		}
		c.thread.WaitsFor = WaitsForEditors
		said := Comment{ThreadID: id, PublicName: c.thread.PublicName, Body: body, CreatedAt: s.Now()}
		if err := s.put(tx, account.Nobody(by.RequestID), &c, "comment.replied", said); err != nil {
			return err
		}
		t = c.thread
		return saveThread(tx, &t)
	})
	return t, errs.Wrap("document.reply_publicly", err)
}

// TakesPublicReply is nil where the author, who has no account, may go on with the thread.
func (t *Thread) TakesPublicReply(d Document, r Revision) error {
	switch {
	case t.State != ThreadOpen:
		return t.illegal()
	case r.Editable() != nil:
		return errs.E(errs.Conflict, "comment.frozen")
	case d.Commenting != CommentingPublic && t.WaitsFor != WaitsForAuthor:
		return errs.E(errs.Conflict, "comment.closed")
	}
	return nil
}

// tell writes to an author without an account, who left an address, what is new in the thread; nil where nobody is
// written to. It is stored with the transaction, and handed over after that.
func (s *Service) tell(ctx context.Context, tx *db.Tx, c deciding, news string) (Notice, error) {
	if news == "" || c.thread.PublicEmail == "" || s.Notices == nil {
		return nil, nil
	}
	segments, err := segmentsOf(tx, c.revision.ID)
	if err != nil {
		return nil, err
	}
	told, err := s.Notices.PrepareCommentNews(ctx, CommentNotice{
		Email: c.thread.PublicEmail, Language: c.thread.PublicLanguage, Title: titleOf(segments), News: news,
		Token: s.FollowToken(c.thread, c.document.CycleID),
	})
	if err != nil {
		return nil, err
	}
	return told, told.Store(tx)
}

// newsOf is what somebody else's turn in a thread is to its author.
func newsOf(before, after Thread, replied bool) string {
	switch {
	case before.State != after.State:
		return string(after.State)
	case after.WaitsFor == WaitsForAuthor && replied:
		return "asked"
	case replied:
		return "replied"
	}
	return ""
}

// ForgetAddresses forgets the addresses of those who commented without an account, in cycles that are closed.
func (s *Service) ForgetAddresses(ctx context.Context) error {
	if s.Closed == nil {
		return nil
	}
	cycles, err := s.Closed(ctx)
	if err == nil && len(cycles) > 0 {
		err = s.DB.Write(ctx, func(tx *db.Tx) error { return forgetAddresses(tx, cycles) })
	}
	return errs.Wrap("document.forget_addresses", err)
}
