package i18n

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// What comes in a header is anybody's: these bound the work it can make.
const (
	maxPreferences = 32
	maxTagLength   = 64
)

// canon brings old and encompassed codes to the current ones: iw to he, cmn to zh.
const canon = language.Default | language.Macro

// Match chooses one of our languages. A preference is a BCP 47 tag or the value of an Accept-Language
// header; they are tried in turn, each as ResolveAmong does. Only where none fits so is another
// dialect of a preferred language taken (a reader of zh-Hant alone gets zh), and else English.
func (b *Bundle) Match(preferences ...string) string {
	if tag, ok := ResolveAmong(b.tags, preferences...); ok {
		return tag
	}
	for _, wanted := range parse(preferences) {
		base, _ := wanted.Base()
		for _, tag := range b.tags {
			if tag == base.String() {
				return tag
			}
		}
	}
	return English
}

// ResolveAmong chooses a language from those in which something is available: for each preference in
// turn the same tag, else what it is a dialect of (es-MX takes es-419, then es), never another
// dialect or another script: zh-TW takes zh-Hant and not zh, and es does not take es-MX. The
// tag is returned as written in available; exactOrBase is false where nothing fits.
func ResolveAmong(available []string, preferences ...string) (tag string, exactOrBase bool) {
	for _, wanted := range parse(preferences) {
		for _, rung := range ladder(wanted) {
			for _, candidate := range available {
				if t, ok := parseTag(candidate); ok && (t.String() == rung || plain(t).String() == rung) {
					return candidate, true
				}
			}
		}
	}
	return "", false
}

// ladder is a tag as written, without what goes without saying, and then its CLDR parents. The
// parent of a tag in an unusual script is no language at all, which is what keeps us from sideways steps.
func ladder(t language.Tag) []string {
	rungs := []string{t.String()}
	for p := plain(t); !p.IsRoot(); p = p.Parent() {
		rungs = append(rungs, p.String())
	}
	return rungs
}

// plain drops extensions, and the script where it is the usual one: zh-Hans-SG becomes zh-SG.
func plain(t language.Tag) language.Tag {
	base, script, region := t.Raw()
	parts := []any{base, region, t.Variants()}
	without, err := language.Compose(base, region)
	if err != nil {
		return t
	}
	if usual, _ := without.Script(); usual != script {
		parts = append(parts, script)
	}
	composed, err := language.Compose(parts...)
	if err != nil {
		return t
	}
	return composed
}

// parse reads preferences in order; those of one header in the order of their weights.
// What cannot be understood is passed over.
func parse(preferences []string) []language.Tag {
	var tags []language.Tag
	for _, p := range preferences {
		for _, item := range weighted(p) {
			if t, ok := parseTag(item); ok && len(tags) < maxPreferences {
				tags = append(tags, t)
			}
		}
	}
	return tags
}

// weighted splits an Accept-Language value (or a single tag) and sorts it by weight.
func weighted(header string) []string {
	type item struct {
		tag    string
		weight float64
	}
	var items []item
	for part := range strings.SplitSeq(header, ",") {
		if len(items) == maxPreferences {
			break
		}
		tag, params, _ := strings.Cut(part, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			parsed, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = parsed
		}
		if weight > 0 && weight <= 1 {
			items = append(items, item{strings.TrimSpace(tag), weight})
		}
	}
	slices.SortStableFunc(items, func(a, b item) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	tags := make([]string, len(items))
	for i, it := range items {
		tags[i] = it.tag
	}
	return tags
}

// parseTag reads one tag. Of a tag that is well-formed but has a part nobody registered (es-QQ),
// the rest counts.
func parseTag(s string) (language.Tag, bool) {
	if s == "" || len(s) > maxTagLength {
		return language.Und, false
	}
	t, err := canon.Parse(s)
	if err != nil {
		var unregistered language.ValueError
		if !errors.As(err, &unregistered) {
			return language.Und, false
		}
	}
	base, _, _ := t.Raw()
	return t, base.String() != "und"
}
