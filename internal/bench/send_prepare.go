package bench

import (
	"context"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/bench/sink"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/document"
)

// sentLocales are the languages of the recipients, in equal shares; the first is that of the source.
var sentLocales = []string{"en", "es", "fr", "ar", "zh"}

// prepare makes two officers, a cycle with recipients, and a message that is approved in five languages.
func (b *sending) prepare(ctx context.Context) error {
	var err error
	if b.author, err = b.enlist(ctx, "author"); err != nil {
		return err
	}
	if b.approver, err = b.enlist(ctx, "approver"); err != nil {
		return err
	}
	if _, err := b.enlist(ctx, sink.Probe); err != nil { // who asks for a sign-in link
		return err
	}
	made, err := b.Cycles.Create(ctx, b.author, cycle.Cycle{Slug: "bench", Name: "Bench", DefaultLanguage: "en"})
	if err != nil {
		return err
	}
	b.cycleID = made.ID
	if _, err := b.Cycles.SetDate(ctx, b.author, b.cycleID, cycle.Deadline, b.Now().AddDate(0, 1, 0).Format(time.DateOnly), cycle.AoE, ""); err != nil {
		return err
	}
	if err := crowd(ctx, b.DB, b.cycleID, b.Recipients, b.Now()); err != nil {
		return err
	}
	d, err := b.Documents.Create(ctx, b.author, b.cycleID, document.Mailing, "message", "en", benchMessage("en"))
	if err != nil {
		return err
	}
	b.documentID = d.ID
	form, err := b.Documents.Create(ctx, b.author, b.cycleID, document.Survey, "questionnaire", "en", benchForm)
	if err != nil {
		return err
	}
	for _, locale := range sentLocales[1:] {
		if err := b.translate(ctx, d.ID, locale); err != nil {
			return err
		}
		if err := b.translate(ctx, form.ID, locale); err != nil {
			return err
		}
	}
	id, err := b.approved(ctx)
	if err != nil {
		return err
	}
	return b.render(ctx, id)
}

func (b *sending) enlist(ctx context.Context, name string) (account.Actor, error) {
	a, err := b.Accounts.Add(ctx, audit.System("bench"), account.Account{Email: name + "@example.org", Name: name, Language: "en"}, account.Officer)
	who := audit.Who{Kind: audit.ByAccount, ID: a.ID, Name: a.Name}
	return account.Actor{Who: who, Roles: []account.Role{account.Officer, account.Translator}}, err
}

// translate gives each passage the words of the message in turn.
func (b *sending) translate(ctx context.Context, documentID int64, locale string) error {
	claimed, err := b.Documents.Claim(ctx, b.author, documentID, locale)
	if err != nil {
		return err
	}
	detail, err := b.Documents.Get(ctx, b.author, documentID)
	if err != nil {
		return err
	}
	m := benchMessage(locale)
	passages := strings.Split(m.Body, "\n\n")
	texts := map[string]string{}
	for i, s := range detail.Segments {
		texts[s.Key] = benchTexts[locale].sentence
		if s.Key == "subject" {
			texts[s.Key] = m.Subject
		} else if documentID == b.documentID {
			texts[s.Key] = passages[i-1]
		}
	}
	if _, err := b.Documents.Save(ctx, b.author, claimed.ID, texts); err != nil {
		return err
	}
	if _, err := b.Documents.Submit(ctx, b.author, claimed.ID); err != nil {
		return err
	}
	_, err = b.Documents.Approve(ctx, b.approver, claimed.ID)
	return err
}

// approved makes a campaign to everybody that may be launched.
func (b *sending) approved(ctx context.Context) (int64, error) {
	c, err := b.Campaigns.Create(ctx, b.author, campaign.Proposal{
		CycleID: b.cycleID, Name: "Bench", Audience: campaign.Audience{All: true},
		Steps: []campaign.StepDraft{{Kind: campaign.Call, DocumentID: b.documentID}},
	})
	if err != nil {
		return 0, err
	}
	if _, err := b.Campaigns.Freeze(ctx, b.author, c.ID); err != nil {
		return 0, err
	}
	if _, err := b.Campaigns.Submit(ctx, b.author, c.ID); err != nil {
		return 0, err
	}
	_, err = b.Campaigns.Approve(ctx, b.approver, c.ID)
	return c.ID, err
}

// render keeps a message of each language for the bare sender.
func (b *sending) render(ctx context.Context, id int64) error {
	b.texts = nil
	for contact := range int64(len(sentLocales)) {
		m, err := b.Campaigns.Preview(ctx, b.author, id, 1, contact+1)
		if err != nil {
			return err
		}
		b.texts = append(b.texts, m.Raw)
	}
	return nil
}

// benchForm is what the message leads to.
var benchForm = document.Definition{ID: "bench", Language: "en", Title: "Bench", Questions: []document.QuestionDefinition{{ID: "q1", Type: "text", Text: "What works?"}}}

// benchMessage is a call of about the length of a real one.
func benchMessage(locale string) document.Message {
	t := benchTexts[locale]
	return document.Message{
		Subject: t.subject,
		Body: strings.Join([]string{
			t.greeting, strings.Repeat(t.sentence+" ", t.times) + "**{{deadline}}**", strings.TrimSpace(strings.Repeat(t.sentence+" ", t.times)), "<{{personal_link}}>",
		}, "\n\n"),
	}
}

// benchTexts have each about six kilobytes when they are encoded.
var benchTexts = map[string]struct {
	subject, greeting, sentence string
	times                       int
}{
	"en": {"Call for contributions: {{cycle}}", "Dear {{contact}},", "The forum gathers what works in practice, from whoever has tried it, and asks for two or three pages in any language.", 8},
	"es": {"Llamado a contribuciones: {{cycle}}", "Estimada/o {{contact}}:", "El foro reúne lo que funciona en la práctica, de quien lo haya probado, y pide dos o tres páginas en cualquier idioma.", 8},
	"fr": {"Appel à contributions : {{cycle}}", "Bonjour {{contact}},", "Le forum rassemble ce qui fonctionne en pratique, de la part de qui l’a essayé, et demande deux ou trois pages, en toute langue.", 7},
	"ar": {"دعوة إلى تقديم المساهمات: {{cycle}}", "السيدة/السيد {{contact}}،", "يجمع المنتدى ما ينجح في الممارسة العملية ممن جرّبه، ويطلب صفحتين أو ثلاث صفحات بأي لغة كانت.", 6},
	"zh": {"征集意见：{{cycle}}", "{{contact}}，您好：", "本论坛向亲身实践者收集行之有效的做法，请以任何语言提供两到三页的内容。", 9},
}
