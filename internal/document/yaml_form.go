package document

import (
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/convoke/convoke/internal/errs"
)

// How deep a file may be nested, whose own form needs five, and how wide.
const (
	maxDepth = 40
	maxKeys  = 500 // of one mapping: the library compares each with each
)

// yamlForm is the form of a file: the line of every place, and what a definition cannot take.
type yamlForm struct {
	lines  map[string]int
	wrong  []yamlProblem
	unsafe bool // too deep, too wide or repeating itself: it is not read any further
}

type yamlProblem struct {
	line int
	path string
	key  string
	args errs.Args
	form bool // of the form, not of the rules
}

// formOf looks at all of a file. Places that do not have the form of a Definition are told; what would not come
// back as it was written is made a text, so that it does.
func formOf(root *yaml.Node) *yamlForm {
	f := &yamlForm{lines: map[string]int{}}
	f.look(root, reflect.TypeFor[Definition](), "", 0)
	return f
}

func (f *yamlForm) add(n *yaml.Node, path, key string, args ...any) {
	if path == "" {
		path = "yaml"
	}
	f.wrong = append(f.wrong, yamlProblem{line: n.Line, path: path, key: key, args: errs.E("", key, args...).Args, form: true})
}

// line is that of a place, or of the nearest one around it.
func (f *yamlForm) line(path string) int {
	for path != "" {
		if line, ok := f.lines[path]; ok {
			return line
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
	return 1
}

// look holds a node against the type that it is read into; a nil type takes anything.
func (f *yamlForm) look(n *yaml.Node, t reflect.Type, path string, depth int) {
	f.lines[path] = n.Line
	f.plain(n, path)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case depth > maxDepth:
		f.add(n, path, "document.yaml.deep", "Max", maxDepth)
		f.unsafe = true
		return
	case n.Kind == yaml.AliasNode:
		f.add(n, path, "document.yaml.alias")
		f.unsafe = true
		return
	case n.Kind == yaml.ScalarNode:
		f.scalar(n, t, path)
		return
	case n.Kind == yaml.SequenceNode:
		f.sequence(n, t, path, depth)
		return
	}
	f.mapping(n, t, path, depth)
}

// plain tells what a file would lose when it is written again: tags, and names for places that others refer to.
func (f *yamlForm) plain(n *yaml.Node, path string) {
	if n.Style&yaml.TaggedStyle != 0 {
		f.add(n, path, "document.yaml.tag", "Tag", n.Tag)
	}
	if n.Anchor != "" {
		f.add(n, path, "document.yaml.anchor", "Name", n.Anchor)
	}
}

func (f *yamlForm) scalar(n *yaml.Node, t reflect.Type, path string) {
	want := ""
	switch {
	case t == nil, t == reflect.TypeFor[ParagraphDefinition](), n.ShortTag() == "!!null":
	case t.Kind() == reflect.Slice:
		want = "document.yaml.want_list"
	case t.Kind() == reflect.Struct, t.Kind() == reflect.Map:
		want = "document.yaml.want_keys"
	case t.Kind() == reflect.Bool && n.ShortTag() != "!!bool":
		want = "document.yaml.want_yes_no"
	case t.Kind() == reflect.Int && n.ShortTag() != "!!int":
		want = "document.yaml.want_number"
	}
	if want != "" {
		f.add(n, path, want)
	}
	if t == nil || t.Kind() == reflect.String {
		asText(n)
	}
}

func (f *yamlForm) sequence(n *yaml.Node, t reflect.Type, path string, depth int) {
	var each reflect.Type
	switch {
	case t == nil:
	case t.Kind() == reflect.Slice:
		each = t.Elem()
	case t.Kind() == reflect.Map, t.Kind() == reflect.Struct && t != reflect.TypeFor[ParagraphDefinition]():
		f.add(n, path, "document.yaml.want_keys")
		return
	default:
		f.add(n, path, wantOf(t))
		return
	}
	for i, inner := range n.Content {
		f.look(inner, each, under(path, strconv.Itoa(i+1)), depth+1)
	}
}

func (f *yamlForm) mapping(n *yaml.Node, t reflect.Type, path string, depth int) {
	if t == reflect.TypeFor[ParagraphDefinition]() {
		t = reflect.TypeFor[paragraphList]()
	}
	if t != nil && t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
		f.add(n, path, wantOf(t))
		return
	}
	if len(n.Content)/2 > maxKeys {
		f.add(n, path, "document.yaml.wide", "Max", maxKeys)
		f.unsafe = true
		return
	}
	typeOf := keyTypes(t)
	seen := map[string]bool{}
	var kept []*yaml.Node // the library reads nothing of a mapping that has a key twice
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			f.add(key, path, "document.yaml.key_form")
			continue
		}
		if key.ShortTag() == "!!merge" {
			f.add(key, under(path, key.Value), "document.yaml.merge")
			continue
		}
		f.plain(key, under(path, key.Value))
		key.Tag, key.Style = "!!str", key.Style&^yaml.TaggedStyle
		at := under(path, key.Value)
		if seen[key.Value] {
			f.add(key, at, "document.yaml.key_twice")
			continue
		}
		seen[key.Value] = true
		kept = append(kept, key, n.Content[i+1])
		f.look(n.Content[i+1], typeOf(key.Value), at, depth+1)
	}
	n.Content = kept
}

func wantOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "document.yaml.want_list"
	case reflect.Bool:
		return "document.yaml.want_yes_no"
	case reflect.Int:
		return "document.yaml.want_number"
	}
	return "document.yaml.want_text"
}

func under(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// keyTypes says which type the value of a key has, nil for any.
func keyTypes(t reflect.Type) func(key string) reflect.Type {
	known := map[string]reflect.Type{}
	switch {
	case t == nil:
		return func(string) reflect.Type { return nil }
	case t.Kind() == reflect.Map:
		return func(string) reflect.Type { return t.Elem() }
	}
	for i := range t.NumField() {
		field := t.Field(i)
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" && name != "-" {
			known[name] = field.Type
		}
	}
	return func(key string) reflect.Type { return known[key] }
}

// asText makes a text of what would be written differently after reading: a date, 0x1F, 1.0, .inf.
func asText(n *yaml.Node) {
	var keeps bool
	switch n.ShortTag() {
	case "!!str", "!!bool", "!!null":
		return
	case "!!int":
		i, err := strconv.Atoi(n.Value)
		keeps = err == nil && strconv.Itoa(i) == n.Value
	case "!!float":
		number, err := strconv.ParseFloat(n.Value, 64)
		keeps = err == nil && strings.ContainsRune(n.Value, '.') && strconv.FormatFloat(number, 'f', -1, 64) == n.Value
	default:
		keeps = false
	}
	if !keeps {
		n.Tag, n.Style = "!!str", n.Style&^yaml.TaggedStyle
	}
}
