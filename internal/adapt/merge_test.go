package adapt_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
	"github.com/convoke/convoke/internal/undo"
)

var noon = time.Date(2017, 8, 7, 12, 0, 0, 0, time.UTC)

// house has all rooms that keep facts about contacts, and two contacts of each kind.
type house struct {
	t        *testing.T
	d        *db.DB
	contacts *contact.Service
	outreach *outreach.Service
	officer  account.Actor
	ana, ben account.Actor
	cycle    int64
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, d: d}
	now := func() time.Time { return noon }
	h.contacts = contact.New(contact.Deps{
		DB: d, Now: now, Reference: ref, Secret: []byte("secret"), Normalize: mail.Normalize, IsRole: mail.IsRole,
		Claims: outreach.Revoker{Now: now}, Followers: adapt.Followers(now), Erasers: adapt.Erasers(now), Links: campaigntest.Links(),
	})
	h.outreach = outreach.New(outreach.Deps{DB: d, Now: now, Reference: ref, Contacts: h.contacts})
	h.officer, h.ana, h.ben = h.member("officer", account.Officer), h.member("ana", account.Volunteer), h.member("ben", account.Volunteer)
	c, err := cycle.New(cycle.Deps{DB: d, Now: now}).Create(context.Background(), h.officer, cycle.Cycle{Slug: "c", Name: "C"})
	if err != nil {
		t.Fatal(err)
	}
	h.cycle = c.ID
	return h
}

func (h *house) member(name string, role account.Role) account.Actor {
	h.t.Helper()
	accounts := account.New(account.Deps{DB: h.d, Now: func() time.Time { return noon }, Normalize: mail.Normalize})
	a, err := accounts.Add(context.Background(), audit.System("test"), account.Account{Name: name, Email: name + "@example.org"}, role)
	if err != nil {
		h.t.Fatal(err)
	}
	actor, err := accounts.Actor(context.Background(), a, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return actor
}

func (h *house) add(d contact.Draft) int64 {
	h.t.Helper()
	d.StakeholderGroup, d.CycleID = "academia", h.cycle
	if d.Kind == "" {
		d.Kind = contact.Person
	}
	c, err := h.contacts.Create(context.Background(), h.officer, d)
	if err != nil {
		h.t.Fatal(err)
	}
	return c.ID
}

func (h *house) exec(statement string, args ...any) {
	h.t.Helper()
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
	if err != nil {
		h.t.Fatal(statement, err)
	}
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	if err := h.d.Read(context.Background()).QueryRow(query, args...).Scan(&n); err != nil {
		h.t.Fatal(query, err)
	}
	return n
}

// campaign makes a campaign with a step that is being sent, and deliveries of it.
func (h *house) step(id int64, states map[int64]string) {
	h.t.Helper()
	if h.count("select count(*) from document where id = 1") == 0 {
		h.exec("insert into document (id, cycle_id, kind, slug, source_language, created_at) values (1, ?, 'message', 'm', 'en', ?)", h.cycle, noon)
	}
	h.exec("insert into campaign (id, cycle_id, name, state, audience, created_at) values (?, ?, 'Call', 'sending', '', ?)", id, h.cycle, noon)
	h.exec("insert into campaign_step (id, campaign_id, position, kind, state, document_id) values (?, ?, 1, 'call', 'sending', 1)", id, id)
	queued := 0
	for contactID, state := range states {
		if state == "queued" {
			queued++
		}
		h.exec(`insert into delivery (id, step_id, contact_id, address_id, locale, stakeholder_group, region, state)
			select ?, ?, ?, address_id, 'en', 'academia', 'grulac', ? from contact_address where contact_id = ? and position = 1`,
			id<<32+contactID, id, contactID, state, contactID)
	}
	h.exec("insert into delivery_batch (step_id, number, queued, sent) values (?, 0, ?, ?)", id, queued, len(states)-queued)
}

// dump is every row of every table but those that remember what was done and by what contacts are found.
func (h *house) dump() map[string][]string {
	h.t.Helper()
	tx := h.d.Read(context.Background())
	query := "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'contact_search%'"
	if h.d.Dialect() == db.Postgres {
		query = "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
	}
	var tables []string
	if err := tx.Scan(&tables, query); err != nil {
		h.t.Fatal(err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		if slices.Contains([]string{"audit_event", "changeset", "changeset_row", "goose_db_version", "listed_count", "listed_part"}, table) {
			continue
		}
		columns := "*"
		if table == "delivery_batch" { // whether its contacts are to be counted again is no fact
			columns = "step_id, number, queued, sent, deferred, failed, skipped, uncertain, ended_at, lease_until"
		}
		all[table] = h.rows(tx, "select "+columns+" from "+table)
	}
	all["listed_count"] = h.rows(tx, "select cycle_id, stakeholder_group, region, sum(listed), sum(addressable), sum(approached), sum(responded) from listed_count group by cycle_id, stakeholder_group, region having sum(listed) <> 0")
	return all
}

func (h *house) rows(tx *db.Tx, query string) (lines []string) {
	h.t.Helper()
	rows, err := tx.Query(query)
	if err != nil {
		h.t.Fatal(err)
	}
	columns, err := rows.Columns()
	if err != nil {
		h.t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			h.t.Fatal(err)
		}
		line, err := json.Marshal(values)
		if err != nil {
			h.t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		h.t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// references are the columns of the schema that refer to contacts, as table.column.
func (h *house) references() []string {
	h.t.Helper()
	query := `select m.name || '.' || f."from" from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table' and f."table" = 'contact' order by 1`
	if h.d.Dialect() == db.Postgres {
		query = `select k.conrelid::regclass::text || '.' || a.attname from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
			where k.contype = 'f' and k.confrelid = 'contact'::regclass order by 1`
	}
	var all []string
	if err := h.d.Read(context.Background()).Scan(&all, query); err != nil {
		h.t.Fatal(err)
	}
	return all
}

// twins are two entries of one person, of whom much is known under both.
func (h *house) twins() (survivor, other int64) {
	h.t.Helper()
	survivor = h.add(contact.Draft{Name: "Ana Núñez", Email: "a.nunez@example.org", Organization: "Open Net", Country: "UY", Languages: "es", LawfulBasis: "public_interest"})
	other = h.add(contact.Draft{Name: "Ana Nunez", Email: "nunez@example.com", Organization: "Open Net", Function: "implementer", Languages: "pt", LawfulBasis: "consent", Notes: "met in Geneva"})
	for _, c := range []struct {
		contact int64
		by      account.Actor
	}{{other, h.ben}, {survivor, h.ana}} {
		if _, err := h.outreach.Claim(context.Background(), c.by, h.cycle, c.contact, outreach.ReachOut); err != nil {
			h.t.Fatal(err)
		}
	}
	h.exec("update claim set claimed_at = ?, notes = 'asked her' where contact_id = ?", noon.Add(-time.Hour), survivor)
	h.exec("update claim set notes = 'wrote to her' where contact_id = ?", other)
	h.exec(`insert into attempt (claim_id, cycle_id, contact_id, volunteer_id, channel, outcome, at)
		select id, cycle_id, contact_id, volunteer_id, 'call', 'no_answer', claimed_at from claim where contact_id = ?`, other)
	h.exec(`insert into reported_address (cycle_id, contact_id, address_id, reported_by, reported_at)
		select ?, contact_id, address_id, ?, ? from contact_address where contact_id = ?`, h.cycle, h.ben.ID, noon, other)
	h.exec("insert into connection (account_id, kind, value) values (?, 'conflict', ?)", h.ben.ID, fmt.Sprint(other))
	h.exec("insert into candidate (cycle_id, state, kind, name, suggested_at, contact_id) values (?, 'accepted', 'person', 'Ana', ?, ?)", h.cycle, noon, other)
	h.exec("insert into nri (name, kind, created_at, contact_id) values ('Uruguay IGF', 'national', ?, ?)", noon, other)
	h.exec(`insert into contribution (cycle_id, contact_id, unit_id, state, channel, capacity, name, language, started_at, updated_at, received_at)
		values (?, ?, ?, 'received', 'personal_link', 'individual', 'Ana', 'es', ?, ?, ?)`, h.cycle, other, other, noon, noon, noon)
	h.exec(`insert into contribution (cycle_id, contact_id, state, channel, capacity, name, language, started_at, updated_at)
		values (?, ?, 'draft', 'personal_link', 'individual', 'Ana', 'es', ?, ?)`, h.cycle, survivor, noon, noon)
	h.exec(`insert into signatory (contribution_id, cycle_id, position, name, capacity, email, contact_id, state, invited_at)
		values ((select min(id) from contribution), ?, 1, 'Ana', 'individual', 'ana@example.net', ?, 'invited', ?)`, h.cycle, other, noon)
	h.exec(`insert into contribution_editor (contribution_id, cycle_id, name, email, contact_id, language, state, invited_at)
		values ((select min(id) from contribution), ?, 'Ana', 'ana@example.net', ?, 'es', 'invited', ?)`, h.cycle, other, noon)
	h.exec("insert into answer (contribution_id, question, text) select id, 'q1', '' from contribution where state = 'draft'")
	for who, day := range map[int64]int{survivor: 1, other: 2} { // both have a date of their own: the later applies
		h.exec(`insert into own_date (cycle_id, contact_id, on_date, zone, at, meeting, reason, state, applies_from)
			values (?, ?, ?, 'UTC', ?, 'Plenary', 'r', 'granted', ?)`, h.cycle, who, fmt.Sprintf("2017-10-%02d", day), noon.AddDate(0, 2, day), noon)
	}
	h.exec("insert into inbound_mail (hash, received_at, stored_at, state, contact_id) values ('h', ?, ?, 'new', ?)", noon, noon, other)
	h.step(1, map[int64]string{survivor: "queued", other: "queued"})
	h.step(2, map[int64]string{survivor: "queued", other: "sent"})
	h.step(3, map[int64]string{other: "queued"})
	for step, contacts := range map[int64][]int64{2: {survivor, other}, 3: {other}} { // of two of a step, the survivor's stays
		for _, c := range contacts {
			h.exec("insert into dropped_message (step_id, contact_id, reason, dropped_at) values (?, ?, 'r', ?)", step, c, noon)
			h.exec("insert into edited_message (step_id, contact_id, locale, fallback, subject, body, edited_at) values (?, ?, 'es', false, 's', 'b', ?)", step, c, noon)
		}
	}
	h.refresh(survivor, other)
	return survivor, other
}

// refresh lets the room derive what it derives, by an edit that changes nothing.
func (h *house) refresh(ids ...int64) {
	h.t.Helper()
	for _, id := range ids {
		if _, err := h.contacts.Update(context.Background(), h.officer, id, contact.Edit{}); err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestAMergeUnitesWhatAllRoomsKnow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		survivor, other := h.twins()
		third := h.add(contact.Draft{Name: "Ana Nunes", Email: "third@example.org"})
		if _, err := h.contacts.Unite(ctx, h.officer, contact.Union{Survivor: other, Other: third}); err != nil { // a redirect that leads on
			t.Fatal(err)
		}
		before := h.dump()
		effects, err := h.contacts.Foresee(ctx, h.officer, survivor, other)
		var keys []string
		for _, e := range effects {
			keys = append(keys, e.Key)
		}
		slices.Sort(keys)
		want := []string{"merge.effect.claim.reach_out", "merge.effect.delivery", "merge.effect.delivery", "merge.effect.listing", "merge.effect.own_date"}
		if err != nil || !slices.Equal(keys, want) {
			t.Errorf("foreseen: %v, %v", keys, err)
		}
		done, err := h.contacts.Unite(ctx, h.officer, contact.Union{Survivor: survivor, Other: other})
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range []struct {
			what  string
			query string
			args  []any
			want  int
		}{
			{"addresses", "select count(*) from contact_address where contact_id = ?", []any{survivor}, 3},
			{"organizations", "select count(*) from affiliation where contact_id = ?", []any{survivor}, 1},
			{"the function is taken over", "select count(*) from affiliation where contact_id = ? and function = 'implementer'", []any{survivor}, 1},
			{"lists", "select count(*) from listing where contact_id = ?", []any{survivor}, 1},
			{"claims", "select count(*) from claim where contact_id = ?", []any{survivor}, 2},
			{"live claims", "select count(*) from claim where contact_id = ? and state = 'active'", []any{survivor}, 1},
			{"the earlier claim goes on", "select count(*) from claim where volunteer_id = ? and state = 'active'", []any{h.ana.ID}, 1},
			{"the note of the other stays", "select count(*) from claim where state = 'revoked' and notes like '%wrote to her%'", nil, 1},
			{"waiting in the first step", "select count(*) from delivery where step_id = 1 and state = 'queued'", nil, 1},
			{"waiting in the second step", "select count(*) from delivery where step_id = 2 and state = 'queued'", nil, 0},
			{"waiting in the third step", "select count(*) from delivery where step_id = 3 and state = 'queued'", nil, 1},
			{"skipped with the reason", "select count(*) from delivery where state = 'skipped' and reason = 'merged'", nil, 2},
			{"counters of batches", "select count(*) from delivery_batch b where b.queued = (select count(*) from delivery d where d.step_id = b.step_id and d.state = 'queued')", nil, 3},
			{"answers", "select count(*) from contribution where contact_id = ? and unit_id = ? and state = 'received'", []any{survivor, survivor}, 1},
			{"blank drafts", "select count(*) from contribution where state = 'draft'", nil, 0},
			{"the strictest basis", "select count(*) from contact where id = ? and lawful_basis = 'consent' and country = 'UY' and languages = 'es pt' and notes = 'met in Geneva'", []any{survivor}, 1},
			{"own dates", "select count(*) from own_date where contact_id = ?", []any{survivor}, 2},
			{"the later own date applies", "select count(*) from own_date where ended_at is null and state = 'granted' and on_date = '2017-10-02'", nil, 1},
			{"the earlier was changed", "select count(*) from own_date where ended_at is not null and state = 'changed' and on_date = '2017-10-01'", nil, 1},
			{"redirects", "select count(*) from merged_contact where survivor_id = ?", []any{survivor}, 2},
		} {
			if got := h.count(check.query, check.args...); got != check.want {
				t.Errorf("%s: %d, want %d", check.what, got, check.want)
			}
		}
		if to, ok, err := h.contacts.Successor(ctx, third); err != nil || !ok || to != survivor {
			t.Errorf("the oldest link leads to %d, %v, %v", to, ok, err)
		}
		if blocked, err := h.contacts.Undo(ctx, h.officer, done.ChangesetID); err != nil {
			t.Fatal(blocked, err)
		}
		if diff := cmp.Diff(before, h.dump()); diff != "" {
			t.Errorf("taken back, it is not as it was: %s", diff)
		}
		if _, err := h.contacts.Undo(ctx, h.officer, done.ChangesetID); !errs.Is(err, errs.Conflict) {
			t.Errorf("taken back twice: %v", err)
		}
	})
}

// Whoever adds a table that refers to contacts says here what becomes of its rows in a merge.
func TestEveryReferenceToAContactFollowsAMerge(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		survivor, other := h.twins()
		org, sameOrg := h.add(contact.Draft{Kind: contact.Organization, Name: "Example Networks"}), h.add(contact.Draft{Kind: contact.Organization, Name: "Example Networks GmbH"})
		h.add(contact.Draft{Name: "Kofi", Organization: "Example Networks GmbH"})
		with := func(a, b int64) map[string]bool {
			used := map[string]bool{}
			for _, ref := range h.references() {
				table, column, _ := strings.Cut(ref, ".")
				used[ref] = h.count("select count(*) from "+table+" where "+column+" = ?", b) > 0
			}
			if _, err := h.contacts.Unite(context.Background(), h.officer, contact.Union{Survivor: a, Other: b}); err != nil {
				t.Fatal(err)
			}
			return used
		}
		person, organization := with(survivor, other), with(org, sameOrg)
		for _, ref := range h.references() {
			if !person[ref] && !organization[ref] && ref != "merged_contact.survivor_id" {
				t.Errorf("no row of %s was part of a merge: give the twins one, and its room a Uniter", ref)
			}
			table, column, _ := strings.Cut(ref, ".")
			if n := h.count("select count(*) from "+table+" where "+column+" in (?, ?)", other, sameOrg); n > 0 {
				t.Errorf("%d rows of %s did not follow", n, ref)
			}
		}
	})
}

func TestTwoAnswersAreNotMerged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		survivor, other := h.twins()
		h.exec("update contribution set state = 'checked' where contact_id = ?", survivor)
		before := h.dump()
		effects, err := h.contacts.Foresee(context.Background(), h.officer, survivor, other)
		if err != nil || !slices.ContainsFunc(effects, func(e undo.Effect) bool { return e.Refuses && e.Object == "contribution" }) {
			t.Errorf("foreseen: %v, %v", effects, err)
		}
		_, err = h.contacts.Unite(context.Background(), h.officer, contact.Union{Survivor: survivor, Other: other})
		if key, _ := errs.Message(err); key != "merge.both_answered" {
			t.Errorf("got %v", err)
		}
		if diff := cmp.Diff(before, h.dump()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheStrictestConsentStays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		survivor, other := h.add(contact.Draft{Name: "Ana", Email: "a@example.org"}), h.add(contact.Draft{Name: "Ana", Email: "b@example.org"})
		if _, err := h.outreach.Claim(ctx, h.ana, h.cycle, survivor, outreach.ReachOut); err != nil {
			t.Fatal(err)
		}
		if err := h.contacts.Suppress(ctx, h.officer, "b@example.org", contact.AskedUs); err != nil {
			t.Fatal(err)
		}
		if _, err := h.contacts.Unite(ctx, h.officer, contact.Union{Survivor: survivor, Other: other}); err != nil {
			t.Fatal(err)
		}
		got, err := h.contacts.Get(ctx, h.officer, survivor)
		if err != nil || !got.OptedOut {
			t.Errorf("opted out: %v, %v", got.OptedOut, err)
		}
		if n := h.count("select count(*) from claim where state = 'active'"); n != 0 {
			t.Errorf("%d claims hold on somebody who asked not to be written to", n)
		}
	})
}

// Claims made, renewed, expired and merged at the same instant keep rule 1, and nothing is lost.
func TestClaimsAndMergesAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		for round := range 8 {
			a, b := h.add(contact.Draft{Name: "Ana", Email: fmt.Sprintf("a%d@example.org", round)}), h.add(contact.Draft{Name: "Ana", Email: fmt.Sprintf("b%d@example.org", round)})
			first, err := h.outreach.Claim(ctx, h.ana, h.cycle, a, outreach.ReachOut)
			if err != nil {
				t.Fatal(err)
			}
			if round%2 == 0 {
				h.exec("update claim set expires_at = ? where id = ?", noon, first.ID)
			}
			var set int64
			var all sync.WaitGroup
			for _, do := range []func() error{
				func() error { _, err := h.outreach.Claim(ctx, h.ben, h.cycle, b, outreach.ReachOut); return err },
				func() error { _, err := h.outreach.Claim(ctx, h.ben, h.cycle, a, outreach.Brief); return err },
				func() error { _, err := h.outreach.Renew(ctx, h.ana, first.ID); return err },
				func() error { return h.outreach.ExpireDue(ctx) },
				func() error {
					done, err := h.contacts.Unite(ctx, h.officer, contact.Union{Survivor: a, Other: b})
					set = done.ChangesetID
					return err
				},
			} {
				all.Go(func() {
					if err := do(); err != nil && errs.CodeOf(err) == errs.Internal {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if n := h.count("select count(*) from (select 1 from claim where state = 'active' group by cycle_id, contact_id, purpose having count(*) > 1) x"); n > 0 {
				t.Fatal("two claims hold")
			}
			if set == 0 {
				continue // somebody was quicker
			}
			if n := h.count("select count(*) from claim where contact_id = ?", b); n > 0 {
				t.Errorf("%d claims are on nobody", n)
			}
			if _, err := h.contacts.Undo(ctx, h.officer, set); err != nil && errs.CodeOf(err) == errs.Internal {
				t.Error(err)
			}
			h.exec("update claim set state = 'expired', ended_at = ? where state = 'active'", noon)
		}
	})
}

// A claim that gave way to another in a merge does not hold again on somebody who has opted out since.
func TestUndoneMergeRevivesNoClaimOnWhoOptedOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHouse(t, d), context.Background()
		survivor, other := h.add(contact.Draft{Name: "Ana", Email: "a@example.org"}), h.add(contact.Draft{Name: "Ana", Email: "b@example.org"})
		for by, id := range map[*account.Actor]int64{&h.ana: survivor, &h.ben: other} {
			if _, err := h.outreach.Claim(ctx, *by, h.cycle, id, outreach.ReachOut); err != nil {
				t.Fatal(err)
			}
		}
		done, err := h.contacts.Unite(ctx, h.officer, contact.Union{Survivor: survivor, Other: other})
		if err != nil {
			t.Fatal(err)
		}
		for _, email := range []string{"a@example.org", "b@example.org"} {
			if err := h.contacts.Suppress(ctx, h.officer, email, contact.AskedUs); err != nil {
				t.Fatal(err)
			}
		}
		if blocked, err := h.contacts.Undo(ctx, h.officer, done.ChangesetID); err != nil {
			t.Fatal(err, blocked)
		}
		if n := h.count("select count(*) from claim where state = 'active'"); n != 0 {
			t.Errorf("%d claims hold on people who asked not to be written to", n)
		}
		if n := h.count("select count(*) from audit_event where action = 'claim.revoked'"); n != 3 {
			t.Errorf("the trail has %d claims that ended, want 3: one in the merge, one at the request, one that came back", n)
		}
	})
}
