package main

import (
	"strings"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/locales"
)

// sentence is an error as the operator reads it: the sentence that a person would read, with the
// places that are wrong, and the cause, which an operator may see.
func sentence(err error) string {
	bundle, broken := i18n.New(locales.FS)
	if broken != nil {
		return err.Error()
	}
	l := bundle.For(i18n.English)
	parts := []string{l.Error(err)}
	for _, f := range errs.FieldsOf(err) {
		parts = append(parts, f.Name+": "+l.FieldMessage(f))
	}
	if code := errs.CodeOf(err); code == errs.Internal || code == errs.Unavailable {
		parts = append(parts, "("+strings.ReplaceAll(err.Error(), "\n", "; ")+")")
	}
	return strings.Join(parts, " ")
}
