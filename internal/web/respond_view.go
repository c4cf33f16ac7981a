package web

import (
	"strconv"

	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// place is a textarea for an answer; its label may be in another language than the page.
type place struct {
	form.Field
	LabelLang, LabelDir string
}

// placeOf makes a place. label is the text of a question; where it is empty, key is the message beside it.
func placeOf(l *i18n.Localizer) func(f form.Form, name, label, key string, rows int, lang, dir string) place {
	return func(f form.Form, name, label, key string, rows int, lang, dir string) place {
		if label == "" {
			return place{Field: f.Field(name, l.T(key), "rows="+strconv.Itoa(rows))}
		}
		return place{Field: f.Field(name, label, "rows="+strconv.Itoa(rows)), LabelLang: lang, LabelDir: dir}
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
