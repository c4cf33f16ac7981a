package contact

import (
	"fmt"
	"slices"

	"github.com/convoke/convoke/internal/db"
)

const listSelect = `select c.id, c.kind, c.name, c.transliteration, c.country,
	coalesce(l.region, c.region) as region, coalesce(l.stakeholder_group, c.stakeholder_group) as stakeholder_group,
	c.languages, c.language_chain, l.contact_id is not null as listed,
	coalesce((select min(o.name) from contact_organization o where o.contact_id = c.id), '') as organization,
	exists (select 1 from contact_address a where a.contact_id = c.id) as has_address,
	exists (select 1 from usable_address u where u.contact_id = c.id) as addressable,
	exists (select 1 from contact_mailbox x where x.contact_id = c.id and x.suppressed) as opted_out
	from contact c left join listing l on l.contact_id = c.id and l.cycle_id = ?`

// rowsAt gives the contacts of a page, in its order.
func rowsAt(tx *db.Tx, cycleID int64, places []place) ([]Row, error) {
	ids, at := make([]int64, len(places)), make(map[int64]int, len(places))
	for i, p := range places {
		ids[i], at[p.ID] = p.ID, i
	}
	condition, list := among(tx, "c.id", ids)
	var rows []Row
	if err := tx.Scan(&rows, listSelect+" where "+condition, cycleID, list); err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b Row) int { return at[a.ID] - at[b.ID] })
	return rows, nil
}

// fewIDs are the ids of all matches where they are few, else one more than few of them.
func fewIDs(tx *db.Tx, wanted search) ([]int64, error) {
	f := &finder{search: wanted, tx: tx}
	from, args := f.hits(f.match)
	free, claims := f.free()
	var ids []int64
	query := fmt.Sprintf("select h.contact_id from (select s.contact_id %s%s limit %d) h order by h.contact_id", from, free, wanted.reach.few+1)
	return ids, tx.Scan(&ids, query, append(args, claims...)...)
}

// readWindow is how many contacts are read for the matches among them.
const readWindow = 5000

// windowIDs are the matches among the next contacts, and the last of these; 0 where no contact follows.
func windowIDs(tx *db.Tx, wanted search, after int64) (ids []int64, last int64, err error) {
	f := &finder{search: wanted, tx: tx}
	condition, more := rowCondition(tx.Dialect(), f.match)
	free, claims := f.free()
	inner := fmt.Sprintf("select s.contact_id, s.words from contact_search s where s.contact_id > ? order by s.contact_id limit %d", readWindow)
	args := append(append([]any{after}, more...), claims...)
	if err := tx.Scan(&ids, "select s.contact_id from ("+inner+") s where "+condition+free+" order by s.contact_id", args...); err != nil {
		return nil, 0, err
	}
	err = tx.QueryRow(fmt.Sprintf("select coalesce(max(w.contact_id), 0) from (select contact_id from contact_search where contact_id > ? order by contact_id limit %d) w", readWindow),
		after).Scan(&last)
	return ids, last, err
}

// nameless is a contact without a name.
type nameless struct {
	ContactID    int64
	Organization string
	Email        string
}

func namelessAmong(tx *db.Tx, ids []int64) ([]nameless, error) {
	var all []nameless
	return all, scanAmong(tx, &all, `select p.contact_id, p.organization,
		coalesce((select m.email from contact_mailbox m join contact_address ca on ca.contact_id = m.contact_id and ca.address_id = m.address_id
			where m.contact_id = p.contact_id order by ca.position limit 1), '') as email from contact_profile p`, "p.contact_id", "", ids)
}
