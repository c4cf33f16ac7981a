package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages on which a published text is corrected: its author asks, an officer decides, everybody reads both texts.
const (
	respondCorrectPage page[correctData] = "respond_correct"
	callVersionPage    page[versionData] = "call_version"
)

// correctData is the form on which an author asks for a correction.
type correctData struct {
	respondData
	Own     []form.Option // documents that may be taken out
	Waiting []form.Option // new ones that came with the request that waits
	Spots   []form.Option // where a new one may stand
}

// versionData is what was replaced.
type versionData struct {
	publishedOneData
	Version contribution.Version
}

// correctionView is what an officer compares.
type correctionView struct {
	contribution.Correction
	Changes   []correctionChange
	Named     []correctionChange // name and organization; Question is the key of what it is called
	Documents []correctionFile
}

// correctionFile is a document that goes, or one that comes, or one in the place of another.
type correctionFile struct {
	Key      string // of what is asked for
	Old, New *contribution.File
	Path     string // of the new one
	Position int    // of the old one
}

// correctionChange is one place whose answer is to be another; Old or New is empty where one is added or taken out.
type correctionChange struct{ Question, Old, New string }

func (w *Web) correctionsSection() section {
	return section{
		pages: []definition{respondCorrectPage, callVersionPage},
		routes: func(r *httpserver.Router) {
			private, large, often := httpserver.Private(), httpserver.BodyLimit(fileBody), httpserver.Limit(600, 10*time.Minute)
			r.Handle(fiber.MethodGet, "/r/:token/correct", account.PublicAnswer, w.respondCorrect, private)
			r.Handle(fiber.MethodPost, "/r/:token/correct", account.PublicAnswer, w.proposeCorrection, private, large, fileTooLarge(), often)
			r.Handle(fiber.MethodPost, "/r/:token/correct/back", account.PublicAnswer, w.takeBackCorrection, private, often)
			r.Handle(fiber.MethodPost, "/contributions/:id/correction/approve", account.ContributionDecide, w.decideCorrection)
			r.Handle(fiber.MethodPost, "/contributions/:id/correction/refuse", account.ContributionDecide, w.decideCorrection)
			r.Handle(fiber.MethodGet, "/contributions/:id/correction/files/:file", account.ContributionRead, w.correctionFile)
			r.Handle(fiber.MethodGet, "/calls/:slug/contributions/:number/versions/:version", account.PublicRead, w.publishedVersion)
			r.Handle(fiber.MethodGet, "/calls/:slug/contributions/:number/versions/:version/files/:file", account.PublicRead, w.versionFile)
		},
	}
}

func (w *Web) respondCorrect(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	if d.Contribution.State != contribution.Published {
		return w.redirect(c, d.Base+d.Suffix, "correction.not_published")
	}
	c.Locals(languageFormKey, languageForm)
	f := form.With("name", d.Contribution.Name, "organization", d.Contribution.Organization)
	answers := d.Answers
	if k := d.Correction; k != nil && k.State == contribution.Proposed {
		answers = k.Answers
		f = form.With("name", k.Name, "organization", k.Organization, "note", k.Note)
		for _, position := range k.Removed {
			f.Values["remove"] = append(f.Values["remove"], strconv.Itoa(position))
		}
	}
	for _, s := range sectionsOf(d.Base, d.Questionnaire, answers) {
		for _, p := range s.Places {
			f.Values[p.Name] = p.values()
		}
	}
	return respondCorrectPage.showForm(w, c, w.correctData(c, d), f)
}

func (w *Web) correctData(c *fiber.Ctx, d respondData) correctData {
	l := w.Server.Localizer(c)
	v := correctData{respondData: d, Spots: []form.Option{{Value: "0", Label: l.T("respond.correction.place_more")}}}
	for _, f := range d.Files {
		number := strconv.Itoa(f.Position)
		v.Own = append(v.Own, form.Option{Value: number, Label: f.Name, Name: true})
		v.Spots = append(v.Spots, form.Option{Value: number, Label: l.T("respond.correction.place_of", "Name", f.Name)})
	}
	if k := d.Correction; k != nil {
		for _, f := range k.Files {
			v.Waiting = append(v.Waiting, form.Option{Value: strconv.FormatInt(f.ID, 10), Label: f.Name, Name: true})
		}
	}
	return v
}

func (w *Web) proposeCorrection(c *fiber.Ctx) error {
	d, err := w.opened(c)
	if err != nil {
		return err
	}
	c.Locals(languageFormKey, languageForm)
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	if lang := posted.Value("lang"); w.Bundle.Supported(lang) { // what was typed stays on the page in the other language
		return w.correctIn(c, lang, posted)
	}
	wanted, err := wantedOf(c, d, posted)
	if err == nil {
		ctx := c.UserContext()
		_, err = w.Contributions.Propose(ctx, account.ActorFrom(ctx), c.Params("token"), wanted)
	}
	if err != nil {
		return respondCorrectPage.again(w, c, w.correctData(c, d), atFile(err))
	}
	return w.redirect(c, d.Base+d.Suffix, "respond.correction.sent")
}

// wantedOf reads the form.
func wantedOf(c *fiber.Ctx, d respondData, posted form.Form) (contribution.Wanted, error) {
	wanted := contribution.Wanted{Answers: contribution.Answers{}, Note: posted.Value("note")}
	for _, s := range d.Sections {
		for _, p := range s.Places {
			if text, ok := p.posted(posted); ok {
				wanted.Answers[p.Name] = text
			}
		}
	}
	for name, into := range map[string]**string{"name": &wanted.Name, "organization": &wanted.Organization} {
		if v := posted.Values[name]; len(v) > 0 {
			*into = &v[0]
		}
	}
	for _, number := range posted.Values["remove"] {
		n, _ := strconv.Atoi(number) // what is no number is no document
		wanted.Remove = append(wanted.Remove, n)
	}
	for _, number := range posted.Values["drop"] {
		n, _ := strconv.ParseInt(number, 10, 64)
		wanted.Drop = append(wanted.Drop, n)
	}
	wanted.Replaces, _ = strconv.Atoi(posted.Value("replaces"))
	var err error
	wanted.Add, err = uploadedDocument(c)
	return wanted, err
}

// correctIn shows the page in another language with what was typed.
func (w *Web) correctIn(c *fiber.Ctx, lang string, posted form.Form) error {
	f, err := w.Contributions.Open(c.UserContext(), c.Params("token"), lang)
	if err != nil {
		return err
	}
	w.Server.Speak(c, lang)
	return respondCorrectPage.showForm(w, c, w.correctData(c, w.respondData(c, f)), posted)
}

func (w *Web) takeBackCorrection(c *fiber.Ctx) error {
	d, err := w.opened(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Contributions.TakeBackCorrection(ctx, account.ActorFrom(ctx), c.Params("token")); err != nil {
		return err
	}
	return w.redirect(c, d.Base+d.Suffix, "respond.correction.taken_back")
}

// correctionViewOf lists what is to change, the places for answers in the order of the questions.
func correctionViewOf(q contribution.Questionnaire, now contribution.Full) *correctionView {
	k := now.Correction
	if k == nil {
		return nil
	}
	v := &correctionView{Correction: *k, Documents: documentsOf(now)}
	for _, p := range []correctionChange{{"respond.name.label", now.Name, k.Name}, {"respond.organization.label", now.Organization, k.Organization}} {
		if p.Old != p.New {
			v.Named = append(v.Named, p)
		}
	}
	wanted := map[string]string{}
	for _, s := range sectionsOf("", q, k.Answers) {
		for _, p := range s.Places {
			wanted[p.Name] = p.Read()
		}
	}
	for _, s := range sectionsOf("", q, now.Answers) {
		for _, p := range s.Places {
			if now.Answers[p.Name] != k.Answers[p.Name] {
				v.Changes = append(v.Changes, correctionChange{Question: s.Text, Old: p.Read(), New: wanted[p.Name]})
			}
		}
	}
	return v
}

// documentsOf are the documents that a correction is about.
func documentsOf(now contribution.Full) (all []correctionFile) {
	old := map[int]*contribution.File{}
	for i, f := range now.Files {
		old[f.Position] = &now.Files[i]
	}
	for _, position := range now.Correction.Removed {
		if old[position] != nil {
			all = append(all, correctionFile{Key: "contributions.correction.file_gone", Old: old[position], Position: position})
		}
	}
	base := "/contributions/" + strconv.FormatInt(now.ID, 10) + "/correction/files/"
	for i, f := range now.Correction.Files {
		d := correctionFile{Key: "contributions.correction.file_more", New: &now.Correction.Files[i], Path: base + strconv.FormatInt(f.ID, 10)}
		if d.Old = old[f.Position]; d.Old != nil {
			d.Key, d.Position = "contributions.correction.file_other", f.Position
		}
		all = append(all, d)
	}
	return all
}

// correctionFile hands a new document out to those who read contributions, before it is decided on.
func (w *Web) correctionFile(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	n, err := position(c)
	if err != nil {
		return err
	}
	f, err := w.Contributions.CorrectionFile(ctx, account.ActorFrom(ctx), id, int64(n))
	if err != nil {
		return err
	}
	return sendFile(c, f)
}

// decideCorrection does what the last word of the address says.
func (w *Web) decideCorrection(c *fiber.Ctx) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	seen, _ := strconv.ParseInt(c.FormValue("correction"), 10, 64) // what is no number was seen by nobody
	verb := "approved"
	if strings.HasSuffix(c.Path(), "/refuse") {
		verb = "refused"
		_, err = w.Contributions.RefuseCorrection(ctx, actor, id, seen, c.FormValue("correction_reason"))
	} else {
		_, err = w.Contributions.ApproveCorrection(ctx, actor, id, seen)
	}
	if err == nil {
		return w.redirect(c, "/contributions/"+strconv.FormatInt(id, 10), "contributions.correction."+verb)
	}
	d, failed := w.contributionData(c)
	if failed != nil {
		return failed
	}
	return contributionPage.again(w, c, d, err)
}
