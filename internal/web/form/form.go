// Package form keeps what a person typed and says what is wrong with it.
package form

import (
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
)

// Form is a form as it is shown: the values in its fields and the messages at them. The zero
// Form is empty and without errors.
type Form struct {
	Values map[string][]string
	Errors []Message // in the order of the fields that were found wrong
	Notice string    // what is wrong with the whole, "" for nothing
}

// Message says what is wrong at one field.
type Message struct{ Field, Text string }

// With makes a Form from names and values in turn.
func With(pairs ...string) Form {
	f := Form{Values: map[string][]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Values[pairs[i]] = append(f.Values[pairs[i]], pairs[i+1])
	}
	return f
}

// Value is the first value of a field, "" where it has none.
func (f Form) Value(name string) string {
	if v := f.Values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Has says whether the field has this value: a box that is ticked, an option that is chosen.
func (f Form) Has(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Over is the form over what is stored, for a page with several forms: of one of them all is as it was posted.
func (f Form) Over(stored Form) Form {
	shown := Form{Values: maps.Clone(stored.Values)}
	if shown.Values == nil {
		shown.Values = map[string][]string{}
	}
	maps.Copy(shown.Values, f.Values)
	return shown
}

// Error is what is wrong at a field, "" for nothing.
func (f Form) Error(name string) string {
	for _, m := range f.Errors {
		if m.Field == name {
			return m.Text
		}
	}
	return ""
}

// Failed says whether anything is wrong.
func (f Form) Failed() bool { return f.Notice != "" || len(f.Errors) > 0 }

// Speaker says errors in a person's language.
type Speaker interface {
	Error(err error) string
	FieldMessage(f errs.Field) string
}

// Fail adds what an error says about the whole and about each field.
func (f Form) Fail(s Speaker, err error) Form {
	f.Notice = s.Error(err)
	f.Errors = nil
	for _, field := range errs.FieldsOf(err) {
		f.Errors = append(f.Errors, Message{Field: field.Name, Text: s.FieldMessage(field)})
	}
	return f.cut(s, errs.FieldsOf(err))
}

// mostShown is how many characters of a value come back where nothing says how many there may be.
const mostShown = 200_000

// cut keeps the answer to a paste of megabytes small: of a value that is too long comes back twice what it may have,
// so that whoever is a little over can shorten it. The rest is where it came from, which is told at the field.
func (f Form) cut(s Speaker, wrong []errs.Field) Form {
	most := map[string]int{}
	for _, field := range wrong {
		if limit, ok := field.Args["Max"].(int); ok && field.Key == "field.too_long" {
			most[field.Name] = 2 * limit
		}
	}
	shown := Form{Values: maps.Clone(f.Values), Errors: f.Errors, Notice: f.Notice}
	for name, values := range f.Values {
		limit, ok := most[name]
		if !ok {
			limit = mostShown
		}
		for i, v := range values {
			if len(v) <= limit || utf8.RuneCountInString(v) <= limit {
				continue
			}
			shown.Values[name] = slices.Clone(shown.Values[name])
			shown.Values[name][i] = string([]rune(v)[:limit])
			told := s.FieldMessage(errs.FieldError(name, "field.cut", "Kept", limit, "Sent", utf8.RuneCountInString(v)))
			shown.tell(name, told)
		}
	}
	return shown
}

// tell adds to what is said at a field.
func (f *Form) tell(name, text string) {
	f.Errors = slices.Clone(f.Errors)
	for i := range f.Errors {
		if f.Errors[i].Field == name {
			f.Errors[i].Text += " " + text
			return
		}
	}
	f.Errors = append(f.Errors, Message{Field: name, Text: text})
}
