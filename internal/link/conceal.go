package link

import "regexp"

var (
	// tokenLike is any run of letters and digits that is long enough for a signed token.
	tokenLike = regexp.MustCompile(`[A-Za-z0-9]{20,80}`)
	// secretAddress is the address of a form that a secret opens, as it is written and as it stands within another address.
	secretAddress = regexp.MustCompile(`(?i)((?:/|%2f)r(?:/|%2f)s-)[A-Za-z0-9_-]{20,}`)
)

// hidden stands where a token stood.
const hidden = "…"

// Conceal is a text in which nobody finds a token of ours any more. What people answer to our messages quotes them, with the link
// that is theirs alone: whoever reads it could answer, correct, withdraw or unsubscribe in their name.
func (s *Signer) Conceal(text string) string {
	text = secretAddress.ReplaceAllString(text, "${1}"+hidden)
	return tokenLike.ReplaceAllStringFunc(text, func(run string) string {
		for _, from := range []int{0, 2} { // after %2F of an address within another
			if s.ours(run[from:]) {
				return run[:from] + hidden
			}
		}
		return run
	})
}

// ours says whether a text is a token for any purpose.
func (s *Signer) ours(token string) bool {
	for _, p := range []Purpose{Respond, Unsubscribe, Reply, Suggestion, Shown, Sign, Comment, Edit} {
		if _, err := s.Parse(p, token); err == nil {
			return true
		}
	}
	return false
}
