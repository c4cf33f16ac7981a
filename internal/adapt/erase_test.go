package adapt_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
)

// What docs/contacts.md says that an erasure leaves. Everything else must not hold a word of the person.
var leftByErasure = []string{"audit_event", "contribution", "answer", "outgoing_mail", "suppression"}

// Much is known of a person in all rooms, under two entries that were merged; then they ask to be forgotten.
func TestNoRoomRemembersWhoWasErased(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		now := func() time.Time { return noon }
		k := campaigntest.NewWith(t, d, i18ntest.Bundle(t), account.New(account.Deps{DB: d, Now: now, Normalize: mail.Normalize}), now, h.officer, func(deps *campaign.Deps) {
			deps.Addresses, deps.Volunteers = adapt.Addresses{Service: h.contacts}, adapt.Volunteers{Service: h.outreach}
		})
		h.cycle = k.CycleID
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		person := h.add(contact.Draft{Name: "Zebedee Quux", Organization: "Ministry", Email: "zebedee@quux.example", Country: "PE", Languages: "en", Notes: "likes quuxing", Source: "a list"})
		twin := h.add(contact.Draft{Name: "Zebedee Quuux", Organization: "Ministry", Email: "z@quux.example", Country: "PE"})
		former := h.add(contact.Draft{Name: "Zeb Quux", Email: "zeb@quux.example"})
		colleague := h.add(contact.Draft{Name: "Colleague", Email: "shared@example.org"})
		_, err := h.contacts.AddAddress(ctx, h.officer, person, "old@quux.example")
		must(err)
		_, err = h.contacts.AddAddress(ctx, h.officer, person, "shared@example.org")
		must(err)
		detail, err := h.contacts.Get(ctx, h.officer, person)
		must(err)
		at := slices.IndexFunc(detail.Addresses, func(a contact.ListedAddress) bool { return strings.HasPrefix(a.Email, "old") })
		must(h.contacts.RemoveAddress(ctx, h.officer, person, detail.Addresses[at].AddressID))
		_, err = h.contacts.Suggest(ctx, h.officer, h.cycle, contact.Candidate{
			Kind: contact.Person, Name: "Zebedee Quux", Email: "zebedee@quux.example", StakeholderGroup: "academia", Country: "PE", Note: "Quux again",
		})
		must(err)

		claim, err := h.outreach.Claim(ctx, h.ana, h.cycle, person, outreach.ReachOut)
		must(err)
		_, err = h.outreach.LogAttempt(ctx, h.ana, claim.ID, outreach.Attempt{Channel: outreach.ByCall, Outcome: outreach.NoAnswer, Note: "Quux did not answer"})
		must(err)
		_, err = h.outreach.HandOver(ctx, h.ana, claim.ID, h.ben.ID, "You know Quux")
		must(err)
		_, err = h.outreach.Release(ctx, h.ana, claim.ID, "Quux is on leave")
		must(err)
		h.exec(`insert into own_date (cycle_id, contact_id, on_date, zone, at, meeting, reason, state, applies_from)
			values (?, ?, '2017-10-01', 'UTC', ?, 'Assembly of Quux', 'Quux asked', 'granted', ?)`, h.cycle, person, noon.AddDate(0, 2, 0), noon)
		h.exec("update handover set answer = 'Quux does not know me'")
		h.exec("update claim set reason = 'Quux asked for another' where contact_id = ?", person)
		h.exec(`insert into reported_address (cycle_id, contact_id, address_id, reported_by, reported_at, note)
			select ?, contact_id, address_id, ?, ?, 'Quux has moved' from contact_address where contact_id = ? and position = 1`, h.cycle, h.ben.ID, noon, person)

		c, err := k.Create(ctx, h.officer, campaign.Proposal{CycleID: h.cycle, Name: "The call", Audience: campaign.Audience{All: true}, Steps: []campaign.StepDraft{{Kind: campaign.Call}}})
		must(err)
		_, err = k.Freeze(ctx, h.officer, c.ID)
		must(err)
		_, err = k.Approve(ctx, h.member("second", account.Officer), c.ID)
		must(err)
		_, err = k.Launch(ctx, h.officer, c.ID)
		must(err)
		k.Work()
		h.exec("update delivery set reply = '550 zebedee@quux.example?' where contact_id = ?", person)
		h.exec("insert into personal_message (delivery_id, claim_id, opening, written_at) select id, ?, 'Dear Quux', ? from delivery where contact_id = ?", claim.ID, noon, person)
		if n := h.count("select count(*) from captured_mail where recipient like '%quux%'"); n != 3 {
			t.Fatalf("%d messages were captured", n)
		}
		for _, other := range []int64{former, twin} {
			_, err = h.contacts.Unite(ctx, h.officer, contact.Union{Survivor: person, Other: other})
			must(err)
		}

		h.runningImport("Zeb Quux")
		must(h.contacts.Erase(ctx, h.officer, person, true))
		for table, rows := range h.dump() {
			for _, row := range rows {
				if !slices.Contains(leftByErasure, table) && (strings.Contains(strings.ToLower(row), "quux") || strings.Contains(strings.ToLower(row), "zebedee")) {
					t.Errorf("%s remembers: %s", table, row)
				}
			}
		}
		for table, columns := range map[string]string{"changeset": "note", "changeset_row": "coalesce(cast(before as text), '') || coalesce(cast(after as text), '')", "contact_search": "words"} {
			if n := h.count("select count(*) from " + table + " where lower(" + columns + ") like '%quux%' or lower(" + columns + ") like '%zebedee%'"); n > 0 {
				t.Errorf("%d rows of %s remember", n, table)
			}
		}
		for what, n := range map[string]int{
			"messages that went":            h.count("select count(*) from delivery where contact_id = ? and state = 'sent'", person),
			"tries":                         h.count("select count(*) from attempt where contact_id = ?", person),
			"the colleague's address":       h.count("select count(*) from contact_address ca join address a on a.id = ca.address_id where ca.contact_id = ? and a.email = 'shared@example.org'", colleague),
			"places on lists":               h.count("select count(*) from listing where contact_id = ?", person),
			"hashes of who must not be met": h.count("select count(*) from suppression"),
		} {
			if n == 0 {
				t.Errorf("gone too: %s", what)
			}
		}
		if _, err := h.contacts.AddAddress(ctx, h.officer, colleague, "zebedee@quux.example"); !errs.Is(err, errs.Conflict) {
			t.Errorf("the address can be entered anew: %v", err)
		}
	})
}

// runningImport is an import that has come past a row of this name and goes on.
func (h *house) runningImport(name string) {
	h.t.Helper()
	h.exec("insert into import (id, state, file_name, size, sha256, created_by, created_at) values (1, 'running', 'list.csv', 1, '', ?, ?)", h.officer.ID, noon)
	h.exec("insert into import_row (import_id, number, verdict, name) values (1, 2, 'new', ?)", name)
}

// Whoever is erased while a message to them waits gets none.
func TestNobodyIsWrittenToAfterErasure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPostOffice(t, d, nil)
		person := p.listed("Zebedee Quux", "zebedee@quux.example")
		p.listed("Ana", "ana@example.org")
		p.launched()
		if err := p.contacts.Erase(context.Background(), p.officer, person, false); err != nil {
			t.Fatal(err)
		}
		p.kit.Work()
		p.same(map[string]int{"ana@example.org": 1})
		if n := p.count("select count(*) from delivery where contact_id = ? and state in ('queued', 'deferred', 'sent')", person); n > 0 {
			t.Error("the message waits or went")
		}
	})
}
