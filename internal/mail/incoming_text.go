package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textOfHTML is what a reader of the page would read: blocks on lines of their own, links with their addresses. Nothing is fetched.
func textOfHTML(page string) string {
	t := html.NewTokenizer(strings.NewReader(page))
	t.SetMaxBuf(maxBody)
	var b pageText
	for {
		switch t.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String())
		case html.TextToken:
			b.words(string(t.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := t.TagName()
			kind := atom.Lookup(name)
			var href string
			for more {
				var key, value []byte
				key, value, more = t.TagAttr()
				if kind == atom.A && string(key) == "href" {
					href = string(value)
				}
			}
			b.open(kind, href)
		case html.EndTagToken:
			name, _ := t.TagName()
			b.close(atom.Lookup(name))
		}
		if b.Len() > maxBody {
			return b.String()
		}
	}
}

type pageText struct {
	strings.Builder
	hidden atom.Atom // within which nothing is read
	href   string
	from   int // where the words of the link begin
}

func (b *pageText) words(s string) {
	if b.hidden != 0 {
		return
	}
	text := strings.Join(strings.Fields(s), " ")
	if text == "" {
		b.space(s != "")
		return
	}
	b.space(s[0] == ' ' || s[0] == '\n' || s[0] == '\t' || s[0] == '\r')
	b.WriteString(text)
	b.space(strings.ContainsRune(" \n\t\r", rune(s[len(s)-1])))
}

func (b *pageText) space(wanted bool) {
	if s := b.String(); wanted && s != "" && !strings.HasSuffix(s, " ") && !strings.HasSuffix(s, "\n") {
		b.WriteByte(' ')
	}
}

func (b *pageText) line(empty bool) {
	s := b.String()
	if s == "" || strings.HasSuffix(s, "\n\n") {
		return
	}
	if !strings.HasSuffix(s, "\n") {
		b.WriteByte('\n')
	}
	if empty {
		b.WriteByte('\n')
	}
}

func (b *pageText) open(kind atom.Atom, href string) {
	if b.hidden != 0 {
		return
	}
	switch kind {
	case atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript:
		b.hidden = kind
	case atom.Br, atom.Div, atom.Tr, atom.Dt, atom.Dd:
		b.line(false)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Hr, atom.Pre:
		b.line(true)
	case atom.Li:
		b.line(false)
		b.WriteString("- ")
	case atom.Td, atom.Th:
		b.space(true)
	case atom.A:
		b.href, b.from = href, b.Len()
	}
}

func (b *pageText) close(kind atom.Atom) {
	if b.hidden != 0 {
		if b.hidden == kind {
			b.hidden = 0
		}
		return
	}
	switch kind {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Pre:
		b.line(true)
	case atom.Div, atom.Tr, atom.Li:
		b.line(false)
	case atom.A:
		said := strings.TrimSpace(b.String()[min(b.from, b.Len()):])
		if (strings.HasPrefix(b.href, "http://") || strings.HasPrefix(b.href, "https://")) && said != b.href {
			b.WriteString(" (" + firstBytes(cleanHeader(b.href), 2000) + ")")
		}
		b.href = ""
	}
}

// WithoutQuote is a reply without what it answers: the quoted lines at its end and the line above that says who wrote them. A
// text in which little else is left stays as it is.
func WithoutQuote(text string) string {
	lines := strings.Split(strings.TrimRight(text, " \t\n"), "\n")
	end := len(lines)
	for end > 0 && (strings.HasPrefix(lines[end-1], ">") || strings.TrimSpace(lines[end-1]) == "") {
		end--
	}
	if end == len(lines) || end == 0 {
		return strings.TrimSpace(text)
	}
	for n := 0; n < 3 && end > 0; n++ { // "On … wrote:" stands on one line or on two or three
		line := strings.TrimSpace(lines[end-1])
		if !strings.HasSuffix(line, ":") && !strings.HasSuffix(line, "：") {
			break
		}
		for end > 0 && strings.TrimSpace(lines[end-1]) != "" && n < 3 {
			end--
			n++
		}
	}
	kept := strings.TrimSpace(strings.Join(lines[:end], "\n"))
	if kept == "" {
		return strings.TrimSpace(text)
	}
	return kept
}
