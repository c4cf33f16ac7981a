package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages on which a published text is corrected: its author asks, an officer decides, everybody reads both texts.
const (
	respondCorrectPage page[respondData] = "respond_correct"
	callVersionPage    page[versionData] = "call_version"
)

const correctLimit = 4 << 20 // bytes: a dozen answers of 20,000 characters, encoded

// versionData is a text that was replaced.
type versionData struct {
	publishedOneData
	Version contribution.Version
}

// correctionView is what an officer compares.
type correctionView struct {
	contribution.Correction
	Changes []correctionChange
}

// correctionChange is one place whose answer is to be another; Old or New is empty where one is added or taken out.
type correctionChange struct{ Question, Old, New string }

func (w *Web) correctionsSection() section {
	return section{
		pages: []definition{respondCorrectPage, callVersionPage},
		routes: func(r *httpserver.Router) {
			private, large, often := httpserver.Private(), httpserver.BodyLimit(correctLimit), httpserver.Limit(600, 10*time.Minute)
			r.Handle(fiber.MethodGet, "/r/:token/correct", account.PublicAnswer, w.respondCorrect, private)
			r.Handle(fiber.MethodPost, "/r/:token/correct", account.PublicAnswer, w.proposeCorrection, private, large, often)
			r.Handle(fiber.MethodPost, "/r/:token/correct/back", account.PublicAnswer, w.takeBackCorrection, private, often)
			r.Handle(fiber.MethodPost, "/contributions/:id/correction/approve", account.ContributionDecide, w.decideCorrection)
			r.Handle(fiber.MethodPost, "/contributions/:id/correction/refuse", account.ContributionDecide, w.decideCorrection)
			r.Handle(fiber.MethodGet, "/calls/:slug/contributions/:number/versions/:version", account.PublicRead, w.publishedVersion)
		},
	}
}

func (w *Web) respondCorrect(c *fiber.Ctx) error {
	d, err := w.opened(c)
	if err != nil {
		return err
	}
	if d.Contribution.State != contribution.Published {
		return w.redirect(c, d.Base+d.Suffix, "correction.not_published")
	}
	c.Locals(languageFormKey, languageForm)
	f := form.Form{Values: map[string][]string{}}
	answers := d.Answers
	if k := d.Correction; k != nil && k.State == contribution.Proposed {
		answers = k.Answers
		f.Values["note"] = []string{k.Note}
	}
	for _, s := range sectionsOf(d.Base, d.Questionnaire, answers) {
		for _, p := range s.Places {
			f.Values[p.Name] = p.values()
		}
	}
	return respondCorrectPage.showForm(w, c, d, f)
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
	change := contribution.Answers{}
	for _, s := range d.Sections {
		for _, p := range s.Places {
			if text, ok := p.posted(posted); ok {
				change[p.Name] = text
			}
		}
	}
	ctx := c.UserContext()
	if _, err := w.Contributions.Propose(ctx, account.ActorFrom(ctx), c.Params("token"), change, posted.Value("note")); err != nil {
		return respondCorrectPage.again(w, c, d, err)
	}
	return w.redirect(c, d.Base+d.Suffix, "respond.correction.sent")
}

// correctIn shows the page in another language with what was typed.
func (w *Web) correctIn(c *fiber.Ctx, lang string, posted form.Form) error {
	f, err := w.Contributions.Open(c.UserContext(), c.Params("token"), lang)
	if err != nil {
		return err
	}
	w.Server.Speak(c, lang)
	return respondCorrectPage.showForm(w, c, w.respondData(c, f), posted)
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

// correctionView lists the places that are to change, in the order of the questions.
func correctionViewOf(q contribution.Questionnaire, now contribution.Answers, k *contribution.Correction) *correctionView {
	if k == nil {
		return nil
	}
	v := &correctionView{Correction: *k}
	wanted := map[string]string{}
	for _, s := range sectionsOf("", q, k.Answers) {
		for _, p := range s.Places {
			wanted[p.Name] = p.Read()
		}
	}
	for _, s := range sectionsOf("", q, now) {
		for _, p := range s.Places {
			if now[p.Name] != k.Answers[p.Name] {
				v.Changes = append(v.Changes, correctionChange{Question: s.Text, Old: p.Read(), New: wanted[p.Name]})
			}
		}
	}
	return v
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

// publishedVersion is where a text stays that a correction replaced.
func (w *Web) publishedVersion(c *fiber.Ctx) error {
	number, bad := strconv.Atoi(c.Params("number"))
	version, worse := strconv.Atoi(c.Params("version"))
	if bad != nil || worse != nil {
		return errs.E(errs.NotFound, "contribution.not_found")
	}
	call, err := w.callData(c)
	if err != nil {
		return err
	}
	p, v, err := w.Contributions.PublishedVersion(c.UserContext(), call.Round.ID, number, version)
	if err != nil {
		return err
	}
	d := versionData{Version: v, publishedOneData: publishedOneData{
		Round: call.Round, Base: call.Base, Item: w.publicItem(w.Server.Localizer(c), call.Base, p), Ask: call.Ask,
		Given: answered(call.Questionnaire, v.Answers),
	}}
	return callVersionPage.show(w, c, d)
}
