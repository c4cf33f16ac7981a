package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/convoke/convoke/internal/errs"
)

const maxYAML = 1 << 20 // bytes

// Extra is what a file says that Convoke has no use for.
type Extra map[string]any

// UnmarshalJSON reads whole numbers as such, as they were in the file.
func (e *Extra) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var read map[string]any
	if err := d.Decode(&read); err != nil {
		return err
	}
	if read != nil {
		*e = wholeNumbers(read).(map[string]any)
	}
	return nil
}

func wholeNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case map[string]any:
		for key, inner := range v {
			v[key] = wholeNumbers(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = wholeNumbers(inner)
		}
	}
	return v
}

// paragraphList is how a file writes a paragraph that is a list.
type paragraphList struct {
	Items []string `yaml:"items"`
	Extra Extra    `yaml:",inline"`
}

// UnmarshalYAML reads a paragraph that is a text, or a mapping with items.
func (p *ParagraphDefinition) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&p.Text)
	}
	var list paragraphList
	if err := node.Decode(&list); err != nil {
		return err
	}
	p.Items, p.Extra = list.Items, list.Extra
	return nil
}

// MarshalYAML writes a paragraph as UnmarshalYAML reads it.
func (p ParagraphDefinition) MarshalYAML() (any, error) {
	if p.Items == nil && len(p.Extra) == 0 {
		return p.Text, nil
	}
	return paragraphList{Items: p.Items, Extra: p.Extra}, nil
}

// YAML writes the questionnaire as ParseQuestionnaire reads it.
func (d Definition) YAML() ([]byte, error) {
	var b bytes.Buffer
	to := yaml.NewEncoder(&b)
	to.SetIndent(2)
	err := errors.Join(to.Encode(d), to.Close())
	return b.Bytes(), errs.Wrap("document.yaml", err)
}

// ParseQuestionnaire reads a questionnaire from YAML. What is wrong with it is errs.Invalid with a
// field for every place, which tells its line; "yaml" is the field for what cannot be read at all.
func ParseQuestionnaire(text []byte) (Definition, error) {
	if len(text) > maxYAML {
		return Definition{}, errs.E(errs.TooLarge, "document.yaml.too_large")
	}
	root, err := readYAML(text)
	if err != nil {
		return Definition{}, err
	}
	form := formOf(root)
	var d Definition
	if form.unsafe {
		return d, errs.InvalidFields(form.told()...)
	}
	if err := root.Decode(&d); err != nil && len(form.wrong) == 0 {
		return d, unreadable(err)
	}
	return d, form.and(d.check(), &d)
}

// readYAML reads the one document of a file.
func readYAML(text []byte) (*yaml.Node, error) {
	if !utf8.Valid(text) {
		return nil, wholeFile("document.yaml.not_utf8", "Line", lineOf(text, invalidAt(text)))
	}
	from := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	err := from.Decode(&root)
	if errors.Is(err, io.EOF) || err == nil && len(root.Content) == 0 {
		return nil, wholeFile("document.yaml.empty")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	switch err := from.Decode(&more); {
	case err == nil:
		return nil, wholeFile("document.yaml.several", "Line", strconv.Itoa(more.Line))
	case !errors.Is(err, io.EOF):
		return nil, unreadable(err)
	}
	return root.Content[0], nil
}

func wholeFile(key string, args ...any) error {
	return errs.InvalidFields(errs.FieldError("yaml", key, args...))
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return 0
}

func lineOf(text []byte, at int) string {
	return strconv.Itoa(bytes.Count(text[:at], []byte("\n")) + 1)
}

var (
	yamlLine = regexp.MustCompile(`line (\d+)`)
	// What the library's parser says counts lines from 0, and what its scanner says from 1.
	fromZero = regexp.MustCompile(`did not find expected ('|key|node content|<)`)
)

// unreadable says where a text is no YAML at all.
func unreadable(err error) error {
	field := errs.FieldError("yaml", "document.yaml.unreadable")
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		if fromZero.MatchString(err.Error()) {
			line++
		}
		field = errs.FieldError("yaml", "document.yaml.unreadable_line", "Line", strconv.Itoa(line))
	}
	e := errs.InvalidFields(field)
	e.Err = err
	return e
}

// told are the problems of a file, each with its line and key.
func (f *yamlForm) told() []errs.Field {
	slices.SortStableFunc(f.wrong, func(a, b yamlProblem) int { return a.line - b.line })
	var fields []errs.Field
	for _, p := range f.wrong[:min(len(f.wrong), maxProblems)] {
		fields = append(fields, errs.FieldError(p.path, "document.yaml.at", "Line", strconv.Itoa(p.line), "Key", p.path,
			"Problem", &errs.Error{Code: errs.Invalid, Key: p.key, Args: p.args}))
	}
	return fields
}

// and adds what the rules say of the definition to what is wrong with its form. What follows from a wrong form is
// not told again.
func (f *yamlForm) and(err error, d *Definition) error {
	e := errs.Find(err)
	if e == nil && err != nil {
		return err
	}
	if e != nil {
		paths := map[string]string{}
		d.walk(func(p passage) { paths[p.key] = p.path })
		for _, field := range e.Fields {
			path := field.Name
			if at, ok := paths[path]; ok {
				path = at
			}
			if !f.touches(path) {
				f.wrong = append(f.wrong, yamlProblem{line: f.line(path), path: path, key: field.Key, args: field.Args})
			}
		}
	}
	if len(f.wrong) > 0 {
		return errs.InvalidFields(f.told()...)
	}
	return nil
}

// touches says whether the form is wrong at a path, or above it.
func (f *yamlForm) touches(path string) bool {
	return slices.ContainsFunc(f.wrong, func(p yamlProblem) bool {
		return p.form && (path == p.path || strings.HasPrefix(path, p.path+"."))
	})
}
