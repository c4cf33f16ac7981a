package extract

import (
	"net/url"
	"regexp"
	"strings"
)

const (
	maxURL  = 2000   // bytes
	maxBare = 10_000 // addresses of one text that are looked at, whether they are there already or not
)

// linkList keeps each address once.
type linkList struct {
	limit int
	all   []Link
	seen  map[string]bool
}

// add keeps a link to the web. Others, to mailboxes or files of somebody's machine, are nobody's business.
func (l *linkList) add(text, address string) {
	address = webAddress(address)
	if address == "" || l.seen[address] || len(l.all) >= l.limit {
		return
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[address] = true
	text = strings.Join(strings.Fields(plain([]byte(text))), " ")
	if text == "" {
		text = address
	}
	if short := shorten(text, 200); short != text {
		text = short + "…"
	}
	l.all = append(l.all, Link{Text: text, URL: address})
}

// webAddress is the address as it is kept, "" where it leads elsewhere than to the web.
func webAddress(address string) string {
	address = strings.TrimSpace(plain([]byte(address)))
	if strings.HasPrefix(strings.ToLower(address), "www.") {
		address = "https://" + address
	}
	if len(address) > maxURL {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") {
		return ""
	}
	return u.String()
}

// written finds addresses that stand in a text. What closes a sentence or a bracket is none of theirs.
var written = regexp.MustCompile(`(?i)\b(?:https?://|www\.)[^\s<>"“”«»|\\^` + "`" + `{}]+`)

// Address is a web address that stands in a text.
type Address struct {
	From, To int    // bytes of the text
	URL      string // where it leads, with its scheme
}

// Addresses finds at most so many web addresses in a text, in their order.
func Addresses(text string, most int) []Address {
	var all []Address
	for at := 0; len(all) < most; {
		found := written.FindStringIndex(text[at:])
		if found == nil {
			break
		}
		from, rest := at+found[0], at+found[1]
		address := withoutClosing(text[from:rest])
		if to := webAddress(address); to != "" {
			all = append(all, Address{From: from, To: from + len(address), URL: to})
		}
		at = rest
	}
	return all
}

// withoutClosing is an address without what closes the sentence or the bracket that it stands in.
func withoutClosing(address string) string {
	const closes = ".,;:!?'’…。，、؛،؟*_" // the last two where Markdown stresses
	address = strings.TrimRight(address, closes)
	for _, pair := range []string{"()", "[]", "（）"} {
		open, closing := pair[:len(pair)/2], pair[len(pair)/2:]
		for strings.HasSuffix(address, closing) && strings.Count(address, closing) > strings.Count(address, open) {
			address = strings.TrimRight(strings.TrimSuffix(address, closing), closes)
		}
	}
	return address
}

func (l *linkList) bare(text string) {
	for _, a := range Addresses(text, maxBare) {
		l.add(text[a.From:a.To], text[a.From:a.To])
	}
}
