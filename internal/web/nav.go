package web

import (
	"strings"

	"github.com/convoke/convoke/internal/account"
)

// navEntry is a link of the navigation, shown to whoever may do the action. The first page
// shows it as a card with the text <key>.about.
type navEntry struct {
	href   string
	key    string
	action account.Action
}

// navEntries is the navigation, in the order in which it is shown: what is mine, then the work, then the
// numbers. To add a page, add a line; the keys nav.* are in locales. A test holds every line
// against the table of routes.
func navEntries() []navEntry {
	return []navEntry{
		{"/outreach", "nav.outreach", account.OutreachRead},
		{"/initiative", "nav.initiative", account.InitiativeRead},
		{"/contacts", "nav.contacts", account.ContactRead},
		{"/coverage", "nav.coverage", account.ContactRead},
		{"/documents", "nav.documents", account.DocumentRead},
		{"/translations", "nav.translations", account.TranslationRead},
		{"/campaigns", "nav.campaigns", account.CampaignRead},
		{"/mailbox", "nav.mailbox", account.MailboxRead},
		{"/inbound", "nav.inbound", account.InboundRead},
		{"/contributions", "nav.contributions", account.ContributionRead},
		{"/synthesis", "nav.synthesis", account.SynthesisRead},
		{"/nris", "nav.nris", account.NRIRead},
		{"/monitor", "nav.monitor", account.ReportRead},
		{"/cycles", "nav.cycles", account.CycleRead},
		{"/audit", "nav.audit", account.AuditRead},
	}
}

// navFor is the navigation of an actor; a visitor has none.
func navFor(actor account.Actor, path string) []NavLink {
	if !actor.SignedIn() {
		return nil
	}
	var links []NavLink
	for _, e := range navEntries() {
		if actor.May(e.action) {
			links = append(links, NavLink{Href: e.href, Key: e.key, Current: path == e.href || strings.HasPrefix(path, e.href+"/")})
		}
	}
	return links
}
