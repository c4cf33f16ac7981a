package campaign

import "github.com/convoke/convoke/internal/i18n"

// Sentence says a tally as people read it: "104 recipients: 71 in English, 18 in Spanish, 15 in English instead of their
// own language; 9 excluded: 4 no address, 3 suppressed, 2 under a personal claim".
func (t Tally) Sentence(l *i18n.Localizer) string {
	locales := make([]string, len(t.Locales))
	for i, c := range t.Locales {
		key := "campaign.count.locale"
		if c.Fallback {
			key = "campaign.count.fallback"
		}
		locales[i] = l.T(key, "Number", c.Count, "Language", l.LanguageName(c.Locale))
	}
	reasons := make([]string, len(t.Reasons))
	for i, c := range t.Reasons {
		reasons[i] = l.T("campaign.count.reason", "Number", c.Count, "Reason", l.T("campaign.reason."+string(c.Reason)))
	}
	recipients := l.N("campaign.count.recipients", t.Recipients)
	if len(locales) > 0 {
		recipients = l.T("campaign.count.details", "Total", recipients, "Details", listed(l, locales))
	}
	excluded := l.N("campaign.count.excluded", t.Excluded)
	if len(reasons) > 0 {
		excluded = l.T("campaign.count.details", "Total", excluded, "Details", listed(l, reasons))
	}
	return l.T("campaign.count.both", "Recipients", recipients, "Excluded", excluded)
}

// listed puts commas between, and no "and" before the last.
func listed(l *i18n.Localizer, items []string) string {
	text := items[0]
	for _, item := range items[1:] {
		text = l.T("list.middle", "Before", text, "Next", item)
	}
	return text
}
