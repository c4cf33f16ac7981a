package document

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMailBodiesAreAsKept(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	r := newBodyRenderer()
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(file, ".md")
		golden(t, base+".html", r.HTML(string(source)))
		golden(t, base+".txt", r.Text(string(source)))
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s", file, got)
	}
}

func TestNothingActiveSurvives(t *testing.T) {
	t.Parallel()
	r := newBodyRenderer()
	for _, text := range []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
		"<a href=\"javascript:x\">y</a>", "![x](javascript:x)", "<svg/onload=alert(1)>", "[x](data:text/html;base64,AAAA)",
		"<https://field.invalid/\"onclick=x>", "[x]({{personal_link}}\"onmouseover=x)",
	} {
		clean := strings.ToLower(r.HTML(text))
		for _, bad := range []string{"<script", "<img", "<svg", "href=\"javascript", "href=\"data", " onclick", " onerror", " onmouseover="} {
			if strings.Contains(clean, bad) {
				t.Errorf("%q became %q", text, clean)
			}
		}
	}
}

func TestLinkFieldsBecomeLinks(t *testing.T) {
	t.Parallel()
	r := newBodyRenderer()
	for _, c := range []struct{ markdown, html, text string }{
		{"Answer: {{personal_link}}.", `<p>Answer: <a href="{{personal_link}}">{{personal_link}}</a>.</p>`, "Answer:\n{{personal_link}}."},
		{"[Answer]({{personal_link}})", `<p><a href="{{personal_link}}">Answer</a></p>`, "Answer\n({{personal_link}})"},
		{"[Answer]({{ personal_link }})", `<p><a href="{{personal_link}}">Answer</a></p>`, "Answer\n({{personal_link}})"},
		{"[{{personal_link}}]({{personal_link}})", `<p><a href="{{personal_link}}">{{personal_link}}</a></p>`, "{{personal_link}}"},
		{"请打开{{personal_link}}。", `<p>请打开<a href="{{personal_link}}">{{personal_link}}</a>。</p>`, "请打开\n{{personal_link}}。"},
		{"Dear {{contact}}", `<p>Dear {{contact}}</p>`, "Dear {{contact}}"},
		{"请于**{{deadline}}**之前", `<p>请于<strong>{{deadline}}</strong>之前</p>`, "请于{{deadline}}之前"},
		{"a*{{contact}}*b `*{{contact}}*`", `<p>a<em>{{contact}}</em>b <code>*{{contact}}*</code></p>`, "a{{contact}}b *{{contact}}*"},
		{"**{{contact}}**", `<p><strong>{{contact}}</strong></p>`, "{{contact}}"},
	} {
		if got := strings.TrimSpace(r.HTML(c.markdown)); got != c.html {
			t.Errorf("%q: HTML %q, want %q", c.markdown, got, c.html)
		}
		if got := strings.TrimSpace(r.Text(c.markdown)); got != c.text {
			t.Errorf("%q: text %q, want %q", c.markdown, got, c.text)
		}
	}
}

func TestValuesAreEscapedInHTMLOnly(t *testing.T) {
	t.Parallel()
	m := MailText{Subject: "{{contact}}", Text: "{{contact}} {{cycle}}", HTML: "{{contact}}"}.fill(map[string]string{"contact": `<b>&"`})
	if m.Subject != `<b>&"` || m.Text != `<b>&" {{cycle}}` || m.HTML != "&lt;b&gt;&amp;&#34;" {
		t.Errorf("got %+v", m)
	}
}

func TestPlainParagraphsStayWithinTheWidth(t *testing.T) {
	t.Parallel()
	r := newBodyRenderer()
	for _, text := range []string{
		strings.Repeat("word ", 300), strings.Repeat("意见。", 200), "- " + strings.Repeat("مجتمع ", 100), "> 1. " + strings.Repeat("a b {{contact}} ", 60),
	} {
		for line := range strings.SplitSeq(r.Text(text), "\n") {
			if columnsOf(line) > textWidth {
				t.Errorf("%d columns: %q", columnsOf(line), line)
			}
		}
	}
}

// An address in a script that is written without spaces is a link to its last character only where it is whole.
func TestALinkIsNeverBroken(t *testing.T) {
	t.Parallel()
	const long = "https://例子.测试/网络安全/最佳实践论坛/意见征集/二〇一七年/常见问题解答与背景资料"
	for _, s := range []string{
		"阅读" + strings.Repeat("意", 30) + "（" + long + ")以及" + strings.Repeat("词", 60),
		strings.Repeat("词", 33) + long,
		long + " " + strings.Repeat("意", 80),
	} {
		if text := strings.Join(wrap(s, "> ", "> ", textWidth), "\n"); strings.Count(text, long) != 1 {
			t.Errorf("%s becomes\n%s", s, text)
		}
	}
	for _, line := range wrap("阅读"+long+")"+strings.Repeat("词", 100), "", "", textWidth)[1:] {
		if columnsOf(line) > textWidth && !strings.Contains(line, long) {
			t.Errorf("what follows a link is not wrapped: %s", line)
		}
	}
}
