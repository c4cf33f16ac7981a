package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// respondConsentPage asks once more who may read what is published or withheld.
const respondConsentPage page[respondData] = "respond_consent"

// The answers to the question who may read a contribution. None is chosen beforehand.
const (
	consentPublish = "publish"
	consentCount   = "count"
)

func (w *Web) consentSection() section {
	return section{
		pages: []definition{respondConsentPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/r/:token/consent", account.PublicAnswer, w.respondConsent, httpserver.Private())
			r.Handle(fiber.MethodPost, "/r/:token/consent", account.PublicAnswer, w.reconsider, httpserver.Private(), httpserver.Limit(300, 10*time.Minute))
		},
	}
}

// consentOf reads what was chosen: true to publish. Nothing chosen is errs.Invalid at the field.
func consentOf(f form.Form) (bool, error) {
	switch f.Value("consent") {
	case consentPublish:
		return true, nil
	case consentCount:
		return false, nil
	}
	return false, errs.InvalidFields(errs.FieldError("consent", "contribution.consent.required"))
}

// consentsOf are the answers in words that begin with this key: the author is asked otherwise than whoever writes down what they said.
func consentsOf(l *i18n.Localizer) func(key string) []form.Option {
	return func(key string) []form.Option {
		return []form.Option{
			{Value: consentPublish, Label: l.T(key + "." + consentPublish)}, {Value: consentCount, Label: l.T(key + "." + consentCount)},
		}
	}
}

// saidConsent is the form with what the author said, and with nothing where they have not said it yet.
func saidConsent(c contribution.Contribution) form.Form {
	switch {
	case c.ConsentPublication:
		return form.With("consent", consentPublish)
	case c.State != contribution.Draft:
		return form.With("consent", consentCount)
	}
	return form.With()
}

// Settled says whether the contribution is not in the form any more, and only its author's word about publication can change.
func (d respondData) Settled() bool {
	return d.Contribution.State == contribution.Published || d.Contribution.State == contribution.Withheld
}

func (w *Web) respondConsent(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	if !d.Settled() {
		return w.redirect(c, d.Base+d.Suffix, "")
	}
	return respondConsentPage.showForm(w, c, d, saidConsent(d.Contribution))
}

// reconsider keeps what was chosen; what is published and may not be any more is withheld at once.
func (w *Web) reconsider(c *fiber.Ctx) error {
	d, err := w.openedByAuthor(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	publish, err := consentOf(posted)
	if err != nil {
		return respondConsentPage.again(w, c, d, err)
	}
	ctx := c.UserContext()
	now, err := w.Contributions.Reconsider(ctx, account.ActorFrom(ctx), c.Params("token"), publish)
	if err != nil {
		return respondConsentPage.again(w, c, d, err)
	}
	said := "respond.consent.held_back"
	switch {
	case publish && now.State == contribution.Published:
		said = "respond.consent.stays"
	case publish:
		said = "respond.consent.given"
	}
	return w.redirect(c, d.Base+d.Suffix, said)
}
