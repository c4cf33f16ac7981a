package web

import (
	"strings"

	"github.com/convoke/convoke/internal/account"
)

// navEntry is a link of the navigation, shown to whoever may do the action.
type navEntry struct {
	href   string
	key    string
	action account.Action
}

// navEntries is the navigation, in the order in which it is shown. To add a page, add a line. A
// test holds every href against the table of routes.
func navEntries() []navEntry {
	return []navEntry{}
}

func navFor(actor account.Actor, path string) []NavLink {
	var links []NavLink
	if !actor.SignedIn() {
		return nil
	}
	for _, e := range navEntries() {
		if actor.May(e.action) {
			links = append(links, NavLink{Href: e.href, Key: e.key, Current: path == e.href || strings.HasPrefix(path, e.href+"/")})
		}
	}
	return links
}
