package inbound

import "strings"

// What stands before the token in an address of ours.
const (
	replyTo  = "re"
	returnTo = "bounce"
	stopAt   = "stop"
)

// Boxes are the addresses at which mail comes in: the secretariat's own, and with details that tell deliveries apart (RFC 5233).
type Boxes struct {
	Local   string   // before the @ and before any detail
	Domains []string // in ASCII and lower case: of the sender, and where replies are sent
}

// token is the part of an address of ours that says what it is about.
type token struct{ what, text string }

// Takes says whether an address is one at which we take mail: the secretariat's, one that we gave out, or the postmaster's.
func (b Boxes) Takes(address string) bool {
	_, ours := b.read(address)
	return ours
}

// read takes an address apart; ours is false for any other. A token may be forged.
func (b Boxes) read(address string) (t token, ours bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || !b.at(strings.ToLower(strings.TrimSuffix(address[at+1:], "."))) {
		return t, false
	}
	local, detail, tagged := strings.Cut(strings.ToLower(address[:at]), "+")
	switch {
	case local == "postmaster" && !tagged:
		return t, true
	case local != strings.ToLower(b.Local):
		return t, false
	case !tagged:
		return t, true
	}
	what, text, found := strings.Cut(detail, "-")
	if !found || text == "" || what != replyTo && what != returnTo && what != stopAt {
		return t, false
	}
	return token{what, text}, true
}

func (b Boxes) at(domain string) bool {
	for _, d := range b.Domains {
		if d != "" && strings.EqualFold(d, domain) {
			return true
		}
	}
	return false
}

// tokens are those in addresses, in their order, each once.
func (b Boxes) tokens(addresses []string) []token {
	var all []token
	seen := map[token]bool{}
	for _, a := range addresses {
		t, _ := b.read(a)
		if t.text != "" && !seen[t] {
			seen[t] = true
			all = append(all, t)
		}
	}
	return all
}
