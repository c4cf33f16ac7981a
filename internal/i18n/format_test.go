package i18n

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// written is one value in the languages en fr es ar zh ru pt, in this order.
type written [7]string

func checkAll(t *testing.T, name string, want written, say func(*Localizer) string) {
	t.Helper()
	b := realBundle(t)
	for i, s := range known() {
		if got := say(b.For(s.Tag)); got != want[i] {
			t.Errorf("%s %s: %q, want %q", s.Tag, name, got, want[i])
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 9, 15, 14, 0, 0, 0, time.UTC)
	first := time.Date(2017, 5, 1, 14, 0, 0, 0, time.UTC)
	checkAll(t, "long", written{
		"15 September 2017", "15 septembre 2017", "15 de septiembre de 2017", "15 أيلول/سبتمبر 2017",
		"2017年9月15日", "15 сентября 2017 г.", "15 de setembro de 2017",
	}, func(l *Localizer) string { return l.Date(at, nil) })
	checkAll(t, "first", written{
		"1 May 2017", "1er mai 2017", "1 de mayo de 2017", "1 أيار/مايو 2017", "2017年5月1日", "1 мая 2017 г.", "1 de maio de 2017",
	}, func(l *Localizer) string { return l.Date(first, nil) })
	checkAll(t, "full", written{
		"Friday, 15 September 2017", "vendredi 15 septembre 2017", "viernes, 15 de septiembre de 2017", "الجمعة، 15 أيلول/سبتمبر 2017",
		"2017年9月15日星期五", "пятница, 15 сентября 2017 г.", "sexta-feira, 15 de setembro de 2017",
	}, func(l *Localizer) string { return l.FullDate(at, nil) })
	checkAll(t, "short", written{
		"15 Sep 2017", "15 sept. 2017", "15 sept 2017", "15 سبتمبر 2017", "2017年9月15日", "15 сент. 2017 г.", "15 de set. de 2017",
	}, func(l *Localizer) string { return l.ShortDate(at, nil) })
}

func TestZones(t *testing.T) {
	t.Parallel()
	en := realBundle(t).For("en")
	at := time.Date(2017, 9, 16, 11, 59, 0, 0, time.UTC)
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	for _, test := range []struct {
		zone *time.Location
		want string
	}{
		{nil, "16 September 2017, 11:59 (UTC)"},
		{time.UTC, "16 September 2017, 11:59 (UTC)"},
		{AnywhereOnEarth(), "15 September 2017, 23:59, anywhere on earth (UTC−12)"},
		{zone("Etc/GMT+12"), "15 September 2017, 23:59, anywhere on earth (UTC−12)"},
		{zone("Europe/Zurich"), "16 September 2017, 13:59 (Europe/Zurich, UTC+2)"},
		{zone("Asia/Kolkata"), "16 September 2017, 17:29 (Asia/Kolkata, UTC+5:30)"},
		{zone("America/New_York"), "16 September 2017, 07:59 (America/New York, UTC−4)"},
		{time.FixedZone("", -(3*3600 + 1800)), "16 September 2017, 08:29 (UTC−3:30)"},
	} {
		if got := en.DateTime(at, test.zone); got != test.want {
			t.Errorf("%v: %q, want %q", test.zone, got, test.want)
		}
	}
	if got := en.Zone(at, AnywhereOnEarth()); got != "anywhere on earth (UTC−12)" {
		t.Errorf("Zone = %q", got)
	}
}

func TestRelative(t *testing.T) {
	t.Parallel()
	en := realBundle(t).For("en")
	for days, want := range map[int]string{
		0: "today", 1: "tomorrow", -1: "yesterday", 2: "in 2 days", -7: "7 days ago", 1200: "in 1,200 days",
	} {
		if got := en.RelativeDays(days); got != want {
			t.Errorf("%d: %q, want %q", days, got, want)
		}
	}
	// Twenty minutes may lie between today and tomorrow, and a day of 23 hours is a day.
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2017, 3, 25, 22, 50, 0, 0, time.UTC)
	if got := en.RelativeDate(now.Add(20*time.Minute), now, zurich); got != "tomorrow" {
		t.Errorf("across midnight: %q", got)
	}
	if got := en.RelativeDate(now.Add(20*time.Minute), now, nil); got != "today" {
		t.Errorf("in UTC: %q", got)
	}
	if got := en.RelativeDate(now.Add(47*time.Hour+20*time.Minute), now, zurich); got != "in 3 days" {
		t.Errorf("across the change of the clock: %q", got)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	checkAll(t, "number", written{
		"1,234,567", "1 234 567", "1.234.567", "1,234,567", "1,234,567", "1 234 567", "1.234.567",
	}, func(l *Localizer) string { return spaces(l.Number(1234567)) })
	checkAll(t, "four digits", written{
		"1,234", "1 234", "1234", "1,234", "1,234", "1 234", "1.234",
	}, func(l *Localizer) string { return spaces(l.Number(1234)) })
	checkAll(t, "decimal", written{
		"0.50", "0,50", "0,50", "0.50", "0.50", "0,50", "0,50",
	}, func(l *Localizer) string { return spaces(l.Decimal(0.5, 2)) })
	checkAll(t, "percent", written{
		"38%", "38 %", "38 %", "38\u200e%\u200e", "38%", "38 %", "38%",
	}, func(l *Localizer) string { return spaces(l.Percent(3, 8)) })

	en := realBundle(t).For("en")
	for _, test := range []struct {
		n, of int
		want  string
	}{{0, 7, "0%"}, {7, 7, "100%"}, {1, 200, "1%"}, {1, 201, "0%"}, {29, 50, "58%"}, {57, 100, "57%"}, {3, 0, "–"}, {0, 0, "–"}, {12, 10, "120%"}} {
		if got := en.Percent(test.n, test.of); got != test.want {
			t.Errorf("Percent(%d, %d) = %q, want %q", test.n, test.of, got, test.want)
		}
	}
	if got := en.Number(-1 << 63); got != "-9,223,372,036,854,775,808" {
		t.Errorf("Number = %q", got)
	}
}

// spaces makes the unbreakable spaces visible as plain ones.
func spaces(s string) string { return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s) }

func TestList(t *testing.T) {
	t.Parallel()
	en := realBundle(t).For("en")
	for _, test := range []struct{ items, want string }{
		{"", ""}, {"a", "a"}, {"a b", "a and b"}, {"a b c", "a, b and c"}, {"a b c d", "a, b, c and d"}, {"{{.Last}} b c", "{{.Last}}, b and c"},
	} {
		if got := en.List(strings.Fields(test.items)); got != test.want {
			t.Errorf("%q: %q, want %q", test.items, got, test.want)
		}
	}
}

func TestLanguageNames(t *testing.T) {
	t.Parallel()
	checkAll(t, "name of Spanish", written{"Spanish", "espagnol", "español", "الإسبانية", "西班牙语", "испанский", "espanhol"},
		func(l *Localizer) string { return l.LanguageName("es") })
	en := realBundle(t).For("en")
	for tag, want := range map[string]string{
		"pt-BR": "Brazilian Portuguese", "zh-Hant": "Traditional Chinese", "qtx": "qtx", "no tag": "no tag", "": "",
	} {
		if got := en.LanguageName(tag); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	b := realBundle(t)
	for _, test := range []struct{ tag, want string }{
		{"es", "eric Éric nube Ñandú zoo"},
		{"en", "eric Éric Ñandú nube zoo"},
		{"zh", "北京 上海 苏州"},
		{"ru", "Ёлка Ель Жук"},
		{"ar", "أحمد بيت تونس"},
	} {
		want := strings.Fields(test.want)
		got := slices.Clone(want)
		slices.Reverse(got)
		b.For(test.tag).Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", test.tag, got, want)
		}
		if b.For(test.tag).Compare(want[0], want[1]) >= 0 {
			t.Errorf("%s: Compare does not agree with Sort", test.tag)
		}
	}
}

func TestIsolate(t *testing.T) {
	t.Parallel()
	if got := Isolate("أحمد"); got != "\u2068أحمد\u2069" {
		t.Errorf("%q", got)
	}
}
