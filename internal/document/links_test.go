package document

import "testing"

// Links are looked at as mail programs get them.
func TestLinksThatLeadNowhereAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"Read [x][1].\n\n[1]: #", "empty_link"},
		{"Read [x].\n\n[x]: javascript:alert(1)", "link"},
		{"Read [](https://a.org).", "empty_link"},
		{"Read <https://>.", "link"},
		{"Read [x](https://exa mple.org).", "link"},
		{"Read http://a.org/{{contact}}.", "link"},
		{"Read [see here](<https://a.org/a b>).", "link"},
		{"Read [x]() and [y](#).", "empty_link empty_link"},
		{"Read [x](ftp://a.org) and [**y**](https://a.org/).", "link"},
		{"Read [x][1] and <https://a.org/>, www.example.org, a@example.org.\n\n[1]: https://a.org/ \"Title\"", ""},
		{"[{{contact}}](https://a.org/) [{{personal_link}}]({{personal_link}}) `[x](https://a b)`", ""},
		{"[x](https://a.org/(b)) [x](<https://a.org/b>) [a] (b)", ""},
		{"See [1] (https://www.example.org/).", ""},
	}
	for _, tt := range tests {
		if got := problemsIn(Markdown, tt.text); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestPlaceholdersInSevenLanguages(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Nous attendons [à compléter].", "Hasta el [por completar].", "Até [a completar].", "请见【待补充】。", "请见[待补充]。", "Срок: [будет дополнено].",
		"الموعد [يُستكمل لاحقًا].", "Read it at [insert link here].", "The draft (link to follow).", "By tbd.", "By T.B.D.", "By T\u200bBD.", "On […] we meet.",
		"Name: ____", "On [...] we meet.",
	} {
		if got := problemsIn(Markdown, text); got != "placeholder" && got != "empty_link" {
			t.Errorf("%s: %q", text, got)
		}
	}
	for _, text := range []string{
		"Above.\n\n____\n\nBelow.", "A snake_case__name and __strong__ words … and so on.", "Faire la liste de ce qui est à compléter (voir l’annexe).",
		"Queda mucho por completar, y a completar se ha dicho.", "Há muito a completar [1].", "Список будет дополнен позже.", "ستُستكمل القائمة لاحقًا (انظر الملحق).",
		"名单待补充，见附件（第三页）。", "The list is to follow (see the links below).", "Todo está listo; todo bem.", "He wrote: “we … agree” [sic].",
	} {
		if got := problemsIn(Markdown, text); got != "" {
			t.Errorf("%s: %q", text, got)
		}
	}
}
