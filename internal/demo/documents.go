package demo

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

// text is a document of the demo and the languages in which it is there. The Spanish message is
// left half-way, so that a translator has something to complete.
type text struct {
	slug       string
	kind       document.Kind
	languages  []string
	unfinished string // the language that is a draft
}

var texts = []text{
	{slug: "message", kind: document.Mailing, languages: []string{"fr", "ar", "zh", "es"}, unfinished: "es"},
	{slug: "follow-up", kind: document.FollowUp, languages: []string{"es", "fr", "ar", "zh"}},
	{slug: "acknowledgement", kind: document.Acknowledgement, languages: []string{"es", "fr", "ar", "zh", "ru", "pt"}},
	{slug: "introduction", kind: document.Introduction, languages: []string{"es", "fr", "ar", "zh"}},
}

func (l *loader) addDocuments(ctx context.Context) error {
	if err := l.addQuestionnaire(ctx); err != nil {
		return err
	}
	for _, t := range texts {
		m, err := Text(t.slug, "en")
		if err != nil {
			return err
		}
		if err := l.addDocument(ctx, t, m); err != nil {
			return errs.Wrap("demo.document "+t.slug, err)
		}
		for _, locale := range t.languages {
			m, err := Text(t.slug, locale)
			if err != nil {
				return err
			}
			if err := l.translateMessage(ctx, t, locale, m); err != nil {
				return errs.Wrap("demo.translate "+t.slug+" "+locale, err)
			}
		}
	}
	return nil
}

func (l *loader) addDocument(ctx context.Context, t text, content document.Content) error {
	_, err := l.Documents.Create(ctx, l.by, l.cycle.ID, t.kind, t.slug, "en", content)
	return ignore(err, errs.Conflict)
}

// addQuestionnaire loads the draft of August 2017, word by word, with its two empty links, and without the places for
// what no question names: a member asks for them in a comment.
func (l *loader) addQuestionnaire(ctx context.Context) error {
	definition, err := document.ParseQuestionnaire(l.Reference.Questionnaire())
	if err != nil {
		return err
	}
	no := false
	definition.Other = &no
	for i := range definition.Questions {
		if len(definition.Questions[i].Items) > 0 {
			definition.Questions[i].Other = &no
		}
	}
	t := text{slug: "questionnaire", kind: document.Survey}
	if err := l.addDocument(ctx, t, definition); err != nil {
		return err
	}
	for _, locale := range []string{"es", "fr", "ar", "zh"} {
		passages, err := readPassages("data/texts/questionnaire." + locale + ".yaml")
		if err != nil {
			return err
		}
		if err := l.translate(ctx, t, locale, passages); err != nil {
			return errs.Wrap("demo.translate questionnaire "+locale, err)
		}
	}
	return nil
}

// readPassages reads a translation by the keys of its segments.
func readPassages(name string) (map[string]string, error) {
	b, err := files.ReadFile(name)
	if err != nil {
		return nil, errs.Wrap("demo.passages", err)
	}
	var passages map[string]string
	return passages, errs.Wrap("demo.passages", yaml.Unmarshal(b, &passages))
}

// Text is a message of the demo in a language, as its file has it.
func Text(slug, locale string) (document.Message, error) {
	b, err := files.ReadFile("data/texts/" + strings.ReplaceAll(slug, "-", "_") + "." + locale + ".yaml")
	if err != nil {
		return document.Message{}, errs.Wrap("demo.text", err)
	}
	var m document.Message
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	return m, errs.Wrap("demo.text "+slug+" "+locale, d.Decode(&m))
}

// translateMessage gives the parts of a translation to the source's by their names, and its passages in turn.
func (l *loader) translateMessage(ctx context.Context, t text, locale string, m document.Message) error {
	d, err := l.Documents.BySlug(ctx, l.cycle.ID, t.slug)
	if err != nil {
		return err
	}
	detail, err := l.Documents.Get(ctx, l.by, d.ID)
	if err != nil {
		return err
	}
	byKey := map[string]string{}
	passages := strings.Split(strings.TrimSpace(m.Body), "\n\n")
	for _, s := range detail.Segments {
		variant, part, ofVariant := strings.Cut(s.Key, ".")
		switch {
		case ofVariant:
			byKey[s.Key] = m.Variants[variant].Part(part)
		case slices.Contains(document.VariantParts(), s.Key):
			byKey[s.Key] = m.Part(s.Key)
		case len(passages) > 0:
			byKey[s.Key], passages = passages[0], passages[1:]
		}
	}
	return l.translate(ctx, t, locale, byKey)
}

// translate lets one translator write and another approve, as everywhere.
func (l *loader) translate(ctx context.Context, t text, locale string, passages map[string]string) error {
	translator, reviewer := l.as("teresa@translators.example.org"), l.as("rodrigo@translators.example.org")
	if locale == "ar" {
		translator, reviewer = l.as("dina@translators.example.org"), translator
	}
	d, err := l.Documents.BySlug(ctx, l.cycle.ID, t.slug)
	if err != nil {
		return err
	}
	claimed, err := l.Documents.Claim(ctx, translator, d.ID, locale)
	if errs.Is(err, errs.Conflict) {
		return nil // an earlier, interrupted start has done it
	}
	if err != nil {
		return err
	}
	if _, err := l.Documents.Save(ctx, translator, claimed.ID, passages); err != nil {
		return err
	}
	if locale == t.unfinished {
		return nil
	}
	if _, err := l.Documents.Submit(ctx, translator, claimed.ID); err != nil {
		return err
	}
	_, err = l.Documents.Approve(ctx, reviewer, claimed.ID)
	return err
}
