package extract

import (
	"net/url"
	"regexp"
	"strings"
)

const maxURL = 2000 // bytes

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

func (l *linkList) bare(text string) {
	for len(l.all) < l.limit {
		at := written.FindStringIndex(text)
		if at == nil {
			return
		}
		address := strings.TrimRight(text[at[0]:at[1]], ".,;:!?'’…。，、؛،؟")
		for _, pair := range []string{"()", "[]", "（）", "*", "_"} {
			open, closing := pair[:len(pair)/2], pair[len(pair)/2:]
			for strings.HasSuffix(address, closing) && strings.Count(address, closing) > strings.Count(address, open) {
				address = strings.TrimRight(strings.TrimSuffix(address, closing), ".,;:!?'")
			}
		}
		l.add(address, address)
		text = text[at[1]:]
	}
}
