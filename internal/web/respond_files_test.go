package web_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

const paper = `{\rtf1\ansi\ansicpg1252{\info{\author Zenobia}}\pard Las contrase\'f1as <script>alert(1)</script>.\par V\'e9ase https://example.org/guide\par}`

func TestADocumentInsteadOfAnswers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		c := app.Visitor().With("Accept-Language", "fr")
		base := "/r/" + k.Respond(k.Contact("María", "es"))
		if p := c.Get(base); !p.Shows("Sus documentos", "No hay ningún documento adjunto.") {
			t.Errorf("the list of tasks: %s", p.Text())
		}
		form := c.Get(base + "/files")
		if form.Status != http.StatusOK || !strings.Contains(form.Body, `enctype="multipart/form-data"`) {
			t.Fatalf("the form: %d", form.Status)
		}
		es := url.Values{"language": {"es"}, "action": {"attach"}}
		if p := c.PostFile(base+"/files", "", nil, es); p.Status != http.StatusUnprocessableEntity || !p.Shows("Elija primero un archivo.") {
			t.Errorf("without a file: %d %s", p.Status, p.Text())
		}
		pdf := c.PostFile(base+"/files", "ponencia.docx", []byte("%PDF-1.7 …"), es)
		if pdf.Status != http.StatusUnprocessableEntity || !pdf.Shows("Esto es un PDF.", "guarde su documento como Word") || !strings.Contains(pdf.Body, `id="f-file-error"`) {
			t.Errorf("a PDF: %d %s", pdf.Status, pdf.Text())
		}
		if p := c.PostFile(base+"/files", "ponencia.pdf", []byte(paper), es); p.Status != http.StatusSeeOther || p.Location() != base+"/files" {
			t.Fatalf("attached: %d %s", p.Status, p.Text())
		}
		seen := c.Get(base + "/files")
		if !seen.Shows("ponencia.rtf", "Páginas: unas 1. Palabras: 5", "Las contraseñas <script>alert(1)</script>.", "los datos sobre su", "https://example.org/guide") ||
			strings.Contains(seen.Body, "<script>alert") {
			t.Errorf("what was understood: %s", seen.Text())
		}
		if p := c.Get(base + "/check"); !p.Shows("ponencia.rtf") || p.Shows("Aún no ha respondido") {
			t.Errorf("check: %s", p.Text())
		}
		if p := c.PostForm(base+"/check", url.Values{"consent": {"publish"}, "language": {"es"}}); p.Status != http.StatusSeeOther {
			t.Fatalf("submitting nothing but a document: %d %s", p.Status, p.Text())
		}
		public := app.Visitor()
		address := "/calls/" + contributiontest.Slug + "/contributions/1"
		p := public.Get(address)
		if !p.Shows("ponencia.rtf", "Las contraseñas <script>alert(1)</script>.") || strings.Contains(p.Body, "<script>alert") ||
			!strings.Contains(p.Body, `<a href="https://example.org/guide" rel="nofollow noopener ugc"`) || !strings.Contains(p.Body, `lang="es" dir="ltr"`) {
			t.Errorf("published: %s", p.Body)
		}
		file := public.Get(address + "/files/1")
		for name, want := range map[string]string{
			"Content-Type": "application/rtf", "Content-Disposition": "attachment; filename=ponencia.rtf", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; sandbox",
		} {
			if got := file.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if file.Status != http.StatusOK || strings.Contains(file.Body, "Zenobia") || !strings.HasPrefix(file.Body, `{\rtf1`) {
			t.Errorf("download: %d %q", file.Status, file.Body)
		}
		call := "/calls/" + contributiontest.Slug + "/contributions"
		for _, feed := range []string{".atom", ".json", ""} {
			if p := public.Get(call + feed); !strings.Contains(p.Body, "/contributions/1/files/1") || !strings.Contains(p.Body, "ponencia.rtf") {
				t.Errorf("%s does not name the document: %s", feed, p.Body)
			}
		}
		c.PostForm(base+"/withdraw", url.Values{"language": {"es"}})
		if p := public.Get(address + "/files/1"); p.Status != http.StatusGone {
			t.Errorf("after the withdrawal: %d", p.Status)
		}
		for _, bad := range []string{"/files/2", "/files/x", "/files/-1", "/files/99999999999999999999"} {
			if p := public.Get(address + bad); p.Status != http.StatusNotFound && p.Status != http.StatusGone {
				t.Errorf("%s: %d", bad, p.Status)
			}
		}
	})
}

func TestAQuestionThatAsksForADocument(t *testing.T) {
	t.Parallel()
	app, k := contributing(t, dbtest.SQLite(t))
	base := "/r/" + k.Respond(k.Contact("Ana", "en"))
	c := app.Visitor()
	page := base + "/answer/q6"
	if p := c.Get(page); !strings.Contains(p.Body, `type="file"`) || !p.Shows("Do you have slides?") {
		t.Fatalf("the question: %s", p.Text())
	}
	values := url.Values{"language": {"en"}, "q6": {"https://example.org/slides typed beside"}}
	refused := c.PostFile(page, "slides.png", []byte("\x89PNG\r\n\x1a\n"), values)
	if refused.Status != http.StatusUnprocessableEntity || !refused.Shows("This is a picture.") || !strings.Contains(refused.Body, "typed beside") {
		t.Errorf("a picture: %d %s", refused.Status, refused.Text())
	}
	if p := c.PostFile(page, "slides.md", []byte("# Slides\n\nOne thing a page."), values); p.Location() != page {
		t.Fatalf("attached: %d %s", p.Status, p.Text())
	}
	if p := c.Get(page); !p.Shows("slides.md", "One thing a page.") || !strings.Contains(p.Body, "typed beside") {
		t.Errorf("afterwards: %s", p.Text())
	}
	if p := c.Get(base); !p.Shows("Answers: 1 of 1") {
		t.Errorf("the list of tasks: %s", p.Text())
	}
	if p := c.PostForm(page, url.Values{"language": {"en"}, "remove": {"1"}, "q6": {""}}); p.Location() != page {
		t.Errorf("removed: %d %s", p.Status, p.Text())
	}
	if k.Count("select count(*) from contribution_file") != 0 {
		t.Error("it is still there")
	}
}

// A body that is far too large is refused in the language of the form, without being kept in memory.
func TestADocumentThatIsMuchTooLarge(t *testing.T) {
	t.Parallel()
	app, k := contributing(t, dbtest.SQLite(t))
	base := "/r/" + k.Respond(k.Contact("Nour", "ar"))
	c := app.Visitor().With("Accept-Language", "fr")
	form := c.Get(base + "/files")
	if !strings.Contains(form.Body, base+"/files?lang=ar") {
		t.Fatal("the form does not say its language in its address")
	}
	large := bytes.Repeat([]byte("large "), 50<<20/6)
	p := c.PostFile(base+"/files?lang=ar", "large.txt", large, url.Values{"language": {"ar"}})
	if p.Status != http.StatusRequestEntityTooLarge || !strings.Contains(p.Body, `<html lang="ar" dir="rtl">`) || !p.Shows("هذا الملف أكبر من") {
		t.Errorf("50 MB: %d %s", p.Status, p.Text())
	}
	p = c.PostFile(base+"/files?lang=ar", "large.txt", large[:11<<20], url.Values{"language": {"ar"}})
	if p.Status != http.StatusUnprocessableEntity || !p.Shows("هذا الملف أكبر من") {
		t.Errorf("11 MB: %d %s", p.Status, p.Text())
	}
}

func TestOfficersAttachDocuments(t *testing.T) {
	t.Parallel()
	app, _ := contributing(t, dbtest.SQLite(t))
	c := app.As(account.Officer)
	values := url.Values{
		"channel": {"email"}, "received_at": {"2017-08-01T10:00"}, "language": {"en"}, "name": {"Somebody"}, "capacity": {"individual"},
		"stakeholder_group": {"media"}, "country": {"KE"}, "consent": {"publish"},
	}
	c.Get("/contributions/new")
	if p := c.PostFile("/contributions/new", "old.doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), values); p.Status != http.StatusUnprocessableEntity ||
		!p.Shows("before 2007") || !strings.Contains(p.Body, `value="Somebody"`) {
		t.Errorf("an old document: %d %s", p.Status, p.Text())
	}
	made := c.PostFile("/contributions/new", "paper.pdf", []byte("%PDF-1.7 …"), values)
	page := made.Location()
	if made.Status != http.StatusSeeOther {
		t.Fatalf("recorded with a PDF: %d %s", made.Status, made.Text())
	}
	if p := c.Get(page); !p.Shows("paper.pdf", "This is a PDF, kept as it came") {
		t.Errorf("page: %s", p.Text())
	}
	if p := c.PostFile(page+"/files", "more.txt", []byte("More text"), nil); p.Status != http.StatusSeeOther {
		t.Errorf("another: %d %s", p.Status, p.Text())
	}
	if p := c.Get(page + "/files/2"); p.Body != "More text\n" || p.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("download: %q", p.Body)
	}
	if p := c.PostForm(page+"/files", url.Values{"remove": {"1"}}); p.Status != http.StatusSeeOther {
		t.Errorf("removing: %d %s", p.Status, p.Text())
	}
	if p := app.As(account.Volunteer).Get(page + "/files/2"); p.Status != http.StatusForbidden {
		t.Errorf("as a volunteer: %d", p.Status)
	}
	c.PostForm(page+"/publish", nil)
	if p := c.PostFile(page+"/files", "late.txt", []byte("Late"), nil); p.Status != http.StatusConflict || !p.Shows("Withhold it first") {
		t.Errorf("to what is published: %d %s", p.Status, p.Text())
	}
}

// Who pastes far too much into an answer is told about text, and in the language of the form.
func TestAnAnswerThatIsMuchTooLarge(t *testing.T) {
	t.Parallel()
	app, k := contributing(t, dbtest.SQLite(t))
	base := "/r/" + k.Respond(k.Contact("Ana", "es"))
	p := app.Visitor().PostForm(base+"/answer/q1?lang=es", url.Values{"language": {"es"}, "q1": {strings.Repeat("demasiado ", 2<<20)}})
	if p.Status != http.StatusRequestEntityTooLarge || !p.Shows("Una respuesta puede tener hasta 20") || p.Shows("Este archivo") {
		t.Errorf("20 MB: %d %s", p.Status, p.Text())
	}
}
