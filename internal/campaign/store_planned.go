package campaign

import (
	"database/sql"
	"fmt"

	"github.com/convoke/convoke/internal/db"
)

// plannedColumns are what is shown of somebody in an outbox; v is the snapshot.
const (
	plannedColumns = `v.listing_id, v.contact_id, v.verdict, v.locale, v.fallback, v.edition, v.variant, v.stakeholder_group, v.region,
p.kind, p.name, p.organization, coalesce(a.email, ''), coalesce(a.kind, '')`
	plannedJoins = ` join contact_profile p on p.contact_id = v.contact_id
left join address_state a on a.address_id = v.address_id`
)

func scanPlanned(rows *sql.Rows, more ...any) (Planned, error) {
	var p Planned
	err := rows.Scan(append([]any{
		&p.ListingID, &p.ContactID, &p.Reason, &p.Locale, &p.Fallback, &p.edition, &p.Variant, &p.StakeholderGroup, &p.Region,
		&p.person.Kind, &p.Name, &p.person.Organization, &p.person.Email, &p.person.AddressKind,
	}, more...)...)
	p.person.ContactID, p.person.Name = p.ContactID, p.Name
	return p, err
}

// one is what a contact gets, or why it gets nothing; false for a contact that is not in the audience.
func (q *snapshot) one(tx *db.Tx, contactID int64) (Planned, bool, error) {
	alone := *q
	alone.only = contactID
	inner, args, err := alone.sql(tx.Dialect())
	if err != nil {
		return Planned{}, false, err
	}
	rows, err := tx.Query("select "+plannedColumns+" from ("+inner+") v"+plannedJoins+" where v.contact_id = ?", append(args, contactID)...)
	if err != nil {
		return Planned{}, false, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return Planned{}, false, rows.Err()
	}
	p, err := scanPlanned(rows)
	return p, err == nil, err
}

// among are those of these contacts that are in the audience.
func (q *snapshot) among(tx *db.Tx, contacts []int64) ([]Planned, error) {
	inner, args, err := q.sql(tx.Dialect())
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query("select "+plannedColumns+" from ("+inner+") v"+plannedJoins+" where v.contact_id in ("+marks(len(contacts))+") order by p.name, v.contact_id", append(args, anys(contacts)...)...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []Planned
	for rows.Next() {
		p, err := scanPlanned(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// reading is the snapshot as somebody reviews it.
type reading struct {
	counts     []Count
	firsts     []Planned // of the recipients, the first of each language, fallback or not, and variant
	recipients []Planned // a page of them
	excluded   []Planned // a page of them
	edges      []EdgeSample
}

// edgesSQL is a sum of one bit for each edge case of which the contact is the first in an outbox.
const edgesSQL = `case when v.listing_id = v.longest_id then 1 else 0 end + case when v.listing_id = v.rtl_id then 2 else 0 end
+ case when v.listing_id = v.unnamed_id then 4 else 0 end + case when v.listing_id = v.organization_id then 8 else 0 end`

// rightToLeft says of a name whether a letter of a script that is written from right to left is in it.
func rightToLeft(dialect db.Dialect) string {
	if dialect == db.Postgres {
		return `k.name ~ '[\u0590-\u08FF]'`
	}
	return "k.name glob '*[' || char(1424) || '-' || char(2303) || ']*'"
}

// read counts the snapshot and gives a page of both its lists, all seen at one moment. The first of
// everybody with the same verdict, language and variant carries how many they are.
func (q *snapshot) read(tx *db.Tx, after PlanCursor) (reading, error) {
	inner, args, err := q.sql(tx.Dialect())
	if err != nil {
		return reading{}, err
	}
	const shown = "v.listing_id > case when v.verdict = '' then cast(? as bigint) else cast(? as bigint) end"
	query := fmt.Sprintf(`select %s, v.alike, v.total, v.shown, v.edges from (
select v.*, v.later and row_number() over (partition by v.verdict = '', v.later order by v.listing_id) <= %d as shown, %s as edges
from (
select v.*, %s as later,
row_number() over (partition by v.verdict, v.locale, v.fallback, v.variant order by v.listing_id) as alike,
count(*) over (partition by v.verdict, v.locale, v.fallback, v.variant) as total,
first_value(case when v.verdict = '' then v.listing_id end) over (order by case when v.verdict = '' then length(k.name) else -1 end desc, v.listing_id) as longest_id,
min(case when v.verdict = '' and %s then v.listing_id end) over () as rtl_id,
min(case when v.verdict = '' and trim(k.name) = '' then v.listing_id end) over () as unnamed_id,
min(case when v.verdict = '' and k.kind = 'organization' then v.listing_id end) over () as organization_id
from (%s) v join contact_card k on k.contact_id = v.contact_id) v) v%s
where v.alike = 1 or v.shown or v.edges > 0 order by v.listing_id`, plannedColumns, PageSize, edgesSQL, shown, rightToLeft(tx.Dialect()), inner, plannedJoins)
	rows, err := tx.Query(query, append([]any{after.Recipients, after.Excluded}, args...)...)
	if err != nil {
		return reading{}, err
	}
	defer func() { _ = rows.Close() }()
	var r reading
	for rows.Next() {
		var alike, total, edges int
		var shown bool
		p, err := scanPlanned(rows, &alike, &total, &shown, &edges)
		if err != nil {
			return r, err
		}
		for i, edge := range Edges() {
			if edges&(1<<i) != 0 {
				r.edges = append(r.edges, EdgeSample{Edge: edge, Planned: p})
			}
		}
		r.add(p, alike == 1, total, shown)
	}
	return r, rows.Err()
}

func (r *reading) add(p Planned, first bool, total int, shown bool) {
	recipient := p.Reason == notAReason
	if first {
		c := Count{State: DeliveryPlanned, Locale: p.Locale, Fallback: p.Fallback, Variant: p.Variant, Reason: p.Reason, Count: total}
		if recipient {
			r.firsts = append(r.firsts, p)
		} else {
			c.State = DeliverySkipped
		}
		r.counts = append(r.counts, c)
	}
	switch {
	case shown && recipient:
		r.recipients = append(r.recipients, p)
	case shown:
		r.excluded = append(r.excluded, p)
	}
}
