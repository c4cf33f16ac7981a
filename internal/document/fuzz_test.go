package document

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func seedMarkdown(f *testing.F) {
	f.Helper()
	files, _ := filepath.Glob("testdata/*.md")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	for _, text := range hostileMarkdown() {
		f.Add(text)
	}
}

func hostileMarkdown() []string {
	return []string{
		"{{contact}} \xff [x]({{personal_link}}", "- \n\n1. - > {{deadline}}\n```\n{{", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
		"[x](javascript:alert(1))", "[x](JaVaScRiPt&colon;alert(1))", "<javascript:alert(1)>", "[x]: javascript:alert(1)\n\n[x]", "![x](data:text/html,x)",
		"<a href=\"{{personal_link}}\" onclick=x>y</a>", "[{{call_link}}]({{call_link}} \"onmouseover=alert(1)\")", "{{contact}}<!--", "<![CDATA[{{contact}}]]>",
		"[a](<https://example.org/\"onclick=x>)", "https://example.org/\"><script>", "&lt;script&gt;", "`<b onload=x>`", "x\n===\n\u2028<svg/onload=1>",
	}
}

func FuzzMarkdownToMail(f *testing.F) {
	seedMarkdown(f)
	r := newBodyRenderer()
	f.Fuzz(func(t *testing.T, markdown string) {
		clean, plain := r.HTML(markdown), r.Text(markdown)
		if !utf8.ValidString(clean) || !utf8.ValidString(plain) {
			t.Fatalf("not UTF-8 out of %q", markdown)
		}
		words := holdsNothingActive(t, clean)
		if wordy(words) && !wordy(plain) {
			t.Errorf("the HTML says %q, and the text nothing", words)
		}
		for line := range strings.SplitSeq(plain, "\n") {
			if strings.TrimRight(line, " \t") != line {
				t.Errorf("blanks at the end of %q", line)
			}
		}
		// Whatever follows, a passage with fields keeps them.
		before := "{{contact}} and {{personal_link}}\n\n"
		for name, out := range map[string]string{"HTML": r.HTML(before + markdown), "text": r.Text(before + markdown)} {
			if !strings.Contains(out, "{{contact}}") || !strings.Contains(out, "{{personal_link}}") {
				t.Errorf("the %s loses fields: %q", name, out)
			}
		}
		_ = lostIn(markdown)
	})
}

// holdsNothingActive reads HTML as a browser does and gives its text.
func holdsNothingActive(t *testing.T, clean string) string {
	t.Helper()
	allowed := strings.Fields("p br hr strong em h1 h2 h3 h4 h5 h6 ul ol li blockquote code pre a")
	var words strings.Builder
	for tokens := html.NewTokenizer(strings.NewReader(clean)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return words.String()
		case html.TextToken:
			words.WriteString(tokens.Token().Data)
		case html.CommentToken, html.DoctypeToken:
			t.Errorf("a comment in %q", clean)
		default:
			token := tokens.Token()
			if !slices.Contains(allowed, token.Data) {
				t.Errorf("<%s> in %q", token.Data, clean)
			}
			for _, a := range token.Attr {
				if a.Key != "href" && a.Key != "rel" && a.Key != "start" || a.Key == "href" && !leadsOut(a.Val) {
					t.Errorf("%s=%q in %q", a.Key, a.Val, clean)
				}
			}
		}
	}
}

func leadsOut(href string) bool {
	u, err := url.Parse(href)
	return strings.HasPrefix(href, "{{") || err == nil && slices.Contains([]string{"https", "http", "mailto"}, strings.ToLower(u.Scheme))
}

func wordy(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func FuzzFields(f *testing.F) {
	for _, text := range []string{
		"Dear {{contact}}, {{ deadline }}", "{{", "}}", "{{{contact}}}", "{{contact}\n}", "{{{{contact}}}}", "{{unknown}} {{contact}}", "{{\xff}}", "{ {contact} }", "{{con\u200btact}}",
		"", "{{{", "{{a}}}}{{b", "{{\n}}", "{{contact}}{{ cycle }}\xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, m := range marks(text) {
			if m.start < at || m.end <= m.start || m.end > len(text) || m.unbalanced && m.end-m.start != 2 {
				t.Fatalf("a mark from %d to %d after %d in %q", m.start, m.end, at, text)
			}
			if between := text[at:m.start]; strings.Contains(between, "{{") || strings.Contains(between, "}}") {
				t.Fatalf("braces are missed in %q", text)
			}
			at = m.end
		}
		if kept := replaceFields(text, func(string) (string, bool) { return "", false }); kept != text {
			t.Errorf("without a value %q became %q", text, kept)
		}
		tidy := tidyFields(text)
		if tidyFields(tidy) != tidy || !slices.Equal(fieldsIn(tidy), fieldsIn(text)) {
			t.Errorf("%q is tidied to %q", text, tidy)
		}
		filled := MailText{Subject: text, Text: text, HTML: text}.fill(map[string]string{"contact": "Amina"})
		if slices.Contains(fieldsIn(filled.Text), "contact") && !strings.Contains(filled.Text, "Amina") {
			t.Errorf("%q is filled to %q", text, filled.Text)
		}
	})
}

func TestHostileMarkdownEndsSoon(t *testing.T) {
	t.Parallel()
	r := newBodyRenderer()
	for _, piece := range []string{
		"[", "![", "[a](", "*", "**a", "_a*", "<", "<a ", "<!--", "`", "``a", "> ", "- ", "1. ", "{{", "{{a", "{{contact}}", "&", "&#", "\\", "https://a.", "a@b.", "[a]: b\n", "|", "#", "~~~\n", "\t", "]", "<![CDATA[", "<?",
	} {
		text := strings.Repeat(piece, maxSegment/len(piece))
		start := time.Now()
		clean := r.HTML(text)
		_ = r.Text(text)
		_ = problemsOf([]Segment{{Key: "p1", Kind: Markdown, Text: text}})
		holdsNothingActive(t, clean)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%q again and again took %v", piece, took)
		}
	}
}

func TestHTMLIsToldAtItsPassage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Fine, 3 < 4 and <https://example.org> and <a@example.org>.": nil,
		"Code may name it: `<b>`\n\n    <i>":                         nil,
		"Hello <b onclick=x>you</b>":                                 {"<b onclick=x>", "</b>"},
		"<script>\nalert(1)\n</script>":                              {"<script> alert(1)"},
		"<div>\nDear all\n</div>":                                    {"<div> Dear all </div>"},
		"<!-- to do -->":                                             {"<!-- to do -->"},
		"{{contact}} <img src=x onerror=alert(1)>":                   {"<img src=x onerror=alert(1)>"},
	} {
		var got []string
		for _, p := range problemsOf([]Segment{{Key: "p1", Kind: Markdown, Text: text}}) {
			if p.Key != "document.problem.html" {
				t.Errorf("%q: %+v", text, p)
			}
			got = append(got, p.Args["Text"].(string))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: told %q, want %q", text, got, want)
		}
	}
}
