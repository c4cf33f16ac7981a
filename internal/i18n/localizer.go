package i18n

import (
	"fmt"
	"maps"
	"reflect"
	"time"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/message"

	"github.com/convoke/convoke/internal/errs"
)

// Localizer speaks one language.
type Localizer struct {
	spec    spec
	own     voice
	english voice
	report  Report
	printer *message.Printer
}

func newLocalizer(s spec, own, english voice, report Report) *Localizer {
	return &Localizer{spec: s, own: own, english: english, report: report, printer: message.NewPrinter(s.tag())}
}

// Tag is the language's tag, for the lang attribute and Content-Language.
func (l *Localizer) Tag() string { return l.spec.Tag }

// Dir is "ltr" or "rtl".
func (l *Localizer) Dir() string { return l.spec.Dir }

// Locale is the language itself.
func (l *Localizer) Locale() Locale { return l.spec.Locale }

// Has says whether the key has a text here or in English.
func (l *Localizer) Has(key string) bool {
	_, _, ok := l.find(key)
	return ok
}

// T says a text. The args are placeholder name and value in turn, or one map.
//
// Values are written for the language: a number with its separators, a time.Time as DateTime in
// UTC, a []string as List, an error as Error. Give as a string what is no quantity: a year, an
// id, a date in another zone. If the text has plural forms and Count is an integer, T does what N does.
//
// A key that even English lacks is a defect; the key itself is then returned, so that it is seen.
func (l *Localizer) T(key string, args ...any) string {
	values := named(args)
	if count, ok := values["Count"]; ok && isInteger(count) {
		return l.say(key, count, values)
	}
	return l.say(key, nil, values)
}

// N says a text in the plural form for count; the placeholder Count is the count, written for the
// language. The other args are as in T.
func (l *Localizer) N(key string, count int, args ...any) string {
	values := named(args)
	values["Count"] = count
	if e, ok := l.english.texts[key]; ok && !e.plural {
		l.report(l.spec.Tag, key, "counted, but has no plural forms")
	}
	return l.say(key, count, values)
}

// Error says to a person what an error means for them, and "" for nil. Nothing of the cause is told.
func (l *Localizer) Error(err error) string {
	if err == nil {
		return ""
	}
	key, args := errs.Message(err)
	if !l.Has(key) {
		l.report(l.spec.Tag, key, "no such text")
		key, args = errs.Message(errs.E(errs.CodeOf(err), ""))
	}
	return l.T(key, args)
}

// FieldMessage says what is wrong at one place of what was given.
func (l *Localizer) FieldMessage(f errs.Field) string {
	if !l.Has(f.Key) {
		l.report(l.spec.Tag, f.Key, "no such text")
		return l.T("error.invalid")
	}
	return l.T(f.Key, f.Args)
}

func (l *Localizer) find(key string) (entry, voice, bool) {
	if e, ok := l.own.texts[key]; ok && e.Other != "" {
		return e, l.own, true
	}
	e, ok := l.english.texts[key]
	return e, l.english, ok && e.Other != ""
}

func (l *Localizer) say(key string, count any, values map[string]any) string {
	e, voice, ok := l.find(key)
	if !ok {
		l.report(l.spec.Tag, key, "no such text")
		return key
	}
	if _, own := l.own.texts[key]; !own {
		l.report(l.spec.Tag, key, "said in English")
	}
	plural := l.english.texts[key].plural
	if !plural && len(e.fields) == 0 {
		return e.Other
	}
	if !plural {
		count = nil
	}
	config := goi18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateData: l.data(key, e.fields, values)}
	text, err := voice.says.Localize(&config)
	if err != nil {
		l.report(l.spec.Tag, key, err.Error())
	}
	return text
}

// data writes the values of the placeholders that a text has. A missing one is left out of the sentence.
func (l *Localizer) data(key string, fields []string, values map[string]any) map[string]string {
	data := make(map[string]string, len(fields))
	for _, f := range fields {
		v, ok := values[f]
		if !ok {
			l.report(l.spec.Tag, key, "no value for the placeholder "+f)
		}
		data[f] = l.value(v)
	}
	return data
}

func (l *Localizer) value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		return l.DateTime(v, time.UTC)
	case []string:
		return l.List(v)
	case error:
		return l.Error(v)
	case fmt.Stringer:
		return fmt.Sprint(v)
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return l.Number(r.Int())
	case r.CanUint():
		return l.printer.Sprint(l.decimal(r.Uint(), 0))
	case r.CanFloat():
		return l.Decimal(r.Float(), 1)
	}
	return fmt.Sprint(v)
}

func isInteger(v any) bool {
	r := reflect.ValueOf(v)
	return r.IsValid() && (r.CanInt() || r.CanUint())
}

// named makes a map of the args of T and N: pairs, or one map of either kind.
func named(args []any) map[string]any {
	values := make(map[string]any, len(args)/2+1)
	if len(args) == 1 {
		switch m := args[0].(type) {
		case map[string]any:
			maps.Copy(values, m)
		case errs.Args:
			maps.Copy(values, m)
		}
		return values
	}
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			values[name] = args[i+1]
		}
	}
	return values
}
