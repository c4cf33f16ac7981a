// Package contributiontest gives tests a contribution service with the rooms around it: a cycle with
// dates, a short questionnaire, contacts, and an outbox.
package contributiontest

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/outreach"
)

// PublicURL is how links begin.
const PublicURL = "https://convoke.example.org"

// Slug names the cycle.
const Slug = "bpf-2017"

// Kit is the service and what a test turns.
type Kit struct {
	*contribution.Service
	DB       *db.DB
	Signer   *link.Signer
	Contacts *contact.Service
	Dates    *cycle.Service // by the test's clock
	CycleID  int64
	t        testing.TB
	woken    atomic.Int64
}

// Wake implements letter.Waker.
func (k *Kit) Wake(context.Context, int64, int) { k.woken.Add(1) }

// Woken is how often a worker was woken for a letter.
func (k *Kit) Woken() int { return int(k.woken.Load()) }

// New makes a cycle with a deadline on 15 September 2017 and, for initiatives, on 15 November, both
// anywhere on earth and in force since the beginning of the year.
func New(t testing.TB, d *db.DB, now func() time.Time) *Kit {
	t.Helper()
	bundle := i18ntest.Bundle(t)
	ref, err := geo.Load()
	must(t, err)
	k := &Kit{DB: d, Signer: link.NewSigner([]byte("a key of the test, long enough to be one")), t: t}
	outbox, err := letter.New(letter.Deps{
		DB: d, Now: now, I18n: bundle, Waker: k, From: mail.Address{Name: "Secretariat", Email: "secretariat@example.org"},
		PublicURL: PublicURL, Unique: letter.Random,
	})
	must(t, err)
	cycles := adapt.Rounds{Service: cycle.New(cycle.Deps{DB: d, Now: func() time.Time { return time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC) }})}
	k.Dates = cycle.New(cycle.Deps{DB: d, Now: now})
	k.Contacts = contact.New(contact.Deps{
		DB: d, Now: now, Reference: ref, Secret: []byte("the key of the addresses' hashes"), Normalize: mail.Normalize, IsRole: mail.IsRole,
		Links: k.Signer, Claims: outreach.Revoker{Now: now}, Letters: adapt.Readers{Letters: outbox, PublicURL: PublicURL},
	})
	k.Service = contribution.New(contribution.Deps{
		DB: d, Now: now, Cycles: cycles, Questions: Questions{}, Links: k.Signer, Letters: outbox, Lists: k.Contacts,
		Geo: ref, Locales: bundle.Tags(), Normalize: mail.Normalize, PublicURL: PublicURL,
	})
	officer := account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 1, Name: "Officer"}, Roles: []account.Role{account.Officer}}
	ctx := context.Background()
	c, err := cycles.Create(ctx, officer, cycle.Cycle{Slug: Slug, Name: "BPF Cybersecurity 2017"})
	must(t, err)
	k.CycleID = c.ID
	_, err = cycles.Move(ctx, officer, Slug, cycle.Open)
	must(t, err)
	for kind, day := range map[cycle.DateKind]string{cycle.Deadline: "2017-09-15", cycle.NRIGrace: "2017-11-15"} {
		_, err = cycles.SetDate(ctx, officer, c.ID, kind, day, cycle.AoE, "")
		must(t, err)
	}
	return k
}

// Contact adds a listed person with an address, and gives the id.
func (k *Kit) Contact(name, language string) int64 {
	k.t.Helper()
	var id, address int64
	err := k.DB.Write(context.Background(), func(tx *db.Tx) error {
		now := k.Now()
		email := ascii(strings.ToLower(name)) + letter.Random() + "@example.org"
		if err := tx.QueryRow(`insert into contact (kind, name, sort_name, country, region, stakeholder_group, language_chain, created_at, updated_at)
			values ('person', ?, ?, 'UY', 'grulac', 'government', ?, ?, ?) returning id`, name, name, language, now, now).Scan(&id); err != nil {
			return err
		}
		if err := tx.QueryRow(`insert into address (email, hash, kind, status, created_at) values (?, ?, 'personal', 'ok', ?) returning id`,
			email, contact.AddressHash(k.Contacts.Secret, email), now).Scan(&address); err != nil {
			return err
		}
		if _, err := tx.Exec("insert into contact_address (contact_id, address_id, position) values (?, ?, 1)", id, address); err != nil {
			return err
		}
		_, err := tx.Exec("insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at) values (?, ?, 'civil_society', 'grulac', ?)",
			k.CycleID, id, now)
		return err
	})
	must(k.t, err)
	return id
}

// Exec runs a statement for a test.
func (k *Kit) Exec(query string, args ...any) {
	k.t.Helper()
	must(k.t, k.DB.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

// Count runs a statement that gives one number.
func (k *Kit) Count(query string, args ...any) int {
	k.t.Helper()
	var n int
	must(k.t, k.DB.Read(context.Background()).QueryRow(query, args...).Scan(&n))
	return n
}

// Text runs a statement that gives one text.
func (k *Kit) Text(query string, args ...any) string {
	k.t.Helper()
	var s string
	must(k.t, k.DB.Read(context.Background()).QueryRow(query, args...).Scan(&s))
	return s
}

// Respond is the token of a contact's personal link.
func (k *Kit) Respond(contactID int64) string {
	return k.Signer.Token(link.Respond, link.Target{CycleID: k.CycleID, ContactID: contactID})
}

// UnsubscribeToken is the token of a contact's unsubscribe link.
func (k *Kit) UnsubscribeToken(contactID int64) string {
	return k.Signer.Token(link.Unsubscribe, link.Target{CycleID: k.CycleID, ContactID: contactID})
}

// Mailed is the token of the preferences in a mail of a campaign that the contact was sent in this language.
func (k *Kit) Mailed(contactID int64, locale string) string {
	k.t.Helper()
	now := k.Now()
	k.Exec("insert into document (cycle_id, kind, slug, source_language, created_at) values (?, 'message', ?, 'en', ?)", k.CycleID, letter.Random(), now)
	k.Exec("insert into campaign (cycle_id, name, state, audience, created_at) values (?, 'The call', 'sending', '{}', ?)", k.CycleID, now)
	k.Exec(`insert into campaign_step (campaign_id, position, kind, state, document_id)
		select (select max(id) from campaign), 1, 'call', 'sending', (select max(id) from document)`)
	step := k.Count("select max(id) from campaign_step")
	id := int64(step)<<32 + 1
	k.Exec(`insert into delivery (id, step_id, contact_id, address_id, locale, stakeholder_group, region, state, sent_at)
		select ?, ?, contact_id, address_id, ?, 'government', 'grulac', 'sent', ? from contact_address where contact_id = ? and position = 1`, id, step, locale, now, contactID)
	return k.Signer.Token(link.Unsubscribe, link.Target{CycleID: k.CycleID, ContactID: contactID, DeliveryID: id})
}

func ascii(name string) string {
	var b []byte
	for _, r := range name {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			b = append(b, byte(r))
		}
	}
	return string(b)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Questions is a short questionnaire, in English and Spanish.
type Questions struct{}

// Questionnaire implements contribution.Questions.
func (Questions) Questionnaire(_ context.Context, cycleID int64, locale string) (contribution.Questionnaire, error) {
	if cycleID == 0 {
		return contribution.Questionnaire{}, errs.E(errs.NotFound, "error.not_found")
	}
	q := contribution.Questionnaire{
		RevisionID: 0, Locale: "en", Fallback: locale != "en", Title: "Call for contributions", FreeForm: true, PagesMax: 3,
		Call:    []contribution.Block{{Text: "All stakeholders are invited."}},
		Intro:   []contribution.Block{{Text: "Two elements:"}, {Items: []string{"policy options", "the goals"}}},
		Reading: []contribution.Reading{{Title: "The goals", URL: "https://example.org/goals"}, {Title: "To be found"}},
		Questions: []contribution.Question{
			{ID: "q1", Text: "How does good cybersecurity contribute?"},
			{ID: "q3", Text: "Do you see policy options?", Other: true, Items: []contribution.Item{{ID: "q3a", Text: "Denial of service"}, {ID: "q3b", Text: "Mobile devices"}}},
			{ID: "q5", Text: "What is the most critical issue?", Preamble: "Many developments are not coordinated.", FollowUp: "Whom should we invite?"},
			{ID: "q6", Kind: contribution.FileQuestion, Text: "Do you have slides?"},
		},
	}
	if locale == "es" {
		q.Locale, q.Fallback = "es", false
		q.Questions[0].Text = "¿Cómo contribuye la buena ciberseguridad?"
	}
	return q, nil
}
