package document

import "testing"

func TestNamesOfThePublicAreWhatTheySeem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"\u202eHuda  Al-Masri", "Huda Al-Masri"},
		{"Maar\u200bten\ufeff", "Maarten"},
		{"Maar\u200dten", "Maarten"},
		{"Ｍａａｒｔｅｎ", "Maarten"},
		{"𝕄aarten", "Maarten"},
		{"Maarten\u3164\u00ad\ufe0f", "Maarten"},
		{"می\u200cخواهم", "می\u200cخواهم"},
		{"Nguyễn", "Nguyễn"},
		{"a\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "á\u0301\u0301\u0301"},
		{"\u202e\u200b", ""},
		{"12 - 3", ""},
	} {
		if got := visible(c.name); got != c.want {
			t.Errorf("%q is %q, want %q", c.name, got, c.want)
		}
	}
	for name, want := range map[string]bool{
		"Мaarten": true, "Maαrten": true, "Maarten Кузнецов": false, "Иван": false, "温静 Wen": false, "Ёлка": false, "O’Neill": false,
	} {
		if mixesScripts(name) != want {
			t.Errorf("%q mixes: %t", name, !want)
		}
	}
}
