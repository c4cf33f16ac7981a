package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"reflect"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

// decode reads the body as JSON, strictly: a name that T does not have, a value of the wrong kind and
// anything after the value are errs.Invalid, with the field where there is one.
func decode[T any](c *fiber.Ctx) (T, error) {
	var v T
	if kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); err != nil || kind != fiber.MIMEApplicationJSON {
		return v, fiber.ErrUnsupportedMediaType
	}
	d := json.NewDecoder(bytes.NewReader(c.BodyRaw()))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, refused(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, errs.E(errs.Invalid, "error.json")
	}
	return v, nil
}

// refused says what is wrong with a body in terms of its fields.
func refused(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) && kind.Field != "" {
		return errs.InvalidFields(errs.FieldError(kind.Field, "field.json_type", "Expected", kindOf(kind.Type)))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok { // encoding/json has no type for it
		return errs.InvalidFields(errs.FieldError(strings.Trim(name, `"`), "field.unknown"))
	}
	return errs.E(errs.Invalid, "error.json")
}

func kindOf(t reflect.Type) string {
	if t == timeType {
		return "RFC 3339"
	}
	switch kind := jsonKind(t); kind {
	case "":
		return t.String()
	default:
		return kind
	}
}

func orEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
