package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

func TestAMemberSuggestsAndAnEditorAccepts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		member, lead := x.As(account.Volunteer), x.As(account.Lead)
		text := member.Get(x.questionnaire)
		ask := "/comments/new?passage=q3a.text"
		if !strings.Contains(text.Body, `href="`+x.questionnaire+ask+`"`) {
			t.Fatalf("no link beside the passage: %s", text.Text())
		}
		form := member.Get(x.questionnaire + ask + "&kind=suggestion")
		if form.Status != http.StatusOK || !form.Shows("Denial of Service", "The passage as it should read") {
			t.Fatalf("%d %s", form.Status, form.Text())
		}
		post := func(pairs ...string) servertest.Response {
			v := url.Values{"passage": {"q3a.text"}, "kind": {"comment"}}
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
			return member.PostForm(x.questionnaire+"/comments", v)
		}
		near := post("quote", "Denial of Servise attacks", "body", "Typed <b>by hand</b>")
		if near.Status != http.StatusUnprocessableEntity || !near.Shows("Do you mean “Denial of Service attacks", "Typed <b>by hand</b>") {
			t.Errorf("%d %s", near.Status, near.Text())
		}
		if long := post("body", strings.Repeat("long ", 1<<20)); long.Status != http.StatusUnprocessableEntity || !long.Shows("Limit in characters: 5,000", "Only the first 10,000 of 5,242,880 characters") || len(long.Body) > 45_000 {
			t.Errorf("five megabytes: %d, a page of %d bytes", long.Status, len(long.Body))
		}
		if empty := post(); empty.Status != http.StatusUnprocessableEntity || !empty.Shows("Please fill this in.") {
			t.Errorf("nothing: %d %s", empty.Status, empty.Text())
		}
		gone := post("passage", "q99.text", "kind", "suggestion", "body", "My reason", "suggestion", "My words")
		if gone.Status != http.StatusUnprocessableEntity || !gone.Shows("This text has no such passage now", "My reason", "My words") {
			t.Errorf("a passage that is not there: %d %s", gone.Status, gone.Text())
		}
		if p := member.Get(x.questionnaire + "/comments/new?passage=q99.text"); p.Status != http.StatusNotFound {
			t.Errorf("the form for a passage that is not there: %d", p.Status)
		}
		said := post("quote", "reliability", "body", `<script>alert(1)</script> <img src=x onerror=alert(2)>`)
		if p := member.Get(said.Location()); said.Status != http.StatusSeeOther || strings.Contains(p.Body, "<script>alert") || strings.Contains(p.Body, "<img src=x") ||
			!p.Shows(`<script>alert(1)</script>`, "Waits for the editors.") || !strings.Contains(p.Body, "<mark>reliability</mark>") {
			t.Errorf("%d %s", said.Status, p.Text())
		}
		better := "Denial of Service attacks and other cybersecurity issues that impact the reliability of and the access to internet services"
		made := post("kind", "suggestion", "suggestion", better)
		page := lead.Get(made.Location())
		if !strings.Contains(page.Body, "<ins>") || !page.Shows("Accept", "What is struck through") {
			t.Fatalf("the difference is not shown: %s", page.Text())
		}
		if list := lead.Get(x.questionnaire + "/comments?show=editors"); !list.Shows("2 comments wait for the editors", "volunteer", "Who is still to answer") {
			t.Errorf("%s", list.Text())
		}
		if home := lead.Get("/"); !home.Shows("2 comments wait for the editors") {
			t.Errorf("%s", home.Text())
		}
		if member.PostForm(made.Location()+"/decide", url.Values{"do": {"accept"}}).Status != http.StatusForbidden {
			t.Error("a volunteer decides")
		}
		if got := lead.PostForm(made.Location()+"/decide", url.Values{"do": {"accept"}}); got.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", got.Status, got.Text())
		}
		if again := x.As(account.Officer).PostForm(made.Location()+"/decide", url.Values{"do": {"decline"}, "text": {"No."}}); again.Status != http.StatusConflict || !again.Shows("lead has accepted this.") {
			t.Errorf("decided twice: %d %s", again.Status, again.Text())
		}
		if home := member.Get("/"); !home.Shows("Your suggested edit was accepted") {
			t.Errorf("%s", home.Text())
		}
		if got := member.Get(x.questionnaire); !got.Shows(better) {
			t.Errorf("%s", got.Text())
		}
	})
}

func TestASuggestionThatCameTooLateShowsAllThreeWordings(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	lead := x.As(account.Lead)
	made := x.As(account.Translator).PostForm(x.questionnaire+"/comments", url.Values{
		"passage": {"title"}, "kind": {"suggestion"}, "suggestion": {"Call for Contributions and Questionnaire"},
	})
	officer, err := x.Accounts.Actor(context.Background(), x.Account("editor", account.Officer), "test")
	must(t, err)
	var id int64
	_, err = fmt.Sscanf(x.questionnaire, "/documents/%d", &id)
	must(t, err)
	_, err = x.documents.Edit(context.Background(), officer, id, 1, document.Changes{Segments: map[string]string{"title": "Final Call for Contributions and Questionnaire"}})
	must(t, err)
	refused := lead.PostForm(made.Location()+"/decide", url.Values{"do": {"accept"}})
	if refused.Status != http.StatusConflict || !refused.Shows("Then: “Draft ”", "Now: “Final ”", "These words were changed since the suggestion.") {
		t.Errorf("%d %s", refused.Status, refused.Text())
	}
	for do, want := range map[string]int{"answer": http.StatusUnprocessableEntity, "decline": http.StatusUnprocessableEntity, "ask": http.StatusUnprocessableEntity, "": http.StatusUnprocessableEntity, "hide": http.StatusConflict} {
		if got := lead.PostForm(made.Location()+"/decide", url.Values{"do": {do}}); got.Status != want {
			t.Errorf("%q without words: %d", do, got.Status)
		}
	}
}

func TestTheWindowForCommentsClosesSoftly(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	officer, err := x.Accounts.Actor(context.Background(), x.Account("setter", account.Officer), "test")
	must(t, err)
	cycles := cycle.New(cycle.Deps{DB: x.DB, Now: x.Clock.Now})
	of, err := cycles.BySlug(context.Background(), "bpf-2017")
	must(t, err)
	_, err = cycles.SetDate(context.Background(), officer, of.ID, cycle.CommentsClose, x.Clock.Now().AddDate(0, 0, 3).Format(time.DateOnly), cycle.AoE, "")
	must(t, err)
	member := x.As(account.Translator)
	if p := member.Get(x.questionnaire); !p.Shows("Comments are asked for until", "anywhere on earth") {
		t.Errorf("%s", p.Text())
	}
	x.Clock.Advance(5 * 24 * time.Hour)
	member = x.As(account.Translator)
	if p := member.Get(x.questionnaire + "/comments"); !p.Shows("Comments were asked for until") {
		t.Errorf("%s", p.Text())
	}
	if late := member.PostForm(x.questionnaire+"/comments", url.Values{"kind": {"comment"}, "body": {"Late, but here."}}); late.Status != http.StatusSeeOther {
		t.Errorf("a late comment: %d %s", late.Status, late.Text())
	}
}

func TestTheDraftThatTheOfficerOpened(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var documents *document.Service
		app := webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
			k := contributiontest.New(t, d, a.Clock.Now)
			documents = document.New(document.Deps{
				DB: a.DB, Now: a.Clock.Now, Accounts: a.Accounts, Locales: a.Bundle.Tags()[:7], Links: link.NewSigner([]byte("s")), Normalize: mail.Normalize,
			})
			deps.Contributions, deps.Documents = k.Service, documents
			deps.Cycles = cycle.New(cycle.Deps{DB: a.DB, Now: a.Clock.Now})
			deps.Contacts = contact.New(contact.Deps{DB: a.DB, Now: a.Clock.Now, Secret: []byte("s"), Links: link.NewSigner([]byte("s"))})
		})
		ctx := context.Background()
		officer, err := app.Accounts.Actor(ctx, app.Account("officer", account.Officer), "test")
		must(t, err)
		of, err := cycle.New(cycle.Deps{DB: d, Now: app.Clock.Now}).BySlug(ctx, contributiontest.Slug)
		must(t, err)
		doc, err := documents.Create(ctx, officer, of.ID, document.Introduction, "introduction", "en", document.Message{Subject: "Two pages", Body: "Who we are.\n\nWhat **we** ask."})
		must(t, err)
		call := "/calls/" + contributiontest.Slug
		draft := call + "/drafts/introduction"
		visitor := app.Visitor()
		if got := visitor.Get(draft); got.Status != http.StatusNotFound {
			t.Errorf("before it is opened: %d", got.Status)
		}
		opened := app.As(account.Officer).PostForm(fmt.Sprintf("/documents/%d/commenting", doc.ID), url.Values{"commenting": {"public"}})
		if opened.Status != http.StatusSeeOther || !strings.Contains(visitor.Get(call).Body, `href="`+draft+`"`) {
			t.Fatalf("%d %s", opened.Status, opened.Text())
		}
		first := visitor.Get(draft + "?passage=p2")
		if first.Status != http.StatusOK || !first.Shows("What we ask.", "Your name") {
			t.Fatalf("%d %s", first.Status, first.Text())
		}
		form := func(pairs ...string) url.Values {
			v := url.Values{
				"began": {between(first.Body, `name="began" value="`, `"`)}, "passage": {"p2"}, "kind": {"comment"}, "name": {"Huda"},
				"quote": {"**we**"}, "body": {"Who is <i>we</i>?"},
			}
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
			return v
		}
		if got := visitor.PostForm(draft, form()); got.Status != http.StatusUnprocessableEntity || !got.Shows("Who is <i>we</i>?") {
			t.Errorf("at once: %d %s", got.Status, got.Text())
		}
		app.Clock.Advance(5 * time.Second)
		for name, v := range map[string]url.Values{
			"the hidden field": form("website", "https://example.org"), "no stamp": form("began", ""), "no name": form("name", " "), "nothing": form("body", ""), "no address": form("email", "huda at example"),
		} {
			if got := visitor.PostForm(draft, v); got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, got.Status)
			}
		}
		sent := visitor.PostForm(draft, form())
		if sent.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", sent.Status, sent.Text())
		}
		own := sent.Location()
		if p := visitor.Get(own); !strings.HasPrefix(own, "/remarks/") || !p.Shows("Your comment waits until an editor has read it", "Huda (from the public)", "Waits for the editors") {
			t.Errorf("%s: %s", own, p.Text())
		}
		if p := visitor.Get(draft); p.Shows("Huda") {
			t.Errorf("shown before anybody read it: %s", p.Text())
		}
		if p := app.As(account.Volunteer).Get(draft + "?passage=p2"); !p.Shows("your comment and your name can be read by everybody") || strings.Contains(p.Body, `name="name"`) {
			t.Errorf("who is signed in is asked for a name: %s", p.Text())
		}
		talk, err := documents.Talk(ctx, officer, doc.ID, document.TalkPart{})
		must(t, err)
		lead := app.As(account.Lead)
		thread := fmt.Sprintf("/comments/%d", talk.Threads[0].ID)
		if p := lead.Get(thread); !p.Shows("Only the editors see this comment.", "Huda") {
			t.Errorf("%s", p.Text())
		}
		if got := lead.PostForm(thread+"/decide", url.Values{"do": {"show"}}); got.Status != http.StatusSeeOther {
			t.Errorf("%d %s", got.Status, got.Text())
		}
		if p := visitor.Get(draft); !p.Shows("Huda (from the public)", "Who is <i>we</i>?") || strings.Contains(p.Body, "@") {
			t.Errorf("%s", p.Text())
		}
		if got := lead.PostForm(thread+"/decide", url.Values{"do": {"ask"}, "text": {"Which word?"}}); got.Status != http.StatusSeeOther {
			t.Errorf("%d %s", got.Status, got.Text())
		}
		if p := visitor.Get(own); !p.Shows("The editors asked you something", "Which word?", "(member)") {
			t.Errorf("%s", p.Text())
		}
		if got := visitor.PostForm(own, url.Values{"text": {" "}}); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("an empty reply: %d", got.Status)
		}
		if got := visitor.PostForm(own, url.Values{"text": {"The last."}}); got.Location() != own || !visitor.Get(own).Shows("The last.") {
			t.Errorf("%d %s", got.Status, got.Text())
		}
		if p := lead.Get(thread); !p.Shows("What its author said since is seen by the editors only.", "The last.") || app.As(account.Volunteer).Get(thread).Shows("The last.") {
			t.Errorf("%s", p.Text())
		}
		if p := visitor.Get("/remarks/" + strings.Repeat("a", 30)); p.Status != http.StatusNotFound {
			t.Errorf("a forged address: %d", p.Status)
		}
		last := servertest.Response{Status: http.StatusSeeOther}
		for i := 0; i < 40 && last.Status == http.StatusSeeOther; i++ {
			last = visitor.PostForm(draft, form("body", "Typed with much care."))
		}
		if last.Status != http.StatusTooManyRequests || !last.Shows("Typed with much care.", "Please try again in 60 minutes.") || !strings.Contains(last.Body, `value="Huda"`) || last.Header.Get("Retry-After") == "" {
			t.Errorf("too many: %d %s", last.Status, last.Text())
		}
	})
}

// However much is said of a text, its pages stay small, and all of it can be reached.
func TestPagesOfATextWithThousandsOfComments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		ctx := context.Background()
		var id int64
		_, err := fmt.Sscanf(x.questionnaire, "/documents/%d", &id)
		must(t, err)
		must(t, d.Write(ctx, func(tx *db.Tx) error {
			for _, insert := range []string{
				`insert into comment_thread (document_id, revision_id, begun_key, kind, segment_key, state, waits_for, public_name, visible, created_at)
				with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
				select r.document_id, r.id, 'q1.text', 'comment', case when n.i <= 500 then 'q1.text' else 'q2.text' end,
					case when n.i % 10 = 0 then 'answered' else 'open' end, case when n.i % 10 = 0 then '' else 'editors' end, 'Huda', true, r.created_at
				from n, revision r where r.document_id = ?`,
				`insert into comment (thread_id, public_name, body, visible, created_at)
				select t.id, 'Huda', 'Said at some length, so that a list of it is long. ', true, t.created_at from comment_thread t where t.document_id = ?`,
			} {
				if err := tx.Gorm().Exec(insert, id).Error; err != nil {
					return err
				}
			}
			return nil
		}))
		lead := x.As(account.Lead)
		small := func(path string, shows ...string) servertest.Response {
			t.Helper()
			p := lead.Get(path)
			if p.Status != http.StatusOK || len(p.Body) > 30_000 || !p.Shows(shows...) {
				t.Errorf("%s: %d, %d bytes, %s", path, p.Status, len(p.Body), p.Text())
			}
			return p
		}
		small(x.questionnaire, "All 500 comments", "All 4,500 comments", "4,500 comments wait for the editors")
		list := small(x.questionnaire+"/comments?passage=q1.text", "(500)", "Next")
		if strings.Contains(list.Body, "Question 2") {
			t.Error("the list has other passages")
		}
		last := small(x.questionnaire+"/comments?passage=q1.text&page=25", "Previous")
		if strings.Count(last.Body, "Said at some length") != 20 || strings.Contains(last.Body, `rel="next"`) {
			t.Errorf("the last page: %s", last.Text())
		}
		small(x.questionnaire+"/comments?show=decided&page=2", "Decided (500)")
		small(x.questionnaire+"/comments?page=9999", "All (5,000)")
		small(x.questionnaire+"/comments/new?passage=q2.text", "All 4,500 comments")
	})
}
