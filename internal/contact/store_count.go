package contact

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// flagColumns are what a listing keeps of its contact; each is counted by cell.
func flagColumns() []string {
	return []string{"addressable", "approached", "responded", "no_address", "bounced", "no_language", "unreached"}
}

// lockListings keeps others from counting these contacts until the transaction ends: the facts are read after.
func lockListings(tx *db.Tx, ids []int64) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	condition, list := among(tx, "contact_id", ids)
	_, err := tx.Exec("select 1 from listing where "+condition+" order by id for no key update", list)
	return err
}

// onList names a contact on the list of a cycle.
type onList struct {
	CycleID   int64
	ContactID int64
}

// listSet reads which of these contacts a view has for which cycles.
func listSet(tx *db.Tx, view string, ids []int64) (map[onList]bool, error) {
	var rows []onList
	err := scanAmong(tx, &rows, "select distinct cycle_id, contact_id from "+view, "contact_id", "", ids)
	all := make(map[onList]bool, len(rows))
	for _, r := range rows {
		all[r] = true
	}
	return all, err
}

// keptColumns are what else a listing keeps of its contact, with their types: what a message to the whole list asks of each.
func keptColumns() [][2]string {
	return [][2]string{{"mailbox_id", "bigint"}, {"language_chain", "text"}}
}

// saveFlags writes what listings keep of their contacts, where that changed.
func saveFlags(tx *db.Tx, all []listedAs) error {
	if len(all) == 0 {
		return nil
	}
	list, err := json.Marshal(all)
	if err != nil {
		return err
	}
	columns := keptColumns()
	for _, flag := range flagColumns() {
		columns = append(columns, [2]string{flag, "boolean"})
	}
	n := len(columns)
	typed, read, set, differs := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, c := range columns {
		name := c[0]
		typed[i], read[i] = name+" "+c[1], "value ->> '"+name+"' as "+name
		set[i], differs[i] = name+" = r."+name, "listing."+name+" is distinct from r."+name
	}
	from := "json_to_recordset(cast(? as json)) as r(id bigint, " + strings.Join(typed, ", ") + ")"
	if tx.Dialect() == db.SQLite {
		from = "(select value ->> 'id' as id, " + strings.Join(read, ", ") + " from json_each(?)) r"
	}
	_, err = tx.Exec("update listing set "+strings.Join(set, ", ")+" from "+from+" where listing.id = r.id and ("+strings.Join(differs, " or ")+")", string(list))
	return err
}

// countArrived counts contacts of a list as approached who have got a message.
func countArrived(tx *db.Tx, cycleID int64, ids []int64) error {
	if err := lockListings(tx, ids); err != nil {
		return err
	}
	condition, list := among(tx, "contact_id", ids)
	_, err := tx.Exec("update listing set approached = true where cycle_id = ? and "+condition+" and not approached", cycleID, list)
	return err
}

// countAnswered is for contacts who answered.
func countAnswered(tx *db.Tx, cycleID int64, ids []int64) error {
	if err := lockContacts(tx, ids); err != nil {
		return err
	}
	condition, list := among(tx, "contact_id", ids)
	_, err := tx.Exec("update listing set responded = true, unreached = false where cycle_id = ? and "+condition+" and (unreached or not responded)", cycleID, list)
	if err != nil {
		return err
	}
	word := " " + facetUnreached + strconv.FormatInt(cycleID, 10) + " "
	_, err = tx.Exec("update contact_search set words = replace(words, ?, ' ') where "+condition+" and words like ?", word, list, "%"+word+"%")
	return err
}

// recountApproached is for contacts whose message did not arrive, or came back: something else may have reached them.
func recountApproached(tx *db.Tx, cycleID int64, ids []int64) error {
	if err := lockListings(tx, ids); err != nil {
		return err
	}
	condition, list := among(tx, "contact_id", ids)
	_, err := tx.Exec(`update listing set approached = false
		where cycle_id = ? and `+condition+` and approached
			and not exists (select 1 from delivered_contact d where d.cycle_id = ? and d.contact_id = listing.contact_id)
			and not exists (select 1 from reached_contact r where r.cycle_id = ? and r.contact_id = listing.contact_id)`, cycleID, list, cycleID, cycleID)
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

// miscounted counts the cells whose kept numbers differ from what their lists hold.
func miscounted(tx *db.Tx) (int, error) {
	kept, there, differs := ", -listed as listed", ", 1 as listed", "sum(listed) <> 0"
	for _, flag := range flagColumns() {
		kept += ", -" + flag + " as " + flag
		there += ", case when " + flag + " then 1 else 0 end as " + flag
		differs += " or sum(" + flag + ") <> 0"
	}
	const cell = "cycle_id, stakeholder_group, region"
	var n []int
	err := tx.Scan(&n, "select count(*) from (select "+cell+" from (select "+cell+there+" from listing union all select "+cell+kept+
		" from listed_count) c group by "+cell+" having "+differs+") wrong")
	if err != nil {
		return 0, err
	}
	return n[0], nil
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
