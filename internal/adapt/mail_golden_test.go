package adapt_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/demo"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/mail"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenMails are the texts of the demo that go out as mail, and the languages in which it has them whole.
var goldenMails = []struct {
	kind      document.Kind
	file      string
	languages string
}{
	{document.Mailing, "message", "en fr ar zh"},
	{document.FollowUp, "follow_up", "en fr es ar zh"},
	{document.Acknowledgement, "acknowledgement", "en fr es ar zh ru pt"},
}

// TestMailsAreAsKept holds every mail that is made of a text of the demo, in every language that it has there: alone, as
// a variant, and with the source text below.
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
	letters, err := letter.New(letter.Deps{
		DB: d, Now: now, I18n: bundle, From: mail.Address{Name: "BPF Cybersecurity", Email: "bpf@convoke.test"}, PublicURL: "https://convoke.test",
		Unique: func() string { return "unique" }, Texts: adapt.Acknowledgements{Service: k.Documents},
	})
	ok(t, err)
	for _, g := range goldenMails {
		var doc document.Document
		for i, locale := range strings.Fields(g.languages) {
			m := demoText(t, g.file, locale)
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
		for _, locale := range strings.Fields(g.languages) {
			var b strings.Builder
			if !g.kind.Mailed() {
				ok(t, letters.Queue(ctx, letter.Acknowledgement{
					CycleID: k.CycleID, Cycle: "BPF Cybersecurity 2017", To: "amina@example.org", Name: "Amina <Diallo>", Language: locale,
					Link: "https://convoke.test/r/preview", Call: "https://convoke.test/calls/bpf-2017", Deadline: noon,
				}))
				var raw []byte
				ok(t, d.Read(ctx).QueryRow("select raw from outgoing_mail order by id desc limit 1").Scan(&raw))
				show(t, &b, "acknowledgement", raw)
			}
			for _, form := range []struct {
				name, variant string
				policy        document.LanguagePolicy
			}{{"general", "", document.FallbackPolicy}, {"government", "government", document.FallbackPolicy}, {"bilingual", "", document.BilingualPolicy}} {
				if !g.kind.Mailed() || form.policy == document.BilingualPolicy && locale == doc.SourceLanguage {
					continue
				}
				_, err := k.Documents.SetLanguagePolicy(ctx, officer, doc.ID, form.policy)
				ok(t, err)
				p, err := k.PreviewText(ctx, officer, doc.ID, campaign.TextChoice{ContactID: contact, Locale: locale, Variant: &form.variant})
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

func demoText(t *testing.T, name, locale string) document.Message {
	t.Helper()
	m, err := demo.Text(name, locale)
	ok(t, err)
	return m
}

// show writes a mail as its reader sees it.
func show(t *testing.T, b *strings.Builder, name string, raw []byte) {
	t.Helper()
	m, err := mail.Read(raw)
	ok(t, err)
	b.WriteString("==== " + name + "\n")
	for _, header := range []string{"From", "To", "Subject", "Content-Language"} {
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
