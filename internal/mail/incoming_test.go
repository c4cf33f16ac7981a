package mail_test

import (
	"encoding/base64"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/mail"
)

// lines is a message with the line ends of the wire.
func lines(all ...string) []byte { return []byte(strings.Join(all, "\r\n") + "\r\n") }

func TestWhatComesInIsRead(t *testing.T) {
	t.Parallel()
	m := mail.ReadIncoming(lines(
		"Received: from mx.example.net by mail.example.org; Tue, 15 Aug 2017 11:00:00 +0200",
		"Received: from far.example.net; Mon, 14 Aug 2017 11:00:00 +0200",
		"From: =?utf-8?B?2YTZitmE2YksINmF2YPYqtio?= <Layla@example.net>",
		"To: BPF <bpf+re-abc@example.org>, other@example.org",
		"Subject: =?utf-8?Q?R=C3=A9ponse?=",
		"Message-ID: <a1@example.net>",
		"In-Reply-To: <d5@example.org>",
		"References: <old@example.org>",
		" <d5@example.org>",
		"Date: Tue, 15 Aug 2017 10:59:00 +0200",
		"MIME-Version: 1.0",
		`Content-Type: multipart/mixed; boundary="b1"`,
		"",
		"--b1",
		"Content-Type: text/plain; charset=iso-8859-1",
		"Content-Transfer-Encoding: quoted-printable",
		"",
		"Voil=E0 notre r=E9ponse.",
		"--b1",
		`Content-Type: application/octet-stream; name="x"`,
		`Content-Disposition: attachment; filename="../../etc/=?utf-8?B?2YXYs9in2YfZhdip?=.docx"`,
		"Content-Transfer-Encoding: base64",
		"",
		base64.StdEncoding.EncodeToString([]byte("PK content")),
		"--b1",
		"Content-Type: text/calendar; method=REQUEST",
		"",
		"BEGIN:VCALENDAR",
		"--b1--",
	))
	if m.From != (mail.Address{Name: "ليلى, مكتب", Email: "Layla@example.net"}) || m.Subject != "Réponse" || m.MessageID != "a1@example.net" {
		t.Errorf("from %+v, subject %q, id %q", m.From, m.Subject, m.MessageID)
	}
	if !slices.Equal(m.Recipients, []string{"bpf+re-abc@example.org", "other@example.org"}) || !slices.Equal(m.References, []string{"d5@example.org", "d5@example.org", "old@example.org"}) {
		t.Errorf("to %q, after %q", m.Recipients, m.References)
	}
	if want := time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC); !m.Received.Equal(want) || !m.Date.Equal(want.Add(-time.Minute)) {
		t.Errorf("received %s, dated %s", m.Received, m.Date)
	}
	if m.Text != "Voilà notre réponse." || m.Auto != mail.ByPerson || m.Report != nil || m.Broken {
		t.Errorf("text %q, auto %q, report %v, broken %t", m.Text, m.Auto, m.Report, m.Broken)
	}
	if len(m.Files) != 2 || m.Files[0].Name != "مساهمة.docx" || string(m.Files[0].Content) != "PK content" || m.Files[1].Name != "file.ics" || m.Files[1].Type != "text/calendar" {
		t.Errorf("files %+v", m.Files)
	}
}

func TestNamesInBytesOfAnotherCharacterSet(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]mail.Address{
		"Jos\xe9 P\xe9rez <jose@example.org>":         {Name: "Jos\ufffd P\ufffdrez", Email: "jose@example.org"},
		"王芳 <wang@example.org>":                       {Name: "王芳", Email: "wang@example.org"},
		"=?gb2312?B?zfW3vA==?= <wang@example.org>":    {Name: "王芳", Email: "wang@example.org"},
		"\u202eevil\u202c <a@example.org>":            {Name: "evil", Email: "a@example.org"},
		"a@example.org (Anna)":                        {Name: "Anna", Email: "a@example.org"},
		"Smith, John <john@example.org>":              {Name: "Smith, John", Email: "john@example.org"},
		"undisclosed":                                 {},
		`"a@example.org" <eve@example.net>, b@c.test`: {Name: "a@example.org", Email: "eve@example.net"},
	} {
		if got := mail.ReadIncoming(lines("From: "+from, "", "x")).From; got != want {
			t.Errorf("%q: %+v, want %+v", from, got, want)
		}
	}
}

// A part that says nothing of its type, and that it is attached, is.
func TestAnAttachmentWithoutAType(t *testing.T) {
	t.Parallel()
	m := mail.ReadIncoming(lines("Content-Type: multipart/mixed; boundary=b", "", "--b", "", "Our answer", "--b", "Content-Disposition: attachment; filename=a.md", "", "# A", "--b--"))
	if m.Text != "Our answer" || len(m.Files) != 1 || m.Files[0].Name != "a.md" || string(m.Files[0].Content) != "# A" {
		t.Errorf("%q, %+v", m.Text, m.Files)
	}
}

func dsn(fields ...string) []byte {
	return lines(slices.Concat([]string{
		"From: MAILER-DAEMON@mx.example.org", "To: bpf+bounce-abc@example.org", "Subject: Undelivered", "Auto-Submitted: auto-replied",
		`Content-Type: multipart/report; report-type=delivery-status; boundary="r"`, "",
		"--r", "", "It could not be delivered.", "--r", "Content-Type: message/delivery-status", "",
		"Reporting-MTA: dns; mx.example.org", "",
	}, fields, []string{
		"", "--r", "Content-Type: text/rfc822-headers", "", "Message-ID: <d7@example.org>", "Return-Path: <bpf+bounce-abc@example.org>", "--r--",
	})...)
}

func TestReportsOfDeliveries(t *testing.T) {
	t.Parallel()
	m := mail.ReadIncoming(dsn(
		"Original-Recipient: rfc822;Anna@example.net", "Final-Recipient: rfc822; anna@inner.example.net", "Action: failed", "Status: 5.1.1",
		"Diagnostic-Code: smtp; 550 5.1.1 <anna@inner.example.net>: user", "  unknown", "",
		"Final-Recipient: rfc822;b@example.net", "Action: delayed", "Diagnostic-Code: smtp; 452 4.2.2 full",
	))
	want := []mail.Reported{
		{Action: "failed", Status: "5.1.1", Diagnostic: "550 5.1.1 <anna@inner.example.net>: user unknown", Original: "Anna@example.net", Final: "anna@inner.example.net"},
		{Action: "delayed", Status: "4.2.2", Diagnostic: "452 4.2.2 full", Final: "b@example.net"},
	}
	if m.Report == nil || m.Report.Kind != mail.DeliveryReport || !slices.Equal(m.Report.Recipients, want) {
		t.Fatalf("%+v", m.Report)
	}
	if m.Report.OriginalHeader("message-id") != "<d7@example.org>" || m.Auto != mail.ByMachine || !strings.HasPrefix(m.Text, "It could not") || len(m.Files) != 0 {
		t.Errorf("%+v", m)
	}
}

func TestReportsOfComplaints(t *testing.T) {
	t.Parallel()
	m := mail.ReadIncoming(lines(
		"From: fbl@provider.example", "To: bpf@example.org", `Content-Type: multipart/report; report-type=feedback-report; boundary=r`, "",
		"--r", "", "A complaint.", "--r", "Content-Type: message/feedback-report", "", "Feedback-Type: abuse", "User-Agent: X/1", "Original-Rcpt-To: <a@example.net>", "",
		"--r", "Content-Type: message/rfc822", "", "Reply-To: BPF <bpf+re-abc@example.org>", "Message-ID: <d7@example.org>", "", "Dear colleague", "--r--",
	))
	if m.Report == nil || m.Report.Kind != mail.FeedbackReport || m.Report.Feedback != "abuse" || m.Report.Recipients[0].Original != "a@example.net" ||
		!strings.Contains(m.Report.OriginalHeader("Reply-To"), "bpf+re-abc@") {
		t.Fatalf("%+v", m.Report)
	}
}

func TestRepliesByMachines(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]mail.Auto{
		"Auto-Submitted: auto-replied (vacation)":       mail.ByMachine,
		"auto-submitted: auto-generated":                mail.ByMachine,
		"Auto-Submitted: no":                            mail.ByPerson,
		"X-Autoreply: yes":                              mail.ByMachine,
		"Precedence: auto_reply":                        mail.ByMachine,
		"Precedence: bulk":                              mail.PerhapsNot,
		"Precedence: list":                              mail.ByPerson,
		"X-Auto-Response-Suppress: All":                 mail.PerhapsNot,
		"Subject: Automatic reply: the call":            mail.PerhapsNot,
		"Subject: =?utf-8?B?2LHYryDYqtmE2YLYp9im2Yo=?=": mail.PerhapsNot,
		"Subject: 自动回复：征集":                              mail.PerhapsNot,
		"Subject: Re: Automatic systems":                mail.ByPerson,
	} {
		if got := mail.ReadIncoming(lines("From: a@example.org", header, "", "x")).Auto; got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

func TestPagesAreReadAsText(t *testing.T) {
	t.Parallel()
	m := mail.ReadIncoming(lines("From: a@example.org", "Content-Type: text/html; charset=utf-8", "",
		`<html><head><title>no</title><style>p{}</style></head><body><p>Estimados <b>colegas</b>,</p><ul><li>Uno</li><li>Dos &amp; tres</li></ul>`,
		`<p>Ver <a href="https://example.org/a">aqu&iacute;</a>.<img src="https://track.example/x.png"><script>alert(1)</script></p>`))
	if want := "Estimados colegas,\n\n- Uno\n- Dos & tres\n\nVer aquí (https://example.org/a)."; m.Text != want {
		t.Errorf("%q, want %q", m.Text, want)
	}
}

func TestTheQuoteIsTakenAway(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Our answer.\n\nOn Tue, 15 Aug 2017, BPF wrote:\n> Dear\n> all\n":                           "Our answer.",
		"Our answer.\n\nOn Tue, 15 Aug 2017 at 10:00,\nBPF <b@example.org> wrote:\n\n> Dear\n>\n\n": "Our answer.",
		"> only a quote":                      "> only a quote",
		"No quote:\nhere":                     "No quote:\nhere",
		"> Question\nAnswer below":            "> Question\nAnswer below",
		"第一\n\nBPF 写道：\n> 您好":                 "第一",
		"Points:\n- one\n\n> quoted\n> lines": "Points:\n- one",
	} {
		if got := mail.WithoutQuote(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever would take memory or time to be taken apart is kept as the text that it is.
func TestBombsAreReadWithinBounds(t *testing.T) {
	t.Parallel()
	var nested strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	many := strings.Repeat("--b\r\n\r\nx\r\n", 200_000)
	for name, message := range map[string]string{
		"nested":     "From: a@example.org\r\n" + nested.String(),
		"many parts": "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + many,
		"in pieces":  "From: a@example.org\r\nContent-Type: multipart/mixed; boundary*0=b; boundary*1=c\r\n\r\n--bc\r\n\r\nx\r\n",
	} {
		m := mail.ReadIncoming([]byte(message))
		if !m.Broken || m.Text == "" || m.From.Email != "a@example.org" {
			t.Errorf("%s: broken %t, %d bytes of text", name, m.Broken, len(m.Text))
		}
	}
}

func TestAFoldedHeaderCostsLittle(t *testing.T) { //nolint:paralleltest // it measures what is allocated
	message := []byte("From: a@example.org\r\nSubject: x\r\n" + strings.Repeat(" a\r\n", 500_000) + "\r\nx")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := mail.ReadIncoming(message)
	runtime.ReadMemStats(&after)
	if !m.Cut || len(m.Subject) > 16<<10 || after.TotalAlloc-before.TotalAlloc > 64<<20 {
		t.Errorf("a folded header: cut %t, %d bytes, %d MB", m.Cut, len(m.Subject), (after.TotalAlloc-before.TotalAlloc)>>20)
	}
}

func TestWhatIsBrokenKeepsItsText(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ message, text string }{
		"no parts":       {"Content-Type: multipart/mixed; boundary=b\r\n\r\nOur answer", "Our answer"},
		"never closed":   {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nOur answer", "Our answer"},
		"no end of head": {"Subject: only", ""},
		"other charset":  {"Content-Type: text/plain; charset=x-unknown\r\n\r\nOur answer", "Our answer"},
		"base64":         {"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nT3VyIGFuc3dlcg=!", "Our answer"},
		"8 bit":          {"\r\nNous r\u00e9pondons", "Nous répondons"},
		"NUL":            {"\r\nOur\x00 answer\x1b", "Our answer"},
		"nothing":        {"", ""},
	} {
		if got := mail.ReadIncoming([]byte(tt.message)); strings.TrimSpace(got.Text) != tt.text {
			t.Errorf("%s: %q, want %q", name, got.Text, tt.text)
		}
	}
}

func FuzzIncoming(f *testing.F) {
	f.Add([]byte("From: a@example.org\r\nSubject: x\r\n\r\nHello"))
	f.Add(dsn("Final-Recipient: rfc822;a@example.net", "Action: failed", "Status: 5.1.1"))
	f.Add(lines("Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: message/rfc822", "", "Subject: y", "", "z", "--b--"))
	f.Add(lines("Content-Type: text/html", "", "<p><a href='https://example.org'>x"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := mail.ReadIncoming(raw)
		for _, h := range m.Headers {
			if strings.ContainsAny(h.Value, "\r\n\x00") {
				t.Errorf("a header of several lines: %q", h.Value)
			}
		}
		if strings.ContainsAny(m.From.Email+m.From.Name+m.Subject, "\r\n\x00") || strings.ContainsAny(m.Text, "\x00\r") {
			t.Errorf("signs that control: %q", m.Text)
		}
		for _, file := range m.Files {
			if file.Name == "" || strings.ContainsAny(file.Name, "/\\\x00\r\n") || strings.HasPrefix(file.Name, ".") {
				t.Errorf("a file named %q", file.Name)
			}
		}
		_ = mail.WithoutQuote(m.Text)
	})
}
