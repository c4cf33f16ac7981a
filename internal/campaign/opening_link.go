package campaign

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

var (
	writtenLink = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:`)
	writtenHost = regexp.MustCompile(`[\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}-]+)+`)
)

// notDomains are abbreviations that end like a domain.
var notDomains = []string{"m.sc", "b.sc", "d.sc", "b.com", "m.com", "v.gr", "г.москва"}

// hasLink says whether mail programs could make a link of something in a text. They do not only of what has a scheme, but
// of bare domains and addresses of any script too, written wide, with the full stops of other scripts or with signs in
// them that nobody sees.
func hasLink(text string) bool {
	text = asDomains(text)
	if writtenLink.MatchString(text) {
		return true
	}
	for _, at := range writtenHost.FindAllStringIndex(text, -1) {
		host := strings.ToLower(text[at[0]:at[1]])
		if strings.HasSuffix(text[:at[0]], "@") {
			return true
		}
		if ends := strings.HasPrefix(text[at[1]:], "/"); isDomain(host) && (ends || !slices.Contains(notDomains, host)) {
			return true
		}
	}
	return false
}

// isDomain says whether a host ends in a domain that there is.
func isDomain(host string) bool {
	ascii, err := idna.Punycode.ToASCII(host)
	if err != nil {
		return false
	}
	top := ascii[strings.LastIndex(ascii, ".")+1:]
	if strings.Trim(top, "0123456789") == "" {
		return false
	}
	suffix, icann := publicsuffix.PublicSuffix("a.b." + top)
	return icann || strings.Contains(suffix, ".")
}

// asDomains is the text as a mail program reads addresses in it. The full stop of Chinese and Japanese ends a sentence
// there, unless what follows is Latin, as in a domain.
func asDomains(text string) string {
	text = norm.NFKC.String(text)
	runes := slices.DeleteFunc([]rune(text), func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) })
	for i, r := range runes {
		if r == '\u3002' && i+1 < len(runes) && runes[i+1] < unicode.MaxASCII && (unicode.IsLetter(runes[i+1]) || unicode.IsDigit(runes[i+1])) {
			runes[i] = '.'
		}
	}
	return string(runes)
}
