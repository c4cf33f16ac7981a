package web_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/web"
	"github.com/convoke/convoke/internal/web/webtest"
)

// variantSite is the site with campaigns, texts and contacts.
type variantSite struct {
	*servertest.App
	kit      *campaigntest.Kit
	contacts *contact.Service
	officer  account.Actor
	message  string // path of its document
	id       int64
}

func newVariantSite(t *testing.T, d *db.DB) *variantSite {
	t.Helper()
	x := &variantSite{}
	x.App = webtest.NewApp(t, d, func(a *servertest.App, deps *web.Deps) {
		who := a.Account("olu", account.Officer)
		x.officer = account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: who.ID, Name: who.Name}, Roles: []account.Role{account.Officer}}
		x.kit = campaigntest.New(t, a.DB, a.Bundle, a.Accounts, a.Clock.Now, x.officer)
		ref, err := geo.Load()
		must(t, err)
		x.contacts = contact.New(contact.Deps{DB: a.DB, Now: a.Clock.Now, Reference: ref, Secret: []byte("secret"), Normalize: mail.Normalize, IsRole: mail.IsRole})
		deps.Campaigns, deps.Cycles, deps.Documents, deps.Contacts, deps.Geo = x.kit.Service, x.kit.Cycles, x.kit.Documents, x.contacts, ref
	})
	doc, err := x.kit.Documents.BySlug(context.Background(), x.kit.CycleID, "message")
	must(t, err)
	x.id, x.message = doc.ID, fmt.Sprintf("/documents/%d", doc.ID)
	return x
}

// french translates the message as it stands and has it approved.
func (x *variantSite) french(t *testing.T, m document.Message) {
	t.Helper()
	ctx := context.Background()
	translator, err := x.Accounts.Actor(ctx, x.Account("translator", account.Translator), "test")
	must(t, err)
	must(t, x.kit.Documents.Put(ctx, translator, x.id, "fr", m))
	tr, err := x.kit.Documents.TranslationOf(ctx, x.id, "fr")
	must(t, err)
	_, err = x.kit.Documents.Approve(ctx, x.officer, tr.ID)
	must(t, err)
}

// questionsInFrench translates what the message leads to.
func (x *variantSite) questionsInFrench(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	q, err := x.kit.Documents.BySlug(ctx, x.kit.CycleID, "questionnaire")
	must(t, err)
	translator, err := x.Accounts.Actor(ctx, x.Account("translator", account.Translator), "test")
	must(t, err)
	tr, err := x.kit.Documents.Claim(ctx, translator, q.ID, "fr")
	must(t, err)
	_, err = x.kit.Documents.Save(ctx, translator, tr.ID, map[string]string{"title": "Questions", "q1.text": "Qu’en pensez-vous ?"})
	must(t, err)
	_, err = x.kit.Documents.Submit(ctx, translator, tr.ID)
	must(t, err)
	_, err = x.kit.Documents.Approve(ctx, x.officer, tr.ID)
	must(t, err)
}

// TestVariantsAreNamedAsTheReferenceDoes: what a group is called has one source.
func TestVariantsAreNamedAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	reference, err := geo.Load()
	must(t, err)
	bundle := i18ntest.Bundle(t)
	for _, tag := range geo.Locales() {
		l := bundle.For(tag)
		for _, g := range reference.Groups() {
			want := reference.GroupName(g.Code, tag)
			if got := l.Error(document.VariantName(g.Code)); got != want {
				t.Errorf("%s: %s is %q, want %q", tag, g.Code, got, want)
			}
			if place := l.Error(document.Place(g.Code + ".ask")); !strings.HasPrefix(place, want) {
				t.Errorf("%s: the ask for %s is at %q", tag, g.Code, place)
			}
		}
		if l.Error(document.VariantName(document.Initiatives)) == "" {
			t.Errorf("%s: the initiatives have no name", tag)
		}
	}
}

func TestAnOfficerWritesAVariant(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newVariantSite(t, d)
		officer := x.SignIn(x.Account("olu", account.Officer))
		if p := officer.Get(x.message + "/variants"); !p.Shows("Government", "General text", "Write a variant") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		form := url.Values{"base_revision": {"1"}, "variant": {"government"}, "subject": {strings.Repeat("x", 301)}, "ask": {"Please pass it on."}}
		if p := officer.PostForm(x.message+"/variants", form); p.Status != 422 || !strings.Contains(p.Body, `href="#f-subject"`) || !strings.Contains(p.Body, "Please pass it on.") {
			t.Errorf("a long subject: %d %s", p.Status, p.Text())
		}
		form.Set("subject", "To governments")
		if p := officer.PostForm(x.message+"/variants", form); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := officer.Get(x.message + "/variants"); !p.Shows("To governments", "Please pass it on.", "Subject and The ask") {
			t.Errorf("%s", p.Text())
		}
		form.Set("ask", "Mine")
		p := officer.PostForm(x.message+"/variants", form)
		if p.Status != 409 || !p.Shows("Two people wrote at the same time", "Government: The ask", "Please pass it on.", "Mine") || strings.Contains(p.Body, "take-government.subject") {
			t.Errorf("somebody else was faster: %d %s", p.Status, p.Text())
		}
		form.Set("take-government.ask", "own")
		form.Set("own-government.ask", "Pass it on, both of you.")
		form.Set("seen", "2")
		if p := officer.PostForm(x.message+"/variants", form); p.Status != 303 || !officer.Get(p.Location()).Shows("Their changes and yours are both in the text.", "Pass it on, both of you.") {
			t.Errorf("both are put together: %d %s", p.Status, p.Text())
		}
		// The edit form has the parts, and leaves the variant alone.
		edit := url.Values{"base_revision": {"3"}, "subject": {"The call"}, "opening": {"Dear {{contact}},"}, "body": {"Please answer: {{personal_link}}"}, "ask": {"Soon {{oops"}}
		if p := officer.PostForm(x.message+"/edit", edit); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := officer.Get(x.message); !strings.Contains(p.Body, `/edit#f-ask"`) || !p.Shows("The ask") {
			t.Errorf("the place that forbids freezing does not lead to its field: %s", p.Text())
		}
		if p := officer.Get(x.message + "/preview?variant=government"); !p.Shows("To governments", "Pass it on, both of you.") {
			t.Errorf("%s", p.Text())
		}
		remove := url.Values{"base_revision": {"4"}, "variant": {"government"}, "do": {"remove"}}
		if p := officer.PostForm(x.message+"/variants", remove); p.Status != 303 || officer.Get(x.message+"/variants").Shows("To governments") {
			t.Errorf("removed: %d %s", p.Status, p.Text())
		}
		if p := officer.PostForm(x.message+"/variants", url.Values{"variant": {"martians"}}); p.Status != 404 {
			t.Errorf("a variant for nobody: %d", p.Status)
		}
		if p := x.As(account.Volunteer).Get(x.message + "/variants"); p.Status != 200 || p.Shows("Write a variant") {
			t.Errorf("a volunteer: %d", p.Status)
		}
	})
}

func TestATextIsShownForARealContact(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newVariantSite(t, d)
		ctx := context.Background()
		made, err := x.contacts.Create(ctx, x.officer, contact.Draft{
			Kind: contact.Person, Name: "Amina Diallo", Email: "amina@example.org", Organization: "Société du Sénégal", Country: "SN", StakeholderGroup: "government", Languages: "wo",
		})
		must(t, err)
		_, err = x.kit.Documents.Edit(ctx, x.officer, x.id, 1, document.Changes{Content: document.VariantEdit{Key: "government", Variant: document.Variant{Ask: "Pass it on to {{organization}}."}}})
		must(t, err)
		body := "Bonjour {{contact}},\n\nrépondez avant le {{deadline}} : {{personal_link}}"
		x.french(t, document.Message{Subject: "Appel", Body: body, Variants: map[string]document.Variant{"government": {Ask: "À transmettre à {{organization}}."}}})
		x.questionsInFrench(t)
		officer := x.SignIn(x.Account("olu", account.Officer))
		if p := officer.Get(x.message + "/preview?q=amina"); !p.Shows("Amina Diallo") || !strings.Contains(p.Body, fmt.Sprintf(`preview?contact=%d"`, made.ID)) {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		path := fmt.Sprintf("%s/preview?contact=%d", x.message, made.ID)
		p := officer.Get(path)
		if !p.Shows("Bonjour Amina Diallo", "15 septembre 2017", "À transmettre à Société du Sénégal.", "Wolof", "Senegal", "French used", "A campaign would use French.") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		if strings.Contains(p.Body, "amina@example.org") || strings.Contains(p.Body, `href="https://convoke.test/r/`) {
			t.Errorf("the preview shows an address, or a link that leads somewhere:\n%s", p.Body)
		}
		if p := officer.Get(path + "&in=en&variant=general"); !p.Shows("Dear Amina Diallo") || p.Shows("Pass it on") {
			t.Errorf("in English, generally: %s", p.Text())
		}
		if p := officer.Get(path + "&as=page"); !strings.Contains(p.Body, `<article class="prose" lang="fr" dir="ltr">`) || p.Shows("Mail as plain text") {
			t.Errorf("as page: %s", p.Text())
		}
		if p := officer.PostForm(x.message+"/policy", url.Values{"policy": {"bilingual"}}); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := officer.Get(path); !p.Shows("Bonjour Amina", "Dear Amina", "Below it stands the source text: English.") || !strings.Contains(p.Body, `<div lang="en" dir="ltr">`) {
			t.Errorf("in two languages: %s", p.Text())
		}
		if p := x.As(account.Translator).Get(path); p.Status != 200 || p.Shows("Amina Diallo,", "Wolof") {
			t.Errorf("a translator, who sees no contacts: %d %s", p.Status, p.Text())
		}
		if p := officer.Get(x.message + "/preview?contact=99999"); p.Status != 404 {
			t.Errorf("nobody: %d", p.Status)
		}
		if p := x.As(account.Volunteer).PostForm(x.message+"/policy", url.Values{"policy": {"hold"}}); p.Status != 403 {
			t.Errorf("a volunteer sets the policy: %d", p.Status)
		}
	})
}

func TestHeldMessagesAreCompletedByTheOutbox(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newVariantSite(t, d)
		ctx := context.Background()
		x.kit.Contact("Ann", "ann@example.org", "en")
		x.kit.Contact("Zoé", "zoe@example.org", "fr")
		officer, second := x.SignIn(x.Account("olu", account.Officer)), x.SignIn(x.Account("ines", account.Officer))
		if p := officer.PostForm(x.message+"/policy", url.Values{"policy": {"hold"}}); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := officer.PostForm(x.message+"/policy", url.Values{"policy": {"shout"}}); p.Status != 422 || !strings.Contains(p.Body, `id="f-policy"`) {
			t.Errorf("no such policy: %d %s", p.Status, p.Text())
		}
		c, err := x.kit.Create(ctx, x.officer, campaign.Proposal{CycleID: x.kit.CycleID, Name: "The call", Audience: campaign.Audience{All: true}})
		must(t, err)
		path := fmt.Sprintf("/campaigns/%d", c.ID)
		press(t, officer, path, "freeze", "Then ask for approval")
		press(t, officer, path, "submit")
		press(t, second, path, "approve", "Everything is approved")
		outbox := path + "/outbox?step=1"
		if p := officer.Get(outbox); !p.Shows("1 recipient: 1 in English; 1 excluded: 1 held for a translation", "get nothing until there is a translation") {
			t.Errorf("%s", p.Text())
		}
		press(t, officer, path, "launch", "The messages are on their way")
		x.kit.Work()
		if p := officer.Get(path); !p.Shows("All steps are done, except for messages that wait for a translation.", "1 message waits for a translation: French (1).") {
			t.Errorf("%s", p.Text())
		}
		if p := officer.Get(outbox); !p.Shows("Ask to send in the language of the cycle", "language of the cycle (English)") {
			t.Errorf("%s", p.Text())
		}
		if p := officer.Get(outbox); !p.Shows("Held for a translation", "No translation has been approved since") || strings.Contains(p.Body, "/completion\"") {
			t.Errorf("%s", p.Text())
		}
		// The questionnaire that the message leads to must be there in French as well.
		x.french(t, document.Message{Subject: "Appel", Body: "Bonjour {{contact}},\n\nrépondez avant {{deadline}} : {{personal_link}}"})
		x.questionsInFrench(t)
		if p := officer.Get(outbox); !p.Shows("Translations were approved since", "1 recipient: 1 in French; 0 excluded") {
			t.Fatalf("%s", p.Text())
		}
		if p := officer.PostForm(path+"/steps/1/completion", nil); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		for _, page := range []string{"/", "/monitor", "/campaigns", path} {
			if p := second.Get(page); p.Status == 200 && (!p.Shows("1 held message was asked for, and waits for a second person to approve it.") || p.Shows("waits for a translation")) {
				t.Errorf("%s: %s", page, p.Text())
			}
		}
		if p := second.Get(outbox); !p.Shows("Samples: each language", "French: Appel") || p.Shows("A newer translation was approved") {
			t.Errorf("the outbox of what was asked for: %s", p.Text())
		}
		if p := officer.PostForm(path+"/steps/1/completion/approve", nil); p.Status != 403 {
			t.Errorf("approved by who asked: %d", p.Status)
		}
		if p := second.Get(outbox); !p.Shows("A second person must approve it", "Approve and send") {
			t.Errorf("%s", p.Text())
		}
		if p := second.PostForm(path+"/steps/1/completion/approve", nil); p.Status != 303 {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		if p := second.PostForm(path+"/steps/1/completion/approve", nil); p.Status != 409 || !p.Shows("Nobody has asked for this, or it is done already.") {
			t.Errorf("approved twice: %d %s", p.Status, p.Text())
		}
		x.kit.Work()
		if p := officer.Get(outbox); !p.Shows("2 recipients: 1 in English, 1 in French; 0 excluded") {
			t.Errorf("%s", p.Text())
		}
	})
}
