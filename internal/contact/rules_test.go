package contact

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
)

func TestChainProperties(t *testing.T) {
	t.Parallel()
	tags := rapid.SliceOf(rapid.SampledFrom([]string{"", "en", "es", "es-MX", "ar", "zh-Hant", "pt"}))
	rapid.Check(t, func(t *rapid.T) {
		own, theirs, country := tags.Draw(t, "own"), tags.Draw(t, "organization"), tags.Draw(t, "country")
		chain := strings.Fields(Chain(own, theirs, country))
		if len(chain) != len(slices.Compact(slices.Sorted(slices.Values(chain)))) {
			t.Fatalf("a tag stands twice in %v", chain)
		}
		for _, list := range [][]string{own, theirs, country} {
			for _, tag := range list {
				if tag != "" && !slices.Contains(chain, tag) {
					t.Fatalf("%q is missing in %v", tag, chain)
				}
			}
		}
		if first := strings.Fields(Chain(own)); !slices.Equal(first, chain[:len(first)]) {
			t.Fatalf("own languages %v do not come first in %v", first, chain)
		}
	})
}

func TestParseLanguages(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"es, EN en":     "es en",
		"pt_BR;zh-hant": "pt-BR zh-Hant",
		"":              "",
	} {
		if got, ok := ParseLanguages(in); !ok || got != want {
			t.Errorf("ParseLanguages(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"español", "en-", "x", "und"} {
		if got, ok := ParseLanguages(in); ok {
			t.Errorf("ParseLanguages(%q) = %q, want a refusal", in, got)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	if got := clean(" Ann\u202e\u0000 \r\n Bcc: x\u00a0y "); got != "Ann Bcc: x y" {
		t.Errorf("clean left %q", got)
	}
	if got := cleanText("a\r\nb\u202e\n"); got != "a\nb" {
		t.Errorf("cleanText left %q", got)
	}
}

func TestAddressMoves(t *testing.T) {
	t.Parallel()
	all := []AddressStatus{AddressOK, Bounced, Complained}
	moves := []struct {
		name  string
		move  func(*Address) error
		to    AddressStatus
		legal []AddressStatus
	}{
		{"bounce", (*Address).Bounce, Bounced, []AddressStatus{AddressOK}},
		{"complain", (*Address).Complain, Complained, []AddressStatus{AddressOK, Bounced}},
	}
	for _, m := range moves {
		for _, from := range all {
			a := Address{Status: from}
			err := m.move(&a)
			if slices.Contains(m.legal, from) {
				if err != nil || a.Status != m.to {
					t.Errorf("%s from %s: %v, now %s", m.name, from, err, a.Status)
				}
				continue
			}
			if !errs.Is(err, errs.Conflict) || a.Status != from {
				t.Errorf("%s from %s must be refused and change nothing: %v, now %s", m.name, from, err, a.Status)
			}
		}
	}
}

func TestCandidateMoves(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 8, 7, 0, 0, 0, 0, time.UTC)
	moves := []struct {
		to   CandidateState
		move func(*Candidate) error
	}{
		{Accepted, func(c *Candidate) error { return c.Accept(1, 7, "", now) }},
		{Merged, func(c *Candidate) error { return c.Merge(1, 7, "", now) }},
		{Rejected, func(c *Candidate) error { return c.Reject(1, "no", now) }},
	}
	for _, m := range moves {
		for _, from := range []CandidateState{Proposed, Accepted, Merged, Rejected} {
			c := Candidate{State: from}
			err := m.move(&c)
			if from == Proposed {
				if err != nil || c.State != m.to || *c.DecidedBy != 1 || !c.DecidedAt.Equal(now) {
					t.Errorf("%s from %s: %v, %+v", m.to, from, err, c)
				}
				continue
			}
			if !errs.Is(err, errs.Conflict) || c.State != from || c.DecidedBy != nil {
				t.Errorf("%s from %s must be refused and change nothing: %v, %+v", m.to, from, err, c)
			}
		}
	}
	c := Candidate{State: Proposed}
	if err := c.Reject(1, "", now); !errs.Is(err, errs.Invalid) || c.State != Proposed {
		t.Errorf("a rejection without a word must be refused: %v, %s", err, c.State)
	}
}

func TestAddressHashIsKeyed(t *testing.T) {
	t.Parallel()
	a, b := AddressHash([]byte("a"), "x@example.org"), AddressHash([]byte("b"), "x@example.org")
	if a == b || len(a) != 64 {
		t.Errorf("hashes %q and %q", a, b)
	}
}
