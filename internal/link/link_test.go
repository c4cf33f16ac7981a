package link

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
)

func TestTokenRoundTrip(t *testing.T) {
	t.Parallel()
	s := NewSigner([]byte("a key of the test, long enough to be one"))
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Int64Range(0, 1<<62)
		want := Target{id.Draw(t, "cycle"), id.Draw(t, "contact"), id.Draw(t, "delivery")}
		got, err := s.Parse(Respond, s.Token(Respond, want))
		if err != nil || got != want {
			t.Fatalf("got %v, %v; want %v", got, err, want)
		}
	})
}

func TestTokenIsBoundToPurposeKeyAndText(t *testing.T) {
	t.Parallel()
	s := NewSigner([]byte("a key of the test, long enough to be one"))
	token := s.Token(Respond, Target{1, 2, 3})
	other := NewSigner([]byte("another key, which must not open the first"))
	refused := map[string]error{}
	_, refused["another purpose"] = s.Parse(Unsubscribe, token)
	_, refused["another key"] = other.Parse(Respond, token)
	_, refused["empty"] = s.Parse(Respond, "")
	_, refused["no token"] = s.Parse(Respond, "../../etc")
	for i := range token {
		changed := []byte(token)
		changed[i] = 'a' + (changed[i]-'a'+1)%26
		if string(changed) != token {
			_, refused["changed at "+string(rune('0'+i%10))+token[:i]] = s.Parse(Respond, string(changed))
		}
	}
	for name, err := range refused {
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: got %v, want not found", name, err)
		}
	}
}

// What quotes a message of ours opens nothing, however a mail program wrote the address; all other words stay.
func TestATextWithoutTokens(t *testing.T) {
	t.Parallel()
	s := NewSigner([]byte("a key for this test only"))
	token := s.Token(Respond, Target{CycleID: 1, ContactID: 300, DeliveryID: 70000})
	stop := s.Token(Unsubscribe, Target{CycleID: 1, ContactID: 300})
	const secret = "s-AbCdEfGhIjKlMnOpQrStUvWxYz0"
	for given, want := range map[string]string{
		"See https://convoke.test/r/" + token + " please":               "See https://convoke.test/r/… please",
		"https://convoke.test/r/" + strings.ToUpper(token) + "/print":   "https://convoke.test/r/…/print",
		"<bpf+re-" + token + "@convoke.test>":                           "<bpf+re-…@convoke.test>",
		"https://safe.example/?url=https%3A%2F%2Fc.test%2Fr%2F" + token: "https://safe.example/?url=https%3A%2F%2Fc.test%2Fr%2F…",
		"https://safe.example/?url=https%3a%2f%2fc.test%2fu%2f" + stop:  "https://safe.example/?url=https%3a%2f%2fc.test%2fu%2f…",
		"https://convoke.test/r/" + secret + "/about":                   "https://convoke.test/r/s-…/about",
		"https://safe.example/?url=c.test%2Fr%2F" + secret:              "https://safe.example/?url=c.test%2Fr%2Fs-…",
		token + " " + stop: "… …",
		"antidisestablishmentarianism aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "antidisestablishmentarianism aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	} {
		if got := s.Conceal(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}
