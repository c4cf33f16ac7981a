package adapt

import (
	"context"
	"strings"

	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/letter"
)

// PrepareRelieved implements document.Notices.
func (a Warnings) PrepareRelieved(ctx context.Context, n document.RelievedNotice) (document.Notice, error) {
	to, err := a.person(ctx, n.TranslatorID)
	if err != nil {
		return nil, err
	}
	return a.Letters.Prepare(ctx, letter.TranslationRelieved{
		Person: to, Officer: n.Officer, Title: n.Title, Locale: n.Locale, Reason: n.Reason, Link: a.PublicURL + "/translations",
	})
}

// PrepareCommentNews implements document.Notices.
func (a Warnings) PrepareCommentNews(ctx context.Context, n document.CommentNotice) (document.Notice, error) {
	return a.Letters.Prepare(ctx, letter.CommentNews{
		Person: letter.Person{Email: n.Email, Language: n.Language}, Title: n.Title, News: n.News, Link: a.PublicURL + "/remarks/" + n.Token,
	})
}

// Glossary lists the words that translators are given hints for: those of the glossary, and the names by which
// our own pages call stakeholder groups and regions, where they differ from the glossary's.
func Glossary(reference *geo.Reference, bundle *i18n.Bundle) []geo.Term {
	terms := reference.Glossary()
	known := map[string]bool{}
	for _, t := range terms {
		known[strings.ToLower(t.Text[geo.DefaultLocale])] = true
	}
	add := func(t geo.Term) {
		if name := strings.ToLower(t.Text[geo.DefaultLocale]); !known[name] {
			known[name] = true
			terms = append(terms, t)
		}
	}
	for _, g := range reference.Groups() {
		t := geo.Term{Key: g.Code, Note: g.Note, Text: map[string]string{}}
		for _, locale := range geo.Locales() {
			t.Text[locale] = reference.GroupName(g.Code, locale)
		}
		add(t)
	}
	for _, region := range geo.Regions() {
		if region == geo.NoRegion {
			continue
		}
		for _, key := range []string{"region." + string(region), "region." + string(region) + ".short"} {
			t := geo.Term{Key: string(region), Text: map[string]string{}}
			for _, locale := range geo.Locales() {
				t.Text[locale] = bundle.For(locale).T(key)
			}
			add(t)
		}
	}
	return terms
}
