package contact

import (
	"context"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func TestAPersonIsForgotten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		c := h.add(Draft{Name: "Zebedee Quux", Organization: "Ministry", Country: "PE", Email: "zebedee@example.org", Notes: "quuxish", Languages: "qu"})
		shared := h.add(Draft{Name: "Colleague", Email: "shared@example.org"})
		if _, err := h.AddAddress(ctx, h.officer, c.ID, "shared@example.org"); err != nil {
			t.Fatal(err)
		}
		suggested, err := h.Suggest(ctx, h.officer, h.cycle, suggestion("Zebedee Quux", "zebedee@example.org"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Update(ctx, h.officer, c.ID, Edit{Transliteration: ptr("Zebedee")}); err != nil {
			t.Fatal(err)
		}
		if err := h.Erase(ctx, h.member("v", account.Volunteer), c.ID, false); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer: %v", err)
		}
		if err := h.Erase(ctx, h.officer, c.ID, true); err != nil {
			t.Fatal(err)
		}
		h.nothingHolds("quux", "zebedee")
		got, err := h.Get(ctx, h.officer, c.ID)
		if err != nil || got.ErasedAt == nil || got.Country != "PE" || len(got.Addresses) != 0 || len(got.Affiliations) != 0 || len(got.Listings) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
		if names := h.names(h.officer, Filter{}); strings.Contains(strings.Join(names, " "), "#") {
			t.Errorf("listed still: %v", names)
		}
		if _, err := h.AddAddress(ctx, h.officer, shared.ID, "zebedee@example.org"); !errs.Is(err, errs.Conflict) {
			t.Errorf("the suppression is forgotten: %v", err)
		}
		if emails := h.emails(shared.ID); len(emails) != 1 {
			t.Errorf("the colleague lost an address: %v", emails)
		}
		if k, err := h.Candidate(ctx, h.officer, suggested.ID); err != nil || k.Name != "" || k.Email != "" {
			t.Errorf("the suggestion keeps %+v, %v", k, err)
		}
		if _, err := h.Update(ctx, h.officer, c.ID, Edit{Name: ptr("Zebedee")}); !errs.Is(err, errs.Gone) {
			t.Errorf("named again: %v", err)
		}
		if err := h.Erase(ctx, h.officer, c.ID, false); !errs.Is(err, errs.Gone) {
			t.Errorf("twice: %v", err)
		}
		events, err := audit.NewTrail(d).List(ctx, audit.Filter{ObjectKind: "contact", ObjectID: c.ID, Limit: 50})
		if err != nil || len(events) < 4 {
			t.Fatalf("%d events, %v", len(events), err)
		}
		for _, e := range events {
			if strings.Contains(strings.ToLower(e.Before+e.After), "quux") {
				t.Errorf("the trail shows %s: %s", e.Action, e.After)
			}
		}
	})
}

// nothingHolds looks for words in every text of every table but the trail.
func (h *house) nothingHolds(words ...string) {
	h.t.Helper()
	tx := h.d.Read(context.Background())
	for table, columns := range map[string]string{
		"contact": "name || transliteration || sort_name || notes || name_key || source",
		"address": "email", "candidate": "name || email || note", "contact_search": "words",
	} {
		for _, word := range words {
			var n int
			if err := tx.QueryRow("select count(*) from "+table+" where lower("+columns+") like ?", "%"+word+"%").Scan(&n); err != nil {
				h.t.Fatalf("%s: %v", table, err)
			}
			if n > 0 {
				h.t.Errorf("%s holds %q still", table, word)
			}
		}
	}
}

func TestOrganizationsAreNotForgotten(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	if err := h.Erase(context.Background(), h.officer, h.add(Draft{Name: "Ministry", Kind: Organization}).ID, false); !errs.Is(err, errs.Conflict) {
		t.Errorf("%v", err)
	}
}
