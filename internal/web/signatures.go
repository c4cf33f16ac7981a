package web

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// The pages on which several sign one contribution: who is named, and what each answers.
const (
	respondSignatoriesPage page[respondData] = "respond_signatories"
	signPage               page[signData]    = "sign"
)

// signData is what somebody reads who was asked to sign.
type signData struct {
	contribution.Signature
	Base   string
	Gone   string // the key of why there is nothing to sign; "" where there is
	Ask    texts
	Given  []respondSection
	Public string // address of the published contribution, "" for none
}

func (w *Web) signaturesSection() section {
	return section{
		pages: []definition{respondSignatoriesPage, signPage},
		routes: func(r *httpserver.Router) {
			private, seldom := httpserver.Private(), httpserver.Limit(300, time.Hour)
			r.Handle(fiber.MethodGet, "/r/:token/signatories", account.PublicAnswer, w.respondSignatories, private)
			r.Handle(fiber.MethodPost, "/r/:token/signatories", account.PublicAnswer, w.nameSignatory, private, seldom)
			r.Handle(fiber.MethodPost, "/r/:token/signatories/:id/remove", account.PublicAnswer, w.removeSignatory, private, seldom)
			r.Handle(fiber.MethodGet, "/sign/:token", account.PublicAnswer, w.signature, private)
			r.Handle(fiber.MethodPost, "/sign/:token/confirm", account.PublicAnswer, w.answerSignature, private, seldom)
			r.Handle(fiber.MethodPost, "/sign/:token/decline", account.PublicAnswer, w.answerSignature, private, seldom)
			r.Handle(fiber.MethodPost, "/sign/:token/withdraw", account.PublicAnswer, w.answerSignature, private, seldom)
		},
	}
}

// Others says whether the contribution stays where its author leaves.
func (d respondData) Others() bool {
	return slices.ContainsFunc(d.Signatories, contribution.Signatory.Stays)
}

// Leads says whether the contribution goes by the name of the one who reads this.
func (d signData) Leads() bool {
	lead := d.Contribution.LeadSignatoryID
	return lead != nil && *lead == d.Signatory.ID
}

func (w *Web) respondSignatories(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	c.Locals(languageFormKey, languageForm)
	return respondSignatoriesPage.show(w, c, d)
}

func (w *Web) nameSignatory(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	c.Locals(languageFormKey, languageForm)
	if posted.Value("lang") != "" { // the language was changed while somebody typed: nothing is lost, nothing is sent
		w.Server.Speak(c, posted.Value("lang"))
		return respondSignatoriesPage.showForm(w, c, d, posted)
	}
	ctx := c.UserContext()
	_, err = w.Contributions.NameSignatory(ctx, account.ActorFrom(ctx), c.Params("token"), contribution.Cosigner{
		Name: posted.Value("name"), Organization: posted.Value("organization"), Email: posted.Value("email"),
	})
	if err != nil {
		return respondSignatoriesPage.again(w, c, d, err)
	}
	return w.redirect(c, d.Base+"/signatories"+d.Suffix, "respond.signatories.added")
}

func (w *Web) removeSignatory(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Contributions.RemoveSignatory(ctx, account.ActorFrom(ctx), c.Params("token"), id); err != nil {
		return respondSignatoriesPage.again(w, c, d, err)
	}
	return w.redirect(c, d.Base+"/signatories"+d.Suffix, "respond.signatories.removed")
}

func (w *Web) signature(c *fiber.Ctx) error {
	d, err := w.signData(c)
	if err != nil {
		return err
	}
	return signPage.show(w, c, d)
}

func (w *Web) signData(c *fiber.Ctx) (signData, error) {
	locale := ""
	for _, asked := range []string{c.Query("lang"), c.FormValue("language")} {
		if locale == "" && w.Bundle.Supported(asked) {
			locale = asked
		}
	}
	v, err := w.Contributions.OpenSignature(c.UserContext(), c.Params("token"), locale)
	if err != nil {
		return signData{}, err
	}
	w.Server.Speak(c, v.Locale)
	d := signData{
		Signature: v, Base: "/sign/" + c.Params("token"), Ask: w.writtenIn(w.Server.Localizer(c), v.Questionnaire.Locale),
		Given: answered(v.Questionnaire, v.Answers),
	}
	switch v.Contribution.State {
	case contribution.Withdrawn:
		d.Gone = "signatory.contribution_withdrawn"
	case contribution.Draft, contribution.Withheld:
		if v.Signatory.State == contribution.Invited {
			d.Gone = "signatory.not_yet"
		}
	case contribution.Published:
		d.Public = publicAddress(callPath(v.Round), *v.Contribution.PublicNumber)
	}
	if d.Gone != "" || v.Signatory.State == contribution.Left {
		d.Given, d.Files = nil, nil
	}
	return d, nil
}

// answerSignature does what the last word of the address says.
func (w *Web) answerSignature(c *fiber.Ctx) error {
	d, err := w.signData(c)
	if err != nil {
		return err
	}
	ctx, token := c.UserContext(), c.Params("token")
	actor := account.ActorFrom(ctx)
	switch path := c.Path(); {
	case strings.HasSuffix(path, "/confirm"):
		_, err = w.Contributions.ConfirmSignature(ctx, actor, token, c.FormValue("digest"))
	case strings.HasSuffix(path, "/decline"):
		_, err = w.Contributions.DeclineSignature(ctx, actor, token)
	default:
		_, err = w.Contributions.WithdrawSignature(ctx, actor, token)
	}
	if errs.Is(err, errs.Conflict) {
		fresh, failed := w.signData(c) // what changed meanwhile is what is shown
		if failed != nil {
			return failed
		}
		return signPage.again(w, c, fresh, err)
	}
	if err != nil {
		return err
	}
	suffix := ""
	if asked := c.FormValue("language"); w.Bundle.Supported(asked) {
		suffix = "?lang=" + asked
	}
	return w.redirect(c, d.Base+suffix, "sign.said")
}
