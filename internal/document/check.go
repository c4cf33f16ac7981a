package document

import (
	"regexp"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

var webAddress = regexp.MustCompile(`https?://[^\s<>()\[\]"'“”«»（），。、；]+`)

// translationProblems lists what keeps a translation from review, in the order of the source.
func translationProblems(source []Segment, translated []TranslationSegment) []errs.Field {
	have := make(map[string]TranslationSegment, len(translated))
	for _, t := range translated {
		have[t.Key] = t
	}
	var wrong []errs.Field
	for _, s := range source {
		if !s.Translatable() {
			continue
		}
		add := func(key string, args ...any) {
			wrong = append(wrong, errs.FieldError(s.Key, key, append([]any{"Place", Place(s.Key)}, args...)...))
		}
		t, ok := have[s.Key]
		switch {
		case !ok || strings.TrimSpace(t.Text) == "":
			add("document.translation.problem.empty")
			continue
		case t.Stale:
			add("document.translation.problem.stale")
		}
		compare(fieldsIn(s.Text), fieldsIn(t.Text), func(missing bool, name string) {
			if missing {
				add("document.translation.problem.field_missing", "Text", "{{"+name+"}}")
			} else {
				add("document.translation.problem.field_extra", "Text", "{{"+name+"}}")
			}
		})
		compare(addressesIn(s.Text), addressesIn(t.Text), func(missing bool, address string) {
			if missing {
				add("document.translation.problem.link_missing", "Text", address)
			} else {
				add("document.translation.problem.link_extra", "Text", address)
			}
		})
		for _, m := range marks(t.Text) {
			if m.unbalanced {
				add("document.translation.problem.unbalanced", "Text", around(t.Text, m.start))
			}
		}
	}
	return wrong
}

func compare(source, translation []string, differs func(missing bool, item string)) {
	for _, item := range source {
		if !slices.Contains(translation, item) {
			differs(true, item)
		}
	}
	for _, item := range translation {
		if !slices.Contains(source, item) {
			differs(false, item)
		}
	}
}

// addressesIn lists the web addresses in a text, each once, without the sentence's own marks.
func addressesIn(text string) []string {
	var found []string
	for _, a := range webAddress.FindAllString(text, -1) {
		if a = strings.TrimRight(a, ".,;:!?*_"); !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	return found
}
