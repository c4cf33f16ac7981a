package httpserver

import (
	"context"
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Failure is an error on its way to whoever asked.
type Failure struct {
	Status    int
	Err       error // says what a person may know through i18n: Localizer.Error
	RequestID string
}

// What fiber itself finds wrong, in our words.
var fiberErrors = map[int]*errs.Error{
	fiber.StatusBadRequest:                  errs.E(errs.Invalid, "error.bad_request"),
	fiber.StatusNotFound:                    errs.E(errs.NotFound, "error.not_found"),
	fiber.StatusMethodNotAllowed:            errs.E(errs.NotFound, "error.method"),
	fiber.StatusRequestTimeout:              errs.E(errs.Unavailable, "error.timeout"),
	fiber.StatusRequestEntityTooLarge:       errs.E(errs.TooLarge, "error.too_large"),
	fiber.StatusUnsupportedMediaType:        errs.E(errs.Invalid, "error.media_type"),
	fiber.StatusRequestHeaderFieldsTooLarge: errs.E(errs.TooLarge, "error.header_too_large"),
	fiber.StatusServiceUnavailable:          errs.E(errs.Unavailable, "error.unavailable"),
}

func failureOf(c *fiber.Ctx, err error) Failure {
	f := Failure{Status: errs.Status(err), Err: err, RequestID: requestOf(c).id}
	var fe *fiber.Error
	if errs.Find(err) == nil && errors.As(err, &fe) {
		f.Status, f.Err = fe.Code, errs.E(errs.Internal, "error.internal")
		if known, ok := fiberErrors[fe.Code]; ok {
			f.Err = known
		} else if fe.Code < 500 {
			f.Err = fiberErrors[fiber.StatusBadRequest]
		}
	}
	if errs.Find(err) == nil && errors.Is(err, context.DeadlineExceeded) {
		f.Err = &errs.Error{Code: errs.Unavailable, Key: "error.busy", Err: err}
		f.Status = errs.Status(f.Err)
	}
	if errs.Find(err) == nil && db.IsAway(err) {
		f.Err = &errs.Error{Code: errs.Unavailable, Key: "error.database_away", Err: err}
		f.Status = errs.Status(f.Err)
	}
	return f
}

// fail is the one place where errors become answers.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	f := failureOf(c, err)
	c.Response().ResetBody()
	s.secureHeaders(c)
	if requestOf(c).hidden {
		s.hide(c)
	}
	c.Set(fiber.HeaderXRequestID, f.RequestID)
	if f.Status == fiber.StatusServiceUnavailable && len(c.Response().Header.Peek(fiber.HeaderRetryAfter)) == 0 {
		c.Set(fiber.HeaderRetryAfter, "60")
	}
	if isAPI(c.Path()) {
		return s.problem(c, f)
	}
	if f.Status == fiber.StatusUnauthorized && isSafe(c.Method()) {
		return c.Redirect("/sign-in?next="+url.QueryEscape(string(c.Request().URI().RequestURI())), fiber.StatusSeeOther)
	}
	c.Status(f.Status)
	return s.errorPage(c, f)
}

func plainErrorPage(c *fiber.Ctx, f Failure) error {
	return c.SendString(f.RequestID)
}
