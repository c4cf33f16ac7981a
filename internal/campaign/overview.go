package campaign

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// StepText is the text of a step, or the questionnaire that its links lead to, as far as it has come.
type StepText struct {
	Position     int // of the step, 0 for a questionnaire
	Document     Document
	Problems     int // places that forbid freezing
	Sent         bool
	Translations []Translation
}

// Overview is all that the page of a campaign shows.
type Overview struct {
	Progress
	Texts   []StepText
	Missing []errs.Field  // what forbids freezing texts that are complete: no deadline, no translation
	Outbox  *Tally        // what the first step would send now; nil once it was launched
	Away    bool          // it should be sending, but the queue is away
	Trouble *mail.Trouble // that the mail server takes nothing, while the campaign has something to send
	Stuck   []Stuck
	Again   []AgainPlan    // what can be sent after all
	Asked   []Asked        // completions that wait for a second person
	Held    []HeldLanguage // what else waits for a translation, step by step, the most frequent language first
}

// Problems counts the places in all texts that forbid freezing.
func (o *Overview) Problems() int {
	n := 0
	for _, t := range o.Texts {
		n += t.Problems
	}
	return n
}

// TextsFrozen says whether all texts are frozen, though the campaign may not have taken them yet.
func (o Overview) TextsFrozen() bool {
	return !slices.ContainsFunc(o.Texts, func(t StepText) bool { return !t.Document.Frozen })
}

// missing is what a freeze would be refused for, of a draft whose texts are complete.
func (s *Service) missing(ctx context.Context, o *Overview) ([]errs.Field, error) {
	if o.Campaign.State != Draft || o.Campaign.Frozen() || o.Problems() > 0 {
		return nil, nil
	}
	documents, err := s.documentsOf(ctx, &o.Campaign)
	if err == nil {
		err = s.checkDocuments(ctx, &o.Campaign, documents)
	}
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		return fields, nil
	}
	return nil, err
}

// Overview gathers how far a campaign and its texts have come.
func (s *Service) Overview(ctx context.Context, by account.Actor, id int64) (Overview, error) {
	p, err := s.Progress(ctx, by, id)
	if err != nil {
		return Overview{}, err
	}
	o := Overview{Progress: p}
	if o.Texts, err = s.stepTexts(ctx, &p.Campaign); err != nil {
		return Overview{}, errs.Wrap("campaign.overview", err)
	}
	if o.Missing, err = s.missing(ctx, &o); err != nil {
		return Overview{}, errs.Wrap("campaign.overview", err)
	}
	if p.Campaign.Steps[0].State == StepPlanned && p.Campaign.State != Cancelled {
		plan, err := s.Count(ctx, by, id, 1)
		if err != nil {
			return Overview{}, errs.Wrap("campaign.overview", err)
		}
		o.Outbox = &plan.Tally
	}
	if o.Stuck, err = s.stuck(ctx, stuckFilter{campaignID: id}); err != nil {
		return Overview{}, errs.Wrap("campaign.overview", err)
	}
	if o.Held, err = s.heldLanguages(ctx, &p); err != nil {
		return Overview{}, errs.Wrap("campaign.overview", err)
	}
	if o.Again, err = s.againPlans(ctx, &p); err != nil {
		return Overview{}, errs.Wrap("campaign.overview", err)
	}
	if o.Asked, err = askedRows(s.DB.Read(ctx), askedFilter{campaignID: id}); err != nil {
		return Overview{}, errs.Wrap("campaign.overview", err)
	}
	if o.Trouble, err = s.troubleOf(ctx, p.Campaign.State); err != nil {
		return Overview{}, errs.Wrap("campaign.overview", err)
	}
	o.Away = p.Campaign.State == Sending && s.Queue.Away(ctx)
	return o, nil
}

// MailTrouble says that the mail server takes no mail, since when and in which words; nil where nothing is known of that.
func (s *Service) MailTrouble(ctx context.Context, by account.Actor) (*mail.Trouble, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	t, err := s.troubleOf(ctx, Sending)
	return t, errs.Wrap("campaign.mail_trouble", err)
}

// MailTroubleOf is MailTrouble where it concerns a campaign.
func (s *Service) MailTroubleOf(ctx context.Context, by account.Actor, c *Campaign) (*mail.Trouble, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	t, err := s.troubleOf(ctx, c.State)
	return t, errs.Wrap("campaign.mail_trouble_of", err)
}

// troubleOf is nothing to a campaign that is far from sending, or done with it.
func (s *Service) troubleOf(ctx context.Context, state State) (*mail.Trouble, error) {
	switch state {
	case Approved, Scheduled, Sending, Paused:
	default:
		return nil, nil
	}
	if s.MailServer == nil {
		return nil, nil
	}
	return s.MailServer.Trouble(ctx)
}

func (s *Service) stepTexts(ctx context.Context, c *Campaign) ([]StepText, error) {
	var texts []StepText
	questionnaires, err := s.Texts.Documents(ctx, c.CycleID, KindQuestionnaire)
	if err != nil {
		return nil, err
	}
	for _, d := range questionnaires {
		texts = append(texts, StepText{Document: d})
	}
	for _, step := range c.Steps {
		d, err := s.Texts.Document(ctx, step.DocumentID)
		if err != nil {
			return nil, err
		}
		if step.RevisionID != nil {
			d.RevisionID, d.Frozen = *step.RevisionID, true
		}
		texts = append(texts, StepText{Position: step.Position, Document: d, Sent: step.LaunchedAt != nil})
	}
	for i := range texts {
		t := &texts[i]
		if t.Translations, err = s.Texts.Translations(ctx, t.Document.RevisionID); err != nil {
			return nil, err
		}
		if t.Document.Frozen {
			continue
		}
		problems, err := s.Texts.Problems(ctx, t.Document.RevisionID)
		if err != nil {
			return nil, err
		}
		t.Problems = len(problems)
	}
	return texts, nil
}

// HeldLanguage counts the messages of a step that wait for a translation into a language, the one that their readers
// want most.
type HeldLanguage struct {
	Position int
	Language string
	Count    int
}

// HeldIn lists what of a campaign waits for a translation.
func (s *Service) HeldIn(ctx context.Context, by account.Actor, id int64) ([]HeldLanguage, error) {
	p, err := s.Progress(ctx, by, id)
	if err != nil {
		return nil, err
	}
	all, err := s.heldLanguages(ctx, &p)
	return all, errs.Wrap("campaign.held_in", err)
}

func (s *Service) heldLanguages(ctx context.Context, p *Progress) ([]HeldLanguage, error) {
	var all []HeldLanguage
	for i, step := range p.Campaign.Steps {
		if p.Steps[i].Held() == 0 {
			continue
		}
		chains, err := heldChains(s.DB.Read(ctx), step.ID)
		if err != nil {
			return nil, err
		}
		counts := map[string]int{}
		for _, c := range chains {
			first, _, _ := strings.Cut(c.LanguageChain, " ")
			counts[first] += c.Count
		}
		for _, language := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
			return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
		}) {
			all = append(all, HeldLanguage{Position: step.Position, Language: language, Count: counts[language]})
		}
	}
	return all, nil
}
