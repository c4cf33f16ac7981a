package contact

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		c := h.add(Draft{Name: " Ana\u202e Pérez ", Organization: "Fundación Ñandú", Country: "pe", Languages: "qu", Email: "ANA@Example.org", Notes: "met in Lima"})
		if c.Name != "Ana Pérez" || c.SortName != "ana perez" || c.Country != "PE" || c.Region != "grulac" {
			t.Errorf("contact %+v", c)
		}
		if c.LanguageChain != "qu es" {
			t.Errorf("language chain %q, want own first, then the country's", c.LanguageChain)
		}
		got, err := h.Get(ctx, h.officer, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Addresses) != 1 || got.Addresses[0].Email != "ana@example.org" || got.Addresses[0].Kind != Personal || !got.Addressable {
			t.Errorf("addresses %+v", got.Addresses)
		}
		if len(got.Affiliations) != 1 || got.Affiliations[0].Name != "Fundación Ñandú" || !got.Affiliations[0].Represents {
			t.Errorf("affiliations %+v", got.Affiliations)
		}
		if len(got.Listings) != 1 || got.Listings[0].Region != "grulac" {
			t.Errorf("listings %+v", got.Listings)
		}
		second := h.add(Draft{Name: "Luz", Organization: "fundacion nandu", Country: "PE"})
		other, err := h.Get(ctx, h.officer, second.ID)
		if err != nil || other.Affiliations[0].OrganizationID != got.Affiliations[0].OrganizationID {
			t.Errorf("one organization became two: %+v, %v", other.Affiliations, err)
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	good := Draft{Kind: Person, Name: "Ana", StakeholderGroup: geo.GroupMedia}
	for field, spoil := range map[string]func(*Draft){
		"kind":              func(d *Draft) { d.Kind = "robot" },
		"name":              func(d *Draft) { d.Name = " \u202e " },
		"stakeholder_group": func(d *Draft) { d.StakeholderGroup = "nri" },
		"country":           func(d *Draft) { d.Country = "XX" },
		"region":            func(d *Draft) { d.Region = "mars" },
		"language":          func(d *Draft) { d.Languages = "español" },
		"expertise":         func(d *Draft) { d.Expertise = "knitting" },
		"email":             func(d *Draft) { d.Email = "ana at example" },
		"organization":      func(d *Draft) { d.Kind, d.Organization = Organization, "Another" },
	} {
		bad := good
		spoil(&bad)
		_, err := h.Create(context.Background(), h.officer, bad)
		if !errs.Is(err, errs.Invalid) || !slices.ContainsFunc(errs.FieldsOf(err), func(f errs.Field) bool { return f.Name == field }) {
			t.Errorf("%s: %v, fields %v", field, err, errs.FieldsOf(err))
		}
	}
	for _, role := range []account.Role{account.Volunteer, account.Coordinator, account.Lead, account.Translator} {
		if _, err := h.Create(context.Background(), h.member(string(role), role), good); !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s: %v, want Forbidden", role, err)
		}
	}
	if _, err := h.Create(context.Background(), account.Nobody(""), good); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("nobody: %v", err)
	}
}

func TestLanguageChainFollows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		org := h.add(Draft{Kind: Organization, Name: "Ministry", Country: "CH", Languages: "fr"})
		person := h.add(Draft{Name: "Beat", Country: "EG"})
		tie, err := h.Affiliate(ctx, h.officer, Affiliation{ContactID: person.ID, OrganizationID: org.ID, Represents: true})
		if err != nil {
			t.Fatal(err)
		}
		chain := func(want string) {
			t.Helper()
			got, err := h.Get(ctx, h.officer, person.ID)
			if err != nil || got.LanguageChain != want {
				t.Errorf("chain %q, want %q (%v)", got.LanguageChain, want, err)
			}
		}
		chain("fr ar")
		if _, err := h.Update(ctx, h.officer, org.ID, Edit{Languages: ptr("de, fr")}); err != nil {
			t.Fatal(err)
		}
		chain("de fr ar")
		if _, err := h.Update(ctx, h.officer, person.ID, Edit{Languages: ptr("it"), Country: ptr("PE")}); err != nil {
			t.Fatal(err)
		}
		chain("it de fr es")
		if err := h.EndAffiliation(ctx, h.officer, person.ID, tie.ID, "2017-08-01"); err != nil {
			t.Fatal(err)
		}
		chain("it es")
		if err := h.EndAffiliation(ctx, h.officer, person.ID, tie.ID, "2017-08-01"); !errs.Is(err, errs.Conflict) {
			t.Errorf("ending twice: %v", err)
		}
	})
}

func TestUpdateMovesTheListing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	c := h.add(Draft{Name: "Union", Kind: Organization, Country: "CH"})
	if _, err := h.Update(ctx, h.officer, c.ID, Edit{StakeholderGroup: ptr(geo.GroupIntergovernmental), CycleID: h.cycle}); err != nil {
		t.Fatal(err)
	}
	got, err := h.Get(ctx, h.officer, c.ID)
	if err != nil || got.Region != "none" || got.Listings[0].Region != "none" || got.Listings[0].StakeholderGroup != geo.GroupIntergovernmental {
		t.Errorf("after the move: %+v, %v", got, err)
	}
	if _, err := h.Update(ctx, h.officer, c.ID, Edit{Region: ptr("weog")}); err != nil {
		t.Fatal(err)
	}
	if got, _ = h.Get(ctx, h.officer, c.ID); got.Region != "weog" || got.Listings[0].Region != "none" {
		t.Errorf("an override outside of the cycle: %+v", got)
	}
	if _, err := h.Update(ctx, h.officer, 999, Edit{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("unknown contact: %v", err)
	}
}

func TestWhoSeesAddresses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		c := h.add(Draft{Name: "Ana", Country: "PE", Email: "ana@example.org", Notes: "secret note"})
		volunteer := h.member("vol", account.Volunteer)
		see := func(by account.Actor, want bool) {
			t.Helper()
			before := h.events("address.revealed")
			got, err := h.Get(ctx, by, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got.Revealed != want || (len(got.Addresses) == 1) != want || (got.Notes != "") != want {
				t.Errorf("%s sees %+v, want revealed %v", by.Name, got, want)
			}
			if (h.events("address.revealed") == before+1) != want {
				t.Errorf("%s: a reveal and its event must go together", by.Name)
			}
		}
		see(h.officer, true)
		see(h.member("lead", account.Lead), false)
		see(h.member("coord", account.Coordinator, "PE"), false)
		see(volunteer, false)
		h.claim(volunteer, c.ID, h.now.Add(time.Hour))
		see(volunteer, true)
		see(h.member("other", account.Volunteer), false)
		h.now = h.now.Add(time.Hour) // it has run out, though nobody has swept it
		see(volunteer, false)

		for _, by := range []account.Actor{h.member("coord2", account.Coordinator, "CL"), h.member("coord3", account.Coordinator)} {
			if _, err := h.Get(ctx, by, c.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("outside of the countries: %v, want NotFound", err)
			}
		}
		if _, err := h.Get(ctx, h.member("tr", account.Translator), c.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("translator: %v", err)
		}
	})
}

func TestSuppression(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		a := h.add(Draft{Name: "Ana", Email: "office@example.org"})
		b := h.add(Draft{Name: "Berta", Email: "Office@example.org"})
		if err := h.Suppress(ctx, account.Nobody(""), " OFFICE@example.org", Unsubscribed); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(h.revoked, []int64{a.ID, b.ID}) {
			t.Errorf("claims revoked on %v, want on both who share the address", h.revoked)
		}
		for range 2 { // a link is clicked twice
			if err := h.Suppress(ctx, account.Nobody(""), "office@example.org", Unsubscribed); err != nil {
				t.Fatal(err)
			}
		}
		if n := h.events("address.suppressed"); n != 1 {
			t.Errorf("%d events, want 1", n)
		}
		volunteer := h.member("vol", account.Volunteer)
		h.claim(volunteer, a.ID, h.now.Add(time.Hour))
		got, err := h.Get(ctx, volunteer, a.ID)
		if err != nil || len(got.Addresses) != 0 || !got.OptedOut || got.Addressable {
			t.Errorf("a volunteer must not see a suppressed address: %+v, %v", got, err)
		}
		if got, _ = h.Get(ctx, h.officer, a.ID); len(got.Addresses) != 1 || !got.Addresses[0].Suppressed {
			t.Errorf("an officer sees that it is suppressed: %+v", got.Addresses)
		}
		c := h.add(Draft{Name: "Cleo"})
		if _, err := h.AddAddress(ctx, h.officer, c.ID, "office@example.org"); !errs.Is(err, errs.Conflict) {
			t.Errorf("a suppressed address must not come back: %v", err)
		}
		if got, _ = h.Get(ctx, h.officer, c.ID); len(got.Addresses) != 0 {
			t.Errorf("the refusal left %+v", got.Addresses)
		}
		// Suppression is kept for addresses that nobody has told us yet.
		if err := h.Suppress(ctx, h.officer, "new@example.org", AskedUs); err != nil {
			t.Fatal(err)
		}
		if _, err := h.AddAddress(ctx, h.officer, c.ID, "new@example.org"); !errs.Is(err, errs.Conflict) {
			t.Errorf("%v", err)
		}
		if err := h.Suppress(ctx, account.Nobody(""), "c@example.org", AskedUs); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("nobody may only unsubscribe: %v", err)
		}
	})
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		c := h.add(Draft{Name: "Ana", Email: "info@example.org"})
		got, err := h.Get(ctx, h.officer, c.ID)
		if err != nil || got.Addresses[0].Kind != Role {
			t.Fatalf("%+v, %v", got.Addresses, err)
		}
		old := got.Addresses[0].AddressID
		if _, err := h.AddAddress(ctx, h.officer, c.ID, "second@example.org"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.AddAddress(ctx, h.officer, c.ID, "second@example.org"); err != nil {
			t.Fatalf("an address that is there already: %v", err)
		}
		if _, err := h.ReplaceAddress(ctx, h.officer, c.ID, old, "new@example.org"); err != nil {
			t.Fatal(err)
		}
		got, _ = h.Get(ctx, h.officer, c.ID)
		emails := []string{}
		for _, a := range got.Addresses {
			emails = append(emails, a.Email)
		}
		if !slices.Equal(emails, []string{"new@example.org", "second@example.org"}) {
			t.Errorf("addresses in order: %v", emails)
		}
		mark := func(do func(*db.Tx) error) {
			t.Helper()
			if err := d.Write(ctx, do); err != nil {
				t.Fatal(err)
			}
		}
		second := got.Addresses[1].AddressID
		for range 2 {
			mark(func(tx *db.Tx) error { return h.MarkBounced(tx, h.officer.Who, second) })
		}
		if n := h.events("address.bounced"); n != 1 {
			t.Errorf("%d events of a bounce, want 1", n)
		}
		other := h.add(Draft{Name: "Berta"})
		if _, err := h.AddAddress(ctx, h.officer, other.ID, "second@example.org"); !errs.Is(err, errs.Invalid) {
			t.Errorf("an address that bounces: %v", err)
		}
		mark(func(tx *db.Tx) error { return h.MarkComplained(tx, h.officer.Who, second) })
		if got, _ = h.Get(ctx, h.officer, c.ID); got.Addresses[1].Status != Complained || !got.Addresses[1].Suppressed {
			t.Errorf("after a complaint: %+v", got.Addresses)
		}
	})
}
