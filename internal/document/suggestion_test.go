package document

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/errs"
)

func member(id int64) account.Actor {
	return account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: id}}
}

func TestASuggestionMakesWhatWasSuggested(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		some := words("ab, 中.", 0, 9)
		passage, suggested := clean(some.Draw(t, "passage")), clean(some.Draw(t, "suggested"))
		if passage == suggested {
			t.Skip("nothing is suggested")
		}
		thread := Thread{Kind: Suggestion, State: ThreadOpen}
		thread.Anchor, thread.Replacement = smallestChange(passage, suggested)
		if got, err := thread.applied(passage, true); err != nil || got != suggested {
			t.Fatalf("%q for %q gives %q: %v", thread.Replacement, thread.Quote, got, err)
		}
		if passage != "" && strings.TrimSpace(thread.Quote) == "" {
			t.Fatalf("%q → %q hangs on nothing: %+v", passage, suggested, thread)
		}
	})
}

func TestASuggestionIsSmall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ passage, suggested, quote, replacement string }{
		{"the two links", "the four links", "two", "four"},
		{"the links", "the four links", "the ", "the four "},
		{"links", "links here", "links", "links here"},
		{"links", "the links", "links", "the links"},
		{"the old links", "the links", "old ", ""},
		{"", "https://www.example.org", "", "https://www.example.org"},
		{"one. two", "", "one. two", ""},
		{"网络安全问题", "网络与安全问题", "络", "络与"},
	} {
		a, replacement := smallestChange(c.passage, c.suggested)
		if a.Quote != c.quote || replacement != c.replacement {
			t.Errorf("%q → %q: %q for %q", c.passage, c.suggested, replacement, a.Quote)
		}
	}
}

func TestASuggestionIsRefusedOnceItsWordsChanged(t *testing.T) {
	t.Parallel()
	thread := Thread{Kind: Suggestion, State: ThreadOpen}
	thread.Anchor, thread.Replacement = smallestChange("send it by post", "send it by mail")
	thread.SegmentKey = "p1"
	beside := thread
	beside.Anchor = edited(thread.Anchor, "send it by post", "please send all of it by post", "")
	if got, err := beside.applied("please send all of it by post", true); err != nil || got != "please send all of it by mail" {
		t.Errorf("after an edit beside: %q, %v", got, err)
	}
	thread.Anchor = edited(thread.Anchor, "send it by post", "send it by fax", "")
	_, err := thread.applied("send it by fax", true)
	if e := errs.Find(err); e == nil || e.Code != errs.Conflict || e.Args["Then"] != "post" || e.Args["Now"] != "fax" || e.Args["Suggested"] != "mail" {
		t.Errorf("after an edit inside: %v", err)
	}
	if _, err := thread.applied("", false); !errs.Is(err, errs.Conflict) {
		t.Errorf("in a passage that is gone: %v", err)
	}
}

func TestAQuoteIsFoundAsItWasMeant(t *testing.T) {
	t.Parallel()
	const text = "Do you see “particular policy options” to help  address the following *cybersecurity* challenges?"
	for quote, want := range map[string]string{
		`"Particular policy options"`:         "particular policy options",
		"to help address the":                 "to help  address the",
		"following cybersecurity challenges?": "following *cybersecurity* challenges?",
		"e":                                   "",
		"":                                    "",
		"something else that does not stand here ever": "",
	} {
		if got := sameWords(text, quote); got != want {
			t.Errorf("%q is %q, want %q", quote, got, want)
		}
	}
	if got := nearest(text, "particular police options to help"); !strings.Contains(got, "policy options") {
		t.Errorf("nearest is %q", got)
	}
	if got := nearest(text, "лишь другие слова"); got != "" {
		t.Errorf("nearest to nothing is %q", got)
	}
}

func TestWhatMayBecomeOfAThread(t *testing.T) {
	t.Parallel()
	editor, author, other := member(1), member(2), member(3)
	said := func(by int64) []Comment { return []Comment{{AuthorID: &by}} }
	moves := map[string]func(*Thread) error{
		"accept":   func(th *Thread) error { return th.Accept(editor, 7, noon) },
		"decline":  func(th *Thread) error { return th.Decline(editor, "no", noon) },
		"answer":   func(th *Thread) error { return th.Answer(editor, noon) },
		"ask":      func(th *Thread) error { return th.Ask() },
		"reply":    func(th *Thread) error { return th.Reply(other) },
		"withdraw": func(th *Thread) error { return th.Withdrawable(author, said(2)) },
	}
	for _, state := range ThreadStates() {
		for name, move := range moves {
			th := Thread{Kind: Suggestion, State: state, WaitsFor: WaitsForEditors, AuthorID: holder(author), Visible: true}
			if err := move(&th); (err == nil) != (state == ThreadOpen) || (err != nil && !errs.Is(err, errs.Conflict)) {
				t.Errorf("%s of a thread that is %s: %v", name, state, err)
			}
		}
	}
	th := Thread{Kind: Remark, State: ThreadOpen, WaitsFor: WaitsForEditors, AuthorID: holder(author), Visible: true}
	for name, err := range map[string]error{
		"a comment accepted":     th.Accept(editor, 7, noon),
		"declined without words": th.Decline(editor, "", noon),
		"a member's hidden":      th.Hide(editor, "why", noon),
		"shown twice":            th.Show(false),
		"another's withdrawn":    th.Withdrawable(other, said(2)),
		"withdrawn after reply":  th.Withdrawable(author, append(said(2), said(1)...)),
	} {
		if err == nil {
			t.Errorf("%s", name)
		}
	}
	if err := th.Ask(); err != nil || th.WaitsFor != WaitsForAuthor {
		t.Errorf("asked: %v, waits for %s", err, th.WaitsFor)
	}
	if err := th.Reply(other); err != nil || th.WaitsFor != WaitsForAuthor {
		t.Errorf("somebody else replied: %v, waits for %s", err, th.WaitsFor)
	}
	if err := th.Reply(author); err != nil || th.WaitsFor != WaitsForEditors {
		t.Errorf("the author replied: %v, waits for %s", err, th.WaitsFor)
	}
	public := Thread{Kind: Remark, State: ThreadOpen, PublicName: "Huda"}
	if err := public.Ask(); err != nil || public.WaitsFor != WaitsForAuthor {
		t.Errorf("asked somebody without an account: %v", err)
	}
	if err := public.Hide(editor, "", noon); !errs.Is(err, errs.Invalid) {
		t.Errorf("hidden without a reason: %v", err)
	}
	if err := public.Hide(editor, "spam", noon); err != nil || public.State != ThreadDeclined || public.Visible {
		t.Errorf("hidden: %v, %+v", err, public)
	}
}
