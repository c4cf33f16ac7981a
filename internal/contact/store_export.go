package contact

import "github.com/convoke/convoke/internal/db"

// exportedTie is a tie of a person as an export names it.
type exportedTie struct {
	ContactID int64
	Name      string
	Function  Function
	Title     string
	Since     string
	Until     string
}

// exportedTies gives the ties of people: those that hold now before those that have ended.
func exportedTies(tx *db.Tx, ids []int64) (map[int64][]exportedTie, error) {
	var found []exportedTie
	err := scanAmong(tx, &found, "select f.contact_id, o.name, f.function, f.title, f.since, f.until from affiliation f join contact o on o.id = f.organization_id",
		"f.contact_id", " order by f.contact_id, case when f.until = '' then 0 else 1 end, case when f.represents then 0 else 1 end, f.id", ids)
	all := map[int64][]exportedTie{}
	for _, t := range found {
		all[t.ContactID] = append(all[t.ContactID], t)
	}
	return all, err
}

func livingAfter(tx *db.Tx, id int64, limit int) ([]int64, error) {
	return scanValues[int64](tx, "select id from contact where id > ? and erased_at is null order by id limit ?", id, limit)
}

// widthOf is what the contact with the most addresses and the one with the most ties need.
func widthOf(tx *db.Tx) (exportWidth, error) {
	var w exportWidth
	err := tx.QueryRow(`select (select coalesce(max(n), 1) from (select count(*) as n from contact_address group by contact_id) x),
		(select coalesce(max(n), 1) from (select count(*) as n from affiliation group by contact_id) y)`).Scan(&w.mails, &w.ties)
	return exportWidth{mails: min(w.mails, mostMailboxes), ties: min(w.ties, mostTies)}, err
}

// askedAmong is what contacts asked not to get.
func askedAmong(tx *db.Tx, ids []int64) (map[int64][]string, error) {
	var found []struct {
		ContactID int64
		Asked     string
	}
	err := scanAmong(tx, &found, `select distinct o.contact_id, case o.scope when 'cycle' then 'cycle:' || coalesce((select y.slug from cycle y where y.id = o.object_id), '')
			when 'campaign' then 'campaign:' || o.object_id else o.scope end as asked
		from contact_opt_out o`, "o.contact_id", " order by 1, 2", ids)
	all := map[int64][]string{}
	for _, f := range found {
		all[f.ContactID] = append(all[f.ContactID], f.Asked)
	}
	return all, err
}
