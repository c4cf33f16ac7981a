package contact

import (
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// flagColumns are what a listing keeps of its contact; each is counted by cell.
func flagColumns() []string {
	return []string{"addressable", "approached", "responded", "no_address", "bounced", "no_language", "unreached"}
}

// facts are the flags as the tables and views say them. One row is asked for and not whether it exists, because PostgreSQL
// would answer that for all contacts at once.
const facts = `select l.id,
	(select 1 from usable_address a where a.contact_id = l.contact_id limit 1) is not null as addressable,
	(select 1 from delivered_contact d where d.cycle_id = l.cycle_id and d.contact_id = l.contact_id limit 1) is not null
		or (select 1 from reached_contact r where r.cycle_id = l.cycle_id and r.contact_id = l.contact_id limit 1) is not null as approached,
	(select 1 from responded_contact p where p.cycle_id = l.cycle_id and p.contact_id = l.contact_id limit 1) is not null as responded,
	(select 1 from contact_address ca where ca.contact_id = l.contact_id limit 1) is null as no_address,
	(select 1 from contact_address ca where ca.contact_id = l.contact_id limit 1) is not null
		and (select 1 from usable_address a where a.contact_id = l.contact_id limit 1) is null
		and (select 1 from contact_mailbox x where x.contact_id = l.contact_id and x.suppressed limit 1) is null as bounced,
	(select c.languages from contact c where c.id = l.contact_id) = '' as no_language,
	(select 1 from reached_contact r where r.cycle_id = l.cycle_id and r.contact_id = l.contact_id limit 1) is null
		and (select 1 from responded_contact p where p.cycle_id = l.cycle_id and p.contact_id = l.contact_id limit 1) is null
		and (select 1 from contact_mailbox x where x.contact_id = l.contact_id and x.suppressed limit 1) is null as unreached
	from listing l`

// recount makes the flags of these contacts' entries say what the facts are; cycle 0 means on all lists. The
// rows are locked first and the facts read after, so that of two writers the later one sees both.
func recount(tx *db.Tx, cycleID int64, ids []int64) error {
	condition, list := among(tx, "contact_id", ids)
	of, args := "", []any{list}
	if cycleID != 0 {
		of, args = " and cycle_id = ?", append(args, cycleID)
	}
	if tx.Dialect() == db.Postgres {
		if _, err := tx.Exec("select 1 from listing where "+condition+of+" order by id for no key update", args...); err != nil {
			return err
		}
	}
	set, differs := make([]string, 0, 8), make([]string, 0, 8)
	for _, flag := range flagColumns() {
		set = append(set, flag+" = n."+flag)
		differs = append(differs, "listing."+flag+" <> n."+flag)
	}
	_, err := tx.Exec("update listing set "+strings.Join(set, ", ")+" from ("+facts+" where "+condition+of+") n where listing.id = n.id and ("+
		strings.Join(differs, " or ")+")", args...)
	return err
}

// otherCycles are the cycles that have a list, but for one.
func otherCycles(tx *db.Tx, cycleID int64) ([]int64, error) {
	var ids []int64
	return ids, tx.Scan(&ids, "select distinct cycle_id from listed_cell where cycle_id <> ? order by cycle_id", cycleID)
}

// shortCells are the cells of a cycle with fewer contacts than their target.
func shortCells(tx *db.Tx, cycleID int64) ([]shortCell, error) {
	var cells []shortCell
	return cells, tx.Scan(&cells, `select t.stakeholder_group, t.region from cell_target t
		left join listed_cell c on c.cycle_id = t.cycle_id and c.stakeholder_group = t.stakeholder_group and c.region = t.region
		where t.cycle_id = ? and t.count > coalesce(c.listed, 0) order by t.stakeholder_group, t.region`, cycleID)
}

func unindexed(tx *db.Tx, after int64, limit int) ([]int64, error) {
	var ids []int64
	return ids, tx.Scan(&ids, `select c.id from contact c where c.id > ?
		and not exists (select 1 from contact_search s where s.contact_id = c.id) order by c.id limit ?`, after, limit)
}

func contactsAfter(tx *db.Tx, after int64, limit int) ([]int64, error) {
	var ids []int64
	return ids, tx.Scan(&ids, "select id from contact where id > ? order by id limit ?", after, limit)
}

// counters are the columns of listed_count, and added adds a row's to those that are there.
func counters() (columns, sums, added string) {
	for _, c := range append([]string{"listed"}, flagColumns()...) {
		columns += ", " + c
		sums += ", sum(" + c + ")"
		added += ", " + c + " = listed_count." + c + " + excluded." + c
	}
	return columns, sums, strings.TrimPrefix(added, ", ")
}

// foldCounts adds up the parts that no writer is in the middle of. SQLite has one part.
func foldCounts(tx *db.Tx) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	columns, sums, added := counters()
	_, err := tx.Exec(`with picked as (
			select cycle_id, stakeholder_group, region, part from listed_count where part <> 0 for update skip locked),
		gone as (
			delete from listed_count c using picked p
			where c.cycle_id = p.cycle_id and c.stakeholder_group = p.stakeholder_group and c.region = p.region and c.part = p.part returning c.*)
		insert into listed_count (cycle_id, stakeholder_group, region, part` + columns + `)
		select cycle_id, stakeholder_group, region, 0` + sums + ` from gone group by cycle_id, stakeholder_group, region
		on conflict (cycle_id, stakeholder_group, region, part) do update set ` + added)
	return err
}

// countAnew counts the flags of all lists, while nobody changes them.
func countAnew(tx *db.Tx) error {
	if tx.Dialect() == db.Postgres {
		if _, err := tx.Exec("lock table listing in share row exclusive mode"); err != nil {
			return err
		}
	}
	if _, err := tx.Exec("delete from listed_count"); err != nil {
		return err
	}
	columns, _, _ := counters()
	sums := ", count(*)"
	for _, flag := range flagColumns() {
		sums += ", sum(case when " + flag + " then 1 else 0 end)"
	}
	_, err := tx.Exec("insert into listed_count (cycle_id, stakeholder_group, region, part" + columns + ") select cycle_id, stakeholder_group, region, 0" +
		sums + " from listing group by cycle_id, stakeholder_group, region")
	return err
}
