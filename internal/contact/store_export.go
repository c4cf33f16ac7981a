package contact

import "github.com/convoke/convoke/internal/db"

// exportedTie is the tie of a person that an export names: the first that holds now.
type exportedTie struct {
	ContactID int64
	Name      string
	Function  Function
	Title     string
	Since     string
}

func firstTies(tx *db.Tx, ids []int64) (map[int64]exportedTie, error) {
	var found []exportedTie
	err := scanAmong(tx, &found, "select f.contact_id, o.name, f.function, f.title, f.since from affiliation f join contact o on o.id = f.organization_id",
		"f.contact_id", " and f.until = '' order by case when f.represents then 0 else 1 end, f.id", ids)
	all := map[int64]exportedTie{}
	for _, t := range found {
		if _, there := all[t.ContactID]; !there {
			all[t.ContactID] = t
		}
	}
	return all, err
}

func livingAfter(tx *db.Tx, id int64, limit int) ([]int64, error) {
	return scanValues[int64](tx, "select id from contact where id > ? and erased_at is null order by id limit ?", id, limit)
}

// mostAddresses is how many addresses a contact has at the most, at least one.
func mostAddresses(tx *db.Tx, limit int) (int, error) {
	var n int
	err := tx.QueryRow("select coalesce(max(n), 1) from (select count(*) as n from contact_address group by contact_id) x").Scan(&n)
	return min(n, limit), err
}
