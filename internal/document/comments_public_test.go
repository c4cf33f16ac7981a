package document_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
)

// opened is a text on which the public may comment, with somebody who comments on it.
func (h *house) opened() (document.Document, *notices, func(author document.PublicAuthor, body string) (document.Thread, string)) {
	h.t.Helper()
	told := &notices{}
	h.Notices, h.Links, h.Normalize = told, link.NewSigner([]byte("s")), mail.Normalize
	doc := h.message()
	h.must(h.SetCommenting(h.ctx, h.officer, doc.ID, document.CommentingPublic))
	return doc, told, func(author document.PublicAuthor, body string) (document.Thread, string) {
		h.t.Helper()
		th, err := h.CommentPublicly(h.ctx, account.Nobody(""), doc.ID, author, document.CommentInput{SegmentKey: "p3", Body: body})
		h.must(err)
		return th, h.FollowToken(th, h.cycleID)
	}
}

// Whoever comments without an account follows what becomes of it, answers when asked, and hears of the outcome.
func TestThePublicFollowsWhatBecomesOfAComment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, told, say := h.opened()
		nobody := account.Nobody("")
		th, token := say(document.PublicAuthor{Name: "Huda", Email: "Huda@EXAMPLE.org", Language: "ar"}, "Warmly said.")
		_, view, err := h.Followed(h.ctx, nobody, token)
		h.must(err)
		if view.ID != th.ID || len(view.Said) != 1 || view.Visible {
			t.Errorf("followed %+v", view)
		}
		_, err = h.AskBack(h.ctx, h.lead, th.ID, "Which word?")
		h.must(err)
		h.must(h.SetCommenting(h.ctx, h.officer, doc.ID, document.CommentingMembers))
		_, err = h.ReplyPublicly(h.ctx, nobody, token, "The last.")
		h.must(err)
		if _, err := h.ReplyPublicly(h.ctx, nobody, token, "One more."); !errs.Is(err, errs.Conflict) {
			t.Errorf("a reply that nobody asked for, where comments are closed to the public: %v", err)
		}
		if v := h.view(th.ID); !v.Waits() || len(v.Said) != 3 || v.Said[2].Author != "Huda" || !v.Unseen() {
			t.Errorf("after the reply %+v", v)
		}
		_, err = h.ShowThread(h.ctx, h.lead, th.ID)
		h.must(err)
		_, err = h.DeclineThread(h.ctx, h.lead, th.ID, "It is short on purpose.")
		h.must(err)
		_, view, err = h.Followed(h.ctx, nobody, token)
		h.must(err)
		if view.Reason != "It is short on purpose." || view.Decider != "maarten" || view.Unseen() {
			t.Errorf("the outcome %+v", view)
		}
		if want := []string{"huda@example.org ar received", "huda@example.org ar asked", "huda@example.org ar declined"}; !slices.Equal(told.woken, want) {
			t.Errorf("told %q, want %q", told.woken, want)
		}
		if view.PublicEmail != "" || view.PublicLanguage != "" {
			t.Errorf("the address is kept: %q", view.PublicEmail)
		}
		if _, err := h.ReplyPublicly(h.ctx, nobody, token, "But"); !errs.Is(err, errs.Conflict) {
			t.Errorf("a reply to what is decided: %v", err)
		}
		members := h.comment(h.volunteer, doc.ID, document.CommentInput{Body: "Mine."})
		for name, wrong := range map[string]string{
			"forged": strings.Repeat("a", len(token)), "of another use": h.Links.Token(link.Suggestion, link.Target{CycleID: h.cycleID, ContactID: th.ID}),
			"of a member's": h.FollowToken(members, h.cycleID), "none": "",
		} {
			if _, _, err := h.Followed(h.ctx, nobody, wrong); !errs.Is(err, errs.NotFound) {
				t.Errorf("a token that is %s: %v", name, err)
			}
			if _, err := h.ReplyPublicly(h.ctx, nobody, wrong, "x"); !errs.Is(err, errs.NotFound) {
				t.Errorf("a reply with a token that is %s: %v", name, err)
			}
		}
	})
}

// A credit says whether it is a member's: a name alone could be anybody's.
func TestTheCreditOfThePublicIsMarked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _, _ := h.opened()
		accept := func(th document.Thread, err error) {
			t.Helper()
			h.must(err)
			_, err = h.AcceptThread(h.ctx, h.lead, th.ID)
			h.must(err)
		}
		accept(h.CommentPublicly(h.ctx, account.Nobody(""), doc.ID, document.PublicAuthor{Name: "richard"},
			document.CommentInput{SegmentKey: "p3", Suggests: true, Suggestion: "Many thanks."}))
		accept(h.Comment(h.ctx, h.volunteer, doc.ID, document.CommentInput{SegmentKey: "p3", Suggests: true, Suggestion: "Our thanks."}))
		past, err := h.History(h.ctx, h.officer, doc.ID)
		h.must(err)
		member, public := past.Revisions[0], past.Revisions[1]
		if member.Credit != public.Credit || member.CreditPublic || !public.CreditPublic || member.CreditKey() == public.CreditKey() {
			t.Errorf("%+v and %+v", member, public)
		}
	})
}

// What the public says later waits like what it said first, and is not seen by members either.
func TestThePublicsRepliesWaitToo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _, say := h.opened()
		th, token := say(document.PublicAuthor{Name: "Huda"}, "Warmly said.")
		_, err := h.ShowThread(h.ctx, h.lead, th.ID)
		h.must(err)
		_, err = h.ReplyPublicly(h.ctx, account.Nobody(""), token, "Buy this.")
		h.must(err)
		said := func(by account.Actor) int {
			t.Helper()
			talk, err := h.Talk(h.ctx, by, doc.ID, document.TalkPart{})
			h.must(err)
			return len(talk.Threads[0].Said)
		}
		if said(h.volunteer) != 1 || said(h.lead) != 2 {
			t.Errorf("seen %d and %d", said(h.volunteer), said(h.lead))
		}
		_, err = h.AnswerThread(h.ctx, h.lead, th.ID, "Thank you.")
		h.must(err)
		if said(h.volunteer) != 3 {
			t.Errorf("after the answer %d", said(h.volunteer))
		}
	})
}

func TestWhatThePublicSaysOfItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc, told, say := h.opened()
	for name, c := range map[string]struct {
		author document.PublicAuthor
		fields []string
	}{
		"an address that is none":     {document.PublicAuthor{Name: "Huda", Email: "huda at example"}, []string{"email"}},
		"a name in two alphabets":     {document.PublicAuthor{Name: "Мaarten"}, []string{"name"}},
		"nothing that could be right": {document.PublicAuthor{Email: "x"}, []string{"name", "email", "body"}},
	} {
		in := document.CommentInput{SegmentKey: "p3", Body: "x"}
		if len(c.fields) > 2 {
			in.Body = ""
		}
		if _, err := h.CommentPublicly(h.ctx, account.Nobody(""), doc.ID, c.author, in); !slices.Equal(wrongFields(err), c.fields) {
			t.Errorf("%s: %v", name, err)
		}
	}
	th, _ := say(document.PublicAuthor{Name: "Huda", Email: "huda@example.org", Language: "en"}, "Said.")
	h.must(h.ForgetAddresses(h.ctx))
	h.Closed = func(context.Context) ([]int64, error) { return nil, nil }
	h.must(h.ForgetAddresses(h.ctx))
	if v := h.view(th.ID); v.PublicEmail == "" {
		t.Error("forgotten while the cycle is open")
	}
	h.Closed = func(context.Context) ([]int64, error) { return []int64{h.cycleID}, nil }
	h.must(h.ForgetAddresses(h.ctx))
	if v := h.view(th.ID); v.PublicEmail != "" {
		t.Error("kept after the cycle was closed")
	}
	if len(told.woken) != 1 {
		t.Errorf("told %q", told.woken)
	}
}
