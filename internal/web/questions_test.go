package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

// pressDo posts a form of the questions' pages as somebody who has seen this revision.
func pressDo(t *testing.T, c *servertest.Client, path, base, do string, fields url.Values) servertest.Response {
	t.Helper()
	form := url.Values{"base_revision": {base}, "do": {do}}
	for name, values := range fields {
		form[name] = values
	}
	return c.PostForm(path, form)
}

func saved(t *testing.T, p servertest.Response) {
	t.Helper()
	if p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
}

// q3 is the third question of 2017 as its page posts it, with some fields changed.
func q3(change url.Values) url.Values {
	form := url.Values{"q3.text": {"Which options do you see?"}, "kind": {"group"}, "section": {""}, "other": {"yes"}}
	for name, values := range change {
		form[name] = values
	}
	return form
}

func TestTheOfficerEditsTheStructure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		officer, at := x.As(account.Officer), x.questionnaire+"/questions"
		p := officer.Get(at)
		if p.Status != http.StatusOK || !p.Shows("Group with sub-items", "10 items and “other”", "Security focused reading of CENB Phase I") || len(p.Body) > 30<<10 {
			t.Fatalf("%d, %d bytes: %s", p.Status, len(p.Body), p.Text())
		}
		saved(t, pressDo(t, officer, at, "1", "add_section", url.Values{"section_title": {"About you"}}))
		saved(t, pressDo(t, officer, at, "2", "add_question", url.Values{
			"new_text": {"Which of these apply?"}, "new_kind": {"multiple"}, "new_items": {"This\n\n That \r\n"}, "new_section": {"s1"},
		}))
		saved(t, pressDo(t, officer, at, "3", "reading_save", url.Values{"reading.3.url": {"https://www.example.org/one"}, "reading.4.url": {"https://www.example.org/two"}}))
		saved(t, pressDo(t, officer, at, "4", "reading_down:1", nil))
		saved(t, pressDo(t, officer, at, "5", "closing", url.Values{"other": {"yes"}, "other_text": {"What did we forget?"}}))
		saved(t, pressDo(t, officer, at+"/q3", "6", "item_down:q3a", q3(url.Values{"items": {"One more threat"}})))
		saved(t, pressDo(t, officer, at, "7", "up:q5", nil))
		p = officer.Get(x.questionnaire)
		if !p.Shows("Which of these apply?", "That", "What did we forget?", "One more threat", "Which options do you see?", "https://www.example.org/two") {
			t.Errorf("%s", p.Text())
		}
		if p := officer.Get(at + "/q6"); p.Status != http.StatusOK || !strings.Contains(p.Body, `value="multiple" selected`) || !strings.Contains(p.Body, `value="s1" selected`) {
			t.Errorf("%d %s", p.Status, p.Body)
		}
		if p := officer.Get(at + "/s1"); p.Status != http.StatusOK || !strings.Contains(p.Body, `value="About you"`) {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		file := officer.Get(x.questionnaire + "/questionnaire.yaml")
		for _, want := range []string{"id: q3k", "- id: s1", "other_text: What did we forget?", "proposed_changes:"} {
			if !strings.Contains(file.Body, want) {
				t.Errorf("the file lacks %q:\n%s", want, file.Body)
			}
		}
		saved(t, officer.PostForm(x.questionnaire+"/freeze", nil))
		if p := officer.Get(at); p.Status != http.StatusOK || strings.Contains(p.Body, `name="do"`) || !p.Shows("Reopen it to edit it.") {
			t.Errorf("a frozen one: %d %s", p.Status, p.Text())
		}
		if p := pressDo(t, officer, at, "8", "up:q2", nil); p.Status != http.StatusConflict {
			t.Errorf("a button of a frozen one: %d", p.Status)
		}
	})
}

func TestNothingTypedIsLostOnTheQuestionsPages(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	officer, lead, at := x.As(account.Officer), x.As(account.Lead), x.questionnaire+"/questions"
	saved(t, pressDo(t, officer, at+"/q3", "1", "save", q3(nil)))
	mine := q3(url.Values{"q3.text": {"The lead's words"}, "items": {"The lead's item"}, "kind": {"multiple"}})
	p := pressDo(t, lead, at+"/q3", "1", "item_up:q3b", mine)
	if p.Status != http.StatusConflict || !p.Shows("Two people wrote at the same time", "Question 3", "The lead's words", "What is saved now") ||
		!strings.Contains(p.Body, `action="`+at+`/q3"`) || !strings.Contains(p.Body, `name="base_revision" value="1"`) ||
		!strings.Contains(p.Body, `name="do" value="item_up:q3b"`) {
		t.Fatalf("%d %s", p.Status, p.Body)
	}
	mine["take-q3.text"], mine["seen"] = []string{"mine"}, []string{"2"}
	saved(t, pressDo(t, lead, at+"/q3", "1", "item_up:q3b", mine))
	p = lead.Get(at + "/q3")
	if !p.Shows("The lead's words", "The lead's item", "Denial of Service attacks") || !strings.Contains(p.Body, `value="multiple" selected`) {
		t.Errorf("what was chosen, and what nobody else touched: %d %s", p.Status, p.Text())
	}
	p = pressDo(t, lead, at+"/q3", "2", "save", q3(url.Values{"q3.text": {""}}))
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `name="base_revision" value="2"`) {
		t.Errorf("what is wrong with an old page is shown over a newer one, which it would undo: %d %s", p.Status, p.Text())
	}
	p = pressDo(t, lead, at, "1", "add_question", url.Values{"new_text": {"The lead's question"}, "new_kind": {"short"}})
	if p.Status != http.StatusSeeOther || !lead.Get(at).Shows("The lead's question", "The lead's words") {
		t.Errorf("what only one of them touched is not put together: %d %s", p.Status, p.Text())
	}
	p = pressDo(t, lead, at, "2", "add_question", url.Values{"new_text": {"Choose"}, "new_kind": {"single"}})
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `id="f-new_items-error"`) || !p.Shows("Choose") {
		t.Errorf("a choice of nothing: %d %s", p.Status, p.Text())
	}
	saved(t, pressDo(t, officer, at+"/q3", "4", "remove", q3(nil)))
	mine = q3(url.Values{"q3.text": {"The lead's next words"}, "q3a.text": {"The lead's threat"}, "kind": {"multiple"}})
	p = pressDo(t, lead, at+"/q3", "4", "save", mine)
	if p.Status != http.StatusConflict || !p.Shows("Taken out", "The lead's next words", "The lead's threat") {
		t.Errorf("a question that somebody took out: %d %s", p.Status, p.Text())
	}
	mine["take-q3.text"], mine["seen"] = []string{"theirs"}, []string{"5"}
	saved(t, pressDo(t, lead, at+"/q3", "4", "save", mine))
	for path, want := range map[string]int{at + "/q3": 404, at + "/nothing": 404, x.questionnaire + "/questions": 200} {
		if p := lead.Get(path); p.Status != want {
			t.Errorf("%s: %d, want %d", path, p.Status, want)
		}
	}
	if p := pressDo(t, lead, at, "3", "explode", nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a button that there is not: %d", p.Status)
	}
	saved(t, pressDo(t, officer, at, "5", "reading_save", url.Values{"reading.3.url": {"https://www.example.org/one"}, "reading.4.url": {"https://www.example.org/two"}}))
	saved(t, officer.PostForm(x.questionnaire+"/freeze", nil))
	p = pressDo(t, lead, at, "6", "add_question", url.Values{"new_text": {"One question more"}, "new_kind": {"short"}})
	if p.Status != http.StatusConflict || !p.Shows("This text is frozen.", "What you wrote", "One question more") {
		t.Errorf("typed into a text that was frozen meanwhile: %d %s", p.Status, p.Text())
	}
}

func TestWhatTakesAnswersAwayIsAskedFirst(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		officer, at := x.As(account.Officer), x.questionnaire+"/questions"
		p := pressDo(t, officer, at+"/q3", "1", "save", q3(url.Values{"kind": {"text"}}))
		if p.Status != http.StatusUnprocessableEntity || !p.Shows("10 items are removed") || !strings.Contains(p.Body, `name="confirm"`) {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(`insert into contribution (cycle_id, state, channel, capacity, name, organization, email, stakeholder_group, region, country, language, consent_publication, started_at, updated_at, late, secret_hash)
				values (1, 'draft', 'public_form', 'individual', 'A', '', '', '', '', '', 'en', ?, ?, ?, ?, 'x')`, false, x.Clock.Now(), x.Clock.Now(), false)
			if err == nil {
				_, err = tx.Exec("insert into answer (contribution_id, question, text) values ((select max(id) from contribution), 'q3b', 'An answer')")
			}
			return err
		})
		must(t, err)
		for _, do := range []string{"remove", "item_remove:q3b"} {
			p := pressDo(t, officer, at+"/q3", "1", do, q3(nil))
			if p.Status != http.StatusUnprocessableEntity || !p.Shows("1 contribution answers this.") {
				t.Errorf("%s: %d %s", do, p.Status, p.Text())
			}
		}
		saved(t, pressDo(t, officer, at+"/q3", "1", "item_remove:q3a", q3(nil)))
		saved(t, pressDo(t, officer, at+"/q3", "2", "remove", q3(url.Values{"confirm": {"yes"}})))
		if p := officer.Get(x.questionnaire); p.Shows("Which options do you see?") {
			t.Errorf("%s", p.Text())
		}
	})
}

func TestAQuestionnaireFromAFile(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		officer, at := x.As(account.Officer), x.questionnaire+"/replace"
		file := officer.Get(x.questionnaire + "/questionnaire.yaml")
		if file.Status != http.StatusOK || !strings.HasPrefix(file.Header.Get("Content-Type"), "application/yaml") {
			t.Fatalf("%d %v", file.Status, file.Header)
		}
		p := pressDo(t, officer, at, "1", "preview", url.Values{"yaml": {file.Body}})
		if p.Status != http.StatusOK || !p.Shows("Nothing would change.") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		edited := strings.Replace(file.Body, "Online abuse and gender-based violence", "Online abuse", 1)
		edited = strings.Replace(edited, "  - id: q2\n", "  - id: q22\n", 1)
		p = pressDo(t, officer, at, "1", "preview", url.Values{"yaml": {edited}})
		if p.Status != http.StatusOK || !p.Shows("Taken out: q2.") || !strings.Contains(p.Body, "<del> and gender-based violence</del>") || !p.Shows("Revision 1") && len(p.Body) == 0 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if unseen := pressDo(t, officer, at, "1", "save", url.Values{"yaml": {edited}}); unseen.Status != http.StatusConflict || !unseen.Shows("Question 2 (q2) would be taken out") {
			t.Errorf("took out a question that was not shown: %d", unseen.Status)
		}
		saved(t, pressDo(t, officer, at, "1", "save", url.Values{"yaml": {edited}, "note": {"From a file"}, "removing": {"q2 "}}))
		now := func() string { return officer.Get(x.questionnaire + "/questionnaire.yaml").Body }
		said := func(as string) string { return strings.Replace(edited, "Online abuse", as, 1) }
		lead, q5 := x.As(account.Lead), x.questionnaire+"/questions/q5"
		saved(t, pressDo(t, lead, q5, "2", "save", url.Values{"q5.text": {"The lead's question?"}, "kind": {"text"}}))
		saved(t, pressDo(t, officer, at, "2", "save", url.Values{"yaml": {said("Abuse")}}))
		if is := now(); !strings.Contains(is, "The lead's question?") || strings.Contains(is, "Online abuse") {
			t.Error("a file put back what somebody else wrote meanwhile")
		}
		p = pressDo(t, officer, at, "2", "save", url.Values{"yaml": {said("Abuse on the net")}})
		if p.Status != http.StatusConflict || !p.Shows("Abuse on the net") || !strings.Contains(p.Body, `name="seen" value="4"`) || strings.Contains(p.Text(), "overview.") {
			t.Errorf("both changed a passage: %d %s", p.Status, p.Text())
		}
		bad := pressDo(t, officer, at, "2", "preview", url.Values{"yaml": {"title: [x]\nquestions:\n- {id: q1, type: poem, text: y}\n"}})
		if bad.Status != http.StatusUnprocessableEntity || !bad.Shows("Line 1, title: A text is needed here.", "Line 3, questions.1.type: Choose one of the types", "type: poem") {
			t.Errorf("%d %s", bad.Status, bad.Text())
		}
		other := pressDo(t, officer, at, "2", "save", url.Values{"yaml": {strings.Replace(edited, "id: bpf-cybersecurity-2017", "id: bpf-2018", 1)}})
		if other.Status != http.StatusUnprocessableEntity || !other.Shows("This file is of another questionnaire: it is bpf-2018") {
			t.Errorf("%d %s", other.Status, other.Text())
		}
		if huge := pressDo(t, officer, at, "2", "preview", url.Values{"yaml": {strings.Repeat("x", 5<<20)}}); huge.Status != http.StatusUnprocessableEntity || !huge.Shows("The limit is 1 MB.") {
			t.Errorf("5 MB: %d", huge.Status)
		}
	})
}

func TestANewQuestionnaire(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	officer := x.As(account.Officer)
	const path = "/documents/new/questionnaire"
	if p := officer.Get("/documents"); !strings.Contains(p.Body, path) {
		t.Error("no link leads to a new questionnaire")
	}
	p := officer.PostForm(path, url.Values{"slug": {"second"}, "title": {"Kept words"}})
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, "Kept words") || !strings.Contains(p.Body, `id="f-new_text-error"`) {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	p = officer.PostForm(path, url.Values{"slug": {"questionnaire"}, "title": {"T"}, "new_text": {"What?"}})
	if p.Status != http.StatusConflict || !p.Shows("This cycle already has a text named questionnaire.") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	made := officer.PostForm(path, url.Values{"slug": {"second"}, "title": {"Second"}, "new_text": {"What?"}})
	if made.Status != http.StatusSeeOther || !officer.Get(made.Location()).Shows("What?", "Long text") {
		t.Errorf("%d %s", made.Status, made.Text())
	}
	made = officer.PostForm(path, url.Values{"slug": {"third"}, "yaml": {"title: Third\nquestions:\n- {id: q1, type: short, text: 'Who?'}\n"}})
	if made.Status != http.StatusSeeOther || !officer.Get(made.Location()).Shows("Who?", "Short text") {
		t.Errorf("%d %s", made.Status, made.Text())
	}
	p = officer.PostForm(path, url.Values{"slug": {"fourth"}, "yaml": {"title: Fourth\nquestions: 3\n"}})
	if p.Status != http.StatusUnprocessableEntity || !p.Shows("Line 2, questions: A list is needed here", "title: Fourth") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	volunteer := x.As(account.Volunteer)
	for _, post := range []string{path, x.questionnaire + "/questions", x.questionnaire + "/questions/q1", x.questionnaire + "/replace"} {
		if p := volunteer.PostForm(post, nil); p.Status != http.StatusForbidden {
			t.Errorf("a volunteer at %s: %d", post, p.Status)
		}
	}
}
