package contact

import (
	"context"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

func suggestion(name, email string) Candidate {
	return Candidate{Kind: Person, Name: name, Organization: "IXP", Email: email, StakeholderGroup: geo.GroupTechnicalCommunity, Country: "ke", Language: "sw"}
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		member := h.member("translator", account.Translator)
		suggest := func(name, email string) Candidate {
			t.Helper()
			c, err := h.Suggest(ctx, member, h.cycle, suggestion(name, email))
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		accepted, err := h.Accept(ctx, h.officer, suggest("Wanjiru", "W@example.org").ID, Approval{Note: "welcome"})
		if err != nil || accepted.State != Accepted {
			t.Fatalf("%+v, %v", accepted, err)
		}
		made, err := h.Get(ctx, h.officer, *accepted.ContactID)
		if err != nil || made.Region != "african_group" || made.Addresses[0].Email != "w@example.org" || len(made.Listings) != 1 || len(made.Affiliations) != 1 {
			t.Errorf("accepted as %+v, %v", made, err)
		}
		merged, err := h.Merge(ctx, h.officer, suggest("Wanjiru W.", "w2@example.org").ID, made.ID, "")
		if err != nil || merged.State != Merged || *merged.ContactID != made.ID {
			t.Fatalf("%+v, %v", merged, err)
		}
		if made, _ = h.Get(ctx, h.officer, made.ID); len(made.Addresses) != 2 {
			t.Errorf("merging keeps the new address: %+v", made.Addresses)
		}
		open := suggest("Nobody", "")
		if _, err := h.Reject(ctx, h.officer, open.ID, " "); !errs.Is(err, errs.Invalid) {
			t.Errorf("a rejection needs a reason: %v", err)
		}
		if _, err := h.Merge(ctx, h.officer, open.ID, 999, ""); !errs.Is(err, errs.Invalid) {
			t.Errorf("merging into nobody: %v", err)
		}
		if _, err := h.Reject(ctx, h.officer, open.ID, "not reachable"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Accept(ctx, h.officer, open.ID, Approval{}); !errs.Is(err, errs.Conflict) {
			t.Errorf("deciding twice: %v", err)
		}
		for _, id := range []int64{open.ID} {
			if _, err := h.Accept(ctx, member, id, Approval{}); !errs.Is(err, errs.Forbidden) {
				t.Errorf("a member decides: %v", err)
			}
		}
		own, _, err := h.Candidates(ctx, member, h.cycle, "", 0)
		if err != nil || len(own) != 3 || own[0].DecisionNote != "not reachable" {
			t.Errorf("the one who suggested learns the outcome: %+v, %v", own, err)
		}
		if others, _, err := h.Candidates(ctx, h.member("x", account.Volunteer), h.cycle, "", 0); err != nil || len(others) != 0 {
			t.Errorf("others see %+v, %v", others, err)
		}
		if all, _, err := h.Candidates(ctx, h.officer, h.cycle, Rejected, 0); err != nil || len(all) != 1 {
			t.Errorf("an officer sees %+v, %v", all, err)
		}
	})
}

func TestLikelyMatches(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		member := h.member("translator", account.Translator)
		first, err := h.Suggest(ctx, member, h.cycle, suggestion("Wanjiru Kamau", "w@example.org"))
		if err != nil {
			t.Fatal(err)
		}
		known, err := h.Accept(ctx, h.officer, first.ID, Approval{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []Candidate{
			{ID: 7, Kind: Person, Name: "KAMAU, Wanjiru"},
			{ID: 7, Kind: Person, Name: "W. K.", Email: "w@example.org"},
		} {
			all, err := h.LikelyMatches(ctx, h.officer, c)
			if err != nil {
				t.Fatal(err)
			}
			found := all[7]
			if len(found) != 1 || found[0].ContactID != *known.ContactID || found[0].CandidateID != 7 || found[0].SameAddress != (c.Email != "") {
				t.Errorf("%s <%s> may be %+v, want the contact %d", c.Name, c.Email, found, *known.ContactID)
			}
		}
		if all, err := h.LikelyMatches(ctx, h.officer, Candidate{ID: 7, Kind: Person, Name: "Somebody Else"}); err != nil || len(all[7]) != 0 {
			t.Errorf("an unknown name may be %+v, %v", all, err)
		}
	})
}

func TestSuggestRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	if _, err := h.Suggest(ctx, account.Nobody(""), h.cycle, suggestion("A", "")); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("nobody: %v", err)
	}
	_, err := h.Suggest(ctx, h.officer, h.cycle, Candidate{Kind: "x", Email: "no", Country: "XX", Language: "?"})
	if fields := errs.FieldsOf(err); len(fields) != 6 {
		t.Errorf("fields %v of %v", fields, err)
	}
	// A suppressed address is taken without a word, and stops the officer.
	if err := h.Suppress(ctx, h.officer, "out@example.org", AskedUs); err != nil {
		t.Fatal(err)
	}
	c, err := h.Suggest(ctx, h.member("v", account.Volunteer), h.cycle, suggestion("Out", "out@example.org"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Accept(ctx, h.officer, c.ID, Approval{}); !errs.Is(err, errs.Conflict) {
		t.Errorf("accepting a suppressed address: %v", err)
	}
	if got, err := h.Candidate(ctx, h.officer, c.ID); err != nil || got.State != Proposed {
		t.Errorf("the refusal changed %+v, %v", got, err)
	}
}

func TestOneDecisionWins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		c, err := h.Suggest(ctx, h.officer, h.cycle, suggestion("Race", "race@example.org"))
		if err != nil {
			t.Fatal(err)
		}
		results := make(chan error, 8)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := h.Accept(ctx, h.officer, c.ID, Approval{})
				results <- err
			})
		}
		wg.Wait()
		close(results)
		won := 0
		for err := range results {
			if err == nil {
				won++
			} else if !errs.Is(err, errs.Conflict) {
				t.Errorf("a loser was told %v", err)
			}
		}
		if n := len(h.names(h.officer, Filter{Query: "race"})); won != 1 || n != 1 {
			t.Errorf("%d decisions won and made %d contacts, want one of each", won, n)
		}
	})
}
