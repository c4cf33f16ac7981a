package campaign

import (
	"cmp"
	"slices"
)

// tally adds up. Skipped deliveries are the excluded, all others are or were recipients.
func tally(counts []Count) Tally {
	t := Tally{States: map[DeliveryState]int{}}
	locales, variants, reasons := map[LocaleCount]int{}, map[VariantCount]int{}, map[Reason]int{}
	for _, c := range counts {
		t.States[c.State] += c.Count
		if c.State == DeliverySkipped {
			t.Excluded += c.Count
			reasons[c.Reason] += c.Count
			continue
		}
		t.Recipients += c.Count
		locales[LocaleCount{Locale: c.Locale, Fallback: c.Fallback}] += c.Count
		variants[VariantCount{Variant: c.Variant, Locale: c.Locale, Fallback: c.Fallback}] += c.Count
	}
	for l, n := range locales {
		l.Count = n
		t.Locales = append(t.Locales, l)
	}
	slices.SortFunc(t.Locales, func(a, b LocaleCount) int {
		return cmp.Or(compareBool(a.Fallback, b.Fallback), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Locale, b.Locale))
	})
	for v, n := range variants {
		v.Count = n
		t.Variants = append(t.Variants, v)
	}
	place := func(v VariantCount) int {
		return slices.IndexFunc(t.Locales, func(l LocaleCount) bool { return l.Locale == v.Locale && l.Fallback == v.Fallback })
	}
	slices.SortFunc(t.Variants, func(a, b VariantCount) int {
		return cmp.Or(cmp.Compare(a.Variant, b.Variant), cmp.Compare(place(a), place(b)))
	})
	for _, r := range Reasons() {
		if n := reasons[r]; n > 0 {
			t.Reasons = append(t.Reasons, ReasonCount{Reason: r, Count: n})
		}
	}
	return t
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Various says whether anybody gets something else than the general text.
func (t Tally) Various() bool {
	return slices.ContainsFunc(t.Variants, func(v VariantCount) bool { return v.Variant != "" })
}

// Held counts those whose message waits for a translation.
func (t Tally) Held() int {
	for _, r := range t.Reasons {
		if r.Reason == HeldForTranslation {
			return r.Count
		}
	}
	return 0
}
