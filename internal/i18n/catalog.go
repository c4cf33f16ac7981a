package i18n

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

var (
	fileName    = regexp.MustCompile(`\.([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\.toml$`)
	placeholder = regexp.MustCompile(`\{\{\.([A-Z][A-Za-z0-9]*)\}\}`)
)

// entry is one message of one language.
type entry struct {
	*goi18n.Message
	fields []string // its placeholders, each once
	plural bool     // has forms besides "other"
}

// catalog is what one language says, by key.
type catalog map[string]entry

// load reads every message file of the tree. Where two files of a language have the same key, the
// file whose path sorts last decides.
func load(fsys fs.FS) (map[string]catalog, error) {
	all := map[string]catalog{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		m := fileName.FindStringSubmatch(path.Base(name))
		if m == nil {
			return nil
		}
		if all[m[1]] == nil {
			all[m[1]] = catalog{}
		}
		return all[m[1]].read(fsys, name)
	})
	return all, err
}

func (c catalog) read(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	parsed, err := goi18n.ParseMessageFileBytes(text, name, map[string]goi18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, m := range parsed.Messages {
		e, err := newEntry(m)
		if err != nil {
			return fmt.Errorf("%s: %q: %w", name, m.ID, err)
		}
		c[m.ID] = e
	}
	return nil
}

// add takes more texts in, unless there are none of the language.
func (c catalog) add(texts map[string]string) error {
	for key, text := range texts {
		e, err := newEntry(&goi18n.Message{ID: key, Other: text})
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		if c != nil {
			c[key] = e
		}
	}
	return nil
}

func newEntry(m *goi18n.Message) (entry, error) {
	e := entry{Message: m}
	for form, text := range forms(m) {
		if text == "" {
			continue
		}
		if form != "other" {
			e.plural = true
		}
		if rest := placeholder.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			return entry{}, fmt.Errorf("a placeholder must be written {{.Name}}: %s", text)
		}
		if _, err := template.New("").Parse(text); err != nil {
			return entry{}, err
		}
		for _, f := range fieldsOf(text) {
			if !slices.Contains(e.fields, f) {
				e.fields = append(e.fields, f)
			}
		}
	}
	slices.Sort(e.fields)
	return e, nil
}

// forms are the texts of a message by plural form, "" where it has none.
func forms(m *goi18n.Message) map[string]string {
	return map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
}

// fieldsOf are the names of the placeholders of a text, in order of first use.
func fieldsOf(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

func (c catalog) messages() []*goi18n.Message {
	list := make([]*goi18n.Message, 0, len(c))
	for _, e := range c {
		list = append(list, e.Message)
	}
	return list
}
