package document

import (
	"regexp"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

// Place says to a person where a segment stands. It is an error only in form, because that is what
// is translated when it becomes a part of another sentence.
func Place(key string) error {
	if variant, part := splitKey(key); variant != "" && isPart(key) {
		return errs.E(errs.Invalid, "document.place.variant", "Variant", VariantName(variant), "Part", Place(part))
	}
	for _, p := range places {
		m := p.pattern.FindStringSubmatch(key)
		if m == nil {
			continue
		}
		args := []any{}
		for i, name := range p.pattern.SubexpNames() {
			if name != "" {
				args = append(args, name, strings.TrimPrefix(m[i], "q"))
			}
		}
		return errs.E(errs.Invalid, p.message, args...)
	}
	return errs.E(errs.Invalid, "document.place.other", "Key", key)
}

// ClashPlace is the Place of an EditClash, which may be a setting without a name of its own.
func ClashPlace(key string) error {
	place := Place(key)
	if errs.Find(place).Key == "document.place.other" {
		return errs.E(errs.Invalid, "document.compare.settings")
	}
	return place
}

// VariantName says to a person for whom a variant is: an error in form, as a Place is. The names of groups are those of
// the reference data.
func VariantName(key string) error {
	if key == Initiatives {
		return errs.E(errs.Invalid, "document.variant.nri")
	}
	return errs.E(errs.Invalid, "group."+key)
}

var places = []struct {
	pattern *regexp.Regexp
	message string
}{
	{regexp.MustCompile(`^subject$`), "document.place.subject"},
	{regexp.MustCompile(`^opening$`), "document.place.opening"},
	{regexp.MustCompile(`^why$`), "document.place.why"},
	{regexp.MustCompile(`^ask$`), "document.place.ask"},
	{regexp.MustCompile(`^p(?P<Number>\d+)$`), "document.place.passage"},
	{regexp.MustCompile(`^title$`), "document.place.title"},
	{regexp.MustCompile(`^call\.text$`), "document.place.call"},
	{regexp.MustCompile(`^call\.after$`), "document.place.call_after"},
	{regexp.MustCompile(`^overview\.(?P<Number>\d+)$`), "document.place.overview"},
	{regexp.MustCompile(`^overview\.(?P<Number>\d+)\.(?P<Item>\d+)$`), "document.place.overview_item"},
	{regexp.MustCompile(`^reading\.(?P<Number>\d+)\.title$`), "document.place.reading_title"},
	{regexp.MustCompile(`^reading\.(?P<Number>\d+)\.url$`), "document.place.reading_url"},
	{regexp.MustCompile(`^section\.(?P<Number>\w+)\.title$`), "document.place.section"},
	{regexp.MustCompile(`^section\.(?P<Number>\w+)\.text$`), "document.place.section_text"},
	{regexp.MustCompile(`^other\.text$`), "document.place.closing"},
	{regexp.MustCompile(`^(?P<Number>\w+)\.text$`), "document.place.question"},
	{regexp.MustCompile(`^(?P<Number>\w+)\.preamble$`), "document.place.preamble"},
	{regexp.MustCompile(`^(?P<Number>\w+)\.follow_up$`), "document.place.follow_up"},
	{regexp.MustCompile(`^(?P<Number>\w+)\.type$`), "document.place.kind"},
	{regexp.MustCompile(`^(?P<Number>\w+)\.other$`), "document.place.own_words"},
	{regexp.MustCompile(`^(?P<Number>\w+)\.section$`), "document.place.in_section"},
	{regexp.MustCompile(`^(?P<Number>\w+)\.items$`), "document.place.items"},
	{regexp.MustCompile(`^body$`), "document.body.label"},
	{regexp.MustCompile(`^questions$`), "document.questions.title"},
	{regexp.MustCompile(`^other$`), "document.place.closing"},
	{regexp.MustCompile(`(^|\.)order$`), "document.place.order"},
}
