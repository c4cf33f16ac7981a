package extract_test

import (
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/contribution/extract"
)

func TestAddressesInAText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"no address, not even www or http://":               nil,
		"See https://example.org/a, and (www.example.net).": {"https://example.org/a", "www.example.net"},
		"https://example.org/wiki/Trust_(law)؟":             {"https://example.org/wiki/Trust_(law)"},
		"参见（https://example.org/网络）。":                       {"https://example.org/网络"},
		"**https://example.org/b** *http://example.org/c*.": {"https://example.org/b", "http://example.org/c"},
		"https://user:secret@example.org/ javascript:x":     nil,
		`<a href="https://example.org/d">`:                  {"https://example.org/d"},
	} {
		var got []string
		for _, a := range extract.Addresses(text, 10) {
			got = append(got, text[a.From:a.To])
			if a.URL == "" {
				t.Errorf("%s: an address that leads nowhere", text)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := extract.Addresses("http://a.example http://b.example http://c.example", 2); len(got) != 2 {
		t.Errorf("%d of at most 2", len(got))
	}
}
