//go:build unix

package browser

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/e2e/walk"
	"github.com/convoke/convoke/internal/testenv"
)

// officialReads: the link opens the form in the language of the mail, and opening it changes nothing.
func (c *contributors) officialReads() {
	c.t.Helper()
	b := c.fresh(c.official, c.officialsLink)
	c.speaks(b, "es", "ltr")
	b.Sees(c.sayIn("es", "respond.title"), "15 de septiembre de 2017")
	if strings.Contains(c.open(walk.Olu, "/contributions").Text(), "Mateo Ibáñez") {
		c.t.Error("opening the link has begun a contribution")
	}
}

// officialAnswers: what is typed survives the switch of the language, and goes on on another device by the mailed link.
func (c *contributors) officialAnswers() {
	c.t.Helper()
	const area = "#answers textarea"
	b := c.fresh(c.official, c.officialsLink)
	question := c.questions(b)[0]
	b.Open(c.house.URL + question)
	b.Type(area, officialsAnswer)
	b.Follow(`button[name=lang][value=fr]`)
	c.speaks(b, "fr", "ltr")
	c.keeps(b, area, officialsAnswer)
	b.Follow(`button[name=lang][value=es]`)
	c.speaks(b, "es", "ltr")
	b.Follow(`#answers button[value=later]`)
	b.Sees(c.sayIn("es", "respond.saved"))
	b.Follow(`form[action$="/link"] button`)
	b.Sees(c.sayIn("es", "respond.link.sent"))
	c.secondMail(officialsMailbox)
	again := c.linkIn(officialsMailbox, "/r/")
	c.keeps(c.fresh(c.official, again[:strings.Index(again, "/r/")]+question), area, officialsAnswer)
}

// secondMail waits for one after the call.
func (c *contributors) secondMail(mailbox string) {
	c.t.Helper()
	olu := c.open(walk.Olu, "/mailbox?q="+mailbox)
	olu.Until("a second mail to "+mailbox, func() bool {
		return evaluate[int](olu, `document.querySelectorAll('main table a[href^="/mailbox/"]').length`) > 1
	})
}

// officialAttaches: a PDF is refused with the reason; what a word processor wrote is read, and nothing of the rest is lost.
func (c *contributors) officialAttaches() {
	c.t.Helper()
	folder := c.t.TempDir()
	pdf, docx := filepath.Join(folder, "anexo.pdf"), filepath.Join(folder, "anexo.docx")
	for path, content := range map[string][]byte{
		pdf:  []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"),
		docx: testenv.Convert(c.t, "docx", "../contribution/extract/testdata/contribution.fodt")[0],
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	b := c.fresh(c.official, c.officialsLink+"/files")
	b.Attach("input[type=file]", pdf)
	c.answers(b, "button[value=attach]", http.StatusUnprocessableEntity, "PDF")
	c.speaks(b, "es", "ltr")
	b.Attach("input[type=file]", docx)
	c.answers(b, "button[value=attach]", http.StatusOK, "anexo.docx")
	c.speaks(b, "es", "ltr")
}

// officialHandsIn: the question of publication wants an answer; then the text stands on the public page at once, and a mail says so.
func (c *contributors) officialHandsIn() {
	c.t.Helper()
	b := c.fresh(c.official, c.officialsLink)
	b.Follow(`main a[href*="/check"]`)
	b.Sees(officialsAnswer, "anexo.docx")
	c.answers(b, `form[action$="/check"] button`, http.StatusUnprocessableEntity, officialsAnswer)
	c.speaks(b, "es", "ltr")
	b.Tick("input[name=consent][value=publish]")
	c.answers(b, `form[action$="/check"] button`, http.StatusOK, c.sayIn("es", "respond.thanks.title"))
	public := b.Attribute(`main a[href^="/calls/"]`, "href")
	thanks := c.mail(walk.Received)
	thanks.Sees(officialsMailbox)
	if !thanks.Has(`main a[href*="/r/"]`) {
		c.t.Errorf("the acknowledgement has no link to read, correct or withdraw:\n%s", thanks.Text())
	}
	c.published = public
	c.public()
}

// public: everybody reads who said what, and takes the document home, which shows nothing in the browser and nobody's name.
func (c *contributors) public() {
	c.t.Helper()
	b := c.open("", c.call+"/contributions")
	b.Sees("Mateo Ibáñez", ministry)
	b.Follow(`main a[href="` + c.published + `"]`)
	b.Sees("Mateo Ibáñez", ministry, "Government", "Spanish", officialsAnswer, "anexo.docx")
	file := evaluate[[]string](b, `[...document.querySelectorAll("main a[href]")].map(a => a.getAttribute("href")).filter(h => /\/files\//.test(h))`)
	if len(file) == 0 {
		c.t.Fatalf("the document cannot be taken home:\n%s", b.Text())
	}
	r := c.house.Visitor(c.t).Get(file[0])
	if r.Status != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		c.t.Errorf("the document comes with %d and %v", r.Status, r.Header)
	}
	path := filepath.Join(c.t.TempDir(), "anexo.docx")
	if err := os.WriteFile(path, []byte(r.Body), 0o600); err != nil {
		c.t.Fatal(err)
	}
	opened := string(testenv.Convert(c.t, "txt:Text (encoded):UTF8", path)[0])
	if !strings.Contains(opened, "Las contraseñas únicas") {
		c.t.Errorf("LibreOffice opens another text: %s", opened)
	}
}

// officialCorrects: what was published is corrected with the secretariat's consent, and what it was stays readable.
func (c *contributors) officialCorrects() {
	c.t.Helper()
	b := c.fresh(c.official, c.officialsLink)
	b.Follow(`main a[href*="/correct"]`)
	areas := evaluate[[]string](b, `[...document.querySelectorAll("main textarea")].filter(e => e.value).map(e => e.name)`)
	if len(areas) == 0 {
		c.t.Fatalf("no answer is there to be corrected:\n%s", b.Text())
	}
	b.Put("textarea[name="+quote(areas[0])+"]", officialsCorrection)
	b.Follow("main form button.button")
	c.open("", c.published).Sees(officialsAnswer)
	helene := c.open(walk.Helene, "/contributions")
	helene.Open(c.house.URL + c.link(helene, "Mateo Ibáñez"))
	helene.Sees(officialsCorrection)
	helene.Follow(`form[action$="/correction/approve"] button`)
	now := c.open("", c.published)
	now.Sees(officialsCorrection)
	now.Follow(`main a[href*="/versions/"]`)
	now.Sees(officialsAnswer)
	rows := evaluate[[]string](c.open(walk.Olu, "/contributions/review"), `[...document.querySelectorAll("main tbody tr")].map(e => e.innerText)`)
	if !slices.ContainsFunc(rows, func(row string) bool { return strings.Contains(row, "Mateo Ibáñez") }) {
		c.t.Errorf("the list for the meeting lacks the contribution: %q", rows)
	}
}
