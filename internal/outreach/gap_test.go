package outreach_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/outreach"
)

func TestGaps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v := h.volunteer("v") // speaks Spanish
		none := h.add(contact.Draft{Name: "None", Languages: "es"})
		bounced := h.add(contact.Draft{Name: "Bounced", Languages: "es", Email: "b@example.org"})
		out := h.add(contact.Draft{Name: "Out", Languages: "es", Email: "out@example.org"})
		plain := h.add(contact.Draft{Name: "Plain", Languages: "es", Email: "p@example.org"})
		h.add(contact.Draft{Name: "Unspoken", Email: "u@example.org", StakeholderGroup: geo.GroupMedia})
		h.add(contact.Draft{Name: "French", Languages: "fr", Country: "FR"})
		h.markBounced(bounced)
		if err := h.contacts.Suppress(ctx, h.officer, "out@example.org", contact.AskedUs); err != nil {
			t.Fatal(err)
		}
		if err := h.SetTarget(ctx, h.officer, h.cycle, geo.GroupMedia, "grulac", 2); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"None [no_address no_claimant] find_address",
			"Bounced [bounced_address no_claimant] find_address",
			"Plain [no_claimant] reach_out",
			"Unspoken [no_claimant no_language under_target] reach_out",
		}
		if got := h.names(v); !slices.Equal(got, want) {
			t.Errorf("gaps %v, want %v", got, want)
		}
		if got := h.names(h.officer); len(got) != 5 || slices.ContainsFunc(got, func(n string) bool { return n[:3] == "Out" }) {
			t.Errorf("an officer sees all but who opted out (%d): %v", out, got)
		}
		if _, err := h.Connect(ctx, v, outreach.KnowsGroup, geo.GroupMedia); err != nil {
			t.Fatal(err)
		}
		if got := h.names(v); !slices.Equal(got, []string{want[0], want[1], want[3], want[2]}) {
			t.Errorf("whom nobody can mail comes first, then the better match: %v", got)
		}
		gaps, err := h.Gaps(ctx, v, h.cycle)
		if err != nil || gaps[2].Reasons[0].Key() != "outreach.reason.language" || gaps[2].Reasons[0].Value != "es" || len(gaps[2].Reasons) != 2 {
			t.Errorf("reasons %+v, %v", gaps[2].Reasons, err)
		}
		// What is held or was let go lately is not offered.
		w := h.volunteer("w")
		h.take(w, plain, outreach.ReachOut)
		c := h.take(v, none, outreach.FindAddress)
		if _, err := h.Release(ctx, v, c.ID, ""); err != nil {
			t.Fatal(err)
		}
		got := h.names(v)
		if slices.ContainsFunc(got, func(n string) bool { return n[:4] == "None" || n[:4] == "Plai" }) {
			t.Errorf("held and cooling contacts are offered: %v", got)
		}
		if got := h.names(w); !slices.Contains(got, want[0]) || slices.ContainsFunc(got, func(n string) bool { return n[:4] == "Plai" }) {
			t.Errorf("somebody else may take it: %v", got)
		}
		if _, err := h.Gaps(ctx, h.member("lead", account.Lead), h.cycle); !errs.Is(err, errs.Forbidden) {
			t.Errorf("lead: %v", err)
		}
	})
}

func (h *house) markBounced(contactID int64) {
	h.t.Helper()
	seen, err := h.contacts.Get(context.Background(), h.officer, contactID)
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.d.Write(context.Background(), func(tx *db.Tx) error {
		return h.contacts.MarkBounced(tx, h.officer.Who, seen.Addresses[0].AddressID)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestFillingAGap(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v, w := h.volunteer("v"), h.volunteer("w")
		id := h.add(contact.Draft{Name: "Ana"})
		if err := h.contacts.Suppress(ctx, h.officer, "old@example.org", contact.AskedUs); err != nil {
			t.Fatal(err)
		}
		c := h.take(v, id, outreach.FindAddress)
		try := func(by account.Actor, email string) error {
			_, err := h.AddAddress(ctx, by, id, email)
			return err
		}
		wantKey(t, "without a claim", try(w, "ana@example.org"), errs.Forbidden, "error.forbidden")
		wantKey(t, "suppressed", try(v, "old@example.org"), errs.Conflict, "contact.address.unusable")
		wantKey(t, "no address", try(v, "nonsense"), errs.Invalid, "error.invalid")
		wantKey(t, "empty", try(v, " "), errs.Invalid, "error.invalid")
		if h.state(c.ID) != outreach.Active {
			t.Fatalf("a refusal moved the claim to %s", h.state(c.ID))
		}
		if err := try(v, " Ana@Example.org "); err != nil {
			t.Fatal(err)
		}
		if h.state(c.ID) != outreach.Done || h.events("address.added") != 1 || h.events("claim.done") != 1 {
			t.Errorf("the claim is %s, %d addresses", h.state(c.ID), h.events("address.added"))
		}
		if seen, err := h.contacts.Get(ctx, v, id); err != nil || seen.Revealed {
			t.Errorf("the address is not shown after the claim: %+v, %v", seen, err)
		}
		reach := h.take(v, id, outreach.ReachOut) // done is no letting go: no cooldown
		if seen, err := h.contacts.Get(ctx, v, id); err != nil || len(seen.Addresses) != 1 {
			t.Errorf("and is shown under the next: %+v, %v", seen, err)
		}
		if err := try(v, "second@example.org"); err != nil || h.state(reach.ID) != outreach.Active {
			t.Errorf("a second address under a claim to reach out: %v, %s", err, h.state(reach.ID))
		}
		h.now = h.now.Add(outreach.Lease)
		wantKey(t, "after the claim", try(v, "third@example.org"), errs.Forbidden, "error.forbidden")
		if err := try(h.officer, "third@example.org"); err != nil {
			t.Errorf("an officer needs no claim: %v", err)
		}
	})
}

func TestMine(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	v, w := h.volunteer("v"), h.volunteer("w")
	id := h.add(contact.Draft{Name: "Ana", Organization: "Red"})
	first := h.take(w, id, outreach.ReachOut)
	if _, err := h.LogAttempt(ctx, w, first.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.WrongAddress, Note: "old number"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Release(ctx, w, first.ID, ""); err != nil {
		t.Fatal(err)
	}
	c := h.take(v, id, outreach.ReachOut)
	next := func(want string) {
		t.Helper()
		mine, err := h.Mine(ctx, v, h.cycle)
		if err != nil || len(mine) != 1 || mine[0].ID != c.ID || mine[0].Next != want {
			t.Fatalf("%+v, %v, want next %q", mine, err, want)
		}
		last := mine[0].Attempts[len(mine[0].Attempts)-1]
		if last.Volunteer != "w" || last.Note != "old number" || mine[0].Left(h.now) != outreach.Lease || mine[0].Organizations[0].Name != "Red" {
			t.Errorf("%+v", mine[0])
		}
	}
	next("outreach.next.reach_out")
	until := h.now.Add(10 * 24 * time.Hour)
	for outcome, want := range map[outreach.Outcome]string{
		outreach.NoAnswer: "outreach.next.try_again", outreach.Promised: "outreach.next.promised", outreach.Responded: "outreach.next.finish",
	} {
		if _, err := h.LogAttempt(ctx, v, c.ID, outreach.Attempt{Channel: outreach.ByMail, Outcome: outcome, PromisedUntil: &until}); err != nil {
			t.Fatal(err)
		}
		next(want)
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v := h.volunteer("v")
		ana := h.add(contact.Draft{Name: "Ana", Email: "ana@example.org"})
		h.add(contact.Draft{Name: "Luz", Country: "CL"})
		h.add(contact.Draft{Name: "Union", Kind: contact.Organization, StakeholderGroup: geo.GroupIntergovernmental, Country: "CH"})
		c := h.take(v, ana, outreach.ReachOut)
		if _, err := h.LogAttempt(ctx, v, c.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.Reached}); err != nil {
			t.Fatal(err)
		}
		for _, target := range []struct {
			group, region string
			count         int
		}{{geo.GroupCivilSociety, "grulac", 5}, {geo.GroupMedia, "weog", 1}, {geo.GroupMedia, "none", 3}, {geo.GroupMedia, "none", 0}} {
			if err := h.SetTarget(ctx, h.officer, h.cycle, target.group, target.region, target.count); err != nil {
				t.Fatal(err)
			}
		}
		m, err := h.Coverage(ctx, h.member("lead", account.Lead), h.cycle)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Cells) != 7*6 {
			t.Errorf("%d cells", len(m.Cells))
		}
		want := outreach.Numbers{Listed: 2, Addressable: 1, Approached: 1, Target: 5, Short: 3, NoAddress: 1, NoLanguage: 2, Unclaimed: 1}
		if got := m.Cell(geo.GroupCivilSociety, "grulac"); got.Numbers != want {
			t.Errorf("cell %+v, want %+v", got, want)
		}
		if got := m.Cell(geo.GroupMedia, "weog").Numbers; got != (outreach.Numbers{Target: 1, Short: 1}) {
			t.Errorf("a cell with a target and nobody: %+v", got)
		}
		if got := m.Total(); got != (outreach.Numbers{Listed: 3, Addressable: 1, Approached: 1, Target: 6, Short: 4, NoAddress: 2, NoLanguage: 3, Unclaimed: 2}) {
			t.Errorf("total %+v", got)
		}
		if under := m.UnderTarget(); len(under) != 2 || under[0].Region != "grulac" || under[1].Region != "weog" {
			t.Errorf("cells under their target: %+v", under)
		}
		if m.Row(geo.GroupIntergovernmental).Listed != 1 || m.Column("none").Listed != 1 {
			t.Errorf("row %+v, column %+v", m.Row(geo.GroupIntergovernmental), m.Column("none"))
		}
		own, err := h.Coverage(ctx, h.member("coord", account.Coordinator, "CL"), h.cycle)
		if err != nil || own.Total() != (outreach.Numbers{Listed: 1, NoAddress: 1, NoLanguage: 1, Unclaimed: 1}) {
			t.Errorf("a coordinator counts own countries: %+v, %v", own.Total(), err)
		}
		if !slices.Equal(own.Regions, []string{"grulac"}) {
			t.Errorf("a coordinator in Chile sees the regions %q", own.Regions)
		}
		if err := h.SetTarget(ctx, h.officer, h.cycle, "nri", "mars", -1); len(errs.FieldsOf(err)) != 3 {
			t.Errorf("%v", err)
		}
		if err := h.SetTarget(ctx, v, h.cycle, geo.GroupMedia, "weog", 1); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer sets a target: %v", err)
		}
	})
}

func TestConnections(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		v := h.volunteer("v")
		for kind, bad := range map[outreach.Kind]string{
			outreach.SpeaksLanguage: "español", outreach.KnowsCountry: "XX", outreach.KnowsGroup: "nri", outreach.KnowsRegion: "mars",
			outreach.KnowsRIR: "", outreach.KnowsExpertise: "knitting", outreach.SameOrganization: "99", outreach.HasConflict: "nobody", "friend": "x",
		} {
			if _, err := h.Connect(ctx, v, kind, bad); !errs.Is(err, errs.Invalid) {
				t.Errorf("%s %q: %v", kind, bad, err)
			}
		}
		for range 2 {
			if _, err := h.Connect(ctx, v, outreach.KnowsRIR, "LACNIC"); err != nil {
				t.Fatal(err)
			}
		}
		all, err := h.Connections(ctx, v)
		if err != nil || len(all) != 1 || h.events("connection.added") != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		org := h.add(contact.Draft{Name: "Red", Kind: contact.Organization})
		tie, err := h.Connect(ctx, v, outreach.SameOrganization, fmt.Sprint(org))
		if err != nil {
			t.Fatal(err)
		}
		if named, err := h.Connections(ctx, v); err != nil || len(named) != 2 || named[0].Name != "Red" || named[1].Name != "" {
			t.Errorf("%+v, %v", named, err)
		}
		if err := h.Disconnect(ctx, v, tie.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.Disconnect(ctx, h.volunteer("w"), all[0].ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		if err := h.Disconnect(ctx, v, all[0].ID); err != nil {
			t.Fatal(err)
		}
		if all, err = h.Connections(ctx, v); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestHistoryKeepsToCountries(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	id := h.add(contact.Draft{Name: "Ana", Country: "PE"})
	h.take(h.volunteer("v"), id, outreach.ReachOut)
	if got, err := h.History(ctx, h.member("in", account.Coordinator, "PE"), h.cycle, id); err != nil || len(got.Claims) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := h.History(ctx, h.member("out", account.Coordinator, "CL"), h.cycle, id); !errs.Is(err, errs.NotFound) {
		t.Errorf("outside of the countries: %v", err)
	}
}
