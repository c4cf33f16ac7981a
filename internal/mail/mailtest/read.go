package mailtest

import (
	"bytes"
	"errors"
	"html"
	"io"
	"mime"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	gomail "github.com/emersion/go-message/mail"
)

// Failer is a test, or one run of a property.
type Failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Mail is a message as a parser that is not ours reads it.
type Mail struct {
	Names     []string // of the headers, in their order
	From, To  *gomail.Address
	ReplyTo   []*gomail.Address
	Subject   string
	MessageID string
	Languages string
	Text      string // line ends LF
	HTML      string
	header    gomail.Header
}

// Value is a header as it stands, unfolded.
func (m *Mail) Value(name string) string { return m.header.Get(name) }

// Read takes a message apart with emersion/go-message, and fails the test at whatever is not as RFC 5322 and MIME want it:
// line ends, lengths of lines, folding, characters, the number of headers, encoded-words, the two parts and their encodings.
func Read(t Failer, raw []byte) *Mail {
	t.Helper()
	head, body, found := strings.Cut(string(raw), "\r\n\r\n")
	if !found {
		t.Fatalf("no end of the headers:\n%s", raw)
	}
	checkLines(t, raw)
	m := &Mail{Names: checkHead(t, head)}
	checkBody(t, body)
	reader, err := gomail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("not a message: %v\n%s", err, raw)
	}
	m.header = reader.Header
	m.addresses(t)
	if m.Subject, err = reader.Header.Subject(); err != nil {
		t.Fatalf("subject: %v", err)
	}
	if m.MessageID, err = reader.Header.MessageID(); err != nil || !messageID.MatchString(reader.Header.Get("Message-ID")) {
		t.Fatalf("Message-ID %q: %v", reader.Header.Get("Message-ID"), err)
	}
	if _, err := time.Parse("Mon, 02 Jan 2006 15:04:05 -0700", reader.Header.Get("Date")); err != nil {
		t.Fatalf("date: %v", err)
	}
	m.Languages = reader.Header.Get("Content-Language")
	m.parts(t, reader)
	m.checkPage(t)
	post, link := m.header.Get("List-Unsubscribe-Post"), m.header.Get("List-Unsubscribe")
	if (post == "List-Unsubscribe=One-Click") != strings.HasPrefix(link, "<https://") || post == "" && m.header.Has("List-Unsubscribe-Post") {
		t.Fatalf("one click: %q, %q", link, post)
	}
	return m
}

var (
	messageID = regexp.MustCompile(`^<[^<>@\s]+@[^<>@\s]+>$`)
	fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z-]*: `)
	anyWord   = regexp.MustCompile(`=\?[^?]*\?[^?]*\?[^?]*\?=`)
)

func checkLines(t Failer, raw []byte) {
	t.Helper()
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Fatalf("no line end at the end")
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("a line too long, or with a bare line end: %q", line)
		}
	}
}

// checkHead gives the names of the headers.
func checkHead(t Failer, head string) []string {
	t.Helper()
	var names []string
	for line := range strings.SplitSeq(head, "\r\n") {
		folded := line[0] == ' ' || line[0] == '\t'
		rest := strings.TrimLeft(line, " \t")
		if !folded {
			if !fieldName.MatchString(line) && !strings.HasSuffix(line, ":") {
				t.Fatalf("no header: %q", line)
			}
			name, _, _ := strings.Cut(line, ":")
			if slices.Contains(names, name) && name != "DKIM-Signature" {
				t.Fatalf("%s stands twice:\n%s", name, head)
			}
			names = append(names, name)
			rest = strings.TrimSpace(line[len(name)+1:])
		}
		checkHeadLine(t, line, rest, folded)
	}
	for _, name := range []string{"Date", "From", "To", "Subject", "Message-ID", "Content-Language", "MIME-Version", "Content-Type"} {
		if !slices.Contains(names, name) {
			t.Fatalf("no %s:\n%s", name, head)
		}
	}
	return names
}

// checkHeadLine looks at a line of a head and at the rest of it behind a name or behind the white space of a folded one.
func checkHeadLine(t Failer, line, rest string, folded bool) {
	t.Helper()
	switch {
	case rest == "" && folded:
		t.Fatalf("a line of white space")
	case len(line) > 78 && (strings.Contains(rest, " ") || !folded && rest != ""):
		t.Fatalf("a line that could be folded: %q", line)
	case !utf8.ValidString(line) || strings.ContainsFunc(rest, func(r rune) bool { return r < ' ' || r == 0x7f }):
		t.Fatalf("characters: %q", line)
	}
	for _, word := range anyWord.FindAllString(line, -1) {
		decoded, err := new(mime.WordDecoder).Decode(word)
		if err != nil || len(word) > 75 || len(line) > 76 || !utf8.ValidString(decoded) {
			t.Fatalf("an encoded-word: %q, %v", line, err)
		}
	}
}

// checkBody holds that the body is ASCII in short lines, none of which anything on the way must alter.
func checkBody(t Failer, body string) {
	t.Helper()
	for line := range strings.SplitSeq(body, "\r\n") {
		if len(line) > 76 || strings.HasPrefix(line, ".") || strings.HasPrefix(line, "From ") || strings.TrimRight(line, " \t") != line ||
			strings.ContainsFunc(line, func(r rune) bool { return r >= 0x7f || r < ' ' && r != '\t' }) {
			t.Fatalf("a line of the body: %q", line)
		}
	}
}

func (m *Mail) addresses(t Failer) {
	t.Helper()
	for name, one := range map[string]**gomail.Address{"From": &m.From, "To": &m.To} {
		list, err := m.header.AddressList(name)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %v in %q", name, list, err, m.header.Get(name))
		}
		*one = list[0]
	}
	var err error
	if m.ReplyTo, err = m.header.AddressList("Reply-To"); err != nil {
		t.Fatalf("Reply-To: %v", err)
	}
}

func (m *Mail) parts(t Failer, reader *gomail.Reader) {
	t.Helper()
	if kind, _, err := reader.Header.ContentType(); err != nil || kind != "multipart/alternative" {
		t.Fatalf("type %q, %v", kind, err)
	}
	for i, want := range []string{"text/plain", "text/html"} {
		part, err := reader.NextPart()
		if err != nil {
			t.Fatalf("part %d: %v", i+1, err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || kind != want || params["charset"] != "utf-8" {
			t.Fatalf("part %d: %q, %v", i+1, part.Header.Get("Content-Type"), err)
		}
		b, err := io.ReadAll(part.Body)
		if err != nil || !utf8.Valid(b) {
			t.Fatalf("part %d: %v", i+1, err)
		}
		s := strings.ReplaceAll(string(b), "\r\n", "\n")
		if i == 0 {
			m.Text = s
		} else {
			m.HTML = s
		}
	}
	if _, err := reader.NextPart(); !errors.Is(err, io.EOF) {
		t.Fatalf("after the parts: %v", err)
	}
}

var root = regexp.MustCompile(`(?i)<html lang="([^"]+)" dir="([a-z]+)">`)

// checkPage holds that the page says its language and direction, and fetches nothing from anywhere.
func (m *Mail) checkPage(t Failer) {
	t.Helper()
	said := root.FindStringSubmatch(m.HTML)
	if said == nil {
		t.Fatalf("no language and direction:\n%s", m.HTML)
	}
	language, _, _ := strings.Cut(m.Languages, ",")
	if said[1] != language || (said[2] == "rtl") != (language == "ar") {
		t.Fatalf("%v in a mail in %s", said, m.Languages)
	}
}

var (
	fetched  = regexp.MustCompile(`(?i)<(img|link|script|iframe|object|embed|video|audio|source|svg|input|form|base)\b|\b(src|srcset|background|poster)\s*=|url\(|@import`)
	anchor   = regexp.MustCompile(`<a\b[^>]*\bhref="([^"]*)"`)
	bareLink = regexp.MustCompile(`https?://\S+`)
)

// Links are those of the mail. It fails where the page would fetch anything, and where a link of the text is not, to its
// last character and as mail programs find its end, one of the page.
func (m *Mail) Links(t Failer) []string {
	t.Helper()
	if found := fetched.FindString(m.HTML); found != "" {
		t.Fatalf("the page fetches something: %q in\n%s", found, m.HTML)
	}
	var links []string
	for _, a := range anchor.FindAllStringSubmatch(m.HTML, -1) {
		links = append(links, html.UnescapeString(a[1]))
	}
	for _, link := range bareLink.FindAllString(m.Text, -1) {
		// A link may end before a bracket that it does not open, and before the marks behind that.
		if before, _, cut := strings.Cut(link, ")"); cut && !strings.Contains(before, "(") {
			link = before
		}
		if !slices.Contains(links, link) {
			t.Fatalf("a link of the text is none of the page: %q of %q in\n%s", link, links, m.Text)
		}
	}
	slices.Sort(links)
	return slices.Compact(links)
}
