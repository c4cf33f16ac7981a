package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/report"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// textsApp is a site with the questionnaire of 2017 and a message in it.
type textsApp struct {
	*servertest.App
	documents     *document.Service
	questionnaire string // path
	message       document.Document
}

func newTextsApp(t *testing.T, d *db.DB) *textsApp {
	t.Helper()
	ctx := context.Background()
	ref, err := geo.Load()
	must(t, err)
	x := &textsApp{}
	x.App = webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
		deps.Geo = ref
		deps.Cycles = cycle.New(cycle.Deps{DB: a.DB, Now: a.Clock.Now})
		deps.Reports = report.New(report.Deps{DB: a.DB, Now: a.Clock.Now})
		deps.Documents = document.New(document.Deps{DB: a.DB, Now: a.Clock.Now, Accounts: a.Accounts, Locales: a.Bundle.Tags()[:7], Glossary: ref.Glossary()})
		x.documents = deps.Documents
		deps.Contributions = contribution.New(contribution.Deps{DB: a.DB})
	})
	officer, err := x.Accounts.Actor(ctx, x.Account("officer", account.Officer), "test")
	must(t, err)
	of, err := cycle.New(cycle.Deps{DB: d, Now: x.Clock.Now}).Create(ctx, officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF Cybersecurity 2017"})
	must(t, err)
	def, err := document.ParseQuestionnaire(ref.Questionnaire())
	must(t, err)
	q, err := x.documents.Create(ctx, officer, of.ID, document.Survey, "questionnaire", "en", def)
	must(t, err)
	x.questionnaire = fmt.Sprintf("/documents/%d", q.ID)
	x.message, err = x.documents.Create(ctx, officer, of.ID, document.Mailing, "message", "en", document.Message{
		Subject: "Call of the IGF", Body: "Dear {{contact}},\n\n**answer** here: {{personal_link}}",
	})
	must(t, err)
	return x
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheOfficerCompletesTheLinksAndFreezes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		officer := x.As(account.Officer)
		if p := officer.Get("/documents"); p.Status != http.StatusOK || !p.Shows("2 places", "Questionnaire", "Call of the IGF") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		p := officer.Get(x.questionnaire)
		if !p.Shows("Relevant reading 3, web address: “Security focused reading of CENB Phase I” has no web address yet.") || !strings.Contains(p.Body, `href="`+x.questionnaire+`/edit#f-reading.3.url"`) {
			t.Fatalf("%s", p.Text())
		}
		refused := officer.PostForm(x.questionnaire+"/freeze", nil)
		if refused.Status != http.StatusUnprocessableEntity || !refused.Shows("This cannot be frozen yet: 2 places must be completed.") ||
			!strings.Contains(refused.Body, `href="#f-reading.3.url"`) || !strings.Contains(refused.Body, `id="f-reading.3.url"`) {
			t.Fatalf("%d %s", refused.Status, refused.Text())
		}
		saved := officer.PostForm(x.questionnaire+"/edit", url.Values{
			"base_revision": {"1"}, "reading.3.url": {"https://www.example.org/one"}, "reading.4.url": {"https://www.example.org/two"},
		})
		if saved.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", saved.Status, saved.Text())
		}
		if frozen := officer.PostForm(x.questionnaire+"/freeze", nil); frozen.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", frozen.Status, frozen.Text())
		}
		p = officer.Get(x.questionnaire)
		if !p.Shows("The wording is frozen.", "Reopen") || strings.Contains(p.Body, `name="base_revision"`) {
			t.Errorf("%s", p.Text())
		}
		if p := officer.Get(x.questionnaire + "/edit"); p.Status != http.StatusOK || strings.Contains(p.Body, `name="base_revision"`) {
			t.Errorf("a frozen text can be edited: %d %s", p.Status, p.Text())
		}
		if p := officer.PostForm(x.questionnaire+"/reopen", url.Values{"reason": {""}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("reopened without a reason: %d", p.Status)
		}
		if p := officer.PostForm(x.questionnaire+"/reopen", url.Values{"reason": {"One more link"}}); p.Status != http.StatusSeeOther {
			t.Errorf("reopening: %d", p.Status)
		}
		added := officer.PostForm(x.questionnaire+"/reading", url.Values{"reading_title": {"Meeting summaries"}, "reading_url": {"https://www.example.org/s"}})
		if added.Status != http.StatusSeeOther || !officer.Get(x.questionnaire).Shows("Revision 4", "Meeting summaries") ||
			!officer.Get(x.questionnaire+"/history").Shows("Revision 4", "One more link") {
			t.Errorf("%d %s", added.Status, added.Text())
		}
	})
}

func TestNothingIsLostBetweenTwoEditors(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	path := fmt.Sprintf("/documents/%d", x.message.ID)
	officer, lead := x.As(account.Officer), x.As(account.Lead)
	post := func(c *servertest.Client, base, body string) servertest.Response {
		return c.PostForm(path+"/edit", url.Values{"base_revision": {base}, "subject": {"S"}, "body": {body}})
	}
	if p := post(officer, "1", "The officer's words"); p.Status != http.StatusSeeOther {
		t.Fatalf("%d", p.Status)
	}
	p := post(lead, "1", "The <lead's> words\n\nAnd more")
	if p.Status != http.StatusConflict || !p.Shows("Nothing is lost", "The officer's words", "The <lead's> words") || !strings.Contains(p.Body, `name="base_revision" value="1"`) {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := post(lead, "2", "Both words [TBD]"); p.Status != http.StatusSeeOther {
		t.Errorf("%d", p.Status)
	}
	frozen := officer.PostForm(path+"/freeze", nil)
	if frozen.Status != http.StatusUnprocessableEntity || !strings.Contains(frozen.Body, `href="#f-body"`) || !frozen.Shows("Both words [TBD]") {
		t.Errorf("%d %s", frozen.Status, frozen.Text())
	}
	if p := post(lead, "3", ""); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `id="f-body-error"`) {
		t.Errorf("an empty text: %d", p.Status)
	}
	huge := post(lead, "2", "The end of the paste"+strings.Repeat("\n字", 5<<18))
	if huge.Status != http.StatusUnprocessableEntity || !strings.Contains(huge.Body, `id="f-body-error"`) || !strings.Contains(huge.Body, "The end of the paste") ||
		!strings.Contains(huge.Body, `name="base_revision" value="2"`) {
		t.Errorf("a huge paste: %d %.300s", huge.Status, huge.Body)
	}
}

// Two people edit the same text: the second decides on each passage that both touched, by radio
// buttons, and everything else is put together without asking.
func TestTheSecondPersonDecidesPassageByPassage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		path := fmt.Sprintf("/documents/%d", x.message.ID)
		officer, lead := x.As(account.Officer), x.As(account.Lead)
		post := func(c *servertest.Client, values url.Values) servertest.Response {
			return c.PostForm(path+"/edit", values)
		}
		body := func(base, subject, body string) url.Values {
			return url.Values{"base_revision": {base}, "subject": {subject}, "body": {body}}
		}
		link := "**answer** here: {{personal_link}}"
		post(officer, body("1", "Call of the IGF", "Dear {{contact}}, dear colleague,\n\n"+link))
		mine := body("1", "The lead's subject", "Hello {{contact}},\n\n"+link+"\n\nThe lead's last words")
		p := post(lead, mine)
		if p.Status != http.StatusConflict || !p.Shows("Passage 1", "What is saved now", "What you wrote") || strings.Contains(p.Body, `name="take-subject"`) ||
			!strings.Contains(p.Body, `name="take-p1"`) || !strings.Contains(p.Body, "<ins>") {
			t.Fatalf("%d %s", p.Status, p.Body)
		}
		mine.Set("seen", "2")
		mine.Set("take-p1", "perhaps")
		p = post(lead, mine)
		if p.Status != http.StatusConflict || !strings.Contains(p.Body, `href="#f-take-p1"`) || !p.Shows("Choose a wording.") {
			t.Fatalf("nothing is chosen: %d %s", p.Status, p.Text())
		}
		mine.Set("take-p1", "own")
		mine.Set("own-p1", "Dear {{contact}}, hello,")
		if p = post(lead, mine); p.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		p = lead.Get(path + "/edit")
		if !p.Shows("Dear {{contact}}, hello,", "The lead's last words") || !strings.Contains(p.Body, `value="The lead&#39;s subject"`) {
			t.Errorf("%s", p.Body)
		}
		// Frozen meanwhile: what was typed can still be copied.
		if p := officer.PostForm(path+"/freeze", nil); p.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		late := post(lead, body("3", "Late subject", "Late words"))
		if late.Status != http.StatusConflict || !late.Shows("This text is frozen.", "Late subject", "Late words") {
			t.Errorf("%d %s", late.Status, late.Text())
		}
	})
}

func TestTwoEditQuestionnairesAtOnce(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	officer, lead := x.As(account.Officer), x.As(account.Lead)
	post := func(c *servertest.Client, key, text string) servertest.Response {
		return c.PostForm(x.questionnaire+"/edit", url.Values{"base_revision": {"1"}, key: {text}})
	}
	post(officer, "reading.3.url", "https://www.example.org/one")
	if p := post(lead, "reading.4.url", "https://www.example.org/two"); p.Status != http.StatusSeeOther || !lead.Get(p.Location()).Shows("Their changes and yours are both in the text.") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := post(lead, "reading.3.url", "https://www.example.org/three"); p.Status != http.StatusConflict ||
		!p.Shows("Relevant reading 3, web address", "https://www.example.org/one", "https://www.example.org/three") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := lead.Get(x.questionnaire); !p.Shows("https://www.example.org/one", "https://www.example.org/two") {
		t.Errorf("%s", p.Text())
	}
}

// A questionnaire is seen as contributors will see it, in every language that somebody works on.
func TestAQuestionnaireIsPreviewed(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	lead := x.As(account.Lead)
	saved(t, pressDo(t, lead, x.questionnaire+"/questions", "1", "add_question", url.Values{"new_text": {"Your slides?"}, "new_kind": {"file"}}))
	p := lead.Get(x.questionnaire + "/preview")
	if p.Status != http.StatusOK || !p.Shows("Question 6", "Your slides?", "Web address of your file", "If you cannot upload your file", "Something else that is not in this list",
		"Many internet developments do not happen", "Should any stakeholders be specifically invited", "Relevant reading", "What else would you like to say?") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := lead.Get(x.questionnaire + "/preview?in=ru"); p.Status != http.StatusNotFound {
		t.Errorf("in a language into which nobody translates: %d", p.Status)
	}
	translator := x.As(account.Translator)
	claim := url.Values{"document": {strings.TrimPrefix(x.questionnaire, "/documents/")}, "locale": {"ar"}}
	at := translator.PostForm("/translations", claim).Location()
	saved(t, translator.PostForm(at, url.Values{"do": {"save"}, "q6.text": {"شرائحكم؟"}, "base-q6.text": {document.Mark("")}}))
	p = lead.Get(x.questionnaire + "/preview?in=ar")
	if p.Status != http.StatusOK || !p.Shows("شرائحكم؟", "عنوان الويب لملفكم", "…") || !strings.Contains(p.Body, `<article class="prose" lang="ar" dir="rtl">`) {
		t.Errorf("%d %s", p.Status, p.Text())
	}
}

func TestHistoryAndComparison(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		path := fmt.Sprintf("/documents/%d", x.message.ID)
		lead, volunteer := x.As(account.Lead), x.As(account.Volunteer)
		lead.PostForm(path+"/edit", url.Values{
			"base_revision": {"1"}, "subject": {"Call of the IGF"}, "body": {"Dear {{contact}},\n\n**answer** there: {{personal_link}}"}, "note": {"A better place"},
		})
		p := volunteer.Get(path + "/history")
		if !p.Shows("Revision 2", "A better place", "1 changed, 0 added, 0 taken out", "Who wrote what", "lead") || !strings.Contains(p.Body, `href="`+path+`/history/1"`) {
			t.Fatalf("%s", p.Body)
		}
		p = volunteer.Get(path + "/compare?from=1&to=2")
		if p.Status != http.StatusOK || !strings.Contains(p.Body, "<del>here</del><ins>there</ins>") || !p.Shows("1 passage differs. 2 passages are the same.") {
			t.Errorf("%d %s", p.Status, p.Body)
		}
		lead.PostForm(path+"/edit", url.Values{
			"base_revision": {"2"}, "subject": {"Call of the IGF"}, "body": {"Dear {{contact}},\n**answer** there: {{personal_link}}"},
		})
		if p := volunteer.Get(path + "/compare?from=2&to=3"); !strings.Contains(p.Body, "<ins>↵\n") && !strings.Contains(p.Body, "↵\n</ins>") {
			t.Errorf("a line break that was put in is not seen: %s", p.Body)
		}
		if p := volunteer.Get(path + "/compare?from=1&to=2&in=ru"); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("in a language into which nothing is translated: %d", p.Status)
		}
		for _, wrong := range []string{"?from=1&to=7", "?from=x&to=2"} {
			if p := volunteer.Get(path + "/compare" + wrong); p.Status != http.StatusUnprocessableEntity || !p.Shows("This text has no revision") {
				t.Errorf("%s: %d %s", wrong, p.Status, p.Text())
			}
		}
		if p := volunteer.Get(path + "/history/1"); p.Status != http.StatusOK || !p.Shows("answer here:", "Revision 1", "Compare with the current revision") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		for _, none := range []string{"/history/9", "/history/x"} {
			if p := volunteer.Get(path + none); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d", none, p.Status)
			}
		}
	})
}

func TestFreezingDespiteComments(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	officer, volunteer := x.As(account.Officer), x.As(account.Volunteer)
	path := fmt.Sprintf("/documents/%d", x.message.ID)
	who, err := x.Accounts.Actor(context.Background(), x.Account("richard", account.Volunteer), "test")
	must(t, err)
	_, err = x.documents.Comment(context.Background(), who, x.message.ID, document.CommentInput{Body: "What about the links?"})
	must(t, err)
	p := officer.PostForm(path+"/freeze", nil)
	if p.Status != http.StatusUnprocessableEntity || !p.Shows("1 comment is still open") || !strings.Contains(p.Body, `href="#f-override"`) || !strings.Contains(p.Body, `id="f-override"`) {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := officer.PostForm(path+"/freeze", url.Values{"override": {"It goes out today."}}); p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	for _, page := range []string{"/history", "/history/1"} {
		if p := volunteer.Get(path + page); !p.Shows("Frozen while comments were open: It goes out today.", "Frozen by officer") {
			t.Errorf("%s: %s", page, p.Text())
		}
	}
}

func TestTheDayOfFreezing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		officer, lead := x.As(account.Officer), x.As(account.Lead)
		set := func(day, zone, do string) servertest.Response {
			return officer.PostForm(x.questionnaire+"/freeze-date", url.Values{"on_date": {day}, "zone": {zone}, "do": {do}})
		}
		for _, wrong := range []servertest.Response{set("2017-08-01", "", "set"), set("tomorrow", "", "set"), set("", "", "set")} {
			if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, `id="f-on_date-error"`) {
				t.Errorf("%d %s", wrong.Status, wrong.Text())
			}
		}
		if p := set("2017-08-15", "Mars", "set"); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `id="f-zone-error"`) {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		if p := set("2017-08-15", "", "set"); p.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := lead.Get("/documents"); !p.Shows("Frozen in 9 days") {
			t.Errorf("%s", p.Text())
		}
		if p := lead.Get(x.questionnaire); !p.Shows("Frozen at the end of", "15 August 2017", "in 9 days") || strings.Contains(p.Body, "/freeze-date") {
			t.Errorf("%s", p.Text())
		}
		x.Clock.Set(time.Date(2017, 8, 16, 12, 0, 0, 0, time.UTC))
		officer, lead = x.As(account.Officer), x.As(account.Lead) // their sessions may have ended
		must(t, x.documents.FreezeDue(context.Background()))
		for _, page := range []string{"/", "/monitor"} {
			p := officer.Get(page)
			if !p.Shows("What needs a decision today", "was to be frozen at the end of", "has no web address yet") || !strings.Contains(p.Body, `href="`+x.questionnaire+`/edit#f-reading.3.url"`) {
				t.Errorf("%s: %d %s", page, p.Status, p.Text())
			}
			if p := lead.Get(page); p.Shows("was to be frozen at the end of") {
				t.Errorf("%s asks a lead to decide", page)
			}
		}
		if p := set("", "", "clear"); p.Status != http.StatusSeeOther || officer.Get("/").Shows("was to be frozen at the end of") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
	})
}

func TestTheQuestionnaireIsLightEnough(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	translator := x.As(account.Translator)
	claimed := translator.PostForm("/translations", url.Values{"document": {strings.TrimPrefix(x.questionnaire, "/documents/")}, "locale": {"ru"}})
	pages := map[string]*servertest.Client{
		x.questionnaire: x.As(account.Officer), x.questionnaire + "/edit": x.As(account.Officer), claimed.Location(): translator,
	}
	for path, c := range pages {
		p := c.Get(path)
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write([]byte(p.Body))
		must(t, err)
		must(t, z.Close())
		if p.Status != http.StatusOK || b.Len() > 20<<10 {
			t.Errorf("%s: %d, %d bytes compressed", path, p.Status, b.Len())
		}
	}
}

func TestANewTextAndItsPreview(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	officer := x.As(account.Officer)
	p := officer.PostForm("/documents/new", url.Values{"kind": {"follow_up"}, "slug": {"Bad slug"}, "subject": {"Kept words"}})
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "Kept words") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	p = officer.PostForm("/documents/new", url.Values{"kind": {"follow_up"}, "slug": {"reminder"}, "subject": {"Reminder"}, "body": {"<script>x</script> Dear {{contact}}"}})
	if p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := officer.Get(p.Location()); p.Status != http.StatusOK || strings.Contains(p.Body, "<script>x") {
		t.Errorf("%d", p.Status)
	}
	preview := officer.Get(fmt.Sprintf("/documents/%d/preview", x.message.ID))
	if preview.Status != http.StatusOK || !preview.Shows("Dear Amina Diallo,", "answer here: http://convoke.test/r/example") || !strings.Contains(preview.Body, "<strong>answer</strong>") {
		t.Errorf("%d %s", preview.Status, preview.Text())
	}
	for _, p := range []servertest.Response{preview, officer.Get(fmt.Sprintf("/documents/%d", x.message.ID))} {
		if strings.Contains(p.Body, `href="{{`) || strings.Contains(p.Body, `href="http://convoke.test/r/`) {
			t.Error("a link of the mail can be followed, and leads nowhere")
		}
	}
	if p := officer.Get(fmt.Sprintf("/documents/%d/preview?in=ar", x.message.ID)); p.Status != http.StatusNotFound {
		t.Errorf("a language that nobody translates into: %d", p.Status)
	}
}

func TestFromClaimToApproval(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		translator, reviewer := x.SignIn(x.Account("alejandro", account.Translator)), x.SignIn(x.Account("carina", account.Translator))
		claim := url.Values{"document": {fmt.Sprint(x.message.ID)}, "locale": {"ar"}}
		taken := translator.PostForm("/translations", claim)
		if taken.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", taken.Status, taken.Text())
		}
		sheet := taken.Location()
		if p := reviewer.PostForm("/translations", claim); p.Status != http.StatusConflict || !p.Shows("alejandro is working on this translation.") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		p := translator.Get(sheet)
		if !strings.Contains(p.Body, `<textarea id="f-p1" name="p1" rows="2" lang="ar" dir="rtl"`) || !p.Shows("Internet Governance Forum (IGF)", "منتدى حوكمة الإنترنت (IGF)") {
			t.Fatalf("%s", p.Body)
		}
		texts := url.Values{"subject": {"نداء"}, "p1": {"عزيزي"}, "p2": {"{{personal_link}}"}, "do": {"submit"}}
		refused := translator.PostForm(sheet, texts)
		if refused.Status != http.StatusUnprocessableEntity || !refused.Shows("the merge field {{contact}} is missing", "عزيزي") {
			t.Fatalf("%d %s", refused.Status, refused.Text())
		}
		if !strings.Contains(refused.Body, `name="base-p1" value="`+document.Mark("عزيزي")+`"`) {
			t.Fatal("the page does not say what its next saving stands on")
		}
		texts.Set("p1", "عزيزي {{contact}}")
		texts.Set("base-p1", document.Mark("عزيزي"))
		if p := translator.PostForm(sheet, texts); p.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := translator.PostForm(sheet+"/review", url.Values{"do": {"approve"}}); p.Status != http.StatusForbidden {
			t.Errorf("approved one's own: %d", p.Status)
		}
		if p := reviewer.Get("/translations"); !p.Shows("In review") {
			t.Errorf("%s", p.Text())
		}
		if p := reviewer.PostForm(sheet+"/review", url.Values{"do": {"send_back"}, "note": {"Look at p1"}}); p.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := translator.Get(sheet); !p.Shows("carina sent this back:", "Look at p1") {
			t.Errorf("%s", p.Text())
		}
		translator.PostForm(sheet, texts)
		if p := reviewer.PostForm(sheet+"/review", with(bases(reviewer.Get(sheet)), "do", "approve")); p.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		// The officer edits the source; the translator sees what changed and says that the words still fit.
		path := fmt.Sprintf("/documents/%d", x.message.ID)
		x.As(account.Officer).PostForm(path+"/edit", url.Values{"base_revision": {"1"}, "subject": {"Call of the IGF"}, "body": {"Dear {{contact}}!\n\n**answer** here: {{personal_link}}"}})
		if p := translator.Get("/translations"); !p.Shows("Outdated", "1 passage outdated") {
			t.Fatalf("%s", p.Text())
		}
		moved := translator.Get(sheet)
		if moved.Status != http.StatusSeeOther || moved.Location() == sheet {
			t.Fatalf("the address of the earlier wording: %d to %q", moved.Status, moved.Location())
		}
		sheet = moved.Location()
		p = translator.Get(sheet)
		texts.Set("base-p1", document.Mark("عزيزي {{contact}}"))
		if !strings.Contains(p.Body, "<del>,</del><ins>!</ins>") {
			t.Errorf("%s", p.Body)
		}
		if p := translator.PostForm(sheet, texts); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("an outdated passage was submitted as it was: %d", p.Status)
		}
		texts.Set("confirm", "p1")
		if p := translator.PostForm(sheet, texts); p.Status != http.StatusSeeOther {
			t.Errorf("%d %s", p.Status, p.Text())
		}
	})
}

func TestTextsAreShownToWhomTheyConcern(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	path := fmt.Sprintf("/documents/%d", x.message.ID)
	volunteer := x.As(account.Volunteer)
	p := volunteer.Get(path)
	if p.Status != http.StatusOK || strings.Contains(p.Body, "/freeze") || strings.Contains(p.Body, `name="body"`) {
		t.Errorf("a volunteer: %d", p.Status)
	}
	for _, post := range []string{path + "/edit", path + "/freeze", path + "/reopen", path + "/reading", "/documents/new", "/translations", "/translations/1", "/translations/1/review"} {
		if p := volunteer.PostForm(post, nil); p.Status != http.StatusForbidden {
			t.Errorf("a volunteer at %s: %d", post, p.Status)
		}
	}
	for _, get := range []string{"/documents", path, path + "/edit", path + "/history", path + "/preview", "/translations"} {
		if p := x.Visitor().Get(get); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.Location(), "/sign-in") {
			t.Errorf("a visitor at %s: %d", get, p.Status)
		}
	}
	if p := volunteer.Get(path + "/edit"); p.Status != http.StatusForbidden {
		t.Errorf("a volunteer at the edit page: %d", p.Status)
	}
	if p := x.As(account.Officer).Get("/documents/999"); p.Status != http.StatusNotFound {
		t.Errorf("no such text: %d", p.Status)
	}
}
