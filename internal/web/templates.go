package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

//go:embed templates static
var files embed.FS

const (
	templateRoot = "templates/"
	partialRoot  = "templates/partials/"
	layoutFile   = "templates/layout.html"
)

// templates are the pages. Each is parsed at the start, so that a mistake shows there, and learns a
// language when it is first asked for in it.
type templates struct {
	bundle *i18n.Bundle
	parsed map[string]*template.Template // by page; never executed, because html/template copies only those

	mu     sync.Mutex
	spoken map[spokenPage]*template.Template
}

type spokenPage struct{ page, locale string }

// parseTemplates reads layout, partials and pages.
func parseTemplates(fsys fs.FS, bundle *i18n.Bundle) (*templates, error) {
	names, err := pageNames(fsys)
	if err != nil {
		return nil, err
	}
	base, err := template.New("layout.html").Funcs(funcs(bundle.For(i18n.English))).ParseFS(fsys, layoutFile, partialRoot+"*.html")
	if err != nil {
		return nil, err
	}
	t := &templates{bundle: bundle, parsed: map[string]*template.Template{}, spoken: map[spokenPage]*template.Template{}}
	for _, name := range names {
		if t.parsed[name], err = parsePage(fsys, base, name); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// in is a page in a language of ours. What it gives belongs to that language for good: its functions
// speak no other.
func (t *templates) in(locale, page string) (*template.Template, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := spokenPage{page, locale}
	if own := t.spoken[key]; own != nil {
		return own, nil
	}
	parsed := t.parsed[page]
	if parsed == nil {
		return nil, errs.E(errs.Internal, "error.internal", "Page", page)
	}
	own, err := parsed.Clone()
	if err != nil {
		return nil, err
	}
	t.spoken[key] = own.Funcs(funcs(t.bundle.For(locale)))
	return own, nil
}

func parsePage(fsys fs.FS, base *template.Template, name string) (*template.Template, error) {
	page, err := base.Clone()
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(fsys, templateRoot+name+".html")
	if err != nil {
		return nil, err
	}
	if _, err := page.New(name).Parse(string(text)); err != nil {
		return nil, err
	}
	for _, part := range []string{"title", "main"} {
		if page.Lookup(part) == nil {
			return nil, fmt.Errorf("templates/%s.html does not define %q", name, part)
		}
	}
	return page, nil
}

// pageNames are the names of the page templates: their paths in templates/ without ".html".
func pageNames(fsys fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, strings.TrimSuffix(templateRoot, "/"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != layoutFile && !strings.HasPrefix(path, partialRoot) {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(path, templateRoot), ".html"))
		}
		return err
	})
	slices.Sort(names)
	return names, err
}

// funcs are the functions of the templates of one locale.
func funcs(l *i18n.Localizer) template.FuncMap {
	return template.FuncMap{
		"t":         func(key string, args ...any) string { return l.T(key, args...) },
		"n":         func(key string, count int, args ...any) string { return l.N(key, count, args...) },
		"tb":        func(key string, args ...any) template.HTML { return withNames(l, key, args) },
		"date":      func(t time.Time, zone *time.Location) string { return l.Date(t, zone) },
		"fulldate":  func(t time.Time, zone *time.Location) string { return l.FullDate(t, zone) },
		"shortdate": func(t time.Time, zone *time.Location) string { return l.ShortDate(t, zone) },
		"datetime":  func(t time.Time, zone *time.Location) string { return l.DateTime(t, zone) },
		"days":      func(days int) string { return l.RelativeDays(days) },
		"until":     func(t, now time.Time, zone *time.Location) string { return l.RelativeDate(t, now, zone) },
		"machine":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"number":    number(l),
		"percent":   func(part, whole int) string { return l.Percent(part, whole) },
		"list":      func(items []string) string { return l.List(items) },
		"language":  func(tag string) string { return l.LanguageName(tag) },
		"lang":      l.Tag,
		"dir":       l.Dir,
		"field":     fieldOf(l),
		"choose":    chooseOf(l),
		"consents":  consentsOf(l),
		"said_field": func(f form.Form, name, label string, options ...string) form.Field {
			return f.Field(name, label, said(l, options)...)
		},
		"place":  placeOf(l),
		"given":  givenOf,
		"files":  listOfFiles,
		"about":  aboutSuggestion,
		"remark": remark,
		"whom":   whom,
		"coded":  coded,
		"linked": linked,
	}
}

// number writes a count of any whole type.
func number(l *i18n.Localizer) func(any) (string, error) {
	return func(v any) (string, error) {
		switch v := v.(type) {
		case int:
			return l.Number(int64(v)), nil
		case int64:
			return l.Number(v), nil
		}
		return "", fmt.Errorf("number: %T is no int or int64", v)
	}
}

// fieldOf makes the input of a form. Label and hint are message keys.
func fieldOf(l *i18n.Localizer) func(f form.Form, name, label string, options ...string) form.Field {
	return func(f form.Form, name, label string, options ...string) form.Field {
		return f.Field(name, l.T(label), said(l, options)...)
	}
}

func chooseOf(l *i18n.Localizer) func(f form.Form, name, label string, from []form.Option, options ...string) form.Field {
	return func(f form.Form, name, label string, from []form.Option, options ...string) form.Field {
		return f.Choose(name, l.T(label), from, said(l, options)...)
	}
}

func said(l *i18n.Localizer, options []string) []string {
	out := slices.Clone(options)
	for i, o := range out {
		if key, ok := strings.CutPrefix(o, "hint="); ok {
			out[i] = "hint=" + l.T(key)
		}
	}
	return out
}

// withNames says a text in which names stand: each string among the args is isolated in <bdi>, so that
// its direction does not disturb the sentence; template.HTML (a link, a <strong>) is put in as it is.
func withNames(l *i18n.Localizer, key string, args []any) template.HTML {
	marked := slices.Clone(args)
	var swaps []string
	for i := 1; i < len(marked); i += 2 {
		var inner string
		switch v := marked[i].(type) {
		case template.HTML:
			inner = string(v)
		case string:
			inner = "<bdi>" + template.HTMLEscapeString(v) + "</bdi>"
		default:
			continue
		}
		mark := fmt.Sprintf("\uE000%d\uE001", i)
		marked[i] = mark
		swaps = append(swaps, mark, inner)
	}
	text := template.HTMLEscapeString(l.T(key, marked...))
	return template.HTML(strings.NewReplacer(swaps...).Replace(text)) //nolint:gosec // all of it is escaped above
}
