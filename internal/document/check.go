package document

import (
	"regexp"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

// Rule is something that a translation has in common with its source. The page hands the rules to its script,
// so that what is seen as one types is what is told on saving; the patterns are written for both.
type Rule struct {
	Code    string
	Kind    RuleKind
	Pattern string
	Blocks  bool // nothing that breaks the rule can be submitted for review; of the others the reviewer judges
}

// RuleKind says what is done with the pattern of a rule.
type RuleKind string

// The kinds of rules.
const (
	SameItems RuleKind = "items" // what matches (its group, where there is one) stands in both texts
	SameCount RuleKind = "count" // it matches as often in both
	NotFewer  RuleKind = "fewer" // it does not match less often than in the source
	Again     RuleKind = "again" // the same, of what stands in both texts: where something is missing, that is said
	NoStray   RuleKind = "stray" // two braces stand only in what matches
	NotEqual  RuleKind = "equal" // the texts differ, if there are letters outside of what matches
)

const (
	fieldPattern = `\{\{[ \t]*([^{}\n]*?)[ \t]*\}\}`
	addressMarks = `[^\s<>()\[\]"'“”«»（），。、；]`
)

// Rules lists the rules in the order in which they are told.
func Rules() []Rule {
	return []Rule{
		{Code: "field", Kind: SameItems, Pattern: fieldPattern, Blocks: true},
		{Code: "field_count", Kind: Again, Pattern: fieldPattern},
		{Code: "link", Kind: SameItems, Pattern: `https?://` + addressMarks + `*[^\s<>()\[\]"'“”«»（），。、；.,;:!?*_]`, Blocks: true},
		{Code: "address", Kind: SameItems, Pattern: `[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`, Blocks: true},
		{Code: "unbalanced", Kind: NoStray, Pattern: fieldPattern, Blocks: true},
		{Code: "id", Kind: SameItems, Pattern: "`[^`\\n]+`|\\bq[0-9]+[a-z]?\\b"},
		{Code: "list_items", Kind: SameCount, Pattern: `(?:^|\n)[ \t]*(?:[*+-]|[0-9٠-٩۰-۹]+[.)])[ \t]`},
		{Code: "markdown_links", Kind: NotFewer, Pattern: `\]\(`},
		{Code: "same", Kind: NotEqual, Pattern: `\{\{[^{}\n]*\}\}|https?://` + addressMarks + `+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+`},
	}
}

// Finding is what a rule says of a translated segment.
type Finding struct {
	errs.Field
	Blocks bool
}

// checker holds the rules ready for use.
type checker []compiledRule

type compiledRule struct {
	Rule
	pattern *regexp.Regexp
}

func newChecker() checker {
	var c checker
	for _, r := range Rules() {
		c = append(c, compiledRule{r, regexp.MustCompile(r.Pattern)})
	}
	return c
}

// findings compares a translated segment with its source.
func (c checker) findings(source Segment, text string) []Finding {
	var found []Finding
	for _, r := range c {
		r.compare(source.Text, text, func(key string, args ...any) {
			field := errs.FieldError(source.Key, "document.translation.problem."+key, append([]any{"Place", Place(source.Key)}, args...)...)
			found = append(found, Finding{Field: field, Blocks: r.Blocks})
		})
	}
	for _, problem := range newProblems(source, text) {
		found = append(found, Finding{Field: problem, Blocks: true})
	}
	return found[:min(len(found), maxProblems)]
}

// newProblems are those of a translated segment that would forbid freezing it, if it were a source, and that its source
// does not have as often: empty links, placeholders, HTML that mail loses.
func newProblems(source Segment, text string) []errs.Field {
	had := map[string]int{}
	for _, f := range wordingProblems(source) {
		had[f.Key]++
	}
	translated := source
	translated.Text = text
	var found []errs.Field
	for _, f := range wordingProblems(translated) {
		if had[f.Key]--; had[f.Key] < 0 {
			found = append(found, f)
		}
	}
	return found
}

func (r compiledRule) compare(source, text string, add func(key string, args ...any)) {
	switch r.Kind {
	case SameItems:
		want, have := r.items(source), r.items(text)
		for _, item := range missingFrom(have, want) {
			add(r.Code+"_missing", "Text", item)
		}
		for _, item := range missingFrom(want, have) {
			add(r.Code+"_extra", "Text", item)
		}
	case SameCount, NotFewer, Again:
		want, have := len(r.pattern.FindAllStringIndex(source, -1)), len(r.pattern.FindAllStringIndex(text, -1))
		if r.Kind == Again && len(missingFrom(r.items(text), r.items(source))) > 0 {
			return
		}
		if want > have || (want < have && r.Kind == SameCount) {
			add(r.Code, "Want", want, "Have", have)
		}
	case NoStray:
		for _, at := range r.stray(text) {
			add(r.Code, "Text", around(text, at))
		}
	case NotEqual:
		if text == source && strings.ContainsFunc(r.pattern.ReplaceAllString(text, ""), wordRune) {
			add(r.Code)
		}
	}
}

// items lists what matches, each once.
func (r compiledRule) items(text string) []string {
	var found []string
	for _, m := range r.pattern.FindAllStringSubmatch(text, -1) {
		item := m[0]
		if len(m) > 1 {
			item = "{{" + m[1] + "}}"
		}
		if !slices.Contains(found, item) {
			found = append(found, item)
		}
	}
	return found
}

var twoBraces = regexp.MustCompile(`\{\{|\}\}`)

func (r compiledRule) stray(text string) []int {
	rest := r.pattern.ReplaceAllStringFunc(text, func(m string) string { return strings.Repeat(" ", len(m)) })
	var at []int
	for _, m := range twoBraces.FindAllStringIndex(rest, -1) {
		at = append(at, m[0])
	}
	return at
}

func missingFrom(list, wanted []string) []string {
	var missing []string
	for _, item := range wanted {
		if !slices.Contains(list, item) {
			missing = append(missing, item)
		}
	}
	return missing
}

// translationProblems lists what keeps a translation from review, in the order of the source.
func (c checker) translationProblems(source []Segment, translated []TranslationSegment) []errs.Field {
	have := make(map[string]TranslationSegment, len(translated))
	for _, t := range translated {
		have[t.Key] = t
	}
	var wrong []errs.Field
	for _, s := range source {
		if !s.Translatable() {
			continue
		}
		t, ok := have[s.Key]
		switch {
		case !ok || errs.Blank(t.Text):
			wrong = append(wrong, errs.FieldError(s.Key, "document.translation.problem.empty", "Place", Place(s.Key)))
			continue
		case t.Stale:
			wrong = append(wrong, errs.FieldError(s.Key, "document.translation.problem.stale", "Place", Place(s.Key)))
		}
		for _, f := range c.findings(s, t.Text) {
			if f.Blocks {
				wrong = append(wrong, f.Field)
			}
		}
	}
	return wrong
}
