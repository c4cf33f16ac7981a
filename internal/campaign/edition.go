package campaign

import (
	"context"
	"html"
	"html/template"
	"strings"
	"sync"

	"github.com/convoke/convoke/internal/mail"
)

// edition says which form of a text a reader gets.
type edition struct {
	revisionID int64
	locale     string
	number     int    // of the edition of the translation, 0 for the newest that is approved
	variant    string // "" for the general text
	bilingual  bool   // with the source text below, where the language is another
	draft      bool   // as the text stands now, approved or not
	test       bool   // marked as a test in the subject
	own        *Edit  // words for one reader, instead of the text's
	bare       bool   // without the footer of a campaign's mail
}

// encoded is a message without its values.
type encoded struct {
	*mail.Skeleton
	below string // the language of the source text below, "" where there is none
}

// belowPrefix begins the names of the slots in the source text below: their values are said in its language.
const belowPrefix = "source_"

// betweenBlocks stands between two languages of a plain text.
const betweenBlocks = "========================================"

// encode puts the footer under the text, slots in the place of merge fields, above the text what a volunteer writes of
// their own, and below it the source text where the edition has two languages. The subject is in the reader's.
func (s *Service) encode(ctx context.Context, cycle Cycle, e edition, opening string) (encoded, error) {
	read := func(ctx context.Context, revisionID int64, locale, variant string) (Text, error) {
		return s.Texts.Mail(ctx, revisionID, locale, e.number, variant)
	}
	if e.draft {
		read = s.Texts.Draft
	}
	if e.own != nil {
		read = func(ctx context.Context, _ int64, locale, _ string) (Text, error) {
			return s.Texts.Own(ctx, locale, e.own.Subject, e.own.Body)
		}
	}
	text, err := read(ctx, e.revisionID, e.locale, e.variant)
	if err != nil {
		return encoded{}, err
	}
	if e.test {
		text.Subject = s.Bundle.For(text.Locale).T("mail.test.subject", "Subject", text.Subject)
	}
	parts := mail.Parts{From: s.From, Subject: toSlots(text.Subject, ""), Locale: text.Locale, Dir: s.Bundle.For(text.Locale).Dir()}
	if !e.bare {
		parts.ListID = cycle.Name + " <" + cycle.Slug + "." + s.MailDomain + ">"
	}
	own := s.blockOf(cycle, text, "", e.bare)
	parts.Text, parts.HTML = own.text+own.signature(), own.html+own.footerHTML
	made := encoded{}
	if e.bilingual {
		if made.below, err = s.sourceLanguage(ctx, e.revisionID); err != nil {
			return encoded{}, err
		}
	}
	if made.below == e.locale {
		made.below = ""
	}
	if made.below != "" {
		source, err := read(ctx, e.revisionID, made.below, e.variant)
		if err != nil {
			return encoded{}, err
		}
		other := s.blockOf(cycle, source, belowPrefix, e.bare)
		parts.Below = made.below
		parts.Text = own.text + "\n\n" + betweenBlocks + "\n\n" + other.text + own.signature()
		if other.footer != "" {
			parts.Text += "\n" + other.footer
		}
		parts.HTML = own.wrapped() + "<hr>\n" + other.wrapped()
	}
	reader := s.Bundle.For(text.Locale)
	parts.Text, parts.HTML = openingText(reader, opening)+parts.Text, openingHTML(reader, opening)+parts.HTML
	made.Skeleton, err = mail.NewSkeleton(parts)
	return made, err
}

// sourceLanguage is the language in which a text was written.
func (s *Service) sourceLanguage(ctx context.Context, revisionID int64) (string, error) {
	locales, err := s.Texts.ApprovedLocales(ctx, revisionID)
	if err != nil || len(locales) == 0 {
		return "", err
	}
	return locales[0], nil
}

// block is a text in one language with the footer that goes with it.
type block struct {
	locale, dir        string
	text, html         string
	footer, footerHTML string
}

func (s *Service) blockOf(cycle Cycle, text Text, prefix string, bare bool) block {
	l := s.Bundle.For(text.Locale)
	b := block{locale: text.Locale, dir: l.Dir(), text: toSlots(strings.TrimRight(text.Text, "\n"), prefix), html: toSlotsHTML(text.HTML, prefix)}
	if bare {
		return b
	}
	unsubscribe := mail.Slot(prefix + fieldUnsubscribe)
	b.footer = l.T("mail.footer.why", "Cycle", l.Isolate(cycle.Name)) + "\n" + l.T("mail.footer.unsubscribe", "Link", unsubscribe) + "\n"
	anchor := template.HTML(`<a href="` + unsubscribe + `">` + html.EscapeString(l.T("mail.footer.unsubscribe_here")) + `</a>`) //nolint:gosec // escaped
	b.footerHTML = "\n<hr>\n<p>" + string(l.HTML("mail.footer.why", "Cycle", cycle.Name)) + "<br>\n" + string(l.HTML("mail.footer.unsubscribe_html", "Link", anchor)) + "</p>\n"
	return b
}

// signature is the footer as mail programs know the end of a text: whatever follows belongs to it. So the footers of two
// languages stand together at the end.
func (b block) signature() string {
	if b.footer == "" {
		return "\n"
	}
	return "\n\n-- \n" + b.footer
}

// wrapped says in which language and direction the block is.
func (b block) wrapped() string {
	return `<div lang="` + b.locale + `" dir="` + b.dir + "\">\n" + b.html + b.footerHTML + "</div>\n"
}

// skeletonKey names an encoded message: an edition of a frozen text, and the one fact of the
// footer that may change.
type skeletonKey struct {
	edition
	cycle string
}

// skeletons keeps the messages that were encoded lately.
type skeletons struct {
	mu   sync.Mutex
	made map[skeletonKey]encoded
}

const skeletonsKept = 200

func newSkeletons() *skeletons { return &skeletons{made: map[skeletonKey]encoded{}} }

func (c *skeletons) get(key skeletonKey, build func() (encoded, error)) (encoded, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.made[key]; ok {
		return s, nil
	}
	s, err := build()
	if err != nil {
		return encoded{}, err
	}
	if len(c.made) >= skeletonsKept {
		clear(c.made)
	}
	c.made[key] = s
	return s, nil
}
