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
	parts := append([]string{l.Error(err)}, placesIn(l, err)...)
	if code := errs.CodeOf(err); code == errs.Internal || code == errs.Unavailable {
		if why := cause(err); why != "" {
			parts = append(parts, "("+why+")")
		}
	}
	return strings.Join(parts, " ")
}

// cause is where an error comes from and what began it, without the keys of sentences.
func cause(err error) string {
	var steps []string
	for err != nil {
		house, ok := err.(*errs.Error) //nolint:errorlint // link by link: what lies below comes next
		if !ok {
			steps = append(steps, strings.ReplaceAll(err.Error(), "\n", "; "))
			break
		}
		if house.Op != "" {
			steps = append(steps, house.Op)
		}
		err = house.Err
	}
	return strings.Join(steps, ": ")
}
