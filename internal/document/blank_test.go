package document

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func problemsIn(kind SegmentKind, text string) string {
	var got []string
	for _, p := range problemsOf([]Segment{{Key: "p1", Kind: kind, Text: text}}) {
		got = append(got, strings.TrimPrefix(p.Key, "document.problem."))
	}
	return strings.Join(got, " ")
}

func TestWhatIsStillToBeFilledIn(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"Answer at [link] by [date].", "empty_link placeholder"},
		{"Read [URL], [ Links ] and [link to be completed].", "empty_link empty_link empty_link"},
		{"Lisez [lien] et [lien à compléter] avant le [date limite].", "empty_link empty_link placeholder"},
		{"Lea [enlace] y [enlace por completar], {fecha límite}.", "empty_link empty_link braces"},
		{"Leia [ligação] e [link a completar], [prazo].", "empty_link empty_link placeholder"},
		{"Читайте [ссылка] и [ссылка будет добавлена], {срок}.", "empty_link empty_link braces"},
		{"اقرؤوا [رابط] و[الرابط سيُضاف] قبل {الموعد النهائي}.", "empty_link empty_link braces"},
		{"请阅读【链接】和［链接待补充］，{截止日期}。", "empty_link empty_link braces"},
		{"by {deadline}, dear {contact}: { Personal Link }", "braces braces braces"},
		{"｛｛deadline｝｝ ｛deadline｝ {｛截止｝}", "braces braces braces"},
		{"{{deadline}} {{ contact }} {{nobody}} {{deadline}", "unknown_field unbalanced"},
		{"[link](https://www.example.org/), [URL][1], [lien](mailto:a@example.org)\n\n[1]: https://www.example.org/", ""},
		{"See [link].\n\n[link]: https://www.example.org/", ""},
		{"The set {a, b}, the word {sic}, ｛例｝, and f(x) = {x}.", ""},
		{"He said [translated] “the [data] of [2016]” [1].", ""},
		{"The link, the URL, the date and the name are in the annex.", ""},
		{"Le lien et la date limite sont à compléter par chacun ; il reste des données à ajouter.", ""},
		{"El enlace y el plazo están por completar en cada país.", ""},
		{"Ссылка и срок указаны ниже. 链接和日期见下文。الرابط والتاريخ أدناه.", ""},
	}
	for _, tt := range tests {
		if got := problemsIn(Markdown, tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestWhatMailLoses(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"![Our logo](https://www.example.org/logo.png) Dear all", "image"},
		{"![][1]\n\n[1]: https://www.example.org/logo.png", "image"},
		{"Dear all!\n\n[Look](https://www.example.org/)", ""},
		{"    Answer at https://www.example.org/", "code_link"},
		{"\tAnswer at {{personal_link}}", "code_link"},
		{"- a\n\n      [b](https://www.example.org/)", "code_link"},
		{"- a\n\n  Answer at https://www.example.org/", ""},
		{"    an address of a house", ""},
		{"```\nhttps://www.example.org/\n```", ""},
		{"<b>x</b>", "html html"},
	}
	for _, tt := range tests {
		if got := problemsIn(Markdown, tt.text); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Ordinary prose in any of the languages, with fields and links in it, is never taken for something to be filled in.
func TestProseIsNoPlaceholder(t *testing.T) {
	t.Parallel()
	words := strings.Fields(`the link date name url lien échéance nom enlace fecha plazo ligação prazo nome ссылка дата срок имя
		رابط الرابط تاريخ اسم 链接 日期 截止日期 姓名 (see) [1] “quoted” 2017 {{deadline}} {{contact}} [link](https://a.example/) [lien]({{personal_link}}) {a} à compléter por completar`)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 12).Draw(t, "words"), " ")
		if got := problemsIn(Markdown, text); got != "" {
			t.Fatalf("%s: %s", text, got)
		}
	})
}

// A blank is found wherever it stands.
func TestBlanksAreFoundAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		blank := rapid.SampledFrom([]string{"[link]", "[URL]", "{deadline}", "｛｛deadline｝｝", "[lien]", "[enlace]", "[ссылка]", "[رابط]", "【链接】", "[prazo]"}).Draw(t, "blank")
		around := rapid.SampledFrom([]string{"", " ", "于", "a", "\n", "«", "**", "(", "،"})
		if got := problemsIn(Markdown, "x "+around.Draw(t, "before")+blank+rapid.SampledFrom([]string{"", " ", "之前", ".", "\n", "»", "**", ")"}).Draw(t, "after")); got == "" {
			t.Fatalf("%s is not found", blank)
		}
	})
}
