package outreach

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

var noon = time.Date(2017, 8, 7, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a fixed instant

func active() Claim {
	return Claim{ID: 1, State: Active, ClaimedAt: noon, ExpiresAt: noon.Add(Lease), Notes: "first"}
}

func TestClaimMoves(t *testing.T) {
	t.Parallel()
	moves := map[string]struct {
		move func(*Claim, time.Time) error
		at   time.Time
		to   State
	}{
		"renew":     {(*Claim).Renew, noon, Active},
		"extend":    {(*Claim).Extend, noon, Active},
		"warn":      {(*Claim).Warn, noon.Add(Lease - WarnBefore), Active},
		"finish":    {func(c *Claim, now time.Time) error { return c.Finish(now, "n") }, noon, Done},
		"release":   {func(c *Claim, now time.Time) error { return c.Release(now, "n") }, noon, Released},
		"expire":    {(*Claim).Expire, noon.Add(Lease), Expired},
		"revoke":    {func(c *Claim, now time.Time) error { return c.Revoke(now, ByOfficer, "n") }, noon, Revoked},
		"hand over": {func(c *Claim, now time.Time) error { _, err := c.HandOver(now, 2, true); return err }, noon, Released},
		"reassign":  {func(c *Claim, now time.Time) error { _, err := c.Reassign(now, 2, "n"); return err }, noon, Revoked},
	}
	for name, m := range moves {
		for _, from := range []State{Active, Done, Released, Expired, Revoked} {
			c := active()
			c.State = from
			before := c
			err := m.move(&c, m.at)
			if from == Active {
				if err != nil || c.State != m.to || (c.EndedAt != nil) != (m.to != Active) {
					t.Errorf("%s: %v, %+v", name, err, c)
				}
				continue
			}
			if !errs.Is(err, errs.Conflict) || c != before {
				t.Errorf("%s from %s must be refused and change nothing: %v, %+v", name, from, err, c)
			}
		}
	}
}

func TestClaimTimes(t *testing.T) {
	t.Parallel()
	over := noon.Add(Lease)
	refused := map[string]func(*Claim) error{
		"renew, too late":     func(c *Claim) error { return c.Renew(over) },
		"extend, too late":    func(c *Claim) error { return c.Extend(over) },
		"finish, too late":    func(c *Claim) error { return c.Finish(over, "") },
		"hand over, too late": func(c *Claim) error { _, err := c.HandOver(over, 2, true); return err },
		"reassign, too late":  func(c *Claim) error { _, err := c.Reassign(over, 2, ""); return err },
		"release, too late":   func(c *Claim) error { return c.Release(over, "") },
		"warn, too late":      func(c *Claim) error { return c.Warn(over) },
		"warn, too early":     func(c *Claim) error { return c.Warn(over.Add(-WarnBefore - time.Microsecond)) },
		"expire, too early":   func(c *Claim) error { return c.Expire(over.Add(-time.Microsecond)) },
		"renew twice":         func(c *Claim) error { c.RenewedAt = &noon; return c.Renew(noon) },
		"warn twice":          func(c *Claim) error { c.WarnedAt = &noon; return c.Warn(over.Add(-time.Hour)) },
	}
	for name, try := range refused {
		c := active()
		if err := try(&c); !errs.Is(err, errs.Conflict) || c.State != Active || !c.ExpiresAt.Equal(over) {
			t.Errorf("%s: %v, %+v", name, err, c)
		}
	}
	c := active()
	c.WarnedAt = &noon
	if err := c.Renew(noon.Add(time.Hour)); err != nil || !c.ExpiresAt.Equal(over.Add(Lease)) || c.WarnedAt != nil {
		t.Errorf("a renewal adds a lease and may be warned of again: %v, %+v", err, c)
	}
	if err := c.Extend(noon.Add(2 * time.Hour)); err != nil || !c.ExpiresAt.Equal(over.Add(Lease)) {
		t.Errorf("an attempt must not shorten: %v, %+v", err, c)
	}
	late := over.Add(Lease - time.Hour)
	if err := c.Extend(late); err != nil || !c.ExpiresAt.Equal(late.Add(Lease)) {
		t.Errorf("an attempt extends from now: %v, %+v", err, c)
	}
	if err := c.Release(late, "second"); err != nil || c.Notes != "first\nsecond" {
		t.Errorf("notes are lost: %v, %q", err, c.Notes)
	}
}

func TestHandedOverLeases(t *testing.T) {
	t.Parallel()
	later := noon.Add(5 * 24 * time.Hour)
	c := active()
	second, err := c.HandOver(later, 2, true)
	if err != nil || !second.ExpiresAt.Equal(later.Add(Lease)) || second.VolunteerID != 2 || second.Notes != "first" ||
		second.PredecessorID == nil || *second.PredecessorID != c.ID || c.EndedWhy != HandedOver {
		t.Fatalf("the lease begins anew: %v, %+v from %+v", err, second, c)
	}
	third, err := second.HandOver(later.Add(time.Hour), 3, true)
	if err != nil || !third.ExpiresAt.Equal(second.ExpiresAt) {
		t.Errorf("once: %v, %+v", err, third)
	}
	c = active()
	if next, err := c.HandOver(later, 2, false); err != nil || !next.ExpiresAt.Equal(noon.Add(Lease)) {
		t.Errorf("after the last day the end stays: %v, %+v", err, next)
	}
	c = active()
	next, err := c.Reassign(later, 2, "moved")
	if err != nil || !next.ExpiresAt.Equal(later.Add(Lease)) || c.EndedWhy != Reassigned || c.Reason != "moved" || c.Notes != "first" {
		t.Errorf("an officer's word gives a whole lease: %v, %+v from %+v", err, next, c)
	}
}

func TestAttemptValidation(t *testing.T) {
	t.Parallel()
	later, earlier := noon.Add(time.Hour), noon.Add(-time.Hour)
	good := Attempt{Channel: ByCall, Outcome: Reached}
	tests := []struct {
		name  string
		spoil func(*Attempt)
		field string
	}{
		{"fine", func(*Attempt) {}, ""},
		{"channel", func(a *Attempt) { a.Channel = "pigeon" }, "channel"},
		{"outcome", func(a *Attempt) { a.Outcome = "" }, "outcome"},
		{"a promise without a day", func(a *Attempt) { a.Outcome = Promised }, "promised_until"},
		{"a promise of the past", func(a *Attempt) { a.Outcome, a.PromisedUntil = Promised, &earlier }, "promised_until"},
		{"a promise", func(a *Attempt) { a.Outcome, a.PromisedUntil = Promised, &later }, ""},
		{"a long note", func(a *Attempt) { a.Note = string(make([]byte, maxNote+1)) + "x" }, "note"},
	}
	for _, tt := range tests {
		a := good
		tt.spoil(&a)
		err := a.validate(noon)
		if tt.field == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != tt.field {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	a := Attempt{Channel: ByCall, Outcome: Reached, PromisedUntil: &later}
	if err := a.validate(noon); err != nil || a.PromisedUntil != nil {
		t.Errorf("only a promise has a day: %v, %+v", err, a)
	}
}

func reference(t *testing.T) *geo.Reference {
	t.Helper()
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestMatch(t *testing.T) {
	t.Parallel()
	ref := reference(t)
	card := Card{
		ContactID: 5, Name: "Ana", Country: "PE", Region: "grulac", StakeholderGroup: geo.GroupTechnicalCommunity,
		LanguageChain: "qu es", Expertise: "iot ddos", Organizations: []Org{{5, 9, "Red"}},
	}
	tests := []struct {
		name string
		own  []Connection
		want []Kind
	}{
		{"nothing", nil, nil},
		{"another dialect is understood", []Connection{{Kind: SpeaksLanguage, Value: "es-MX"}}, []Kind{SpeaksLanguage}},
		{"language, group and region", []Connection{
			{Kind: KnowsRegion, Value: "grulac"}, {Kind: KnowsGroup, Value: geo.GroupTechnicalCommunity}, {Kind: SpeaksLanguage, Value: "qu"},
		}, []Kind{SpeaksLanguage, KnowsGroup, KnowsRegion}},
		{"organization and country", []Connection{{Kind: SameOrganization, Value: "9"}, {Kind: KnowsCountry, Value: "PE"}}, []Kind{SameOrganization, KnowsCountry}},
		{"registry", []Connection{{Kind: KnowsRIR, Value: "LACNIC"}}, []Kind{KnowsRIR}},
		{"another registry", []Connection{{Kind: KnowsRIR, Value: "RIPE NCC"}}, nil},
		{"expertise once", []Connection{{Kind: KnowsExpertise, Value: "ddos"}, {Kind: KnowsExpertise, Value: "iot"}}, []Kind{KnowsExpertise}},
	}
	for _, tt := range tests {
		score, reasons := profileOf(tt.own).match(ref, &card)
		var kinds []Kind
		sum := 0
		for _, r := range reasons {
			kinds = append(kinds, r.Kind)
			sum += r.Kind.weight()
		}
		if !slices.Equal(kinds, tt.want) || score != sum {
			t.Errorf("%s: %v with %d, want %v", tt.name, kinds, score, tt.want)
		}
	}
	card.StakeholderGroup = geo.GroupMedia
	if _, reasons := profileOf([]Connection{{Kind: KnowsRIR, Value: "LACNIC"}}).match(ref, &card); reasons != nil {
		t.Errorf("a registry knows the technical community only: %v", reasons)
	}
}

// Whatever else connects a volunteer and a contact, a conflict of interest excludes, and the same two
// always match alike, in whatever order the connections come.
func TestMatchProperties(t *testing.T) {
	t.Parallel()
	ref := reference(t)
	values := map[Kind][]string{
		SameOrganization: {"1", "2", "3"}, SpeaksLanguage: {"en", "es", "fr"}, KnowsCountry: {"PE", "FR", "KE"},
		KnowsGroup: {geo.GroupMedia, geo.GroupTechnicalCommunity}, KnowsRIR: {"LACNIC", "AFRINIC"},
		KnowsExpertise: {"iot", "ddos"}, KnowsRegion: {"grulac", "weog"}, HasConflict: {"1", "2", "PE", "KE"},
	}
	rapid.Check(t, func(t *rapid.T) {
		var own []Connection
		for i := range rapid.IntRange(0, 8).Draw(t, "connections") {
			kind := rapid.SampledFrom(Kinds()).Draw(t, "kind")
			own = append(own, Connection{ID: int64(i), Kind: kind, Value: rapid.SampledFrom(values[kind]).Draw(t, "value")})
		}
		card := Card{
			ContactID: 1, Country: rapid.SampledFrom(append(values[KnowsCountry], "")).Draw(t, "country"),
			Region: rapid.SampledFrom(values[KnowsRegion]).Draw(t, "region"), StakeholderGroup: rapid.SampledFrom(values[KnowsGroup]).Draw(t, "group"),
			LanguageChain: rapid.SampledFrom([]string{"", "es", "fr en"}).Draw(t, "chain"), Expertise: "iot",
			Organizations: []Org{{1, rapid.Int64Range(2, 3).Draw(t, "organization"), "O"}},
		}
		p := profileOf(own)
		conflicted := p.conflicted(&card)
		expected := slices.ContainsFunc(own, func(c Connection) bool {
			return c.Kind == HasConflict && (c.Value == card.Country ||
				c.Value == "1" || c.Value == strconv.FormatInt(card.Organizations[0].OrganizationID, 10))
		})
		if conflicted != expected {
			t.Fatalf("conflict %v, want %v: %v against %+v", conflicted, expected, own, card)
		}
		open := openCard{Card: card}
		if _, shown := (&Service{Deps{Reference: ref}}).gapOf(&open, p); shown == conflicted {
			t.Fatalf("shown %v, conflicted %v", shown, conflicted)
		}
		score, reasons := p.match(ref, &card)
		shuffled := rapid.Permutation(own).Draw(t, "shuffled")
		again, same := profileOf(shuffled).match(ref, &card)
		if score != again || len(reasons) != len(same) || (score > 0) != (len(reasons) > 0) {
			t.Fatalf("%d %v, then %d %v", score, reasons, again, same)
		}
		if !slices.IsSortedFunc(reasons, func(a, b Reason) int { return b.Kind.weight() - a.Kind.weight() }) {
			t.Fatalf("reasons are not heaviest first: %v", reasons)
		}
	})
}
