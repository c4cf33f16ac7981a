package campaign

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// snapshot is the one statement that says who gets a step's message, in which language, and why
// not the others. The outbox counts and lists it. The launch stores the same: those of whom the list itself says enough by a
// shorter statement with the same reasons, all others by this one.
type snapshot struct {
	cycleID      int64
	stepID       int64
	firstStepID  int64 // of a follow-up: only those who were sent this step; 0 for the call itself
	mailing      mailing
	audience     Audience
	nris         nriContacts
	exceptions   int  // of the step; 0 where nobody has to look for single messages
	decided      bool // the campaign was approved: an edit since then needs an approval of its own
	organization bool // one answer speaks for the whole organization
	now          time.Time
	chains       []chainLocale
	variants     variants
	policy       LanguagePolicy
	held         bool     // only those whose message of the step waits for a translation
	later        []int64  // of those who wait for a translation: the launched steps behind this one
	asked        bool     // of these only those for whom a completion was asked
	heldCall     bool     // of a follow-up: the call may wait for a translation, and then this step does too
	hours        []hourOf // when whom it is the hour for, where that is not at once; nil where all go at once
	after, upTo  int64    // listings, or with held deliveries; upTo 0 is without end
	chunked      bool     // it is for the beginning of what comes after
	unclaimed    bool     // it is for nobody whom a volunteer has in hand
	listings     []int64  // only those with these listings; nil for all
	only         int64    // a contact, with those who share an address with it; 0 for all
}

// chainLocale says which language contacts with this chain of languages get.
type chainLocale struct {
	Chain    string `json:"chain"`
	Locale   string `json:"locale"`
	Fallback bool   `json:"fallback"`
	Edition  int    `json:"edition"` // of the translation
}

// listed is the condition for being in the audience; l is listed_contact, c contact_card.
func (q *snapshot) listed(dialect db.Dialect) (string, []any) {
	var w where
	w.and(q.ofCycle(), q.cycleID)
	if q.only != 0 {
		w.and("l.contact_id in (select cast(? as bigint) union select o.contact_id from contact_mailbox m join contact_mailbox o on o.address_id = m.address_id where m.contact_id = ?)", q.only, q.only)
	}
	q.lasting(&w, dialect)
	if q.firstStepID == 0 && !q.held {
		q.passing(&w)
	}
	if q.audience.Empty() {
		w.and("1 = 0")
	}
	if q.firstStepID != 0 {
		received := "(f.state = 'sent' or f.sent_at is not null and f.state in ('queued', 'deferred'))" // or is sent again
		if q.heldCall {
			received = "(" + received + " or f.state = 'skipped' and f.reason = '" + string(HeldForTranslation) + "')"
		}
		w.and("exists (select 1 from delivery f where f.contact_id = l.contact_id and f.step_id = ? and "+received+")", q.firstStepID)
	}
	if q.held {
		deliveries, with := q.heldDeliveries()
		w.and("l.contact_id in (select h.contact_id from delivery h"+deliveries+")", with...)
		return w.sql()
	}
	if q.after != 0 {
		w.and("l.listing_id > ?", q.after)
	}
	if q.upTo != 0 {
		w.and("l.listing_id <= ?", q.upTo)
	}
	if q.listings != nil {
		w.oneOf("l.listing_id", q.listings, dialect)
	}
	return w.sql()
}

// plain says whether the messages of a launch go out at once to people who were never asked: most of them need no further look.
func (q *snapshot) plain() bool { return !q.held && q.hours == nil }

// asksCards says whether the audience asks for more than the list of the cycle says of each.
func (q *snapshot) asksCards() bool {
	a := &q.audience
	return len(a.Countries)+len(a.Languages)+len(a.Tags) > 0
}

func (q *snapshot) chainTexts() []string {
	chains := make([]string, len(q.chains))
	for i, c := range q.chains {
		chains[i] = c.Chain
	}
	return chains
}

// ofCycle is the condition that somebody is on the list of the cycle. Where the statement is for a range of listings, it is not
// one by which they are found: a chunk costs what is in it, and not what there is.
func (q *snapshot) ofCycle() string {
	if q.held || q.after == 0 && q.upTo == 0 && !q.chunked {
		return "l.cycle_id = ?"
	}
	return "l.cycle_id + 0 = ?"
}

const (
	listedFrom = " from listed_contact l" + withCard
	withCard   = " join contact_card c on c.contact_id = l.contact_id"
)

// optedOut speaks against a message to whoever asked at any of their addresses not to be mailed. t has what the contacts' room
// keeps of each contact's addresses; where that says usable, nobody asked, and else it is looked up contact by contact (limit
// keeps PostgreSQL from reading all addresses instead).
func optedOut(t, x string) string {
	return "when " + notUsable(t) + " and (select 1 from contact_mailbox o where o.contact_id = " + x + ".contact_id and o.suppressed limit 1) is not null then 'suppressed'"
}

// erased speaks against a message to whoever asked to be forgotten while it waited: nothing is kept of their addresses.
func erased(t, x string) string {
	return "when " + notUsable(t) + " and (select 1 from erased_contact e where e.contact_id = " + x + ".contact_id limit 1) is not null then 'suppressed'"
}

func notUsable(t string) string { return "coalesce(" + t + ".address_state, '') <> 'usable'" }

// answered is what speaks against any further message to a contact, the campaign's and a volunteer's, asked
// at the snapshot and again when the message is taken for sending. Whoever took an answer back has answered
// too, and so has whoever said no to a volunteer. x is the alias of what has contact_id.
func answered(x string, cycleID int64, organization bool) (string, []any) {
	cases := []string{"when " + x + ".contact_id in (select contact_id from asked_enough_contact where cycle_id = ?) then 'responded'"}
	args := []any{cycleID}
	if organization {
		cases = append(cases, "when exists (select 1 from asked_enough_unit where cycle_id = ?)"+
			" and (select unit_id from contact_unit u where u.contact_id = "+x+".contact_id) in (select unit_id from asked_enough_unit where cycle_id = ?) then 'responded'")
		args = append(args, cycleID, cycleID)
	}
	cases = append(cases, "when "+x+".contact_id in (select contact_id from declining_contact where cycle_id = ?) then 'declined'")
	return strings.Join(cases, "\n"), append(args, cycleID)
}

// claimedContacts are those whom a volunteer has in hand to reach them.
const claimedContacts = "select contact_id from live_claim where cycle_id = ? and purpose = 'reach_out' and expires_at > ?"

// underClaim speaks against the campaign's messages: a volunteer is at it in person.
func underClaim(x string, cycleID int64, now time.Time) (string, []any) {
	return "when " + x + ".contact_id in (" + claimedContacts + ") then 'personal_claim'", []any{cycleID, now}
}

// lostClaim speaks against a message in the name of a volunteer who does not hold the contact any more. x has personal_by too.
func lostClaim(x string, cycleID int64, now time.Time) (string, []any) {
	return "when not exists (select 1 from live_claim v join account_mailbox k on k.account_id = v.volunteer_id" +
		" where v.cycle_id = ? and v.contact_id = " + x + ".contact_id and v.volunteer_id = " + x + ".personal_by" +
		" and v.purpose in ('reach_out', 'brief') and v.expires_at > ?) then 'claim_lost'", []any{cycleID, now}
}

// promised speaks against follow-ups only.
func promised(x string, cycleID int64, now time.Time) (string, []any) {
	return "when " + x + ".contact_id in (select contact_id from promised_contact where cycle_id = ? and promised_until > ?) then 'promised'", []any{cycleID, now}
}

// sql gives listing_id, contact_id, stakeholder_group, region, address_id, locale, fallback, edition, variant and
// verdict (empty, or the reason against) of everybody in the audience.
func (q *snapshot) sql(dialect db.Dialect) (string, []any, error) {
	chains, err := json.Marshal(q.chains)
	if err != nil {
		return "", nil, err
	}
	where, args := q.listed(dialect)
	reasons, reasonArgs := q.reasons()
	variant, variantArgs := q.variants.sql(dialect)
	args = append(append(append([]any{string(chains)}, variantArgs...), args...), reasonArgs...)
	if q.exceptions > 0 {
		args = append(args, q.stepID)
	}
	args = append(args, q.stepID, q.stepID)
	p := parts{where: where, reasons: reasons, variant: variant, untranslated: untranslated(q.policy), edits: q.exceptions > 0}
	return snapshotWith(dialect, p), args, nil
}

// reasons are what speaks against a message to l who has a mailbox and a language, as cases.
func (q *snapshot) reasons() (string, []any) {
	cases, args := unwanted("l", q.mailing)
	more, with := q.excepted("l")
	cases, args = cases+more, append(args, with...)
	add := func(more string, with []any) { cases, args = cases+"\n"+more, append(args, with...) }
	add(answered("l", q.cycleID, q.organization))
	switch {
	case q.firstStepID != 0: // a follow-up waits for the volunteer, and is not left out
		add(promised("l", q.cycleID, q.now))
	case !q.unclaimed:
		add(underClaim("l", q.cycleID, q.now))
	}
	if len(q.later) > 0 {
		add(overtaken("l", q.later))
	}
	if q.heldCall {
		add("when not exists (select 1 from delivery f where f.contact_id = l.contact_id and f.step_id = ? and f.state = 'sent') then '"+string(HeldForTranslation)+"'", []any{q.firstStepID})
	}
	return cases, args
}

// parts are what differs from one statement to the next.
type parts struct {
	where, reasons string
	variant        string // an expression over l
	untranslated   Reason
	edits          bool // there may be messages that are edited by hand, each in a language of its own
}

// excepted speaks against messages that were taken out by hand, and against words that nobody approved.
func (q *snapshot) excepted(x string) (string, []any) {
	if q.exceptions == 0 {
		return "", nil
	}
	cases := "\nwhen " + x + ".contact_id in (select contact_id from dropped_message where step_id = ?) then 'dropped'"
	if !q.decided {
		return cases, []any{q.stepID}
	}
	return cases + "\nwhen e.contact_id is not null and e.approved_at is null then 'edit_waits'", []any{q.stepID}
}

// snapshotWith puts the statement together: who is listed, what speaks against each, and which of
// several contacts with one address gets the message (the first on the list; none where a volunteer wrote to
// the address in person). Whoever became one with somebody who has a message of the step already gets no second one at another
// address. Each part is worked out once and not again for each mention; addresses are looked
// up contact by contact, so that a chunk costs what is in it and not what there is; deliveries are
// joined, because PostgreSQL would otherwise read the table that it fills once for each row.
func snapshotWith(dialect db.Dialect, p parts) string {
	locale, fallback, edits := "coalesce(g.locale, '')", "coalesce(g.fallback, false)", ""
	if p.edits {
		locale, fallback = "coalesce(e.locale, g.locale, '')", "coalesce(e.fallback, g.fallback, false)"
		edits = "left join edited_message e on e.step_id = ? and e.contact_id = l.contact_id\n"
	}
	return `with chosen as materialized (
` + chainTable(dialect) + `
), listed as materialized (
select l.listing_id, l.contact_id, l.stakeholder_group, l.region, c.language_chain, ` + p.variant + ` as variant,
  coalesce(t.address_state, '') as address_state,
  case when t.address_state = 'usable' then (select w.address_id from working_address w where w.contact_id = l.contact_id order by w.position limit 1)
    else (select u.address_id from usable_address u where u.contact_id = l.contact_id order by u.position limit 1) end as address_id` +
		listedFrom + `
left join contact_state t on t.contact_id = l.contact_id` + p.where + `
), judged as materialized (
select l.*, ` + locale + ` as locale, ` + fallback + ` as fallback, coalesce(g.edition, 1) as edition, d.contact_id as taken_by, d.personal_by,
(select 1 from contact_mailbox o where o.address_id = l.address_id and o.contact_id <> l.contact_id limit 1) as shared,
case
` + optedOut("l", "l") + `
when l.address_id is null and l.address_state <> 'usable' and exists (select 1 from contact_mailbox b where b.contact_id = l.contact_id) then 'bounced'
when l.address_id is null then 'no_address'
` + p.reasons + `
when ` + locale + ` = '' then '` + string(p.untranslated) + `'
else '' end as reason
from listed l
left join chosen g on g.chain = l.language_chain
` + edits + `left join delivery d on d.step_id = ? and d.address_id = l.address_id
), first_at as materialized (
select j.address_id, min(j.listing_id) as listing_id from judged j where j.shared = 1 and j.reason = '' group by j.address_id
)
select s.listing_id, s.contact_id, s.stakeholder_group, s.region, s.address_id, s.locale, s.fallback, s.edition, s.variant,
case
when s.personal_by is not null and s.reason in ('', 'personal_claim') then 'sent_personally'
when s.reason <> '' then s.reason
when s.taken_by is not null then 'duplicate_address'
when s.contact_id in (select survivor_id from contact_successor)
  and (select 1 from delivery x where x.contact_id = s.contact_id and x.step_id = ? and x.state <> 'skipped' limit 1) is not null then 'merged'
when s.shared = 1 and s.listing_id > (select f.listing_id from first_at f where f.address_id = s.address_id) then 'duplicate_address'
else '' end as verdict
from judged s`
}

func chainTable(dialect db.Dialect) string {
	if dialect == db.Postgres {
		return "select chain, locale, fallback, edition from json_to_recordset(cast(? as json)) as t(chain text, locale text, fallback boolean, edition integer)"
	}
	return "select value ->> 'chain' as chain, value ->> 'locale' as locale, value ->> 'fallback' as fallback, value ->> 'edition' as edition from json_each(?)"
}

// languageChains are the distinct chains of the audience.
func languageChains(tx *db.Tx, q snapshot) ([]string, error) {
	where, args := q.listed(tx.Dialect())
	rows, err := tx.Query("select distinct c.language_chain"+listedFrom+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var chains []string
	for rows.Next() {
		var chain string
		if err := rows.Scan(&chain); err != nil {
			return nil, err
		}
		chains = append(chains, chain)
	}
	return chains, rows.Err()
}

// knowsChains says whether a language was found for every chain of the audience as it is now.
func (q *snapshot) knowsChains(tx *db.Tx) (bool, error) {
	chains, err := languageChains(tx, *q)
	for _, chain := range chains {
		if !slices.ContainsFunc(q.chains, func(c chainLocale) bool { return c.Chain == chain }) {
			return false, err
		}
	}
	return true, err
}

// chunkEnd is the last listing of the next chunk of so many, 0 where there is none left.
func chunkEnd(tx *db.Tx, q snapshot, size int) (int64, error) {
	if q.held {
		return heldEnd(tx, q, size)
	}
	q.chunked = true
	where, args := q.listed(tx.Dialect())
	from := " from listed_contact l"
	if q.asksCards() {
		from = listedFrom
	}
	var end int64
	err := tx.QueryRow(fmt.Sprintf("select l.listing_id%s order by l.listing_id limit 1 offset %d", from+where, size-1), args...).Scan(&end)
	if !errors.Is(err, sql.ErrNoRows) {
		return end, err
	}
	return end, tx.QueryRow("select coalesce(max(l.listing_id), 0)"+from+where, args...).Scan(&end) // the rest is less than a chunk
}

// count groups the snapshot.
func (q *snapshot) count(tx *db.Tx) ([]Count, error) {
	inner, args, err := q.sql(tx.Dialect())
	if err != nil {
		return nil, err
	}
	return verdictCounts(tx, inner, args)
}

// verdictCounts groups a statement that gives verdict, locale, fallback and variant of each message.
func verdictCounts(tx *db.Tx, inner string, args []any) ([]Count, error) {
	rows, err := tx.Query("select verdict, locale, fallback, variant, count(*) from ("+inner+") v group by verdict, locale, fallback, variant", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var counts []Count
	for rows.Next() {
		c := Count{State: DeliveryPlanned}
		if err := rows.Scan(&c.Reason, &c.Locale, &c.Fallback, &c.Variant, &c.Count); err != nil {
			return nil, err
		}
		if c.Reason != notAReason {
			c.State = DeliverySkipped
		}
		counts = append(counts, c)
	}
	return counts, rows.Err()
}
