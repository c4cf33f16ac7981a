package document_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

func (h *house) comment(by account.Actor, documentID int64, in document.CommentInput) document.Thread {
	h.t.Helper()
	t, err := h.Comment(h.ctx, by, documentID, in)
	h.must(err)
	return t
}

func (h *house) view(threadID int64) document.ThreadView {
	h.t.Helper()
	_, v, err := h.ThreadByID(h.ctx, h.lead, threadID)
	h.must(err)
	return v
}

func (h *house) edit(documentID int64, segments map[string]string) {
	h.t.Helper()
	r, err := h.CurrentRevision(h.ctx, documentID)
	h.must(err)
	_, err = h.Edit(h.ctx, h.officer, documentID, r.Number, document.Changes{Segments: segments})
	h.must(err)
}

func (h *house) questionnaire() document.Document {
	h.t.Helper()
	ref, err := geo.Load()
	h.must(err)
	def, err := document.ParseQuestionnaire(ref.Questionnaire())
	h.must(err)
	d, err := h.Create(h.ctx, h.officer, h.cycleID, document.Survey, "questionnaire", "en", def)
	h.must(err)
	return d
}

func wrongFields(err error) []string {
	var names []string
	for _, f := range errs.FieldsOf(err) {
		names = append(names, f.Name)
	}
	return names
}

func TestASuggestionIsAcceptedAndCredited(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _ := h.approved()
		suggested := h.comment(h.volunteer, doc.ID, document.CommentInput{
			SegmentKey: "p2", Suggests: true, Body: "It sounds friendlier.",
			Suggestion: "would you read https://www.example.org/call and answer: {{personal_link}}",
		})
		if suggested.Quote != "please" || suggested.Replacement != "would you" {
			t.Fatalf("%q for %q", suggested.Replacement, suggested.Quote)
		}
		if _, err := h.AcceptThread(h.ctx, h.volunteer, suggested.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer accepts: %v", err)
		}
		h.edit(doc.ID, map[string]string{"p2": "please read https://www.example.org/call soon and answer: {{personal_link}}", "p1": "Hello {{contact}},"})
		accepted, err := h.AcceptThread(h.ctx, h.lead, suggested.ID)
		h.must(err)
		detail, err := h.Get(h.ctx, h.officer, doc.ID)
		h.must(err)
		if detail.Segments[2].Text != "would you read https://www.example.org/call soon and answer: {{personal_link}}" {
			t.Errorf("reads %q", detail.Segments[2].Text)
		}
		r := detail.Revision
		if r.Number != 3 || r.Credit != "richard" || *r.AuthorID != h.lead.ID || accepted.State != document.ThreadAccepted || *accepted.DecidedRevisionID != r.ID {
			t.Errorf("revision %+v of %+v", r, accepted)
		}
		if s := h.status(doc.ID, "es"); s.State != document.Stale || s.Stale != 2 {
			t.Errorf("Spanish is %+v", s)
		}
		if got := h.actions("comment"); !slices.Equal(got, []string{"comment.started", "comment.accepted"}) {
			t.Errorf("trail %q", got)
		}
	})
}

func TestWhatBecomesOfComments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.questionnaire()
		other := h.comment(h.volunteer, doc.ID, document.CommentInput{SegmentKey: "q3.text", Body: "Could there be an “other” option?"})
		wording := h.comment(h.translator, doc.ID, document.CommentInput{SegmentKey: "q1.text", Quote: "good cybersecurity", Body: "What is good?"})
		whole := h.comment(h.reviewer, doc.ID, document.CommentInput{Body: "Add the meeting summaries to the reading."})
		withdrawn := h.comment(h.reviewer, doc.ID, document.CommentInput{Body: "A slip."})
		_, err := h.WithdrawThread(h.ctx, h.reviewer, withdrawn.ID)
		h.must(err)

		_, err = h.AskBack(h.ctx, h.lead, wording.ID, "Which word would you take?")
		h.must(err)
		if v := h.view(wording.ID); v.Waits() || v.WaitsFor != document.WaitsForAuthor {
			t.Errorf("waits for %q", v.WaitsFor)
		}
		news, err := h.CommentNews(h.ctx, h.translator, h.cycleID)
		h.must(err)
		if len(news.Mine) != 1 || news.Mine[0].ID != wording.ID || news.Mine[0].Title == "" || news.Waiting != 0 {
			t.Errorf("news of the author %+v", news)
		}
		if news, err = h.CommentNews(h.ctx, h.lead, h.cycleID); err != nil || news.Waiting != 2 {
			t.Errorf("news of an editor %+v: %v", news, err)
		}
		_, err = h.Reply(h.ctx, h.translator, wording.ID, "Sound.")
		h.must(err)
		if v := h.view(wording.ID); !v.Waits() || len(v.Said) != 3 || v.Said[1].Author != "maarten" || !v.Said[1].Asks {
			t.Errorf("after the reply %+v", v)
		}
		if _, err := h.WithdrawThread(h.ctx, h.translator, wording.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("withdrawn after an answer: %v", err)
		}
		_, err = h.DeclineThread(h.ctx, h.lead, wording.ID, "It is the word of the Agenda.")
		h.must(err)
		_, err = h.AnswerThread(h.ctx, h.officer, other.ID, "There is one in each list now.")
		h.must(err)
		if v := h.view(other.ID); v.State != document.ThreadAnswered || v.Decider != "eleonora" || v.Said[1].Body != "There is one in each list now." {
			t.Errorf("answered %+v", v)
		}
		for name, err := range map[string]error{
			"declined": second(h.DeclineThread(h.ctx, h.officer, wording.ID, "No.")), "replied": second(h.Reply(h.ctx, h.volunteer, other.ID, "But")),
			"accepted": second(h.AcceptThread(h.ctx, h.officer, whole.ID)), "asked": second(h.AskBack(h.ctx, h.officer, other.ID, "?")),
		} {
			if !errs.Is(err, errs.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		talk, err := h.Talk(h.ctx, h.volunteer, doc.ID, document.TalkPart{})
		h.must(err)
		var order []int64
		for _, v := range talk.Threads {
			order = append(order, v.ID)
		}
		if !slices.Equal(order, []int64{whole.ID, wording.ID, other.ID}) {
			t.Errorf("threads %v", order)
		}
		want := []string{"started", "started", "started", "started", "withdrawn", "asked", "replied", "declined", "answered"}
		for i, a := range h.actions("comment") {
			if a != "comment."+want[i] {
				t.Errorf("trail has %s, want %s", a, want[i])
			}
		}
	})
}

// Of many who decide one thread at once, one does, and the others are told who. Nobody waits for a second
// connection while holding the document.
func TestManyDecideOneThread(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		th := h.comment(h.volunteer, doc.ID, document.CommentInput{SegmentKey: "p3", Suggests: true, Suggestion: "Many thanks."})
		var all sync.WaitGroup
		results := make([]error, 12)
		for i := range results {
			all.Go(func() {
				switch i % 3 {
				case 0:
					_, results[i] = h.AcceptThread(h.ctx, h.lead, th.ID)
				case 1:
					_, results[i] = h.DeclineThread(h.ctx, h.lead, th.ID, "No.")
				case 2:
					_, results[i] = h.AnswerThread(h.ctx, h.lead, th.ID, "Yes.")
				}
			})
		}
		all.Wait()
		won := 0
		for _, err := range results {
			e := errs.Find(err)
			switch {
			case err == nil:
				won++
			case e == nil || e.Code != errs.Conflict || e.Args["Name"] != "maarten":
				t.Errorf("refused with %v", err)
			}
		}
		v := h.view(th.ID)
		r, err := h.CurrentRevision(h.ctx, doc.ID)
		h.must(err)
		if made := r.Number == 2; won != 1 || made != (v.State == document.ThreadAccepted) || len(h.actions("comment")) != 2 {
			t.Errorf("%d decided it: %s, at revision %d, trail %q", won, v.State, r.Number, h.actions("comment"))
		}
	})
}

func TestCommentsThatAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		long := strings.Repeat("ab ", 5<<20/3)
		for name, c := range map[string]struct {
			in    document.CommentInput
			field string
		}{
			"empty":                      {document.CommentInput{SegmentKey: "p1", Body: " \r\n\x00"}, "body"},
			"an unknown passage":         {document.CommentInput{SegmentKey: "p77", Body: "x"}, "passage"},
			"a suggestion about all":     {document.CommentInput{Suggests: true, Suggestion: "x"}, "passage"},
			"the same words":             {document.CommentInput{SegmentKey: "p3", Suggests: true, Suggestion: " Thank you.\r\n"}, "suggestion"},
			"words that are not there":   {document.CommentInput{SegmentKey: "p3", Quote: "Разное", Body: "x"}, "quote"},
			"words that are nearly":      {document.CommentInput{SegmentKey: "p2", Quote: "please reed https://www.example.org/call", Body: "x"}, "quote"},
			"words that stand twice":     {document.CommentInput{SegmentKey: "p2", Quote: "a", Body: "x"}, "quote"},
			"five megabytes":             {document.CommentInput{SegmentKey: "p1", Body: long}, "body"},
			"five megabytes as a quote":  {document.CommentInput{SegmentKey: "p1", Quote: long, Body: "x"}, "quote"},
			"five megabytes of an edit":  {document.CommentInput{SegmentKey: "p1", Suggests: true, Suggestion: long}, "suggestion"},
			"five megabytes of a reason": {document.CommentInput{SegmentKey: "p1", Suggests: true, Suggestion: "x", Body: long}, "body"},
		} {
			_, err := h.Comment(h.ctx, h.volunteer, doc.ID, c.in)
			if got := wrongFields(err); !errs.Is(err, errs.Invalid) || !slices.Equal(got, []string{c.field}) {
				t.Errorf("%s: %v at %q", name, err, got)
			}
		}
		if _, err := h.Comment(h.ctx, account.Nobody(""), doc.ID, document.CommentInput{Body: "x"}); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("somebody without an account: %v", err)
		}
		if _, err := h.CommentPublicly(h.ctx, account.Nobody(""), doc.ID, document.PublicAuthor{Name: "Huda"}, document.CommentInput{Body: "x"}); !errs.Is(err, errs.NotFound) {
			t.Errorf("the public, uninvited: %v", err)
		}
		if err := h.SetCommenting(h.ctx, h.lead, doc.ID, document.CommentingPublic); !errs.Is(err, errs.Forbidden) {
			t.Errorf("opened by a lead: %v", err)
		}
		if err := h.SetCommenting(h.ctx, h.officer, doc.ID, "all"); !errs.Is(err, errs.Invalid) {
			t.Errorf("opened to nobody known: %v", err)
		}
		th := h.comment(h.volunteer, doc.ID, document.CommentInput{SegmentKey: "p3", Suggests: true, Suggestion: "Thanks."})
		h.must(h.SetCommenting(h.ctx, h.officer, doc.ID, document.CommentingClosed))
		for name, err := range map[string]error{
			"a comment where they are closed": second(h.Comment(h.ctx, h.volunteer, doc.ID, document.CommentInput{Body: "x"})),
			"a reply where they are closed":   second(h.Reply(h.ctx, h.volunteer, th.ID, "x")),
		} {
			if !errs.Is(err, errs.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.must(h.SetCommenting(h.ctx, h.officer, doc.ID, document.CommentingMembers))
		h.freezeAnyway(doc)
		for name, err := range map[string]error{
			"a comment on a frozen text":     second(h.Comment(h.ctx, h.volunteer, doc.ID, document.CommentInput{Body: "x"})),
			"a reply about a frozen text":    second(h.Reply(h.ctx, h.volunteer, th.ID, "x")),
			"an edit accepted into a frozen": second(h.AcceptThread(h.ctx, h.lead, th.ID)),
		} {
			if !errs.Is(err, errs.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.DeclineThread(h.ctx, h.lead, th.ID, "Too late for this one."); err != nil {
			t.Errorf("declined after freezing: %v", err)
		}
	})
}

// freezeAnyway freezes a text on which a comment is open.
func (h *house) freezeAnyway(d document.Document) {
	h.t.Helper()
	_, err := h.FreezeDespite(h.ctx, h.officer, d.ID, "It goes out today.")
	h.must(err)
}

func TestThePublicComments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		h.must(h.SetCommenting(h.ctx, h.officer, doc.ID, document.CommentingPublic))
		nobody := account.Nobody("")
		for name, wrong := range map[string]string{"no name": " ", "a name that cannot be seen": "\u202e\u200b", "a long name": strings.Repeat("x", 500)} {
			if _, err := h.CommentPublicly(h.ctx, nobody, doc.ID, document.PublicAuthor{Name: wrong}, document.CommentInput{Body: "x"}); !slices.Equal(wrongFields(err), []string{"name"}) {
				t.Errorf("%s: %v", name, err)
			}
		}
		say := func(body string) document.Thread {
			th, err := h.CommentPublicly(h.ctx, nobody, doc.ID, document.PublicAuthor{Name: "\u202eHuda  Al-Masri"}, document.CommentInput{SegmentKey: "p3", Body: body})
			h.must(err)
			return th
		}
		good, spam := say("Warmly said."), say("Buy this.")
		seen := func(by account.Actor) []string {
			t.Helper()
			talk, err := h.PublicTalk(h.ctx, by, h.cycleID, doc.Slug, document.TalkPart{})
			h.must(err)
			var said []string
			for _, v := range talk.Threads {
				said = append(said, v.Author+": "+v.Said[0].Body)
			}
			return said
		}
		if got := seen(nobody); got != nil {
			t.Errorf("seen before anybody read it: %q", got)
		}
		if _, _, err := h.ThreadByID(h.ctx, h.volunteer, good.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a member sees what no editor let be seen: %v", err)
		}
		if _, err := h.Reply(h.ctx, h.volunteer, good.ID, "x"); !errs.Is(err, errs.NotFound) {
			t.Errorf("a member replies to what they do not see: %v", err)
		}
		_, err := h.ShowThread(h.ctx, h.lead, good.ID)
		h.must(err)
		if _, err := h.HideThread(h.ctx, h.lead, spam.ID, " "); !errs.Is(err, errs.Invalid) {
			t.Errorf("hidden without a reason: %v", err)
		}
		_, err = h.HideThread(h.ctx, h.lead, spam.ID, "An advertisement.")
		h.must(err)
		if got := seen(h.volunteer); !slices.Equal(got, []string{"Huda Al-Masri: Warmly said."}) {
			t.Errorf("the public sees %q", got)
		}
		if v := h.view(spam.ID); v.State != document.ThreadDeclined || v.Reason != "An advertisement." {
			t.Errorf("hidden: %+v", v)
		}
		h.must(h.SetCommenting(h.ctx, h.officer, doc.ID, document.CommentingMembers))
		if _, err := h.PublicTalk(h.ctx, nobody, h.cycleID, doc.Slug, document.TalkPart{}); !errs.Is(err, errs.NotFound) {
			t.Errorf("the page of a draft that is not public: %v", err)
		}
	})
}

// What somebody says of a wording that was edited while they wrote is about the wording that they read.
func TestACommentOnAnEarlierRevision(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		h.edit(doc.ID, map[string]string{"p2": "kindly read https://www.example.org/call and answer: {{personal_link}}"})
		beside := h.comment(h.volunteer, doc.ID, document.CommentInput{Base: 1, SegmentKey: "p2", Quote: "and answer", Body: "By when?"})
		inside := h.comment(h.volunteer, doc.ID, document.CommentInput{Base: 1, SegmentKey: "p2", Quote: "please", Body: "Kindly?"})
		if b, i := h.view(beside.ID), h.view(inside.ID); b.Touched || b.Now != "and answer" || !i.Touched || i.Now != "kindly" || i.Quote != "please" {
			t.Errorf("%+v over %q, %+v over %q", b.Anchor, b.Now, i.Anchor, i.Now)
		}
		suggest := func(text string) (document.Thread, error) {
			return h.Comment(h.ctx, h.volunteer, doc.ID, document.CommentInput{Base: 1, SegmentKey: "p2", Suggests: true, Suggestion: text})
		}
		if _, err := suggest("do read https://www.example.org/call and answer: {{personal_link}}"); !errs.Is(err, errs.Conflict) {
			t.Errorf("a suggestion on words that are gone: %v", err)
		}
		th, err := suggest("please read https://www.example.org/call and reply: {{personal_link}}")
		h.must(err)
		_, err = h.AcceptThread(h.ctx, h.lead, th.ID)
		h.must(err)
		if v := h.view(th.ID); v.Passage != "kindly read https://www.example.org/call and reply: {{personal_link}}" {
			t.Errorf("reads %q", v.Passage)
		}
	})
}

func TestThreadsFollowTheirPassages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		th := h.comment(h.volunteer, doc.ID, document.CommentInput{SegmentKey: "p2", Quote: "and answer", Body: "By when?"})
		closed := h.comment(h.volunteer, doc.ID, document.CommentInput{SegmentKey: "p2", Quote: "please", Body: "Kindly."})
		_, err := h.AnswerThread(h.ctx, h.lead, closed.ID, "Good.")
		h.must(err)
		whole := func(text string) {
			t.Helper()
			r, err := h.CurrentRevision(h.ctx, doc.ID)
			h.must(err)
			_, err = h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Content: document.Message{Subject: "Call for contributions", Body: text}})
			h.must(err)
		}
		state := func(want string) {
			t.Helper()
			v := h.view(th.ID)
			got := v.Now
			switch {
			case v.Gone:
				got = "gone"
			case v.Touched:
				got = "touched " + got
			}
			if got != want || v.Quote != "and answer" {
				t.Errorf("%q about %q, want %q", got, v.Quote, want)
			}
		}
		state("and answer")
		whole("Hello.\n\nDear {{contact}},\n\nkindly please read https://www.example.org/call and answer soon: {{personal_link}}\n\nThank you.")
		state("and answer")
		whole("Dear {{contact}},\n\nkindly read https://www.example.org/call or answer: {{personal_link}}\n\nThank you.")
		state("touched or answer")
		whole(body)
		state("and answer")
		whole("Dear {{contact}},\n\nThank you.")
		state("gone")
		whole(body)
		state("and answer")
		if v := h.view(closed.ID); v.State != document.ThreadAnswered || v.Quote != "please" {
			t.Errorf("the answered thread is %+v", v)
		}
	})
}

// What nobody could accept is refused where it was suggested, and what became so since says why.
func TestSuggestionsThatNobodyCouldAccept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		message, questions := h.message(), h.questionnaire()
		for name, c := range map[string]struct {
			document  int64
			key, text string
		}{
			"no subject":          {message.ID, "subject", " "},
			"two lines of one":    {message.ID, "subject", "Call {{personal_link}}"},
			"half a field":        {message.ID, "p1", "Dear {{contact,"},
			"an unknown field":    {message.ID, "p1", "Dear {{contakt}},"},
			"a bad link":          {message.ID, "p2", "please read [it](javascript:alert(1))"},
			"a script":            {message.ID, "p3", "Thank you. <script>alert(1)</script>"},
			"an event handler":    {message.ID, "p3", "Thank <b onclick=\"x()\">you</b>."},
			"no title":            {questions.ID, "title", ""},
			"no question":         {questions.ID, "q1.text", ""},
			"an address of words": {questions.ID, "reading.1.url", "see the website"},
		} {
			_, err := h.Comment(h.ctx, h.volunteer, c.document, document.CommentInput{SegmentKey: c.key, Suggests: true, Suggestion: c.text})
			if got := wrongFields(err); !errs.Is(err, errs.Invalid) || len(got) == 0 || got[0] != "suggestion" {
				t.Errorf("%s: %v at %q", name, err, got)
			}
		}
		for key, text := range map[string]string{"reading.3.url": "https://www.example.org/cenb", "title": "Call and questionnaire, to be confirmed"} {
			if _, err := h.Comment(h.ctx, h.volunteer, questions.ID, document.CommentInput{SegmentKey: key, Suggests: true, Suggestion: text}); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
		all := h.comment(h.volunteer, message.ID, document.CommentInput{SegmentKey: "p3", Suggests: true, Suggestion: ""})
		if v := h.view(all.ID); v.Bar != nil {
			t.Errorf("taking out a passage: %v", v.Bar)
		}
		r, err := h.CurrentRevision(h.ctx, message.ID)
		h.must(err)
		_, err = h.Edit(h.ctx, h.officer, message.ID, r.Number, document.Changes{Content: document.Message{Subject: "Call for contributions", Body: "Thank you."}})
		h.must(err)
		if v := h.view(all.ID); errs.Find(v.Bar) == nil || errs.Find(v.Bar).Key != "comment.suggestion.impossible" || v.Changes != nil {
			t.Errorf("taking out the last passage: %v", v.Bar)
		}
		if _, err := h.AcceptThread(h.ctx, h.lead, all.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("accepted all the same: %v", err)
		}
	})
}

// The same words may stand in a passage twice: the ones that were chosen are meant, through every edit.
func TestWordsThatStandTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		h.edit(doc.ID, map[string]string{"p1": "the call, the draft and the list", "p3": "Thank you."})
		near := 11
		th := h.comment(h.volunteer, doc.ID, document.CommentInput{SegmentKey: "p1", Quote: "the", Near: &near, Body: "Which?"})
		whole := h.comment(h.volunteer, doc.ID, document.CommentInput{SegmentKey: "p3", Body: "Warmer."})
		place := func(key string, start int) {
			t.Helper()
			if v := h.view(th.ID); v.SegmentKey != key || v.Start != start || v.Touched || v.Now != "the" {
				t.Errorf("%+v over %q, want %s at %d", v.Anchor, v.Now, key, start)
			}
		}
		put := func(body string) {
			t.Helper()
			r, err := h.CurrentRevision(h.ctx, doc.ID)
			h.must(err)
			_, err = h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Content: document.Message{Subject: "Call", Body: body}})
			h.must(err)
		}
		place("p1", 10)
		put("the call,\n\nthe draft and the list\n\nThank you.")
		place(h.view(th.ID).SegmentKey, 0)
		put("Now: the call, the draft and the list. Thank you.")
		place(h.view(th.ID).SegmentKey, 15)
		if v := h.view(whole.ID); v.Touched || v.Now != "Thank you." || v.SegmentKey != h.view(th.ID).SegmentKey {
			t.Errorf("all of a passage that was joined: %+v over %q", v.Anchor, v.Now)
		}
	})
}

// Whoever an editor asked may answer, although comments were closed since; nobody is asked who could not.
func TestWhoeverIsAskedMayAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc := h.questionnaire()
	asked := h.comment(h.translator, doc.ID, document.CommentInput{SegmentKey: "q1.text", Body: "What is good?"})
	waits := h.comment(h.translator, doc.ID, document.CommentInput{SegmentKey: "q2.text", Body: "And what is poor?"})
	_, err := h.AskBack(h.ctx, h.lead, asked.ID, "Which word would you take?")
	h.must(err)
	h.must(h.SetCommenting(h.ctx, h.officer, doc.ID, document.CommentingClosed))
	if _, err := h.Reply(h.ctx, h.translator, waits.ID, "Still here."); !errs.Is(err, errs.Conflict) {
		t.Errorf("somebody whom nobody asked: %v", err)
	}
	_, err = h.Reply(h.ctx, h.translator, asked.ID, "Sound.")
	h.must(err)
}
