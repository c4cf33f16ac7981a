package adapt_test

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/demo"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenMails are the texts that go out as mail, with the forms in which each does. Every form is kept in every language.
var goldenMails = []struct {
	kind  document.Kind
	file  string
	forms []mailForm
}{
	{document.Mailing, "message", campaignForms},
	{document.FollowUp, "follow_up", campaignForms},
	{document.Acknowledgement, "acknowledgement", []mailForm{{name: "acknowledgement"}}},
}

// mailForm is a form of a mail: to whom it goes, and whether with the source text below.
type mailForm struct {
	name, variant string
	policy        document.LanguagePolicy
}

// ownDateForm goes to a body that was granted a deadline of its own.
const ownDateForm = "own date"

var campaignForms = []mailForm{
	{"general", "", document.FallbackPolicy},
	{"government", "government", document.FallbackPolicy},
	{"nri", "nri", document.FallbackPolicy},
	{"private_sector", "private_sector", document.FallbackPolicy},
	{ownDateForm, "", document.FallbackPolicy},
	{"bilingual", "", document.BilingualPolicy},
	{"bilingual government", "government", document.BilingualPolicy},
}

// TestEveryMailIsKeptInEveryLanguage fails where a golden file lacks a form, or a language has no file.
func TestEveryMailIsKeptInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, g := range goldenMails {
		for _, locale := range languages(t) {
			b, err := os.ReadFile("testdata/mail/" + g.file + "." + locale + ".golden")
			if err != nil {
				t.Error(err)
				continue
			}
			for _, form := range g.forms {
				_, mail, found := strings.Cut(string(b), "==== "+form.name+"\n")
				mail, _, _ = strings.Cut(mail, "\n==== ")
				languages := locale
				if form.policy == document.BilingualPolicy && locale != "en" {
					languages += ", en"
				}
				if !found || strings.Contains(mail, "…") || !strings.Contains(mail, "\nContent-Language: "+languages+"\n") {
					t.Errorf("%s in %s: its form %q is not there, or not whole", g.file, locale, form.name)
				}
			}
		}
	}
}

// TestMailsAreAsKept holds every mail that is made of a text: alone, as a variant, and with the source text below. The
// wording is the demo's; what the demo leaves to translators stands in testdata/texts.
func TestMailsAreAsKept(t *testing.T) {
	t.Parallel()
	d, ctx := dbtest.SQLite(t), context.Background()
	now := func() time.Time { return noon }
	accounts := account.New(account.Deps{DB: d, Now: now, Normalize: mail.Normalize})
	member := func(name string, role account.Role) account.Actor {
		a, err := accounts.Add(ctx, audit.System("test"), account.Account{Email: name + "@example.org", Name: name}, role)
		ok(t, err)
		actor, err := accounts.Actor(ctx, a, "test")
		ok(t, err)
		return actor
	}
	officer, translator, reviewer := member("officer", account.Officer), member("translator", account.Translator), member("reviewer", account.Translator)
	bundle := i18ntest.Bundle(t)
	k := campaigntest.New(t, d, bundle, accounts, now, officer)
	contact := k.Contact("Amina <Diallo>", "amina@example.org", "en")
	initiative := k.Contact("Nora IGF", "nora@example.org", "en")
	assembly := k.Contact("Assembly of Operators", "assembly@example.org", "en")
	_, err := k.Cycles.SetDate(ctx, officer, k.CycleID, cycle.NRIGrace, "2017-10-31", cycle.AoE, "")
	ok(t, err)
	_, err = k.Cycles.GrantDate(ctx, officer, k.CycleID, assembly, 0, cycle.Grant{OnDate: "2017-11-20", Zone: "Europe/Zurich", Meeting: "Autumn assembly", Reason: "It decides there"})
	ok(t, err)
	ok(t, d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec("insert into nri (name, kind, created_at) values ('Nora IGF', 'national', ?)", noon)
		return err
	}))
	letters, err := letter.New(letter.Deps{
		DB: d, Now: now, I18n: bundle, From: mail.Address{Name: "BPF Cybersecurity", Email: "bpf@convoke.test"}, PublicURL: "https://convoke.test",
		Unique: func() string { return "unique" }, Texts: adapt.Acknowledgements{Service: k.Documents},
	})
	ok(t, err)
	for _, g := range goldenMails {
		var doc document.Document
		for i, locale := range languages(t) {
			m := goldenText(t, g.file, locale)
			if i == 0 {
				doc, err = k.Documents.Create(ctx, officer, k.CycleID, g.kind, "golden-"+strings.ReplaceAll(g.file, "_", "-"), locale, m)
				ok(t, err)
				continue
			}
			ok(t, k.Documents.Put(ctx, translator, doc.ID, locale, m))
			tr, err := k.Documents.TranslationOf(ctx, doc.ID, locale)
			ok(t, err)
			_, err = k.Documents.Approve(ctx, reviewer, tr.ID)
			ok(t, err)
		}
		for _, locale := range languages(t) {
			var b strings.Builder
			for _, form := range g.forms {
				if !g.kind.Mailed() {
					ok(t, letters.Queue(ctx, letter.Acknowledgement{
						CycleID: k.CycleID, Cycle: "BPF Cybersecurity 2017", To: "amina@example.org", Name: "Amina <Diallo>", Language: locale,
						Link: "https://convoke.test/r/preview", Call: "https://convoke.test/calls/bpf-2017", Deadline: noon,
					}))
					var raw []byte
					ok(t, d.Read(ctx).QueryRow("select raw from outgoing_mail order by id desc limit 1").Scan(&raw))
					show(t, &b, form.name, raw)
					continue
				}
				_, err := k.Documents.SetLanguagePolicy(ctx, officer, doc.ID, form.policy)
				ok(t, err)
				reader := contact
				switch {
				case form.variant == "nri":
					reader = initiative
				case form.name == ownDateForm:
					reader = assembly
				}
				p, err := k.PreviewText(ctx, officer, doc.ID, campaign.TextChoice{ContactID: reader, Locale: locale, Variant: &form.variant})
				ok(t, err)
				show(t, &b, form.name, p.Raw)
			}
			golden(t, "testdata/mail/"+g.file+"."+locale+".golden", b.String())
		}
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// languages are those that people read, the source of the texts first.
func languages(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(i18ntest.Bundle(t).Tags()), func(tag string) bool { return tag == i18n.PseudoTag })
}

// goldenText is the demo's text, with what testdata/texts has of it in a language that the demo has not, or not whole.
func goldenText(t *testing.T, name, locale string) document.Message {
	t.Helper()
	m, err := demo.Text(name, locale)
	b, more := os.ReadFile("testdata/texts/" + name + "." + locale + ".yaml")
	if more != nil {
		ok(t, err)
		return m
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	ok(t, yaml.Unmarshal(b, &m))
	return m
}

var boundary = regexp.MustCompile(`=_[0-9a-f]{32}`)

// show writes a mail as it travels, down to the last header, and as its reader sees it. A parser that is not ours reads it first.
func show(t *testing.T, b *strings.Builder, name string, raw []byte) {
	t.Helper()
	mailtest.Read(t, raw).Links(t)
	m, err := mail.Read(raw)
	ok(t, err)
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	head = boundary.ReplaceAllString(head, "=_BOUNDARY") // it is a sum of the text
	b.WriteString("==== " + name + "\n" + strings.ReplaceAll(head, "\r\n", "\n") + "\n\n")
	for _, header := range []string{"From", "To", "Subject"} {
		b.WriteString(header + ": " + m.Header(header) + "\n")
	}
	b.WriteString("\n" + strings.ReplaceAll(m.Text, "\r\n", "\n") + "\n----\n" + strings.ReplaceAll(m.HTML, "\r\n", "\n") + "\n")
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		ok(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	ok(t, err)
	if got != string(want) {
		t.Errorf("%s differs; look at it, and run the test with -update:\n%s", file, got)
	}
}
