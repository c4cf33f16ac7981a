package web

import "testing"

func TestAddressesBecomeLinks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "",
		"a < b & c":                       "a &lt; b &amp; c",
		"See www.example.org/?a=1&b=2.":   `See <a href="https://www.example.org/?a=1&amp;b=2" rel="nofollow noopener ugc">www.example.org/?a=1&amp;b=2</a>.`,
		`https://example.org/'"><script>`: `<a href="https://example.org/" rel="nofollow noopener ugc">https://example.org/</a>&#39;&#34;&gt;&lt;script&gt;`,
	} {
		if got := string(linked(text)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", text, got, want)
		}
	}
}
