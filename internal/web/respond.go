package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages behind a personal link: a list of tasks, one page a question, check your answers. Each saves
// what is on it, in the language that it is shown in.
const (
	respondPage         page[respondData]   = "respond"
	respondAnswerPage   page[respondAnswer] = "respond_answer"
	respondAboutPage    page[respondAbout]  = "respond_about"
	respondCheckPage    page[respondData]   = "respond_check"
	respondWithdrawPage page[respondData]   = "respond_withdraw"
)

const (
	languageForm = "answers" // the id of the forms with something typed
	laterAction  = "later"   // the button that saves and leads back to the list
)

// respondData is what all of these pages know.
type respondData struct {
	contribution.Form
	Base     string // the address of the first page, without a slash at its end
	Suffix   string // keeps a language that was asked for and not saved yet: "?lang=ar"
	Ask      texts  // how the questions are written
	Sections []respondSection
	Done     int // sections with an answer
	// Documents are those that are attached.
	Documents []fileView
	Words     int
	Deadline  string // "" for none
	Public    string // address of the published contribution, "" for none
}

// texts says in which language a text stands on a page of another one; empty where in the page's own.
type texts struct{ Lang, Dir string }

// respondSection is a page of questions.
type respondSection struct {
	contribution.Question
	ID      string
	Number  int
	Path    string
	Heading contribution.Section // over the first question of a section; empty for the others
	Free    bool                 // the closing free form
	Given   int
	Places  []answerPlace
}

// answerPlace is where an answer is given: some lines, one line, or options to choose from. Where Label is
// empty, Key names the text beside it.
type answerPlace struct {
	Name    string
	Label   string
	Key     string
	Hint    string                // the key of what to know before answering, "" for nothing
	By      *contribution.Written // who wrote the answer last, where that was somebody else; nil else
	Clash   *clash                // what was saved meanwhile, where the answer was not taken; nil else
	Text    string
	Rows    int    // 1 for a line
	Choice  string // contribution.SingleChoice or MultipleChoice, "" for a text
	Options []form.Option
}

// Read is the answer as it is read: of a choice the options that were chosen.
func (p answerPlace) Read() string {
	if p.Choice == "" {
		return p.Text
	}
	var lines []string
	for _, o := range p.Options {
		if slices.Contains(p.values(), o.Value) {
			lines = append(lines, o.Label)
		}
	}
	return strings.Join(lines, "\n")
}

// values are what a form has at the place.
func (p answerPlace) values() []string {
	if p.Choice == "" {
		return []string{p.Text}
	}
	return strings.Fields(p.Text)
}

// posted is the answer that a form brought, and whether it brought one: nothing chosen is an answer taken back.
func (p answerPlace) posted(f form.Form) (string, bool) {
	v, ok := f.Values[p.Name]
	if p.Choice == contribution.MultipleChoice {
		return strings.Join(v, "\n"), true
	}
	if !ok || len(v) == 0 {
		return "", false
	}
	return v[0], true
}

type respondAnswer struct {
	respondData
	Section respondSection
}

type respondAbout struct {
	respondData
	Capacities []form.Option
	Groups     []form.Option
	Countries  []form.Option
}

func (w *Web) respondSection() section {
	return section{
		pages: []definition{respondPage, respondAnswerPage, respondFilesPage, respondAboutPage, respondCheckPage, respondWithdrawPage},
		routes: func(r *httpserver.Router) {
			private, large := httpserver.Private(), httpserver.BodyLimit(fileBody)
			uploads := httpserver.Limit(300, 10*time.Minute)
			often := httpserver.Limit(6000, 10*time.Minute) // a whole meeting room types behind one address
			r.Handle(fiber.MethodGet, "/r/:token", account.PublicAnswer, w.respond, private)
			r.Handle(fiber.MethodGet, "/r/:token/answer/:section", account.PublicAnswer, w.respondAnswer, private)
			r.Handle(fiber.MethodPost, "/r/:token/answer/:section", account.PublicAnswer, w.saveAnswer, private, large, answerTooLarge(), often)
			r.Handle(fiber.MethodGet, "/r/:token/files", account.PublicAnswer, w.respondFiles, private)
			r.Handle(fiber.MethodPost, "/r/:token/files", account.PublicAnswer, w.saveFiles, private, large, fileTooLarge(), uploads)
			r.Handle(fiber.MethodGet, "/r/:token/files/:file", account.PublicAnswer, w.ownFile, private)
			r.Handle(fiber.MethodGet, "/r/:token/about", account.PublicAnswer, w.respondAbout, private)
			r.Handle(fiber.MethodPost, "/r/:token/about", account.PublicAnswer, w.saveAbout, private, often)
			r.Handle(fiber.MethodGet, "/r/:token/check", account.PublicAnswer, w.respondCheck, private)
			r.Handle(fiber.MethodPost, "/r/:token/check", account.PublicAnswer, w.submitAnswers, private, often)
			r.Handle(fiber.MethodGet, "/r/:token/withdraw", account.PublicAnswer, w.respondWithdraw, private)
			r.Handle(fiber.MethodPost, "/r/:token/withdraw", account.PublicAnswer, w.withdrawAnswers, private, often)
			r.Handle(fiber.MethodPost, "/r/:token/again", account.PublicAnswer, w.answerAgain, private, often)
		},
	}
}

// opened is what the link leads to, in the language that was asked for, else the contributor's. From here on the
// answer to the request is in that language.
func (w *Web) opened(c *fiber.Ctx) (respondData, error) {
	locale := ""
	for _, asked := range []string{c.Query("lang"), c.FormValue("language")} {
		if locale == "" && w.Bundle.Supported(asked) {
			locale = asked
		}
	}
	f, err := w.Contributions.Open(c.UserContext(), c.Params("token"), locale)
	if f.Locale != "" { // also to say in it why there is nothing to see
		w.Server.Speak(c, f.Locale)
	}
	if err != nil {
		if f.Locale = cmp.Or(locale, f.Locale); w.Bundle.Supported(f.Locale) {
			w.Server.Speak(c, f.Locale)
		}
		return respondData{}, err
	}
	return w.respondData(c, f), nil
}

func (w *Web) respondData(c *fiber.Ctx, f contribution.Form) respondData {
	l := w.Server.Localizer(c)
	d := respondData{
		Form: f, Base: "/r/" + c.Params("token"), Ask: w.writtenIn(l, f.Questionnaire.Locale),
		Words: f.Answers.Words() + wordsIn(f.Files), Deadline: deadlineText(l, f.Deadline),
	}
	if f.Locale != d.usual() {
		d.Suffix = "?lang=" + f.Locale
	}
	if n := f.Contribution.PublicNumber; n != nil && f.Contribution.State == contribution.Published {
		d.Public = publicAddress(callPath(f.Round), *n)
	}
	d.Sections = sectionsOf(d.Base, f.Questionnaire, f.Answers)
	d.Documents = w.fileViews(d.Base, f.Questionnaire, f.Files, f.Contribution.Language)
	for i := range d.Sections {
		s := &d.Sections[i]
		for _, file := range f.Files {
			if file.Question == s.ID {
				s.Given = len(s.Places)
			}
		}
		if s.Given > 0 {
			d.Done++
		}
	}
	return d
}

// sectionsOf are the questions in their order, then the closing free form.
func sectionsOf(base string, q contribution.Questionnaire, a contribution.Answers) []respondSection {
	var all []respondSection
	headings := map[string]contribution.Section{}
	for _, s := range q.Sections {
		headings[s.ID] = s
	}
	for i, question := range q.Questions {
		s := sectionOf(base, i+1, question, a)
		s.Heading = headings[question.Section]
		delete(headings, question.Section)
		all = append(all, s)
	}
	if q.FreeForm {
		all = append(all, freeSection(base, len(all)+1, q.FreeText, a))
	}
	return all
}

// sectionOf makes the places for the answers to a question.
func sectionOf(base string, number int, q contribution.Question, a contribution.Answers) respondSection {
	s := respondSection{Question: q, ID: q.ID, Number: number, Path: base + "/answer/" + q.ID}
	s.Places = ownPlaces(q, a)
	if q.Other {
		key := q.ID + contribution.ItemOther
		s.Places = append(s.Places, answerPlace{Name: key, Key: "respond.other.label", Text: a[key], Rows: 4})
	}
	if q.FollowUp != "" {
		key := q.ID + contribution.ItemFollowUp
		s.Places = append(s.Places, answerPlace{Name: key, Label: q.FollowUp, Text: a[key], Rows: 4})
	}
	return s.counted()
}

// ownPlaces are those that the kind of a question asks for.
func ownPlaces(q contribution.Question, a contribution.Answers) []answerPlace {
	own := answerPlace{Name: q.ID, Key: "respond.answer.label", Text: a[q.ID], Rows: 12}
	switch {
	case q.Choice():
		own.Choice = q.Kind
		for _, item := range q.Items {
			own.Options = append(own.Options, form.Option{Value: item.ID, Label: item.Text})
		}
	case len(q.Items) > 0:
		var places []answerPlace
		for _, item := range q.Items {
			places = append(places, answerPlace{Name: item.ID, Label: item.Text, Text: a[item.ID], Rows: 4})
		}
		return places
	case q.Kind == contribution.ShortText:
		own.Rows = 1
	case q.Kind == contribution.FileQuestion:
		own.Key, own.Hint, own.Rows = "respond.file.label", "respond.file.hint", 1
	}
	return []answerPlace{own}
}

// freeSection is the closing place for what no question asked.
func freeSection(base string, number int, text string, a contribution.Answers) respondSection {
	s := respondSection{
		Question: contribution.Question{Text: text},
		ID:       contribution.FreeForm, Number: number, Path: base + "/answer/" + contribution.FreeForm, Free: true,
		Places: []answerPlace{{Name: contribution.FreeForm, Key: "respond.free.label", Text: a[contribution.FreeForm], Rows: 12}},
	}
	return s.counted()
}

func (s respondSection) counted() respondSection {
	for _, p := range s.Places {
		if p.Text != "" {
			s.Given++
		}
	}
	return s
}

// writtenIn says how a text in this language stands on the page of l.
func (w *Web) writtenIn(l *i18n.Localizer, tag string) texts {
	if tag == l.Tag() {
		return texts{}
	}
	return texts{Lang: tag, Dir: w.Bundle.For(tag).Dir()}
}

// deadlineText names the displayed day and its zone.
func deadlineText(l *i18n.Localizer, d *contribution.Deadline) string {
	if d == nil {
		return ""
	}
	where := i18n.AnywhereOnEarth()
	if d.Zone != "aoe" {
		where = zone(d.Zone)
	}
	return l.T("respond.deadline", "Date", l.Date(d.Day, time.UTC), "Zone", l.Zone(d.At, where))
}

func (w *Web) respond(c *fiber.Ctx) error {
	d, err := w.opened(c)
	if err != nil {
		return err
	}
	return respondPage.show(w, c, d)
}

func (w *Web) respondAnswer(c *fiber.Ctx) error {
	d, err := w.answering(c)
	if err != nil {
		return err
	}
	return respondAnswerPage.showForm(w, c, d, d.Section.shown())
}

func (w *Web) answering(c *fiber.Ctx) (respondAnswer, error) {
	d, err := w.opened(c)
	if err != nil {
		return respondAnswer{}, err
	}
	c.Locals(languageFormKey, languageForm)
	for _, s := range d.Sections {
		if s.ID == c.Params("section") {
			return respondAnswer{respondData: d, Section: s.signed(d.Written)}, nil
		}
	}
	return respondAnswer{}, errs.E(errs.NotFound, "error.not_found")
}

// saveAnswer keeps the answers of one page. The script saves in the same way while somebody types.
func (w *Web) saveAnswer(c *fiber.Ctx) error {
	d, err := w.answering(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	e := d.Section.entry(posted)
	e.Language = chosenLanguage(posted, d.Locale)
	ctx := c.UserContext()
	saved, err := w.Contributions.SaveIn(ctx, account.ActorFrom(ctx), d.Form, e)
	if err != nil {
		return w.answerNotSaved(c, d, posted, saved, err)
	}
	changed := ""
	if d.TakesFile() {
		if changed, err = w.changeFiles(c, posted, d.Section.ID); err != nil {
			return w.answerSavedBut(c, posted, atFile(err))
		}
	}
	switch {
	case changed != "":
		return w.redirect(c, d.Section.Path, changed)
	case c.Get(autosaved) != "":
		c.Set(seenHeader, seenQuery(saved.Seen))
		return c.SendStatus(http.StatusNoContent)
	case posted.Value("lang") != "":
		return w.redirect(c, d.Section.Path, "")
	case posted.Value("action") == laterAction:
		return w.redirect(c, d.Base, "respond.saved")
	}
	return w.redirect(c, d.after(d.Section.Number), "")
}

// after is the page that follows a section: the next one, then the documents.
func (d respondData) after(number int) string {
	if number < len(d.Sections) {
		return d.Sections[number].Path
	}
	return d.Base + "/files"
}

// chosenLanguage is that of the button that was pressed, else that of the page.
func chosenLanguage(f form.Form, page string) string {
	if tag := f.Value("lang"); tag != "" {
		return tag
	}
	return page
}

func (w *Web) respondCheck(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	return respondCheckPage.showForm(w, c, d, saidConsent(d.Contribution))
}

// submitAnswers is the one press that gives the contribution away.
func (w *Web) submitAnswers(c *fiber.Ctx) error {
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	ctx, token := c.UserContext(), c.Params("token")
	consent, err := consentOf(posted)
	if err == nil {
		_, err = w.Contributions.HandIn(ctx, account.ActorFrom(ctx), token, &consent, posted.Value("language"))
	}
	if err == nil {
		return w.redirect(c, "/r/"+token, "respond.submitted")
	}
	d, failed := w.openedByAuthor(c)
	if failed != nil {
		return failed
	}
	return respondCheckPage.again(w, c, d, err)
}

func (w *Web) respondWithdraw(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	return respondWithdrawPage.show(w, c, d)
}

func (w *Web) withdrawAnswers(c *fiber.Ctx) error {
	d, err := w.opened(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	left, err := w.Contributions.Withdraw(ctx, account.ActorFrom(ctx), c.Params("token"))
	if err != nil {
		return respondWithdrawPage.again(w, c, d, err)
	}
	if left.State != contribution.Withdrawn { // it is the others' now, and the link opens it no more
		return w.redirect(c, callPath(d.Round), "respond.signatories.left")
	}
	return w.redirect(c, d.Base, "respond.withdrawn")
}

func (w *Web) answerAgain(c *fiber.Ctx) error {
	if _, err := w.openedByAuthor(c); err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := w.Contributions.Again(ctx, account.ActorFrom(ctx), c.Params("token")); err != nil {
		return err
	}
	return w.redirect(c, "/r/"+c.Params("token"), "")
}
