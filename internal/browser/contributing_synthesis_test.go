//go:build unix

package browser

import (
	"html"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/convoke/convoke/internal/e2e/walk"
	"github.com/convoke/convoke/internal/testenv"
)

const finding = "National response teams and trained judges both build trust."

// marks: the lead expert sees who is silent, reads what was answered side by side, and marks a sentence of each.
func (c *contributors) marks() {
	c.t.Helper()
	maren := c.open(walk.Maren, "/synthesis")
	maren.Sees(c.say("synthesis.is_silent"))
	maren.Follow("table.heat tbody tr a")
	maren.Put("form.filters select[name=group]", "")
	maren.Follow("form.filters button")
	beside := maren.Path()
	for _, name := range []string{"Mateo Ibáñez", "كريم بنعلي"} {
		maren.Open(c.house.URL + beside)
		maren.Sees(officialsCorrection, initiativesAnswer)
		mark := evaluate[string](maren, `[...document.querySelectorAll(".beside section")].find(s => s.textContent.includes(`+quote(name)+`)).querySelector('a[href^="/synthesis/mark"]').href`)
		maren.Open(mark)
		maren.Tick("input[name=sentences]")
		maren.Put("input[name=more_tags]", "trust")
		maren.Follow("main form button.button")
		maren.Sees(c.say("synthesis.said.marked"))
	}
}

// compiles: a paragraph that cites both goes into the output document, and into a file that a word processor opens.
func (c *contributors) compiles() {
	c.t.Helper()
	maren := c.open(walk.Maren, "/synthesis/excerpts?tag=trust")
	for _, id := range evaluate[[]string](maren, `[...document.querySelectorAll("main input[name=excerpts]")].map(e => e.id)`) {
		maren.Tick("[id=" + quote(id) + "]")
	}
	maren.Follow(`form[action="/synthesis/paragraphs/new"] button`)
	maren.Put("textarea[name=text]", finding)
	maren.Follow("main form button.button")
	maren.Sees(finding, "Mateo Ibáñez", "كريم بنعلي")
	maren.Follow(`form[action="/synthesis/compile"] button`)
	maren.Sees(finding)
	c.output = maren.Path()
	officer := c.house.As(c.t, walk.Maren)
	file := officer.Get("/synthesis/draft.docx")
	if file.Status != http.StatusOK {
		c.t.Fatalf("the draft as a file: status %d", file.Status)
	}
	path := filepath.Join(c.t.TempDir(), "draft.docx")
	if err := os.WriteFile(path, []byte(file.Body), 0o600); err != nil {
		c.t.Fatal(err)
	}
	opened := html.UnescapeString(string(testenv.Convert(c.t, "html:HTML (StarWriter):UTF8", path)[0]))
	for _, want := range []string{finding, "Un equipo nacional de respuesta reduce", "الثقة شرط للتجارة"} {
		if !strings.Contains(strings.Join(strings.Fields(opened), " "), want) {
			c.t.Errorf("LibreOffice finds no %q in the draft", want)
		}
	}
}

// circulates: everybody may comment on the text that was compiled; what becomes of it stands in the register.
func (c *contributors) circulates() {
	c.t.Helper()
	olu := c.open(walk.Olu, c.output+"/comments")
	olu.Tick(`form[action$="/commenting"] input[value=public]`)
	olu.Follow(`form[action$="/commenting"] button`)
	call := c.open("", c.call)
	call.Sees(c.say("comment.draft.link", "Kind", c.say("document.kind.output_document")), c.say("comment.draft.read", "Kind", c.say("document.kind.questionnaire")))
	b := c.fresh(c.official, c.house.URL+c.link(call, c.say("document.kind.output_document")))
	c.speaks(b, "es", "ltr")
	b.Sees(finding)
	b.Follow(`main a[href*="passage="]`)
	b.Type("input[name=name]", "Mateo Ibáñez")
	b.Type("textarea[name=body]", "También hacen falta fiscales.")
	b.wait("a person takes a moment", func() bool { return evaluate[bool](b, "performance.now() > 4500") })
	c.answers(b, `main form:has(input[name=began]) button`, http.StatusOK, c.sayIn("es", "comment.public.thanks"))
	olu.Open(c.house.URL + c.output + "/register")
	olu.Sees("Mateo Ibáñez", "También hacen falta fiscales.", c.say("comment.state.open"))
}
