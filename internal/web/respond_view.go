package web

import (
	"strconv"

	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// place is where an answer is given; its label and its options may be in another language than the page.
type place struct {
	form.Field
	Choice                string
	Seen                  string // the digest of what is shown, "" where the page does not say
	LabelLang, LabelDir   string
	OptionLang, OptionDir string
}

// placeOf makes a place of a form on a page where the questions are in this language.
func placeOf(l *i18n.Localizer) func(f form.Form, p answerPlace, lang, dir string) place {
	return func(f form.Form, p answerPlace, lang, dir string) place {
		made := place{Choice: p.Choice, Seen: f.Value(seenField + p.Name), LabelLang: lang, LabelDir: dir, OptionLang: lang, OptionDir: dir}
		label := p.Label
		if label == "" {
			label, made.LabelLang, made.LabelDir = l.T(p.Key), "", ""
		}
		options := []string{"rows=" + strconv.Itoa(p.Rows)}
		if p.Hint != "" {
			options = append(options, "hint="+l.T(p.Hint))
		}
		made.Field = f.Choose(p.Name, label, p.Options, options...)
		return made
	}
}

// given is what was answered, and in which languages questions and answers are.
type given struct {
	Sections []respondSection
	texts
	Answers string
}

func givenOf(sections []respondSection, lang, dir, answers string) given {
	return given{Sections: sections, texts: texts{Lang: lang, Dir: dir}, Answers: answers}
}
