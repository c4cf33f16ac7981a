package sheet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/geo"
)

// words remembers what texts mean: a table of a million rows has few countries.
type words struct {
	countries, groups, regions, kinds, addressKinds map[string]string // "" for what means nothing
	tags                                            map[string][]string
	expertise                                       map[string]skills
	areas                                           map[string]string // folded tags and labels of the areas of expertise → tags
	near                                            nearest
}

// skills are the areas of expertise in a cell, and the words that are none of ours.
type skills struct{ tags, unknown []string }

// remembered bounds what is kept for a table in which no two cells are alike.
const remembered = 5_000

func newWords(ref *geo.Reference) words {
	w := words{
		countries: map[string]string{}, groups: map[string]string{}, regions: map[string]string{}, kinds: map[string]string{},
		addressKinds: map[string]string{}, tags: map[string][]string{}, expertise: map[string]skills{}, areas: map[string]string{},
		near: nearest{ref: ref},
	}
	for _, e := range ref.Expertise() {
		w.areas[geo.Fold(e.Tag)], w.areas[geo.Fold(e.Label)] = e.Tag, e.Tag
	}
	return w
}

func recall[V any](known map[string]V, text string, find func(string) V) V {
	if v, ok := known[text]; ok {
		return v
	}
	v := find(text)
	if len(known) < remembered && len(text) < 200 {
		known[strings.Clone(text)] = v
	}
	return v
}

func (in *Interpreter) country(m Mapping, line string) {
	code := recall(in.words.countries, line, func(text string) string { return one(text, in.ref.ParseCountry) })
	if code == "" {
		in.unknown(m, line, "country", in.words.near.country(line))
		return
	}
	in.row.Country = code
}

func (in *Interpreter) group(m Mapping, line string) {
	code := recall(in.words.groups, line, func(text string) string { return one(text, in.ref.ParseGroup) })
	if code == "" {
		in.unknown(m, line, "group", in.words.near.group(line))
		return
	}
	in.row.StakeholderGroup = code
}

func (in *Interpreter) region(m Mapping, line string) {
	region := recall(in.words.regions, line, func(text string) string {
		return one(text, func(part string) (string, bool) {
			r, ok := geo.ParseRegion(part)
			return string(r), ok
		})
	})
	if region == "" {
		in.unknown(m, line, "region", "")
		return
	}
	in.row.Region = geo.Region(region)
}

// unknown rejects a word, with the one that may have been meant.
func (in *Interpreter) unknown(m Mapping, line, what, suggestion string) {
	if suggestion != "" {
		in.reject(m, line, "sheet.cell."+what+"_near", "Suggestion", suggestion)
		return
	}
	in.reject(m, line, "sheet.cell."+what)
}

// one reads a text that means one thing: as it stands, without or within its brackets ("Brazil
// (BR)"), or in parts that all mean the same ("NGO / Civil society").
func one(text string, parse func(string) (string, bool)) string {
	if code, ok := parse(text); ok {
		return code
	}
	if open := strings.IndexAny(text, "([（"); open >= 0 {
		for _, part := range []string{text[:open], strings.Trim(text[open:], "()[]（） ")} {
			if code, ok := parse(part); ok {
				return code
			}
		}
	}
	found := ""
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("/;|,、،-–:", r) }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		code, ok := parse(part)
		if !ok || found != "" && found != code {
			return ""
		}
		found = code
	}
	return found
}

func (in *Interpreter) languages(m Mapping, line string) {
	tags := recall(in.words.tags, line, in.parseLanguages)
	if tags == nil {
		in.unknown(m, line, "language", in.words.near.language(line))
		return
	}
	for _, t := range tags {
		if !slices.Contains(in.row.Languages, t) {
			in.row.Languages = append(in.row.Languages, t)
		}
	}
}

// parseLanguages reads tags and names of languages; nil where one is neither.
func (in *Interpreter) parseLanguages(text string) []string {
	if tag, ok := in.parseLanguage(text); ok {
		return []string{tag}
	}
	for _, separators := range []string{",;|/+&\n、،·•", ",;|/+&\n、،·• "} {
		var tags []string
		for part := range strings.FieldsFuncSeq(strings.ReplaceAll(text, ":::", ";"), func(r rune) bool { return strings.ContainsRune(separators, r) }) {
			part = strings.TrimSpace(part)
			if part == "" || isAnd(part) {
				continue
			}
			tag, ok := in.parseLanguage(part)
			if !ok {
				tags = nil
				break
			}
			if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
		if tags != nil && len(tags) <= 20 {
			return tags
		}
	}
	return nil
}

func isAnd(word string) bool {
	switch strings.ToLower(word) {
	case "and", "et", "y", "e", "и", "و", "和", "or", "ou", "o":
		return true
	}
	return false
}

// parseLanguage reads one language: its name, its tag ("pt_BR"), or "Portuguese (Brazil)".
func (in *Interpreter) parseLanguage(text string) (string, bool) {
	if tag, ok := languageByName(text); ok {
		return tag, true
	}
	if len(text) > 35 {
		return "", false
	}
	if tag, err := language.Parse(strings.TrimSpace(text)); err == nil && tag != language.Und {
		base, confidence := tag.Base()
		return tag.String(), confidence > language.Low && base.String() != "und"
	}
	open := strings.IndexAny(text, "([（")
	if open < 0 {
		return "", false
	}
	tag, ok := languageByName(text[:open])
	if code, found := in.ref.ParseCountry(text[open:]); ok && found {
		tag += "-" + code
	}
	return tag, ok
}

func (in *Interpreter) expertise(m Mapping, line string) {
	found := recall(in.words.expertise, line, in.words.skills)
	for _, tag := range found.tags {
		if !slices.Contains(in.row.Expertise, tag) {
			in.row.Expertise = append(in.row.Expertise, tag)
		}
	}
	for _, word := range found.unknown {
		if !in.soft {
			in.note(m, word, "sheet.note.expertise")
		}
	}
}

// skills reads tags and labels; tags may have spaces between them, as our export writes them.
func (w *words) skills(line string) (found skills) {
	for part := range splitList(line, ",;|\n、،") {
		if tag := w.areas[geo.Fold(part)]; tag != "" {
			found.tags = append(found.tags, tag)
			continue
		}
		var tags []string
		for word := range strings.FieldsSeq(part) {
			if tag := w.areas[geo.Fold(word)]; tag != "" {
				tags = append(tags, tag)
			}
		}
		if len(tags) == len(strings.Fields(part)) {
			found.tags = append(found.tags, tags...)
		} else {
			found.unknown = append(found.unknown, part)
		}
	}
	return found
}

// splitList parts a cell with several values.
func splitList(text, separators string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for part := range strings.FieldsFuncSeq(strings.ReplaceAll(text, ":::", ";"), func(r rune) bool { return strings.ContainsRune(separators, r) }) {
			if part = strings.TrimSpace(part); part != "" && !yield(part) {
				return
			}
		}
	}
}

// labels takes what words of somebody's own order say about the contact. Most say nothing to us.
func (in *Interpreter) labels(line string) {
	in.soft = true
	defer func() { in.soft = false }()
	for label := range splitList(line, ",;|") {
		label = strings.TrimSpace(strings.TrimPrefix(label, "*"))
		if code, ok := in.ref.ParseGroup(label); ok && in.row.StakeholderGroup == "" {
			in.row.StakeholderGroup = code
			continue
		}
		if r, ok := geo.ParseRegion(label); ok && in.row.Region == "" {
			in.row.Region = r
			continue
		}
		if code, ok := in.ref.ParseCountry(label); ok && in.row.Country == "" && utf8.RuneCountInString(label) > 3 {
			in.row.Country = code
			continue
		}
		in.expertise(Mapping{Column: -1, Field: Expertise}, label)
	}
}

// day reads when a tie began or ended. What is 3 April in one country and 4 March in another is refused.
func (in *Interpreter) day(m Mapping, line string) {
	if day, ok := parseDay(line); ok {
		*in.row.ofTie(m.Field, in.nth) = day
		return
	}
	in.reject(m, line, "sheet.cell.date")
}

func isDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) || r > '9' })
}
