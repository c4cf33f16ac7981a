package form

import "strings"

// Field is one input with all that its partial template needs.
type Field struct {
	Name, ID, Label, Hint, Error, Value string
	Type, Autocomplete, Lang            string
	Rows                                string
	Required, Wide, Data                bool
	Options                             []Choice
}

// Option is something to choose from.
type Option struct {
	Value, Label string
	Name         bool // the label is a name, in whatever language that is
}

// Choice is an Option as it is shown.
type Choice struct {
	Option
	ID     string
	Chosen bool
}

// Describes is what aria-describedby names: the hint and the error, where there are any.
func (f Field) Describes() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// ID is the id of a field's input, to which the error summary links.
func ID(name string) string { return "f-" + name }

// Field makes a Field. Options are "required", "wide", "data" (its choices are names, not texts), or "name=value" of: type (default text), hint (a
// text), autocomplete, lang, rows (default 6).
func (f Form) Field(name, label string, options ...string) Field {
	field := Field{Name: name, ID: ID(name), Label: label, Type: "text", Rows: "6", Value: f.Value(name), Error: f.Error(name)}
	for _, o := range options {
		key, value, _ := strings.Cut(o, "=")
		switch key {
		case "required":
			field.Required = true
		case "wide":
			field.Wide = true
		case "data":
			field.Data = true
		case "type":
			field.Type = value
		case "hint":
			field.Hint = value
		case "autocomplete":
			field.Autocomplete = value
		case "lang":
			field.Lang = value
		case "rows":
			field.Rows = value
		}
	}
	return field
}

// Choose is Field with things to choose from.
func (f Form) Choose(name, label string, from []Option, options ...string) Field {
	field := f.Field(name, label, options...)
	for i, o := range from {
		c := Choice{Option: o, ID: field.ID, Chosen: f.Has(name, o.Value)}
		if i > 0 {
			c.ID += "-" + o.Value
		}
		field.Options = append(field.Options, c)
	}
	return field
}
