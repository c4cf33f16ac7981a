package contact

import (
	"database/sql"
	"errors"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/undo"
)

// keepPair keeps what this room knows of two contacts that become one, and gives the ids of the contacts of whom something follows
// from them: members of both organizations.
func keepPair(tx *db.Tx, set *undo.Set, into, from int64) ([]int64, error) {
	members, err := membersOf(tx, from)
	if err != nil {
		return nil, err
	}
	own, err := membersOf(tx, into)
	if err != nil {
		return nil, err
	}
	members = append(members, own...)
	where, ids := undo.Named(tx, "id", append(members, into, from))
	return members, errors.Join(
		set.Keep(tx, "contact", where, ids),
		set.Keep(tx, "contact_address", "t.contact_id in (?, ?)", into, from),
		set.Keep(tx, "affiliation", "t.contact_id in (?, ?) or t.organization_id in (?, ?)", into, from, into, from),
		set.Keep(tx, "listing", "t.contact_id in (?, ?)", into, from),
		set.Keep(tx, "candidate", "t.contact_id = ?", from),
		set.Keep(tx, "duplicate", "t.low_id in (?, ?) or t.high_id in (?, ?)", into, from, into, from),
		set.Keep(tx, "merged_contact", "t.survivor_id = ?", from),
	)
}

// moveTies unites addresses, affiliations, places on lists and suggestions. The survivor's places on lists stay; of two ties to
// one organization that last, the survivor's stays and takes over what it does not say.
func moveTies(tx *db.Tx, set *undo.Set, from, into int64) error {
	for _, s := range []struct {
		statement string
		args      []any
	}{
		{`insert into contact_address (contact_id, address_id, position)
			select ?, f.address_id, f.position + coalesce((select max(m.position) from contact_address m where m.contact_id = ?), 0)
			from contact_address f where f.contact_id = ?
			and not exists (select 1 from contact_address m where m.contact_id = ? and m.address_id = f.address_id)`, []any{into, into, from, into}},
		{"delete from contact_address where contact_id = ?", []any{from}},
		{"delete from affiliation where contact_id = ? and organization_id = ? or contact_id = ? and organization_id = ?", []any{from, into, into, from}},
		{sameTie("affiliation.contact_id = ? and f.contact_id = ? and f.organization_id = affiliation.organization_id"), []any{into, from}},
		{sameTie("affiliation.organization_id = ? and f.organization_id = ? and f.contact_id = affiliation.contact_id"), []any{into, from}},
		{`delete from affiliation where contact_id = ? and until = '' and exists (select 1 from affiliation m
			where m.contact_id = ? and m.organization_id = affiliation.organization_id and m.until = '')`, []any{from, into}},
		{`delete from affiliation where organization_id = ? and until = '' and exists (select 1 from affiliation m
			where m.organization_id = ? and m.contact_id = affiliation.contact_id and m.until = '')`, []any{from, into}},
		{"update affiliation set contact_id = ? where contact_id = ?", []any{into, from}},
		{"update affiliation set organization_id = ? where organization_id = ?", []any{into, from}},
		{`delete from listing where contact_id = ? and exists (select 1 from listing m where m.contact_id = ? and m.cycle_id = listing.cycle_id)`, []any{from, into}},
		{"update listing set contact_id = ? where contact_id = ?", []any{into, from}},
		{"update candidate set contact_id = ? where contact_id = ?", []any{into, from}},
	} {
		if _, err := tx.Exec(s.statement, s.args...); err != nil {
			return err
		}
	}
	return set.Added(tx, "contact_address", "t.contact_id = ?", into)
}

// sameTie takes over into the survivor's tie what only the other's says.
func sameTie(which string) string {
	return `update affiliation set
		function = case when affiliation.function = '' then f.function else affiliation.function end,
		title = case when affiliation.title = '' then f.title else affiliation.title end,
		since = case when affiliation.since = '' then f.since else affiliation.since end,
		represents = affiliation.represents or f.represents
		from affiliation f where ` + which + ` and affiliation.until = '' and f.until = ''`
}

// movePairs notes of the pair that it was merged, and says of the survivor what was said of the other: dismissed pairs stay dismissed.
func movePairs(tx *db.Tx, by int64, now time.Time, from, into, set int64) error {
	var decidedBy *int64
	if by != 0 {
		decidedBy = &by
	}
	_, err := tx.Exec("update duplicate set state = ?, decided_by = ?, decided_at = ?, changeset_id = ? where low_id = ? and high_id = ?",
		PairMerged, decidedBy, now, set, min(from, into), max(from, into))
	if err != nil {
		return err
	}
	var pairs []Pair
	err = tx.Gorm().Where("(low_id = ? or high_id = ?) and state <> ?", from, from, PairMerged).Order("id").Find(&pairs).Error
	if err != nil {
		return err
	}
	for _, p := range pairs {
		third := p.LowID + p.HighID - from
		if third == into {
			continue
		}
		n, err := tx.Exec(`update duplicate set low_id = ?, high_id = ? where id = ? and not exists (
			select 1 from duplicate d where d.low_id = ? and d.high_id = ?)`, min(third, into), max(third, into), p.ID, min(third, into), max(third, into))
		if err != nil {
			return err
		}
		if n == 1 {
			continue
		}
		if _, err := tx.Exec("delete from duplicate where id = ?", p.ID); err != nil {
			return err
		}
		if p.State != PairDismissed {
			continue
		}
		_, err = tx.Exec("update duplicate set state = ?, decided_by = ?, decided_at = ? where low_id = ? and high_id = ? and state = ?",
			PairDismissed, p.DecidedBy, p.DecidedAt, min(third, into), max(third, into), PairOpen)
		if err != nil {
			return err
		}
	}
	return nil
}

// leaveRedirect takes the contact away and leaves whom its id leads to; who led to it leads on.
func leaveRedirect(tx *db.Tx, set *undo.Set, from Contact, into int64, now time.Time) error {
	if _, err := tx.Exec("update merged_contact set survivor_id = ? where survivor_id = ?", into, from.ID); err != nil {
		return err
	}
	_, err := tx.Exec("insert into merged_contact (contact_id, survivor_id, name, merged_at, changeset_id) values (?, ?, ?, ?, ?)",
		from.ID, into, from.Name, now, set.ID)
	if err != nil {
		return err
	}
	if err := set.Added(tx, "merged_contact", "t.contact_id = ?", from.ID); err != nil {
		return err
	}
	_, err = tx.Exec("delete from contact where id = ?", from.ID)
	return err
}

func successorOf(tx *db.Tx, id int64) (survivor int64, err error) {
	err = tx.QueryRow("select survivor_id from merged_contact where contact_id = ?", id).Scan(&survivor)
	return survivor, err
}

// becamePartOf are the contacts whose ids lead to this one.
func becamePartOf(tx *db.Tx, survivor int64) (ids []int64, err error) {
	return ids, tx.Scan(&ids, "select contact_id from merged_contact where survivor_id = ?", survivor)
}

// namesOfParts are the names that they had.
func namesOfParts(tx *db.Tx, survivor int64) (names []string, err error) {
	return names, tx.Scan(&names, "select name from merged_contact where survivor_id = ?", survivor)
}

// differingListing is a cycle in which two contacts stand in different cells.
type differingListing struct {
	Cycle       string
	Mine        string
	Theirs      string
	MyRegion    string
	TheirRegion string
}

func differingListings(tx *db.Tx, from, into int64) (all []differingListing, err error) {
	return all, tx.Scan(&all, `select c.name as cycle, m.stakeholder_group as mine, f.stakeholder_group as theirs, m.region as my_region, f.region as their_region
		from listing m join listing f on f.cycle_id = m.cycle_id join cycle c on c.id = m.cycle_id
		where m.contact_id = ? and f.contact_id = ? and (m.stakeholder_group <> f.stakeholder_group or m.region <> f.region) order by c.id`, into, from)
}

// touchedContacts are the contacts of whom a change had images, or of whom it changed something that they follow from.
func touchedContacts(tx *db.Tx, set int64) ([]int64, error) {
	var all []int64
	for _, t := range []struct{ table, column string }{
		{"contact", "id"},
		{"contact_address", "contact_id"},
		{"affiliation", "contact_id"},
		{"listing", "contact_id"},
		{"claim", "contact_id"},
		{"attempt", "contact_id"},
		{"delivery", "contact_id"},
		{"contribution", "contact_id"},
	} {
		ids, err := undo.Touched(tx, set, t.table, t.column)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	return all, nil
}

func optedOutAmong(tx *db.Tx, ids []int64) ([]int64, error) {
	var all []int64
	return all, scanAmong(tx, &all, "select distinct contact_id from opted_out_contact", "contact_id", "", ids)
}

// mergedBy reads who became part of whom out of the images, which tell it of merges that were taken back too.
func mergedBy(tx *db.Tx, sets []int64) (map[int64]Merger, error) {
	all := make(map[int64]Merger, len(sets))
	if len(sets) == 0 {
		return all, nil
	}
	var rows []struct {
		ChangesetID int64
		Merger
	}
	err := tx.Gorm().Raw(`select m.changeset_id, m.contact_id, m.name, m.survivor_id,
			coalesce((select c.name from contact c where c.id = m.survivor_id), (select x.name from merged_contact x where x.contact_id = m.survivor_id), '') as survivor
		from (select changeset_id, cast(after ->> 'contact_id' as bigint) as contact_id, after ->> 'name' as name, cast(after ->> 'survivor_id' as bigint) as survivor_id
			from changeset_row where changeset_id in ? and table_name = 'merged_contact' and before is null) m`, sets).Scan(&rows).Error
	for _, r := range rows {
		all[r.ChangesetID] = r.Merger
	}
	return all, err
}

// contactOfConflict is the contact that a row is about, 0 where there is none: the one that is there, or that became part of
// another since.
func contactOfConflict(tx *db.Tx, table string, id int64) (contactID int64, name string, err error) {
	of := "select contact_id from " + table + " where id = ?"
	switch table {
	case "contact", "contact_address", "merged_contact":
		of = "select cast(? as bigint)"
	case "listing", "affiliation", "claim", "attempt", "delivery", "contribution", "candidate", "nri", "reported_address":
	case "handover":
		of = "select c.contact_id from handover h join claim c on c.id = h.claim_id where h.id = ?"
	default:
		return 0, "", nil
	}
	err = tx.QueryRow(`select p.id, p.name from (select id, name from contact union all select contact_id, name from merged_contact) p
		where p.id = (`+of+")", id).Scan(&contactID, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return contactID, name, err
}
