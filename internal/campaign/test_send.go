package campaign

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	post "github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/mail"
)

// Tested is what went to whoever asked for a test.
type Tested struct {
	Email    string
	Messages int
	Locales  []string
}

// SendTest sends a step's message to the actor's own address and to no other: once in each language in which it may go
// out, and with variants in each variant too. The subject says that it is a test, and its links lead nowhere, so that
// nobody acts for anybody by them. Who asks too often in a short time is errs.TooMany, whatever the step. It goes out as a single letter, which no campaign holds up. A language that cannot be
// put together is left out; the error is errs.Conflict where none is left.
func (s *Service) SendTest(ctx context.Context, by account.Actor, id int64, position int, variants bool) (Tested, error) {
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return Tested{}, err
	}
	step, err := c.Step(position)
	if err != nil {
		return Tested{}, err
	}
	if err := s.limitTests(ctx, by.ID); err != nil {
		return Tested{}, errs.Wrap("campaign.send_test", err)
	}
	t, letters, err := s.testLetters(ctx, by, &c, step, variants)
	if err != nil {
		return Tested{}, errs.Wrap("campaign.send_test", err)
	}
	if len(letters) == 0 {
		return Tested{}, errs.E(errs.Conflict, "campaign.test.nothing")
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		for _, l := range letters {
			if err := l.Store(tx); err != nil {
				return err
			}
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "campaign.tested", ObjectKind: "campaign_step", ObjectID: step.ID, CycleID: c.CycleID,
			After: map[string]any{"campaign": c.ID, "step": position, "messages": t.Messages, "locales": t.Locales},
		})
	})
	if err != nil {
		return Tested{}, errs.Wrap("campaign.send_test", err)
	}
	for _, l := range letters {
		l.Wake(ctx)
	}
	return t, nil
}

// So many tests may somebody ask for in a time: each is a letter for every language and variant.
const (
	maxTests   = 5
	testWindow = 10 * time.Minute
)

func (s *Service) limitTests(ctx context.Context, accountID int64) error {
	if s.Limiter == nil {
		return nil
	}
	ok, wait, err := s.Limiter.Allow(ctx, "campaign test "+idText(accountID), maxTests, testWindow)
	if err == nil && !ok {
		err = errs.E(errs.TooMany, "error.too_many.minutes", "Count", max(int(math.Ceil(wait.Minutes())), 1))
	}
	return err
}

// testLetters are the messages, the languages in their order.
func (s *Service) testLetters(ctx context.Context, by account.Actor, c *Campaign, step *Step, variants bool) (t Tested, letters []*post.Prepared, err error) {
	to, err := ownMailbox(s.DB.Read(ctx), by.ID)
	if err != nil {
		return t, nil, err
	}
	t.Email = to.Email
	cycle, err := s.Cycles.Cycle(ctx, c.CycleID)
	if err != nil {
		return t, nil, err
	}
	forms, err := s.testForms(ctx, c, step, variants)
	if err != nil {
		return t, nil, err
	}
	for _, of := range forms {
		raw, err := s.testMessage(ctx, cycle, of, to, step)
		if textFails(err) {
			continue
		}
		if err != nil {
			return t, nil, err
		}
		letters = append(letters, s.Letters.Enclose(post.KindTest, to.Email, raw))
		if !slices.Contains(t.Locales, of.locale) {
			t.Locales = append(t.Locales, of.locale)
		}
	}
	t.Messages = len(letters)
	return t, letters, nil
}

// testForms are the languages in which a step may go out, each with the variants where they are asked for.
func (s *Service) testForms(ctx context.Context, c *Campaign, step *Step, variants bool) ([]edition, error) {
	text, err := s.textOf(ctx, step)
	if err != nil {
		return nil, err
	}
	locales, err := s.locales(ctx, c.CycleID, text.revisionID, text.open)
	if err != nil {
		return nil, err
	}
	keys := []string{""}
	if variants {
		more, err := s.Texts.Variants(ctx, text.revisionID)
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	var forms []edition
	for _, locale := range locales {
		for _, variant := range keys {
			forms = append(forms, edition{revisionID: text.revisionID, locale: locale, variant: variant, bilingual: text.policy == PolicyBilingual, test: true})
		}
	}
	return forms, nil
}

// testMessage is the message as the person would get it, with an own Message-ID and nothing that names a delivery.
func (s *Service) testMessage(ctx context.Context, cycle Cycle, of edition, to person, step *Step) ([]byte, error) {
	c, err := s.freshComposer(ctx, cycle, of, "")
	if err != nil {
		return nil, err
	}
	r := mail.Recipient{
		From: c.sender(to), To: mail.Address{Name: to.Name, Email: to.Email}, ReplyTo: s.From,
		MessageID:      strings.TrimRight(fmt.Sprintf("test.%d.%d.%s.%s", step.ID, s.Now().UnixMicro(), of.locale, of.variant), ".") + "@" + s.MailDomain,
		Date:           s.Now().UTC().Truncate(time.Second),
		UnsubscribeURL: c.unsubscribe(to),
		Values:         c.values(to),
	}
	if missing := c.skeleton.Missing(r); len(missing) > 0 {
		return nil, errs.InvalidFields(errs.FieldError(fieldOf(missing[0]), "campaign.value_missing", "Field", fieldOf(missing[0])))
	}
	return c.skeleton.Render(nil, r), nil
}
