package mail

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
)

var update = flag.Bool("update", false, "write the golden files anew")

func signIn() Message {
	return Message{
		From: Address{Name: "Convoke, BPF Cybersecurity", Email: "convoke@example.org"}, To: Address{Name: "María <Núñez> & Co", Email: "maria@example.net"},
		ReplyTo: Address{Email: "secretariat@example.org"}, Subject: "Su enlace de acceso a la contribución sobre ciberseguridad: válido durante 15 minutos",
		Text: "Hola, María:\n\n.Un punto al principio\nFrom aquí\nhttps://convoke.example.org/s/" + strings.Repeat("ab12", 20) + "\n",
		HTML: "<p>Hola, <bdi>María</bdi>:</p>\n<p><a href=\"https://convoke.example.org/s/ab12\">Entrar</a></p>", Locale: "es",
		MessageID: "signin.42@example.org", Date: testDate, AutoSubmitted: "auto-generated", ListID: "bpf.example.org",
		UnsubscribeURL: "https://convoke.example.org/u/x", UnsubscribeMail: "u+x@example.org", InReplyTo: "q1@example.net",
		Headers: []Header{{Name: "X-Convoke-Kind", Value: "signin"}},
	}
}

func TestComposeGolden(t *testing.T) {
	t.Parallel()
	raw, err := Compose(signIn())
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/signin.eml"
	if *update {
		if err := os.WriteFile(golden, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, want) {
		t.Errorf("differs from %s:\n%s", golden, raw)
	}
}

func TestComposeIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := signIn()
		m.Text = "x" + Slot("name") + markerStart + rapid.String().Draw(t, "text")
		m.HTML = "<html>" + rapid.String().Draw(t, "html")
		m.Subject = "s" + strings.NewReplacer("\r", "", "\n", "").Replace(rapid.String().Draw(t, "subject"))
		m.To.Name = rapid.String().Draw(t, "name")
		raw, err := Compose(m)
		if err != nil {
			t.Fatalf("%v", err)
		}
		e, text, page := readBack(t, raw)
		if text != cleanBody(m.Text) || page != cleanBody(m.HTML) {
			t.Fatalf("text %q, want %q\nhtml %q, want %q", text, cleanBody(m.Text), page, cleanBody(m.HTML))
		}
		if got := decoded(t, e.Root.Header.Get("Subject")); got != cleanSentence(m.Subject) {
			t.Fatalf("subject %q, want %q", got, cleanSentence(m.Subject))
		}
		list, err := e.AddressList("To")
		if err != nil || len(list) != 1 || list[0].Name != cleanHeader(m.To.Name) {
			t.Fatalf("to %v %v", list, err)
		}
		if len(e.Root.Header) != 16 {
			t.Fatalf("%d headers: %v", len(e.Root.Header), e.Root.Header)
		}
	})
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*Message){
		"to":         func(m *Message) { m.To.Email = "x" },
		"from":       func(m *Message) { m.From.Email = "" },
		"subject":    func(m *Message) { m.Subject = "a\nb" },
		"message_id": func(m *Message) { m.MessageID = "" },
	} {
		m := signIn()
		change(&m)
		if _, err := Compose(m); !errs.Is(err, errs.Invalid) || errs.FieldsOf(err)[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestReadParsesWhatWeCompose(t *testing.T) {
	t.Parallel()
	m := signIn()
	raw, err := Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if p.Header("subject") != m.Subject || p.Text != m.Text || !strings.Contains(p.HTML, `<html lang="es" dir="ltr">`) || p.Cut {
		t.Errorf("%+v", p)
	}
	if !strings.Contains(p.Header("To"), "María <Núñez> & Co") || p.Headers[0].Name != "Date" {
		t.Errorf("%+v", p.Headers)
	}
}

func TestReadAttachmentsAndDamage(t *testing.T) {
	t.Parallel()
	raw := "From: a@example.org\r\nSubject: =?iso-8859-1?Q?caf=E9?=\r\nX-Long: a\r\n b\r\nX-Long: c\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a\u202eb.pdf\"\r\n\r\nx\r\n--b--\r\n"
	p, err := Read([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if p.Header("Subject") != "café" || len(p.Attachments) != 1 || p.Attachments[0] != "ab.pdf" || p.Text != "hello" {
		t.Errorf("%+v", p)
	}
	if p.Headers[2].Value != "a b" || p.Headers[3].Value != "c" {
		t.Errorf("%+v", p.Headers)
	}
	if _, err := Read(make([]byte, maxParsed+1)); !errs.Is(err, errs.TooLarge) {
		t.Errorf("%v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("Subject: x\r\n\r\nbody"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b--"))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Read(raw)
		if err == nil && (len(p.Text) > maxBody || len(p.HTML) > maxBody || len(p.Headers) > maxHeaders) {
			t.Error("not bounded")
		}
	})
}

// A name of the other direction stays isolated in a subject; signs that reorder what is around them never get in.
func TestASubjectKeepsIsolatedNames(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"To \u2068أمينة\u2069, now":      "To \u2068أمينة\u2069, now",
		"To \u2068a\u202eb\u2069 \r\n c": "To \u2068ab\u2069 c",
		"To \u2068a":                     "To a",
		"To a\u2069 \u2068b":             "To a b",
		"\u2068\u2068a\u2069\u2069":      "a",
		"\u202ea\u2066b":                 "ab",
	} {
		if got := cleanSentence(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}
