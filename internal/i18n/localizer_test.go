package i18n

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/locales"
)

const smallEnglish = `
"hello" = "Hello {{.Name}}"
"plain" = "Plain"
"only.english" = "Only here, {{.Name}}"
"max" = "At most {{.Max}}"
"when" = "Until {{.At}}"
"error.internal" = "Our fault"
"error.invalid" = "Check it"
"error.conflict" = "Conflict"
"date.date_time" = "{{.Date}}, {{.Time}} ({{.Zone}})"
"list.two" = "{{.First}} and {{.Second}}"
"list.middle" = "{{.Before}}, {{.Next}}"
"list.end" = "{{.Before}} and {{.Last}}"

["days"]
one = "{{.Count}} day for {{.Name}}"
other = "{{.Count}} days for {{.Name}}"
`

func smallFS() fstest.MapFS {
	return fstest.MapFS{
		"active.en.toml": {Data: []byte(smallEnglish)},
		"active.ru.toml": {Data: []byte(`
"hello" = "Привет, {{.Name}}"
"plain" = ""
["days"]
one = "{{.Count}} день"
few = "{{.Count}} дня"
many = "{{.Count}} дней"
other = "{{.Count}} дня (дробь)"
`)},
		"deep/er/part.ar.toml": {Data: []byte(`
["days"]
zero = "لا أيام"
one = "يوم واحد"
two = "يومان"
few = "{{.Count}} أيام"
many = "{{.Count}} يومًا"
other = "{{.Count}} يوم"
`)},
		"active.fr.toml": {Data: []byte("[\"days\"]\nother = \"{{.Count}} jours\"\n")},
		"notes.txt":      {Data: []byte("not a message file")},
		"plain.toml":     {Data: []byte("not = a message file")},
	}
}

// defects collects what a bundle reports.
type defects struct {
	mu   sync.Mutex
	list []string
}

func (d *defects) add(tag, key, defect string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(d.list, tag+" "+key+": "+defect)
}

func (d *defects) has(part string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.list, func(s string) bool { return strings.Contains(s, part) })
}

func smallBundle(t testing.TB) (*Bundle, *defects) {
	t.Helper()
	seen := &defects{}
	b, err := New(smallFS(), WithPseudo(), WithReport(seen.add))
	if err != nil {
		t.Fatal(err)
	}
	return b, seen
}

func realBundle(t testing.TB) *Bundle {
	t.Helper()
	b, err := New(locales.FS, WithPseudo())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestText(t *testing.T) {
	t.Parallel()
	b, seen := smallBundle(t)
	en, ru := b.For("en"), b.For("ru")
	at := time.Date(2017, 9, 15, 14, 0, 0, 0, time.UTC)
	for _, test := range []struct{ got, want, defect string }{
		{en.T("hello", "Name", "Ana <b>"), "Hello Ana <b>", ""},
		{en.T("hello", map[string]any{"Name": "Ana"}), "Hello Ana", ""},
		{en.T("hello", errs.Args{"Name": "Ana"}), "Hello Ana", ""},
		{ru.T("hello", "Name", "Ана"), "Привет, Ана", ""},
		{ru.T("only.english", "Name", "Ана"), "Only here, Ана", "ru only.english: said in English"},
		{ru.T("plain"), "Plain", ""}, // an empty translation is none
		{en.T("no.such"), "no.such", "en no.such: no such text"},
		{en.T("hello"), "Hello ", "en hello: no value for the placeholder Name"},
		{en.T("max", "Max", 12345), "At most 12,345", ""},
		{en.T("max", "Max", uint8(7)), "At most 7", ""},
		{en.T("max", "Max", 2.5), "At most 2.5", ""},
		{en.T("max", "Max", []string{"a", "b", "c"}), "At most a, b and c", ""},
		{en.T("max", "Max", errors.New("secret")), "At most Our fault", ""},
		{en.T("max", "Max", errs.Conflict), "At most conflict", ""},
		{en.T("max", "Max", (*time.Location)(nil)), "At most UTC", ""},
		{en.T("when", "At", at), "Until 15 September 2017, 14:00 (UTC)", ""},
		{en.T("days", "Count", 1, "Name", "Ana"), "1 day for Ana", ""},
		{en.N("days", 2000, "Name", "Ana"), "2,000 days for Ana", ""},
		{en.N("plain", 2), "Plain", "en plain: counted, but has no plural forms"},
		{b.For("fr").N("days", 1), "1 jours", "fr days: message \"days\" has no plural form \"one\""},
		{b.For("zh").N("days", 1, "Name", "安"), "1 day for 安", "zh days: said in English"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
		if test.defect != "" && !seen.has(test.defect) {
			t.Errorf("not reported: %s", test.defect)
		}
	}
	if ru.Has("no.such") || !ru.Has("only.english") || !ru.Has("hello") {
		t.Error("Has is wrong")
	}
}

func TestPluralForms(t *testing.T) {
	t.Parallel()
	b, _ := smallBundle(t)
	for tag, cases := range map[string]map[int]string{
		"ru": {0: "0 дней", 1: "1 день", 2: "2 дня", 4: "4 дня", 5: "5 дней", 11: "11 дней", 12: "12 дней", 21: "21 день", 22: "22 дня", 111: "111 дней", 1001: "1\u00a0001 день"},
		"ar": {0: "لا أيام", 1: "يوم واحد", 2: "يومان", 3: "3 أيام", 10: "10 أيام", 11: "11 يومًا", 99: "99 يومًا", 100: "100 يوم", 102: "102 يوم", 103: "103 أيام"},
	} {
		for n, want := range cases {
			if got := b.For(tag).N("days", n); got != want {
				t.Errorf("%s %d: %q, want %q", tag, n, got, want)
			}
		}
	}
}

// The forms that the completeness test asks for are those that go-i18n selects.
func TestFormsMatchTheRules(t *testing.T) {
	t.Parallel()
	for _, s := range known() {
		all := "[\"n\"]\nother = \"other\"\n"
		for _, f := range []string{"zero", "one", "two", "few", "many"} {
			all += fmt.Sprintf("%s = %q\n", f, f)
		}
		b, err := New(fstest.MapFS{"a.en.toml": {Data: []byte(all)}, "a." + s.Tag + ".toml": {Data: []byte(all)}})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{"other": true} // in Russian for fractions only
		for _, n := range []int{0, 1, 2, 3, 5, 10, 11, 21, 99, 100, 1_000_000} {
			seen[b.For(s.Tag).N("n", n)] = true
		}
		for _, f := range s.forms {
			if !seen[f] {
				t.Errorf("%s never uses %s", s.Tag, f)
			}
			delete(seen, f)
		}
		if len(seen) > 0 {
			t.Errorf("%s also uses %v", s.Tag, seen)
		}
	}
}

func TestErrorsTellNothingOfTheCause(t *testing.T) {
	t.Parallel()
	b, _ := smallBundle(t)
	en := b.For("en")
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("pq: password"), "Our fault"},
		{errs.Wrap("a.b", errs.E(errs.Conflict, "hello", "Name", "Ana")), "Hello Ana"},
		{errs.E(errs.Conflict, ""), "Conflict"},
		{errs.E(errs.Conflict, "no.such"), "Conflict"},
		{errs.E(errs.Conflict, "days", "Count", 1, "Name", "Ana"), "1 day for Ana"},
	} {
		if got := en.Error(test.err); got != test.want {
			t.Errorf("Error(%v) = %q, want %q", test.err, got, test.want)
		}
	}
	if got := en.FieldMessage(errs.FieldError("title", "max", "Max", 1000)); got != "At most 1,000" {
		t.Errorf("FieldMessage = %q", got)
	}
	if got := en.FieldMessage(errs.FieldError("title", "no.such")); got != "Check it" {
		t.Errorf("FieldMessage without a text = %q", got)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"no English":         {"a.fr.toml": {Data: []byte(`"a" = "b"`)}},
		"unknown language":   {"a.en.toml": {Data: []byte(`"a" = "b"`)}, "a.de.toml": {Data: []byte(`"a" = "b"`)}},
		"not TOML":           {"a.en.toml": {Data: []byte(`"a" = `)}},
		"conditions":         {"a.en.toml": {Data: []byte(`"a" = "{{if .A}}b{{end}}"`)}},
		"spaced placeholder": {"a.en.toml": {Data: []byte(`"a" = "{{ .A }}"`)}},
		"half a placeholder": {"a.en.toml": {Data: []byte(`"a" = "{{.A}"`)}},
		"line after a table": {"a.en.toml": {Data: []byte("[\"a\"]\nother = \"b\"\n\"c\" = \"d\"\n")}},
	} {
		if _, err := New(files); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestOffer(t *testing.T) {
	t.Parallel()
	b, err := New(smallFS())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.Tags(), " "); got != "en fr es ar zh ru pt" {
		t.Errorf("Tags = %s", got)
	}
	for _, l := range b.Locales() {
		if rtl := l.Dir == "rtl"; rtl != (l.Tag == "ar") || l.Name == "" || !b.Supported(l.Tag) || b.For(l.Tag).Locale() != l {
			t.Errorf("wrong: %+v", l)
		}
	}
	if b.Supported(PseudoTag) || b.Supported("pt-BR") {
		t.Error("supports what it must not")
	}
}

func TestPseudoKeepsPlaceholders(t *testing.T) {
	t.Parallel()
	b, _ := smallBundle(t)
	l := b.For(PseudoTag)
	if got := l.T("hello", "Name", "Ana"); got != "⟦Ĥéļļö Ana⟧" {
		t.Errorf("T = %q", got)
	}
	if got := l.N("days", 1, "Name", "Ana"); got != "⟦1 đàý ƒöŕ Ana⟧" {
		t.Errorf("N = %q", got)
	}
	whole := realBundle(t)
	for key, e := range whole.For(English).own.texts {
		p := whole.For(PseudoTag).own.texts[key]
		if !slices.Equal(fieldsOf(p.Other), fieldsOf(e.Other)) || p.plural != e.plural {
			t.Errorf("%s: %q", key, p.Other)
		}
		if strings.ContainsAny(placeholder.ReplaceAllString(p.Other, ""), plainLetters) {
			t.Errorf("%s keeps plain letters: %q", key, p.Other)
		}
	}
	if got := l.Date(time.Date(2017, 9, 15, 0, 0, 0, 0, time.UTC), nil); got != Pseudo("15 September 2017") {
		t.Errorf("Date = %q", got)
	}
}

func TestManyGoroutines(t *testing.T) {
	t.Parallel()
	b := realBundle(t)
	at := time.Date(2017, 9, 15, 14, 0, 0, 0, time.UTC)
	say := func(l *Localizer) string {
		return strings.Join([]string{
			l.N("date.in_days", 12345), l.DateTime(at, nil), l.Percent(3, 7), l.Decimal(1234.5, 1), l.LanguageName("es"),
			l.List([]string{"a", "b", "c"}), l.T("field.too_long", "Max", 4000), fmt.Sprint(l.Compare("é", "f")),
		}, "|")
	}
	want := map[string]string{}
	for _, tag := range b.Tags() {
		want[tag] = say(b.For(tag))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				for _, tag := range b.Tags() {
					if got := say(b.For(tag)); got != want[tag] {
						t.Errorf("%s: %q, want %q", tag, got, want[tag])
					}
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkT(b *testing.B) {
	bundle, _ := smallBundle(b)
	l := bundle.For("ru")
	b.Run("plural", func(b *testing.B) {
		for b.Loop() {
			l.N("days", 5)
		}
	})
	b.Run("placeholder", func(b *testing.B) {
		for b.Loop() {
			l.T("hello", "Name", "Ana")
		}
	})
}
