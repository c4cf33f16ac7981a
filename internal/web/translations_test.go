package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

var baseField = regexp.MustCompile(`name="(base-[^"]+|seen[^"]*)" value="([^"]+)"`)

// bases are the hidden fields by which a page says what it showed.
func bases(p servertest.Response) url.Values {
	v := url.Values{}
	for _, m := range baseField.FindAllStringSubmatch(p.Body, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

func with(v url.Values, pairs ...string) url.Values {
	c := url.Values{}
	for name, values := range v {
		c[name] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Set(pairs[i], pairs[i+1])
	}
	return c
}

func (x *textsApp) claim(c *servertest.Client, locale string) string {
	return c.PostForm("/translations", url.Values{"document": {fmt.Sprint(x.message.ID)}, "locale": {locale}}).Location()
}

func TestTheBoardShowsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	officer := x.Account("eleonora", account.Officer)
	by, err := x.Accounts.Actor(t.Context(), officer, "test")
	must(t, err)
	cycles := cycle.New(cycle.Deps{DB: x.DB, Now: x.Clock.Now})
	current, err := cycles.Current(t.Context())
	must(t, err)
	_, err = cycles.SetDate(t.Context(), by, current.ID, cycle.SendOn, x.Clock.Now().AddDate(0, 0, 8).Format(time.DateOnly), "UTC", "")
	must(t, err)
	translator := x.SignIn(x.Account("alejandro", account.Translator))
	sheet := x.claim(translator, "es")
	board := x.SignIn(officer).Get("/translations")
	if !board.Shows("The texts go out on", "alejandro", "Claimed") || strings.Contains(board.Body, "Last worked on") {
		t.Errorf("%s", board.Text())
	}
	for query, want := range map[string][2]string{
		"locale=es":        {"Spanish", "French</th>"},
		"kind=message":     {"Call of the IGF", "Call for contributions to the 2017"},
		"state=claimed":    {"Claimed", "French</th>"},
		"who=mine":         {"Nothing found.", "<table"},
		"state=in_review":  {"Nothing found.", "<table"},
		"locale=xx&kind=y": {"Nothing found.", "<table"},
	} {
		p := x.SignIn(officer).Get("/translations?" + query)
		all := p.Body[strings.Index(p.Body, `id="all"`):]
		if p.Status != http.StatusOK || !strings.Contains(all, want[0]) || strings.Contains(all, want[1]) {
			t.Errorf("%s: %d, wants %q and not %q:\n%s", query, p.Status, want[0], want[1], all)
		}
	}
	if p := translator.Get("/translations?who=mine"); !p.Shows("Call of the IGF") {
		t.Errorf("%s", p.Text())
	}
	x.Clock.Advance(8 * 24 * time.Hour)
	if p := x.SignIn(officer).Get("/translations"); !p.Shows("Last worked on: 8 days ago") {
		t.Errorf("%s", p.Text())
	}
	// The officer relieves the translator; the words that come too late are shown, not lost.
	shown := translator.Get(sheet)
	if p := x.SignIn(officer).PostForm(sheet+"/relieve", url.Values{"reason": {""}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("relieved without a reason: %d", p.Status)
	}
	if p := x.SignIn(officer).PostForm(sheet+"/relieve", url.Values{"reason": {"Away"}}); p.Status != http.StatusSeeOther {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	late := translator.PostForm(sheet, with(bases(shown), "p1", "Palabras tardías"))
	if late.Status < 400 || !late.Shows("could not be saved", "Palabras tardías") {
		t.Errorf("%d %s", late.Status, late.Text())
	}
}

func TestTheEditorOfTranslations(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	translator := x.SignIn(x.Account("alejandro", account.Translator))
	sheet := x.claim(translator, "es")
	first := translator.Get(sheet)
	if !first.Shows("To do (3)", "Next to do", "Abbreviation: write IGF everywhere") {
		t.Fatalf("%s", first.Text())
	}
	saved := translator.PostForm(sheet+"?show=todo", with(bases(first), "subject", "Llamado del IGF", "at", "subject"))
	if saved.Location() != sheet+"?show=todo#f-p1" {
		t.Errorf("leads to %q", saved.Location())
	}
	if p := translator.Get(sheet + "?show=todo"); strings.Contains(p.Body, `name="subject"`) || !strings.Contains(p.Body, `name="p1"`) {
		t.Errorf("to do: %s", p.Text())
	}
	translator.PostForm(sheet, with(bases(first), "p1", "Estimado {{contacto}},"))
	if p := translator.Get(sheet + "?show=remarks"); !p.Shows("the merge field {{contact}} is missing", "{{contacto}} is not in the source") || strings.Contains(p.Body, `name="p2"`) {
		t.Errorf("%s", p.Text())
	}
	// What keeps it from review is told on the whole page, also where the view leaves it out.
	refused := translator.PostForm(sheet+"?show=remarks", url.Values{"do": {"submit"}})
	if refused.Status != http.StatusUnprocessableEntity || !strings.Contains(refused.Body, `href="#f-p2"`) || !strings.Contains(refused.Body, `id="f-p2"`) {
		t.Errorf("%d %s", refused.Status, refused.Text())
	}
	// The other window still shows p1 empty.
	both := translator.PostForm(sheet, with(bases(first), "p1", "Hola {{contact}},", "p2", "responda: {{personal_link}}"))
	if both.Status != http.StatusConflict || !both.Shows("While you were writing, this was saved here:", "Estimado {{contacto}},", "Hola {{contact}},") {
		t.Fatalf("%d %s", both.Status, both.Text())
	}
	again := translator.PostForm(sheet, with(bases(both), "p1", "Hola {{contact}},", "p2", "responda: {{personal_link}}", "do", "submit"))
	if again.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", again.Status, again.Text())
	}
	if p := translator.Get(sheet); !p.Shows("Hola {{contact}},", "responda: {{personal_link}}", "In review") {
		t.Errorf("%s", p.Text())
	}
}

func TestReviewWithNotesAtPassages(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	translator, reviewer := x.SignIn(x.Account("alejandro", account.Translator)), x.SignIn(x.Account("carina", account.Translator))
	sheet := x.claim(translator, "ar")
	texts := url.Values{"subject": {"نداء"}, "p1": {"عزيزي {{contact}}"}, "p2": {"{{personal_link}}"}, "do": {"submit"}}
	translator.PostForm(sheet, texts)
	if p := reviewer.PostForm(sheet+"/review", url.Values{"do": {"note"}, "note-p2": {"Which link?"}}); p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := reviewer.PostForm(sheet+"/review", url.Values{"do": {"note"}, "note-p2": {strings.Repeat("x", 10_001)}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `href="#f-note-p2"`) {
		t.Errorf("a long note: %d", p.Status)
	}
	if p := reviewer.PostForm(sheet+"/review", url.Values{"do": {"send_back"}}); p.Status != http.StatusSeeOther {
		t.Fatalf("sent back with the notes alone: %d %s", p.Status, p.Text())
	}
	p := translator.Get(sheet)
	m := regexp.MustCompile(`name="settled" value="(\d+)"`).FindStringSubmatch(p.Body)
	if !p.Shows("Note from carina", "Which link?") || m == nil {
		t.Fatalf("%s", p.Text())
	}
	translator.PostForm(sheet, with(bases(p), "settled", m[1], "p2", "اضغط {{personal_link}}"))
	if p := translator.Get(sheet); !p.Shows("Settled") || strings.Contains(p.Body, `name="settled"`) {
		t.Errorf("%s", p.Text())
	}
	if p := translator.PostForm(sheet+"/release", nil); p.Location() != "/translations" {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := reviewer.Get("/translations"); !p.Shows("Handed back", "3 of 3") {
		t.Errorf("%s", p.Text())
	}
	if p := reviewer.Get(sheet); !p.Shows("Translate this", "اضغط") {
		t.Errorf("%s", p.Text())
	}
}

func TestAReviewThatComesTooLate(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	translator, reviewer, other := x.SignIn(x.Account("alejandro", account.Translator)), x.SignIn(x.Account("carina", account.Translator)), x.SignIn(x.Account("rodrigo", account.Translator))
	sheet := x.claim(translator, "es")
	texts := url.Values{"subject": {"Llamado"}, "p1": {"Hola {{contact}},"}, "p2": {"**responda**: {{personal_link}}"}, "do": {"submit"}}
	translator.PostForm(sheet, texts)
	if p := translator.PostForm(sheet+"/withdraw", nil); p.Location() != sheet || !translator.Get(sheet).Shows("Draft", "Save and submit for review") {
		t.Errorf("taken back from review: %d %s", p.Status, p.Text())
	}
	translator.PostForm(sheet, with(bases(translator.Get(sheet)), "do", "submit"))
	read := bases(reviewer.Get(sheet))
	if p := reviewer.PostForm(sheet+"/review", url.Values{"do": {"approve"}}); p.Status != http.StatusConflict {
		t.Errorf("approved without having looked: %d", p.Status)
	}
	other.PostForm(sheet+"/review", with(bases(other.Get(sheet)), "do", "send_back", "note", "Shorter"))
	translator.PostForm(sheet, with(bases(translator.Get(sheet)), "p1", "Estimado {{contact}},", "do", "submit"))
	p := reviewer.PostForm(sheet+"/review", with(read, "do", "approve", "note-p2", "Nice words"))
	if p.Status != http.StatusConflict || !p.Shows("This changed since you looked at it", "Passage 1: changed since you looked.", "Estimado {{contact}},", "Nice words") ||
		strings.Contains(p.Body, "Subject: changed") || !strings.Contains(p.Body, `id="f-p1"`) {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	other.PostForm(sheet+"/review", with(bases(other.Get(sheet)), "do", "approve"))
	late := reviewer.PostForm(sheet+"/review", with(bases(p), "do", "send_back", "note", "All of it is wrong", "note-p2", "Which link?"))
	if late.Status != http.StatusConflict || !late.Shows("What you wrote is not stored") || !strings.Contains(late.Body, ">All of it is wrong</textarea>") || !strings.Contains(late.Body, ">Which link?</textarea>") {
		t.Errorf("%d %s", late.Status, late.Text())
	}
	if p := reviewer.Get(sheet); p.Shows("Which link?") || p.Shows("Nice words") {
		t.Errorf("half stored: %s", p.Text())
	}
	other.PostForm(sheet+"/correct", url.Values{"reason": {"A typo"}})
	if p := reviewer.PostForm(sheet+"/correct", url.Values{"reason": {"Another typo"}}); p.Status != http.StatusConflict || !strings.Contains(p.Body, ">Another typo</textarea>") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	officer := x.As(account.Officer)
	officer.PostForm(sheet+"/relieve", url.Values{"reason": {"Away"}})
	if p := officer.PostForm(sheet+"/relieve", url.Values{"reason": {"Still away"}}); p.Status != http.StatusConflict || !strings.Contains(p.Body, ">Still away</textarea>") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
}

func TestApprovedWordsCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	translator, reviewer := x.SignIn(x.Account("alejandro", account.Translator)), x.SignIn(x.Account("carina", account.Translator))
	sheet := x.claim(translator, "es")
	translator.PostForm(sheet, url.Values{"subject": {"Llamado"}, "p1": {"Hola {{contact}},"}, "p2": {"**responda**: {{personal_link}}"}, "do": {"submit"}})
	reviewer.PostForm(sheet+"/review", with(bases(reviewer.Get(sheet)), "do", "approve"))
	officer := x.As(account.Officer)
	made := officer.PostForm("/documents/new", url.Values{"kind": {"follow_up"}, "slug": {"again"}, "subject": {"Reminder"}, "body": {"Dear {{contact}},"}})
	id := strings.TrimPrefix(made.Location(), "/documents/")
	again := translator.PostForm("/translations", url.Values{"document": {id}, "locale": {"es"}}).Location()
	p := translator.Get(again)
	if !p.Shows("Approved before for the same words", "Hola {{contact}},") || !strings.Contains(p.Body, `name="take" value="p1:0"`) {
		t.Fatalf("%s", p.Text())
	}
	translator.PostForm(again, with(bases(p), "subject", "Recordatorio", "p1", "", "take", "p1:0"))
	if p := translator.Get(again); strings.Contains(p.Body, `name="take"`) || !strings.Contains(p.Body, ">Hola {{contact}},</textarea>") || !strings.Contains(p.Body, ">Recordatorio</textarea>") {
		t.Errorf("%s", p.Body)
	}
}

func TestFilesOfATranslation(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	translator := x.SignIn(x.Account("alejandro", account.Translator))
	sheet := x.claim(translator, "es")
	if p := translator.Get(sheet + "/files"); !p.Shows("Translate with your own tool") || !strings.Contains(p.Body, sheet+"/export?format=po") {
		t.Fatalf("%s", p.Text())
	}
	if p := x.As(account.Lead).Get(sheet + "/files"); strings.Contains(p.Body, `type="file"`) {
		t.Error("a lead may import")
	}
	xlf := translator.Get(sheet + "/export")
	if !strings.HasPrefix(xlf.Header.Get("Content-Type"), "application/xliff+xml") {
		t.Errorf("%v", xlf.Header)
	}
	edited := strings.NewReplacer(
		`equiv="{{contact}}" disp="{{contact}}"/>,</source>`, `equiv="{{contact}}" disp="{{contact}}"/>,</source><target>Estimado:</target>`,
		`<unit id="p2"`, `<unit id="p8"`,
	).Replace(xlf.Body)
	p := translator.PostFile(sheet+"/files", "es.xlf", []byte(edited), nil)
	if p.Status != http.StatusOK || !p.Shows("Taken: 1", "Not in this text: 1", "Missing from the file: 1", "the merge field {{contact}} is missing") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := translator.Get(sheet); !p.Shows("Estimado:") {
		t.Errorf("%s", p.Text())
	}
	for name, file := range map[string]string{
		"holds another text": strings.Replace(edited, ":message:", ":x:", 1),
		"another language":   strings.Replace(edited, ":es\"", ":pt\"", 1),
		"cannot be read":     edited[:len(edited)/2],
		"neither XLIFF 2":    "<html></html>",
		"The file is empty":  " ",
	} {
		if name == "holds another text" {
			file = strings.Replace(file, `<file id="`, `<file id="9`, 1)
		}
		if p := translator.PostFile(sheet+"/files", "es.xlf", []byte(file), nil); p.Status != http.StatusUnprocessableEntity || !p.Shows(name) || !strings.Contains(p.Body, `id="f-file-error"`) {
			t.Errorf("%s: %d %s", name, p.Status, p.Text())
		}
	}
	if p := translator.PostForm(sheet+"/files", nil); p.Status != http.StatusUnprocessableEntity || !p.Shows("Choose a file.") {
		t.Errorf("no file: %d", p.Status)
	}
}

func TestAnApprovedTranslationIsCorrectedOnItsPages(t *testing.T) {
	t.Parallel()
	x := newTextsApp(t, dbtest.SQLite(t))
	translator, reviewer := x.SignIn(x.Account("alejandro", account.Translator)), x.SignIn(x.Account("carina", account.Translator))
	sheet := x.claim(translator, "es")
	translator.PostForm(sheet, url.Values{"subject": {"Llamado"}, "p1": {"Hola {{contact}},"}, "p2": {"**responda**: {{personal_link}}"}, "do": {"submit"}})
	reviewer.PostForm(sheet+"/review", with(bases(reviewer.Get(sheet)), "do", "approve"))
	if p := translator.Get("/translations"); !strings.Contains(p.Body, sheet+"#correct") {
		t.Errorf("the board has no way to correct: %s", p.Text())
	}
	if p := translator.Get(sheet + "/files"); !p.Shows("becomes a correction, which somebody else approves") {
		t.Errorf("%s", p.Text())
	}
	file := strings.Replace(translator.Get(sheet+"/export").Body, "<target>Llamado<", "<target>Llamada<", 1)
	if p := translator.PostFile(sheet+"/files", "es.xlf", []byte(file), nil); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `href="#f-reason"`) || !p.Shows("choose the file again too") {
		t.Errorf("a file that corrects for no reason: %d %s", p.Status, p.Text())
	}
	if p := translator.PostForm(sheet+"/correct", url.Values{"reason": {""}}); p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Body, `href="#f-reason"`) {
		t.Errorf("for no reason: %d %s", p.Status, p.Text())
	}
	next := translator.PostForm(sheet+"/correct", url.Values{"reason": {"It is a call, not a cry."}}).Location()
	if next == sheet || next == "" {
		t.Fatalf("leads to %q", next)
	}
	p := translator.Get(next)
	if !p.Shows("This is a correction of the approved translation", "It is a call, not a cry.", "Drop the correction") || !strings.Contains(p.Body, ">Llamado</textarea>") {
		t.Fatalf("%s", p.Text())
	}
	if p := reviewer.Get("/translations"); !p.Shows("Approved", "Correction: Claimed", "alejandro") {
		t.Errorf("%s", p.Text())
	}
	// A form that does not say what it stood on overwrites nothing.
	if p := translator.PostForm(next, url.Values{"subject": {"Grito"}}); p.Status != http.StatusConflict || !p.Shows("Llamado", "Grito") {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	if p := translator.PostForm(next, with(bases(p), "subject", "Convocatoria", "do", "submit")); p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	if p := reviewer.Get(next); !strings.Contains(p.Body, "<del>Llamado</del><ins>Convocatoria</ins>") {
		t.Errorf("the reviewer does not see the difference: %s", p.Text())
	}
	reviewer.PostForm(next+"/review", with(bases(reviewer.Get(next)), "do", "approve"))
	old := reviewer.Get(sheet)
	if old.Status != http.StatusOK || !old.Shows("Llamado", "This is edition 1", "Edition 2", "Approved by carina", "What is wrong: It is a call, not a cry.") ||
		old.Shows("Convocatoria") || !strings.Contains(old.Body, `href="`+next+`"`) || strings.Contains(old.Body, "<textarea") {
		t.Errorf("the edition before: %d %s", old.Status, old.Text())
	}
	again := reviewer.PostForm(next+"/correct", url.Values{"reason": {"Once more"}}).Location()
	if p := reviewer.PostForm(again+"/drop", nil); p.Location() != next {
		t.Errorf("%d leads to %q", p.Status, p.Location())
	}
}
