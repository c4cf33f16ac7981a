// Package i18n is the only owner of go-i18n: it says every text, date, number and list in the
// languages of Convoke, and chooses a language for a person.
//
// Texts are found by key in the files of package locales. A text that a language lacks is said in
// English. A Localizer never changes after New and may be used by any number of goroutines.
//
// Texts are plain text: a page escapes them like any other value.
package i18n

import (
	"fmt"
	"io/fs"
	"slices"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Bundle is every language with all of its texts.
type Bundle struct {
	locales    []Locale
	tags       []string
	localizers map[string]*Localizer
	learnNames sync.Once
	languages  map[string]string // see LanguageTags
}

// Report is told of a defect met while a text was said: an unknown key, a text that the language
// lacks, a missing plural form or placeholder. It may be called from many goroutines.
type Report func(tag, key, defect string)

type options struct {
	pseudo bool
	report Report
	texts  map[string]map[string]string // by tag and key
}

// Option changes how a Bundle is made.
type Option func(*options)

// WithPseudo adds the pseudo-locale PseudoTag, in which every text of ours is bracketed and
// accented: what is not, was never given to a translator.
func WithPseudo() Option { return func(o *options) { o.pseudo = true } }

// WithReport hands over who is told of defects; without it they pass in silence.
func WithReport(r Report) Option { return func(o *options) { o.report = r } }

// WithTexts adds texts that are kept as data, by tag and key, for sentences that name what the data is about.
func WithTexts(texts map[string]map[string]string) Option {
	return func(o *options) { o.texts = texts }
}

// New reads every file named *.<tag>.toml of the tree. It refuses files that cannot be parsed, placeholders
// that are not written {{.Name}}, and languages that are not known here. A known language
// without a file is offered all the same and speaks English.
func New(fsys fs.FS, opts ...Option) (*Bundle, error) {
	o := options{report: func(string, string, string) {}}
	for _, opt := range opts {
		opt(&o)
	}
	catalogs, err := load(fsys)
	if err != nil {
		return nil, fmt.Errorf("locales: %w", err)
	}
	for tag, texts := range o.texts {
		if err := catalogs[tag].add(texts); err != nil {
			return nil, fmt.Errorf("texts of %s: %w", tag, err)
		}
	}
	specs := known()
	for tag := range catalogs {
		if !slices.ContainsFunc(specs, func(s spec) bool { return s.Tag == tag }) {
			return nil, fmt.Errorf("locales: %q is not a language known to internal/i18n/locale.go", tag)
		}
	}
	if len(catalogs[English]) == 0 {
		return nil, fmt.Errorf("locales: there is no English text")
	}
	if o.pseudo {
		specs = append(specs, pseudoSpec())
		catalogs[PseudoTag] = pseudoCatalog(catalogs[English])
	}
	return build(specs, catalogs, o.report)
}

func build(specs []spec, catalogs map[string]catalog, report Report) (*Bundle, error) {
	english, err := newVoice(English, catalogs[English])
	if err != nil {
		return nil, err
	}
	b := &Bundle{localizers: map[string]*Localizer{}}
	for _, s := range specs {
		own := english
		if s.Tag != English {
			if own, err = newVoice(s.Tag, catalogs[s.Tag]); err != nil {
				return nil, err
			}
		}
		b.locales = append(b.locales, s.Locale)
		b.tags = append(b.tags, s.Tag)
		b.localizers[s.Tag] = newLocalizer(s, own, english, report)
	}
	return b, nil
}

// voice is one language's texts and the go-i18n localizer that says them. Each language has a
// go-i18n bundle of its own, so that its matcher has nothing to choose.
type voice struct {
	texts catalog
	says  *goi18n.Localizer
}

func newVoice(tag string, texts catalog) (voice, error) {
	parsed, err := language.Parse(tag)
	if err != nil {
		return voice{}, fmt.Errorf("locales: %q: %w", tag, err)
	}
	bundle := goi18n.NewBundle(parsed)
	if err := bundle.AddMessages(parsed, texts.messages()...); err != nil {
		return voice{}, fmt.Errorf("locales: %q: %w", tag, err)
	}
	return voice{texts: texts, says: goi18n.NewLocalizer(bundle, tag)}, nil
}

// Reporting is the same languages with somebody else who is told of defects. The texts are shared.
func (b *Bundle) Reporting(r Report) *Bundle {
	other := &Bundle{locales: b.locales, tags: b.tags, localizers: make(map[string]*Localizer, len(b.localizers))}
	for tag, l := range b.localizers {
		other.localizers[tag] = newLocalizer(l.spec, l.own, l.english, r)
	}
	return other
}

// Locales are the languages in the order in which they are offered: en fr es ar zh ru pt, then
// the pseudo-locale where it was asked for.
func (b *Bundle) Locales() []Locale { return slices.Clone(b.locales) }

// Tags are the tags of Locales, in the same order.
func (b *Bundle) Tags() []string { return slices.Clone(b.tags) }

// Supported says whether this is exactly one of our tags.
func (b *Bundle) Supported(tag string) bool { return b.localizers[tag] != nil }

// For gives the localizer of one of our tags; for any other tag that of its best match.
func (b *Bundle) For(tag string) *Localizer {
	if l := b.localizers[tag]; l != nil {
		return l
	}
	return b.localizers[b.Match(tag)]
}
