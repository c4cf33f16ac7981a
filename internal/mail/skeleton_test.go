package mail

import (
	"bytes"
	"fmt"
	"html"
	"mime"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
)

var testDate = time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC)

func testParts(text, page string) Parts {
	return Parts{
		From: Address{Name: "IGF Secretariat", Email: "secretariat@example.org"}, ReplyTo: Address{Email: "reply@example.org"},
		Subject: "Call for contributions, " + Slot("name"), Text: text, HTML: page, Locale: "es", Dir: "ltr",
		ListID: "BPF Cybersecurity <bpf.example.org>",
	}
}

func testRecipient(values ...string) Recipient {
	return Recipient{
		To: Address{Name: "Anna Berg", Email: "anna@example.org"}, MessageID: "d1.call@example.org", Date: testDate,
		UnsubscribeURL: "https://convoke.example.org/u/abc", UnsubscribeMail: "u+abc@example.org", Values: values,
	}
}

// readBack parses with an independent parser and gives text and HTML with line ends LF.
func readBack(t interface{ Fatalf(string, ...any) }, raw []byte) (*enmime.Envelope, string, string) {
	parser := enmime.NewParser(enmime.DisableCharacterDetection(true), enmime.DisableTextConversion(true))
	e, err := parser.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("not readable: %v\n%s", err, raw)
	}
	for _, problem := range e.Errors {
		t.Fatalf("parser: %s\n%s", problem, raw)
	}
	return e, strings.ReplaceAll(e.Text, "\r\n", "\n"), strings.ReplaceAll(e.HTML, "\r\n", "\n")
}

func TestRenderIsReadBack(t *testing.T) {
	t.Parallel()
	literal := rapid.OneOf(rapid.String(), rapid.StringMatching(`([ -~\n]|\. ?|=\n|From |é){0,200}`), rapid.SampledFrom([]string{"", "\n", " ", "نص عربي طويل ", "文本"}))
	value := rapid.OneOf(rapid.String(), rapid.StringMatching(`([ -~\n\t\r]|\.\n|é|ض|文){0,120}`))
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := literal.Draw(t, "a"), literal.Draw(t, "b"), literal.Draw(t, "c")
		name, org, to := value.Draw(t, "name"), value.Draw(t, "organization"), rapid.String().Draw(t, "to")
		fill := func(name, org string) string { return "x" + a + name + b + org + c + name }
		wrap := func(s string) string { return "<html><p title=\"" + s + "\"></html>" }
		tmpl := fill(Slot("name"), Slot("organization"))
		sk, err := NewSkeleton(testParts(tmpl, wrap(tmpl)))
		if err != nil {
			t.Skip("text is refused")
		}
		r := testRecipient(name, org)
		r.To.Name = to
		raw := sk.Render(nil, r)
		checkWire(t, raw)
		if !bytes.Equal(appendWire(nil, raw, false), appendWire(nil, raw, true)) {
			t.Fatalf("a connection would alter %q", raw)
		}
		e, text, page := readBack(t, raw)
		if want := cleanBody(fill(name, org)); text != want {
			if want2 := cleanBody("x"+a) + cleanBody(name) + cleanBody(b) + cleanBody(org) + cleanBody(c) + cleanBody(name); text != want2 {
				t.Fatalf("text\n got %q\nwant %q\n%s", text, want, raw)
			}
		}
		esc := func(s string) string { return html.EscapeString(cleanBody(s)) }
		want := wrap(cleanBody("x"+a) + esc(name) + cleanBody(b) + esc(org) + cleanBody(c) + esc(name))
		if page != want {
			t.Fatalf("html\n got %q\nwant %q", page, want)
		}
		if got, want := decoded(t, e.Root.Header.Get("Subject")), cleanSentence("Call for contributions, "+name); got != want {
			t.Fatalf("subject %q, want %q", got, want)
		}
		list, err := e.AddressList("To")
		if err != nil || len(list) != 1 || list[0].Name != cleanHeader(to) || list[0].Address != "anna@example.org" {
			t.Fatalf("to %q: %v %v", to, list, err)
		}
		if keys := len(e.Root.Header); keys != 12 {
			t.Fatalf("%d headers: %v", keys, e.Root.Header)
		}
	})
}

func TestACleanSentenceStaysAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`([a-zé 文\n\x{e010}\x{200f}]){0,8}`)
		s := word.Draw(t, "before") + string(isolateBegin) + word.Draw(t, "name") + string(isolateEnd) + word.Draw(t, "after")
		if got, want := cleanSentence(s), cleanGuarded(s); got != want {
			t.Fatalf("%q: %q, want %q", s, got, want)
		}
	})
}

func decoded(t interface{ Fatalf(string, ...any) }, s string) string {
	out, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		t.Fatalf("header %q: %v", s, err)
	}
	return out
}

// checkWire holds what every rendered message must be: 7-bit, CRLF only, short lines, no line
// that begins with a dot.
func checkWire(t interface{ Fatalf(string, ...any) }, raw []byte) {
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Fatalf("no line end at the end")
	}
	for _, line := range bytes.Split(bytes.TrimSuffix(raw, []byte("\r\n")), []byte("\r\n")) {
		if len(line) > 78 || bytes.ContainsAny(line, "\r\n\x00") || bytes.HasPrefix(line, []byte(".")) {
			t.Fatalf("line %q", line)
		}
		for _, c := range line {
			if c >= 0x80 {
				t.Fatalf("8-bit line %q", line)
			}
		}
	}
}

func TestRenderNeverInjects(t *testing.T) {
	t.Parallel()
	sk, err := NewSkeleton(testParts("Dear "+Slot("name"), "<p>"+Slot("name")+"</p>"))
	if err != nil {
		t.Fatal(err)
	}
	evil := "x\r\nBcc: eve@example.org\r\n\r\nbody"
	r := testRecipient(evil)
	r.To = Address{Name: evil, Email: "anna@example.org>\r\nBcc: eve@example.org"}
	r.MessageID, r.UnsubscribeURL, r.UnsubscribeMail = evil, "https://x.example/\r\nBcc: eve@example.org", evil
	r.ReplyTo = r.To
	e, _, _ := readBack(t, sk.Render(nil, r))
	if got := e.Root.Header.Get("Bcc"); got != "" {
		t.Errorf("injected %q", got)
	}
}

func TestRenderArabicWrapsAndDirects(t *testing.T) {
	t.Parallel()
	p := testParts("السلام عليكم "+Slot("name")+"، ندعوكم إلى المساهمة.", "<p>"+Slot("name")+" & السلام عليكم ورحمة الله وبركاته</p>")
	p.Subject, p.Locale, p.Dir = "دعوة إلى المساهمة في منتدى أفضل الممارسات بشأن الأمن السيبراني", "ar", "rtl"
	p.AutoSubmitted = "auto-generated"
	p.Headers = []Header{{Name: "X-Campaign", Value: "bpf"}}
	sk, err := NewSkeleton(p)
	if err != nil {
		t.Fatal(err)
	}
	raw := sk.Render(nil, testRecipient("<ليلى>"))
	checkWire(t, raw)
	e, text, page := readBack(t, raw)
	if text != "السلام عليكم <ليلى>، ندعوكم إلى المساهمة." {
		t.Errorf("text %q", text)
	}
	if !strings.Contains(page, `<html lang="ar" dir="rtl">`) || !strings.Contains(page, "<p>&lt;ليلى&gt; & السلام") {
		t.Errorf("html %q", page)
	}
	for name, want := range map[string]string{
		"Subject": p.Subject, "Content-Language": "ar", "Auto-Submitted": "auto-generated", "X-Campaign": "bpf",
		"List-Unsubscribe":      "<https://convoke.example.org/u/abc>, <mailto:u+abc@example.org>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "List-Id": "BPF Cybersecurity <bpf.example.org>",
		"Date": "Tue, 15 Aug 2017 09:00:00 +0000", "Message-Id": "<d1.call@example.org>", "Reply-To": "<reply@example.org>",
	} {
		if got := decoded(t, e.Root.Header.Get(name)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !bytes.Equal(raw, sk.Render(nil, testRecipient("<ليلى>"))) {
		t.Error("two renderings differ")
	}
}

func TestSkeletonRefuses(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*Parts){
		"from":     func(p *Parts) { p.From.Email = "nobody" },
		"reply_to": func(p *Parts) { p.ReplyTo.Email = "a b@example.org" },
		"subject":  func(p *Parts) { p.Subject = "a\r\nBcc: b" },
		"text":     func(p *Parts) { p.Text = " " },
		"html":     func(p *Parts) { p.HTML = "" },
		"locale":   func(p *Parts) { p.Locale = "not a tag" },
		"dir":      func(p *Parts) { p.Dir = "up" },
		"headers":  func(p *Parts) { p.Headers = []Header{{Name: "X: y", Value: "z"}} },
	} {
		p := testParts("t", "h")
		change(&p)
		_, err := NewSkeleton(p)
		if f := errs.FieldsOf(err); !errs.Is(err, errs.Invalid) || len(f) != 1 || f[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	p := testParts(Slot("Name 1"), "h")
	if _, err := NewSkeleton(p); !errs.Is(err, errs.Invalid) {
		t.Errorf("a slot with a wrong name: %v", err)
	}
}

func TestMissingNamesSlots(t *testing.T) {
	t.Parallel()
	sk, err := NewSkeleton(testParts(Slot("organization")+Slot("deadline"), Slot("name")))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(sk.Slots(), sk.Missing(testRecipient("Anna", " "))); got != "[name organization deadline] [organization deadline]" {
		t.Error(got)
	}
}

func benchSkeleton(b *testing.B) (*Skeleton, Recipient) {
	para := strings.Repeat("The Best Practice Forum on Cybersecurity invites you to contribute your experience. ", 14)
	text := "Dear " + Slot("name") + ",\n\n" + para + "\n\n" + Slot("personal_link") + "\n\n" + para + "\n" + Slot("unsubscribe_link") + "\n"
	page := "<p>Dear <bdi>" + Slot("name") + "</bdi>,</p><p>" + para + "</p><p><a href=\"" + Slot("personal_link") + "\">Contribute</a></p><p>" + para + para + "</p>"
	sk, err := NewSkeleton(testParts(text, page))
	if err != nil {
		b.Fatal(err)
	}
	r := testRecipient("María José Núñez", "https://convoke.example.org/c/0123456789abcdef0123", "https://convoke.example.org/u/0123456789abcdef0123")
	r.To.Name = "María José Núñez"
	return sk, r
}

func BenchmarkRender(b *testing.B) {
	sk, r := benchSkeleton(b)
	buf := sk.Render(nil, r)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = sk.Render(buf[:0], r)
	}
}
