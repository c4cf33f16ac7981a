package letter

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenLocales are the languages whose letters are held against golden files.
const goldenLocales = "en fr es ar zh ru pt"

var start = time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC)

// letters is one of each type.
func letters(language string) []Letter {
	amina := Person{Email: "amina@example.org", Name: "Amina Okafor", Language: language, Zone: time.UTC}
	home := "https://convoke.example.org/outreach"
	return []Letter{
		SignIn{
			To: "amina@example.org", Name: "Amina Okafor", Language: language, Link: "https://convoke.example.org/sign-in/SECRET",
			Expires: start.Add(15 * time.Minute), Zone: time.FixedZone("UTC+1", 3600),
		},
		Acknowledgement{
			CycleID: 1, Cycle: "BPF Cybersecurity 2017", To: "maria@example.org", Name: "María <Pérez>", Language: language,
			Link: "https://convoke.example.org/r/token", Call: "https://convoke.example.org/calls/bpf-2017", Published: true, Late: true,
		},
		ClaimWarning{
			To: "amina@example.org", Name: "Amina Okafor", Language: language, Contact: "وزارة الاتصالات",
			Expires: start.Add(48 * time.Hour), Zone: time.UTC, Link: home,
		},
		SuggestionOutcome{Person: amina, Candidate: "وزارة الاتصالات", State: "rejected", Note: "We could not <reach> them.", Link: home},
		HandoverOffer{
			Person: amina, From: "Carla Benítez", Contact: "وزارة الاتصالات", Purpose: "reach_out", Note: "You know them <better> than I do.",
			Expires: start.Add(48 * time.Hour), Link: home,
		},
		HandoverAnswer{Person: amina, Colleague: "温静", Contact: "Marta Quispe", Accepted: false, Answer: "I am away.", Link: home},
		ClaimTaken{Person: amina, Officer: "Olu Adeyinka", Contact: "Marta Quispe", Reason: "She wrote to us herself.", To: "温静", Link: home},
		TranslationRelieved{
			Person: amina, Officer: "Olu Adeyinka", Title: "Call for <contributions>", Locale: "ar", Reason: "You told us that you are away.", Link: home,
		},
		CommentNews{Person: Person{Email: amina.Email, Language: language}, Title: "Call for <contributions>", News: "asked", Link: home},
		AddressConfirmation{Person: Person{Email: amina.Email, Language: language}, Cycle: "BPF Cybersecurity 2017", Link: "https://convoke.example.org/confirm/SECRET"},
		AddressMoved{Person: amina, Cycle: "BPF Cybersecurity 2017", Masked: "a•••@example.net", Link: "https://convoke.example.org/u/token"},
		FormLink{Person: amina, Cycle: "BPF Cybersecurity 2017", Link: "https://convoke.example.org/r/token"},
		SignatureRequest{
			Person: amina, Cycle: "BPF Cybersecurity 2017", From: "María <Pérez>", Organization: "وزارة الاتصالات", For: "温静基金会",
			Link: "https://convoke.example.org/sign/token",
		},
		CorrectionDecided{
			Person: amina, Cycle: "BPF Cybersecurity 2017", Refused: "The <annex> names people.",
			Public: "https://convoke.example.org/calls/bpf-2017/contributions/7", Link: "https://convoke.example.org/r/token",
		},
		EditInvitation{
			Person: amina, Cycle: "BPF Cybersecurity 2017", From: "María <Pérez>", Organization: "وزارة الاتصالات", Link: "https://convoke.example.org/r/token",
		},
		FollowUpReady{Person: amina, Items: []ReadyItem{{Contact: "Marta Quispe", Until: start.Add(48 * time.Hour)}, {Contact: "وزارة الاتصالات", Until: start.Add(72 * time.Hour)}}, Link: home},
		ClaimsGiven{
			Person: amina, Officer: "Olu Adeyinka", Expires: start.Add(168 * time.Hour), Link: home,
			Items: []GivenItem{{Contact: "Marta Quispe", Purpose: "reach_out", Why: []string{"A.", "B."}}, {Contact: "Сеть", Purpose: "find_address", Why: []string{"C."}}},
		},
	}
}

// server answers with the next of its results, the last one again and again.
type server struct {
	mu      sync.Mutex
	results []mail.Result
	got     []mail.Envelope
}

func (s *server) Send(_ context.Context, e mail.Envelope) mail.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, e)
	r := s.results[0]
	if len(s.results) > 1 {
		s.results = s.results[1:]
	}
	return r
}

type bell struct {
	mu   sync.Mutex
	rung []int64
}

func (b *bell) Wake(_ context.Context, id int64, _ int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rung = append(b.rung, id)
}

func outbox(t *testing.T, d *db.DB, c *clocktest.Clock, change func(*Deps)) *Outbox {
	t.Helper()
	deps := Deps{
		DB: d, Now: c.Now, I18n: i18ntest.Bundle(t), From: mail.Address{Name: "Secretariat", Email: "secretariat@example.org"},
		PublicURL: "https://convoke.example.org", Unique: func() string { return "id" },
	}
	if change != nil {
		change(&deps)
	}
	o, err := New(deps)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestGolden(t *testing.T) {
	t.Parallel()
	o := outbox(t, nil, clocktest.At(start), nil)
	for _, tag := range strings.Fields(goldenLocales) {
		for _, l := range letters(tag) {
			text, _, err := o.textOf(context.Background(), l, o.I18n.For(tag))
			if err != nil {
				t.Fatal(err)
			}
			p, err := o.Prepare(context.Background(), l)
			if err != nil {
				t.Fatal(err)
			}
			m := mailtest.Read(t, p.row.Raw)
			m.Links(t)
			if strings.TrimRight(m.Text, "\n") != strings.TrimRight(text.Text, "\n") || m.Value("Auto-Submitted") != "auto-generated" {
				t.Errorf("%s in %s arrives as\n%s", l.Kind(), tag, m.Text)
			}
			head, _, _ := strings.Cut(string(p.row.Raw), "\r\n\r\n")
			got := strings.ReplaceAll(head, "\r\n", "\n") + "\n\nSubject: " + text.Subject + "\n\n" + text.Text + "\n----\n" + text.HTML
			file := filepath.Join("testdata", l.Kind()+"."+tag+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != got {
				t.Errorf("%s differs; look at it, and run the test with -update:\n%s", file, got)
			}
		}
	}
}

func TestEveryLanguageMakesAWholeMail(t *testing.T) {
	t.Parallel()
	o := outbox(t, nil, clocktest.At(start), nil)
	for _, locale := range o.I18n.Locales() {
		for _, l := range letters(locale.Tag) {
			p, err := o.Prepare(context.Background(), l)
			if err != nil {
				t.Errorf("%s in %s: %v", l.Kind(), locale.Tag, err)
				continue
			}
			raw := string(p.row.Raw)
			for _, part := range []string{
				"Content-Language: " + locale.Tag + "\r\n", "Auto-Submitted: auto-generated\r\n", "Message-ID: <id@example.org>\r\n",
				"multipart/alternative", "text/plain; charset=utf-8", "text/html; charset=utf-8",
			} {
				if !strings.Contains(raw, part) {
					t.Errorf("%s in %s lacks %q:\n%.600s", l.Kind(), locale.Tag, part, raw)
				}
			}
		}
	}
}

// own is a cycle's own acknowledgement in Spanish.
type own struct{ err error }

func (o own) Acknowledgement(_ context.Context, _ int64, locale string) (Text, error) {
	if o.err != nil {
		return Text{}, o.err
	}
	if locale != "es" {
		return Text{}, errs.E(errs.NotFound, "error.not_found")
	}
	return Text{
		Subject: "Gracias, {{contact}}", Text: "Hola {{contact}}: {{personal_link}}",
		HTML: `<p>Hola {{contact}}: <a href="{{personal_link}}">ver</a></p>`,
	}, nil
}

// bare has a subject of which nothing is left.
type bare struct{}

func (bare) Acknowledgement(context.Context, int64, string) (Text, error) {
	return Text{Subject: "{{cycle}}", Text: "Thank you.", HTML: "<p>Thank you.</p>"}, nil
}

func TestTheCyclesOwnAcknowledgement(t *testing.T) {
	t.Parallel()
	a := Acknowledgement{Cycle: "BPF", To: "m@example.org", Name: "María <b>", Link: "https://x.test/r/1?a=1&b=2", Language: "es"}
	o := outbox(t, nil, clocktest.At(start), func(d *Deps) { d.Texts = own{} })
	text, _, err := o.textOf(context.Background(), a, o.I18n.For("es"))
	want := Text{
		Subject: "Gracias, María <b>", Text: "Hola María <b>: https://x.test/r/1?a=1&b=2",
		HTML: `<p>Hola <bdi>María &lt;b&gt;</bdi>: <a href="https://x.test/r/1?a=1&amp;b=2">ver</a></p>`,
	}
	if err != nil || text != want {
		t.Errorf("%+v, %v; want %+v", text, err, want)
	}
	a.Name = "أمينة"
	if text, _, err = o.textOf(context.Background(), a, o.I18n.For("es")); err != nil || text.Subject != "Gracias, \u2068أمينة\u2069" || !strings.HasPrefix(text.Text, "Hola \u2068أمينة\u2069:") {
		t.Errorf("a name of the other direction: %+v, %v", text, err)
	}
	if text, _, err = o.textOf(context.Background(), a, o.I18n.For("en")); err != nil || !strings.Contains(text.Subject, "We have received") {
		t.Errorf("without an approved text: %+v, %v", text, err)
	}
	a.Cycle = ""
	o = outbox(t, nil, clocktest.At(start), func(d *Deps) { d.Texts = bare{} })
	if _, err = o.Prepare(context.Background(), a); err != nil {
		t.Errorf("a text without a subject keeps the answer from going out: %v", err)
	}
	o = outbox(t, nil, clocktest.At(start), func(d *Deps) { d.Texts = own{err: errors.New("away")} })
	if _, err = o.Prepare(context.Background(), a); err == nil {
		t.Error("a failure is swallowed")
	}
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		c := clocktest.At(start)
		s := &server{results: []mail.Result{{Outcome: mail.Deferred, Code: 451, Reply: "451 later"}, {Outcome: mail.Accepted, Reply: "250 ok"}}}
		b := &bell{}
		o := outbox(t, d, c, func(d *Deps) { d.Sender, d.Waker = s, b })
		to := account.Account{Email: "amina@example.org", Name: "Amina", Language: "fr", TimeZone: "Africa/Lagos"}
		if err := o.SendSignIn(ctx, to, "", "SECRET", c.Now().Add(account.SignInLifetime)); err != nil {
			t.Fatal(err)
		}
		if len(b.rung) != 1 {
			t.Fatalf("woken for %v", b.rung)
		}
		id := b.rung[0]
		look := func() outgoing {
			m, err := byID(d.Read(ctx), id)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		deliver := func() {
			t.Helper()
			if err := o.Deliver(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		deliver()
		if m := look(); m.State != Queued || m.Attempts != 1 || !m.NotBefore.Equal(start.Add(firstWait)) || m.Reply != "451 later" {
			t.Errorf("after 451: %+v", m)
		}
		deliver() // too early
		if err := o.Sweep(ctx); err != nil || len(b.rung) != 1 || len(s.got) != 1 {
			t.Errorf("too early: %v, woken for %v, sent %d", err, b.rung, len(s.got))
		}
		c.Advance(firstWait)
		if err := o.Sweep(ctx); err != nil || len(b.rung) != 2 {
			t.Errorf("swept: %v, woken for %v", err, b.rung)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := o.Deliver(ctx, id); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if m := look(); m.State != Sent || m.SentAt == nil || len(m.Raw) != 0 {
			t.Errorf("after 250: %s, %d bytes kept", m.State, len(m.Raw))
		}
		deliver()
		if len(s.got) != 2 || !strings.Contains(string(s.got[1].Data), "SECRET") {
			t.Errorf("sent %d times", len(s.got))
		}
	})
}

func TestGivingUp(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	ctx := context.Background()
	c := clocktest.At(start)
	s := &server{results: []mail.Result{{Outcome: mail.Failed, Code: 550, Reply: "550 no"}}}
	b := &bell{}
	o := outbox(t, d, c, func(d *Deps) { d.Sender, d.Waker = s, b })
	for _, l := range letters("en") {
		if err := o.Queue(ctx, l); err != nil {
			t.Fatal(err)
		}
	}
	for i, id := range b.rung {
		if err := o.Deliver(ctx, id); err != nil {
			t.Fatal(err)
		}
		m, err := byID(d.Read(ctx), id)
		if err != nil || m.State != Failed || (len(m.Raw) == 0) != (m.Kind == KindSignIn || m.Kind == KindAddressConfirmation) {
			t.Errorf("%d: %+v, %v", i, m.State, err)
		}
	}
	// A link that has expired is not worth a mail.
	if err := o.Queue(ctx, letters("en")[0]); err != nil {
		t.Fatal(err)
	}
	c.Advance(account.SignInLifetime)
	sent := len(s.got)
	if err := o.Deliver(ctx, b.rung[len(b.rung)-1]); err != nil || len(s.got) != sent {
		t.Errorf("an expired link was sent (%v)", err)
	}
}

func TestADeadWorkersMailIsSentByAnother(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	ctx := context.Background()
	c := clocktest.At(start)
	s := &server{results: []mail.Result{{Outcome: mail.Accepted}}}
	b := &bell{}
	o := outbox(t, d, c, func(d *Deps) { d.Sender, d.Waker = s, b })
	if err := o.Queue(ctx, letters("en")[1]); err != nil {
		t.Fatal(err)
	}
	err := d.Write(ctx, func(tx *db.Tx) error {
		_, err := lease(tx, b.rung[0], c.Now(), c.Now().Add(leaseFor))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		sent  int
	}{{0, 0}, {leaseFor - time.Second, 0}, {time.Second, 1}} {
		c.Advance(step.after)
		if err := o.Deliver(ctx, b.rung[0]); err != nil || len(s.got) != step.sent {
			t.Errorf("after %v: sent %d, %v", step.after, len(s.got), err)
		}
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int]time.Duration{1: firstWait, 2: 2 * firstWait, 4: 8 * firstWait, 9: longestWait, 1000: longestWait} {
		if got := wait(attempts); got != want {
			t.Errorf("after %d tries: %v, want %v", attempts, got, want)
		}
	}
}

// What people call themselves and others begins no header and leaves no room for a slot of ours.
func TestNamesInLettersInjectNothing(t *testing.T) {
	t.Parallel()
	o := outbox(t, nil, clocktest.At(start), nil)
	evil := "A\r\nBcc: eve@example.org\r\n\r\nB " + mail.Slot("name")
	p, err := o.Prepare(context.Background(), SuggestionOutcome{
		Person: Person{Email: "amina@example.org", Name: evil, Language: "ar", Zone: time.UTC}, Candidate: evil, State: "rejected", Note: evil, Link: "https://convoke.test/outreach",
	})
	if err != nil {
		t.Fatal(err)
	}
	m := mailtest.Read(t, p.row.Raw)
	if m.Value("Bcc") != "" || strings.Join(m.Names, " ") != "Date From To Subject Message-ID Content-Language Auto-Submitted MIME-Version Content-Type" {
		t.Errorf("headers %q", m.Names)
	}
	if !strings.Contains(m.Text, mail.Slot("name")) || !strings.Contains(m.Subject, mail.Slot("name")) {
		t.Errorf("what was written is not what arrives: %q\n%s", m.Subject, m.Text)
	}
}
