package contact

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// emails are the addresses of a contact in their order, as an officer sees them.
func (h *house) emails(contactID int64) []string {
	h.t.Helper()
	d, err := h.Get(context.Background(), h.officer, contactID)
	if err != nil {
		h.t.Fatal(err)
	}
	all := []string{}
	for _, a := range d.Addresses {
		all = append(all, a.Email)
	}
	return all
}

func (h *house) withAddresses(emails ...string) (Contact, []int64) {
	h.t.Helper()
	c := h.add(Draft{Name: "Ana " + strings.Join(emails, " "), Country: "PE"})
	ids := make([]int64, len(emails))
	for i, email := range emails {
		a, err := h.AddAddress(context.Background(), h.officer, c.ID, email)
		if err != nil {
			h.t.Fatal(err)
		}
		ids[i] = a.ID
	}
	return c, ids
}

func TestAddressesHaveAnOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c, ids := h.withAddresses("a@example.org", "b@example.org", "c@example.org")
		if err := h.OrderAddresses(ctx, h.officer, c.ID, []int64{ids[2], ids[0]}); err != nil {
			t.Fatal(err)
		}
		if got := h.emails(c.ID); !slices.Equal(got, []string{"c@example.org", "a@example.org", "b@example.org"}) {
			t.Fatalf("order %v", got)
		}
		if err := h.RemoveAddress(ctx, h.officer, c.ID, ids[2]); err != nil {
			t.Fatal(err)
		}
		if err := h.OrderAddresses(ctx, h.officer, c.ID, []int64{ids[1]}); err != nil {
			t.Fatal(err)
		}
		if got := h.emails(c.ID); !slices.Equal(got, []string{"b@example.org", "a@example.org"}) {
			t.Errorf("order %v", got)
		}
		if err := h.OrderAddresses(ctx, h.officer, c.ID, []int64{ids[2]}); !errs.Is(err, errs.NotFound) {
			t.Errorf("an address of nobody: %v", err)
		}
		if n := h.events("address.ordered"); n != 2 {
			t.Errorf("%d events", n)
		}
		if err := h.OrderAddresses(ctx, h.member("carla", account.Volunteer), c.ID, ids[:1]); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer: %v", err)
		}
	})
}

func TestAnyOrderOfAddressesCanBeMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	c, ids := h.withAddresses("a@example.org", "b@example.org", "c@example.org", "d@example.org")
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Permutation(ids).Draw(t, "order")
		if err := h.OrderAddresses(context.Background(), h.officer, c.ID, want); err != nil {
			t.Fatal(err)
		}
		got, err := addressIDs(h.d.Read(context.Background()), c.ID)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, %v; want %v", got, err, want)
		}
	})
}

func TestAnAddressIsCorrected(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c, ids := h.withAddresses("info@example.org", "ana@example.org")
		kind, other, wrong := Personal, "Ana.Perez@example.org", "nobody"
		got, err := h.CorrectAddress(ctx, h.officer, c.ID, ids[0], AddressEdit{Kind: &kind, Email: ptr("INFO@example.org")})
		if err != nil || got.ID != ids[0] || got.Kind != Personal {
			t.Fatalf("the kind alone: %+v, %v", got, err)
		}
		if _, err = h.CorrectAddress(ctx, h.officer, c.ID, ids[0], AddressEdit{Email: &other}); err != nil {
			t.Fatal(err)
		}
		if got := h.emails(c.ID); !slices.Equal(got, []string{"ana.perez@example.org", "ana@example.org"}) {
			t.Errorf("its place is lost: %v", got)
		}
		for name, e := range map[string]AddressEdit{"no address": {Email: &wrong}, "no kind": {Kind: (*AddressKind)(&wrong)}} {
			if _, err := h.CorrectAddress(ctx, h.officer, c.ID, ids[1], e); !errs.Is(err, errs.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.CorrectAddress(ctx, h.officer, c.ID, ids[0], AddressEdit{Kind: &kind}); !errs.Is(err, errs.NotFound) {
			t.Errorf("an address that was replaced: %v", err)
		}
	})
}

func TestABouncedAddressWorksAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c, ids := h.withAddresses("ana@example.org")
		restore := func(reason string) error { return h.RestoreAddress(ctx, h.officer, c.ID, ids[0], reason) }
		if err := restore("she rang"); !errs.Is(err, errs.Conflict) {
			t.Errorf("one that works: %v", err)
		}
		h.exec("update address set status = 'bounced' where id = ?", ids[0])
		if err := h.RestoreAddress(ctx, h.member("v", account.Volunteer), c.ID, ids[0], ""); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer without a reason: %v", err)
		}
		if err := restore(" \u202e "); !errs.Is(err, errs.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if err := restore("she rang"); err != nil {
			t.Fatal(err)
		}
		got, err := h.Get(ctx, h.officer, c.ID)
		if err != nil || !got.Addressable || h.events("address.restored") != 1 {
			t.Errorf("%+v, %v", got.Addresses, err)
		}
		h.exec("update address set status = 'complained' where id = ?", ids[0])
		if err := restore("she rang"); !errs.Is(err, errs.Conflict) {
			t.Errorf("one whose owner reported us: %v", err)
		}
	})
}

func TestAskedInWordsNotToBeWrittenTo(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c, ids := h.withAddresses("ana@example.org", "other@example.org")
		if err := h.SuppressAddress(ctx, h.officer, c.ID, ids[0]); err != nil {
			t.Fatal(err)
		}
		got, err := h.Get(ctx, h.officer, c.ID)
		if err != nil || !got.OptedOut || got.Addresses[0].SuppressedFor != AskedUs || got.Addresses[1].SuppressedFor != "" {
			t.Errorf("%+v, %v", got.Addresses, err)
		}
		if !slices.Contains(h.revoked, c.ID) {
			t.Error("claims on the contact go on")
		}
		volunteer := h.member("carla", account.Volunteer)
		h.claim(volunteer, c.ID, h.now.Add(time.Hour))
		theirs, err := h.Get(ctx, volunteer, c.ID)
		if err != nil || len(theirs.Addresses) != 1 || theirs.Addresses[0].Email != "other@example.org" {
			t.Errorf("a volunteer sees %+v, %v", theirs.Addresses, err)
		}
	})
}

func TestTiesAreDatedAndCorrected(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c := h.add(Draft{Name: "Ana", Country: "PE", Organization: "Ministry", Function: "Policy analyst"})
		second, err := h.AffiliateByName(ctx, h.officer, "CERT", Affiliation{ContactID: c.ID, Function: Implementer, Title: " Head of\nCERT ", Since: "2015-03", Represents: false})
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Get(ctx, h.officer, c.ID)
		if err != nil || len(got.Affiliations) != 2 || got.Affiliations[0].Function != PolicyAnalyst || got.Affiliations[1].Title != "Head of CERT" {
			t.Fatalf("%+v, %v", got.Affiliations, err)
		}
		for field, e := range map[string]AffiliationEdit{
			"function": {Function: ptr(Function("king"))},
			"title":    {Title: ptr(strings.Repeat("x", 10000))},
			"since":    {Since: ptr("last year")},
			"until":    {Until: ptr("2015-02-28")},
			"until 2":  {Until: ptr("2018")}, // the clock stands in August 2017
		} {
			_, err := h.CorrectAffiliation(ctx, h.officer, c.ID, second.ID, e)
			if !errs.Is(err, errs.Invalid) || errs.FieldsOf(err)[0].Name != strings.Fields(field)[0] {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := h.CorrectAffiliation(ctx, h.officer, c.ID, second.ID, AffiliationEdit{Represents: ptr(true), Until: ptr("2015")}); err != nil {
			t.Errorf("2015-03 to 2015: %v", err)
		}
		other := h.add(Draft{Name: "Luz"})
		if _, err := h.CorrectAffiliation(ctx, h.officer, other.ID, second.ID, AffiliationEdit{}); !errs.Is(err, errs.NotFound) {
			t.Errorf("somebody else's tie: %v", err)
		}
		if _, err := h.AffiliateByName(ctx, h.officer, "CERT", Affiliation{ContactID: second.OrganizationID}); !errs.Is(err, errs.Invalid) {
			t.Errorf("an organization of an organization: %v", err)
		}
	})
}

func TestFunctionsAndBasesAreUnderstood(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Function{
		"": NoFunction, "implementer": Implementer, "Policy Analyst": PolicyAnalyst, "policy_analyst": PolicyAnalyst, "CEO": DecisionMaker,
		"Focal point": Liaison, "Keeper of the seal": OtherFunction,
	} {
		if got, title := ParseFunction(text); got != want || (title != "") != (want == OtherFunction) {
			t.Errorf("%q is %q, %q", text, got, title)
		}
	}
	for text, want := range map[string]Basis{
		"": NoBasis, "Consent": Consent, "legitimate interest": LegitimateInterest, "Public task": PublicInterest, "met in Geneva": OtherBasis,
	} {
		if got, note := ParseBasis(text); got != want || (note != "") != (want == OtherBasis) {
			t.Errorf("%q is %q, %q", text, got, note)
		}
	}
}

func TestNobodyOverwritesUnseen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c := h.add(Draft{Name: "Ana", Country: "PE", Source: "list"})
		seen := c.UpdatedAt
		h.now = h.now.Add(time.Minute)
		if _, err := h.Update(ctx, h.officer, c.ID, Edit{Source: ptr("the meeting"), Seen: &seen}); err != nil {
			t.Fatal(err)
		}
		_, err := h.Update(ctx, h.officer, c.ID, Edit{Name: ptr("Ana Pérez"), Source: ptr("list"), Seen: &seen})
		if !errs.Is(err, errs.Conflict) {
			t.Fatalf("the second: %v", err)
		}
		told := map[string]any{}
		for _, f := range errs.FieldsOf(err) {
			told[f.Name] = f.Args["Value"]
		}
		if len(told) != 2 || told["source"] != "the meeting" || told["name"] != "Ana" {
			t.Errorf("is told %v", told)
		}
		got, err := h.Get(ctx, h.officer, c.ID)
		if err != nil || got.Source != "the meeting" {
			t.Errorf("%q, %v", got.Source, err)
		}
		if _, err := h.Update(ctx, h.officer, c.ID, Edit{Name: ptr("Ana Pérez"), Seen: &got.UpdatedAt}); err != nil {
			t.Errorf("having seen it: %v", err)
		}
	})
}

func TestOnePlaceOnTheListOfEachCycle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c := h.add(Draft{Name: "Ana", Country: "PE"})
		for range 2 { // the second time changes nothing
			if err := h.AddToCycle(ctx, h.officer, h.cycle, c.ID, geo.GroupGovernment, ""); err != nil {
				t.Fatal(err)
			}
		}
		got, err := h.Get(ctx, h.officer, c.ID)
		if err != nil || len(got.Listings) != 1 || got.Listings[0].StakeholderGroup != geo.GroupGovernment || got.StakeholderGroup != geo.GroupCivilSociety {
			t.Errorf("%+v, %v", got.Listings, err)
		}
		if n := h.events("contact.listed"); n != 2 {
			t.Errorf("%d events, want one of being added and one of the change", n)
		}
	})
}

// Who asked at one address not to be written to must not be written to at another because the first was taken off.
func TestAnAddressThatOptedOutStays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c, ids := h.withAddresses("a@example.org", "b@example.org")
		if err := h.Suppress(ctx, h.officer, "a@example.org", AskedUs); err != nil {
			t.Fatal(err)
		}
		if err := h.RemoveAddress(ctx, h.officer, c.ID, ids[0]); !errs.Is(err, errs.Conflict) {
			t.Errorf("taken off: %v", err)
		}
		if _, err := h.ReplaceAddress(ctx, h.officer, c.ID, ids[0], "new@example.org"); !errs.Is(err, errs.Conflict) {
			t.Errorf("replaced: %v", err)
		}
		if got := h.emails(c.ID); !slices.Equal(got, []string{"a@example.org", "b@example.org"}) {
			t.Errorf("addresses %v", got)
		}
		if got := h.names(h.officer, Filter{AddressState: OptedOut}); !slices.Contains(got, c.Name) {
			t.Errorf("opted out are %v", got)
		}
		if err := h.RemoveAddress(ctx, h.officer, c.ID, ids[1]); err != nil {
			t.Errorf("another address: %v", err)
		}
	})
}
