package contact

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/contact/names"
	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of pairs that may be one.
func (Pair) TableName() string { return "duplicate" }

// idPair are two contacts worth comparing. Sharing is how many have the key of their name, where that is known.
type idPair struct {
	Low, High int64
	Sharing   int
}

func pairByID(tx *db.Tx, id int64) (Pair, error) {
	var p Pair
	return p, tx.Gorm().Where("id = ?", id).Take(&p).Error
}

// listedSelect shows pairs of which both are there.
const listedSelect = `select d.*, a.kind as low_kind, a.name as low_name, a.country as low_country, b.kind as high_kind, b.name as high_name, b.country as high_country,
	coalesce((select min(o.name) from contact_organization o where o.contact_id = a.id), '') as low_organization,
	coalesce((select min(o.name) from contact_organization o where o.contact_id = b.id), '') as high_organization
	from duplicate d join contact a on a.id = d.low_id join contact b on b.id = d.high_id`

type listedPair struct {
	Pair
	LowKind, HighKind                       Kind
	LowName, LowCountry, LowOrganization    string
	HighName, HighCountry, HighOrganization string
}

func listed(rows []listedPair) []ListedPair {
	all := make([]ListedPair, len(rows))
	for i, r := range rows {
		all[i] = ListedPair{
			Pair: r.Pair,
			Low:  PairSide{r.LowID, r.LowKind, r.LowName, r.LowOrganization, r.LowCountry},
			High: PairSide{r.HighID, r.HighKind, r.HighName, r.HighOrganization, r.HighCountry},
		}
	}
	return all
}

func openPairs(tx *db.Tx, after *Pair, limit int) ([]ListedPair, error) {
	where, args := " where d.state = 'open'", []any{}
	if after != nil {
		where += " and (d.score < ? or d.score = ? and d.id < ?)"
		args = append(args, after.Score, after.Score, after.ID)
	}
	var rows []listedPair
	err := tx.Scan(&rows, listedSelect+where+" order by d.score desc, d.id desc limit ?", append(args, limit)...)
	return listed(rows), err
}

func openPairsOf(tx *db.Tx, contactID int64) ([]ListedPair, error) {
	var rows []listedPair
	err := tx.Scan(&rows, listedSelect+" where d.state = 'open' and (d.low_id = ? or d.high_id = ?) order by d.score desc, d.id limit 20", contactID, contactID)
	return listed(rows), err
}

func countOpenPairs(tx *db.Tx, most int) (n int, err error) {
	err = tx.QueryRow("select count(*) from (select 1 from duplicate where state = 'open' limit ?) x", most).Scan(&n)
	return n, err
}

func saveDismissed(tx *db.Tx, p *Pair) (bool, error) {
	n, err := tx.Exec("update duplicate set state = ?, decided_by = ?, decided_at = ? where id = ? and state = ?", p.State, p.DecidedBy, p.DecidedAt, p.ID, PairOpen)
	return n == 1, err
}

// pairsBound is how many pairs are looked at for some contacts: an absurd number of namesakes must not make an edit slow.
const pairsBound = 5000

// pairsAround are the pairs of these contacts with others who share something that few share.
func pairsAround(tx *db.Tx, ids []int64) ([]idPair, error) {
	var all []idPair
	for _, query := range []string{
		`select a.id as low, b.id as high from contact a join contact b on b.name_key = a.name_key and b.kind = a.kind and b.id <> a.id
			where a.id in ? and a.name_key <> '' and a.erased_at is null and b.erased_at is null limit ?`,
		`select a.id as low, b.id as high from contact a join contact b on b.name_bones = a.name_bones and b.kind = a.kind and b.id <> a.id
			where a.id in ? and a.name_bones <> '' and a.erased_at is null and b.erased_at is null
			and (a.name_key = a.name_bones) <> (b.name_key = b.name_bones) limit ?`,
		`select x.contact_id as low, y.contact_id as high from contact_address x join contact_address y on y.address_id = x.address_id and y.contact_id <> x.contact_id
			where x.contact_id in ? limit ?`,
	} {
		var some []idPair
		if err := tx.Gorm().Raw(query, ids, pairsBound).Scan(&some).Error; err != nil {
			return nil, err
		}
		sharing := map[int64]int{}
		for i := range some {
			sharing[some[i].Low]++
		}
		for _, p := range some {
			all = append(all, idPair{min(p.Low, p.High), max(p.Low, p.High), sharing[p.Low] + 1})
		}
	}
	colleagues, err := colleaguesOf(tx, ids)
	return uniquePairs(append(all, colleagues...)), err
}

// colleaguesOf are people of the same organization with names a typing error apart.
func colleaguesOf(tx *db.Tx, ids []int64) ([]idPair, error) {
	var rows []struct {
		Low, High         int64
		LowName, HighName string
	}
	err := tx.Gorm().Raw(`select a.id as low, b.id as high, a.name as low_name, b.name as high_name
		from affiliation f join affiliation g on g.organization_id = f.organization_id and g.contact_id <> f.contact_id and g.until = ''
		join contact a on a.id = f.contact_id join contact b on b.id = g.contact_id
		where f.contact_id in ? and f.until = '' limit ?`, ids, pairsBound).Scan(&rows).Error
	var all []idPair
	for _, r := range rows {
		if names.Compare(names.Person, names.Written{Name: r.LowName}, names.Written{Name: r.HighName}).Likeness == names.Near {
			all = append(all, idPair{Low: min(r.Low, r.High), High: max(r.Low, r.High)})
		}
	}
	return all, err
}

// uniquePairs keeps each pair once, with the largest number of namesakes.
func uniquePairs(pairs []idPair) []idPair {
	slices.SortFunc(pairs, func(a, b idPair) int {
		if a.Low != b.Low {
			return int(a.Low - b.Low)
		}
		if a.High != b.High {
			return int(a.High - b.High)
		}
		return b.Sharing - a.Sharing
	})
	return slices.CompactFunc(pairs, func(a, b idPair) bool { return a.Low == b.Low && a.High == b.High })
}

func profilesOf(tx *db.Tx, pairs []idPair) (map[int64]*profile, error) {
	ids := make([]int64, 0, 2*len(pairs))
	for _, p := range pairs {
		ids = append(ids, p.Low, p.High)
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	all := make(map[int64]*profile, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	var rows []*profile
	err := tx.Gorm().Raw("select id, kind, name, transliteration, country from contact where id in ? and erased_at is null", ids).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		all[r.ID] = r
	}
	return all, errors.Join(employ(tx, ids, all), lodge(tx, ids, all))
}

func employ(tx *db.Tx, ids []int64, all map[int64]*profile) error {
	var rows []struct {
		ContactID      int64
		OrganizationID int64
		Name           string
	}
	err := tx.Gorm().Raw("select contact_id, organization_id, name from contact_organization where contact_id in ?", ids).Scan(&rows).Error
	for _, r := range rows {
		if p := all[r.ContactID]; p != nil {
			p.organizations, p.orgIDs = append(p.organizations, r.Name), append(p.orgIDs, r.OrganizationID)
		}
	}
	return err
}

func lodge(tx *db.Tx, ids []int64, all map[int64]*profile) error {
	var rows []struct {
		ContactID int64
		AddressID int64
		Kind      AddressKind
	}
	err := tx.Gorm().Raw("select ca.contact_id, ca.address_id, a.kind from contact_address ca join address a on a.id = ca.address_id where ca.contact_id in ?", ids).Scan(&rows).Error
	for _, r := range rows {
		switch p := all[r.ContactID]; {
		case p == nil:
		case r.Kind == Role:
			p.role = append(p.role, r.AddressID)
		default:
			p.personal = append(p.personal, r.AddressID)
		}
	}
	return err
}

// knownWords are those words of the profiles' names that are part of several names.
func knownWords(tx *db.Tx, profiles map[int64]*profile) (map[string]bool, error) {
	words := map[string]bool{}
	for _, p := range profiles {
		if p.Kind == Person {
			for _, w := range names.Words(names.Person, p.Name) {
				words[w] = true
			}
		}
	}
	known := map[string]bool{}
	var list []string
	for w := range words {
		list = append(list, w)
	}
	for some := range slices.Chunk(list, 5000) {
		var found []string
		if err := tx.Gorm().Raw("select word from known_word where word in ?", some).Scan(&found).Error; err != nil {
			return nil, err
		}
		for _, w := range found {
			known[w] = true
		}
	}
	return known, nil
}

// savePairs stores pairs that are open; what somebody decided on stays decided.
func savePairs(tx *db.Tx, pairs []Pair, now time.Time) error {
	for some := range slices.Chunk(pairs, 500) {
		rows := make([]string, len(some))
		args := make([]any, 0, 6*len(some))
		for i, p := range some {
			rows[i] = "(?, ?, ?, ?, 'open', ?)"
			args = append(args, p.LowID, p.HighID, p.Score, p.Reasons, now)
		}
		_, err := tx.Exec(`insert into duplicate (low_id, high_id, score, reasons, state, found_at) values `+strings.Join(rows, ", ")+`
			on conflict (low_id, high_id) do update set score = excluded.score, reasons = excluded.reasons, found_at = excluded.found_at
			where duplicate.state = 'open'`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// replacePairs makes the open pairs of these contacts those that were found.
func replacePairs(tx *db.Tx, ids []int64, found []Pair, now time.Time) error {
	var open []Pair
	err := tx.Gorm().Raw("select * from duplicate where state = 'open' and (low_id in ? or high_id in ?)", ids, ids).Scan(&open).Error
	if err != nil {
		return err
	}
	var gone []int64
	for _, p := range open {
		if !slices.ContainsFunc(found, func(f Pair) bool { return f.LowID == p.LowID && f.HighID == p.HighID }) {
			gone = append(gone, p.ID)
		}
	}
	if len(gone) > 0 {
		if err := tx.Gorm().Exec("delete from duplicate where id in ?", gone).Error; err != nil {
			return err
		}
	}
	return savePairs(tx, found, now)
}

// forgetPairs takes away the open pairs that a whole scan did not find again.
func forgetPairs(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec("delete from duplicate where state = 'open' and found_at < ?", before)
	return err
}

// named is a contact in a stream of the scan.
type named struct {
	ID    int64
	Group string
	Kind  Kind
	Name  string
}

// stream hands over the rows of a statement one by one: id, group, kind, name.
func stream(tx *db.Tx, query string, each func(named) error) error {
	rows, err := tx.Query(query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var n named
		if err := rows.Scan(&n.ID, &n.Group, &n.Kind, &n.Name); err != nil {
			return err
		}
		if err := each(n); err != nil {
			return err
		}
	}
	return rows.Err()
}

// What the scan reads. Rows of one group follow each other.
const (
	everybody    = "select id, '', kind, name from contact where erased_at is null"
	allNamesakes = `select c.id, c.kind || ' ' || c.name_key, c.kind, c.name from contact c
		join (select kind, name_key from contact where name_key <> '' and erased_at is null group by kind, name_key having count(*) > 1) g
			on g.name_key = c.name_key and g.kind = c.kind
		where c.erased_at is null order by c.name_key, c.kind, c.country, c.id`
	boneMates = `select c.id, c.kind || ' ' || c.name_bones, c.kind, c.name from contact c
		where c.erased_at is null and c.name_bones in (select b.name_bones from contact b where b.name_key = b.name_bones and b.name_key <> '')
		order by c.name_bones, c.kind, case when c.name_key = c.name_bones then 0 else 1 end, c.country, c.id`
	housemates = `select ca.contact_id, cast(ca.address_id as text), 'person', '' from contact_address ca
		join (select address_id from contact_address group by address_id having count(*) > 1) g on g.address_id = ca.address_id
		order by ca.address_id, ca.contact_id`
	colleagues = `select c.id, o.name_key, c.kind, c.name from affiliation f
		join contact o on o.id = f.organization_id join contact c on c.id = f.contact_id
		where f.until = '' and o.name_key <> '' and c.erased_at is null order by o.name_key, c.id`
	organizations = "select id, '', kind, name from contact where kind = 'organization' and erased_at is null"
)

// unkeyed are contacts whose keys were never written down.
func unkeyed(tx *db.Tx, limit int) ([]Contact, error) {
	var all []Contact
	return all, tx.Gorm().Raw("select * from contact where name_bones = '' and name <> '' and erased_at is null order by id limit ?", limit).Scan(&all).Error
}

func saveKeys(tx *db.Tx, contacts []Contact) error {
	for _, c := range contacts {
		if _, err := tx.Exec("update contact set name_key = ?, name_bones = ? where id = ?", c.NameKey, c.NameBones, c.ID); err != nil {
			return err
		}
	}
	return nil
}

func saveKnownWords(tx *db.Tx, counts map[string]int) error {
	if _, err := tx.Exec("delete from known_word"); err != nil {
		return err
	}
	type row struct {
		Word     string `json:"word"`
		Contacts int    `json:"contacts"`
	}
	var rows []row
	for w, n := range counts {
		if n >= severalNames {
			rows = append(rows, row{w, n})
		}
	}
	from := "json_to_recordset(cast(? as json)) as r(word text, contacts integer)"
	if tx.Dialect() == db.SQLite {
		from = "(select value ->> 'word' as word, value ->> 'contacts' as contacts from json_each(?)) r"
	}
	for some := range slices.Chunk(rows, 5000) {
		list, err := json.Marshal(some)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(fmt.Sprintf("insert into known_word (word, contacts) select word, contacts from %s", from), string(list)); err != nil {
			return err
		}
	}
	return nil
}

// wasDecided says whether somebody dismissed the pair, or took a merge of it back: then no machine merges it again.
func wasDecided(tx *db.Tx, p idPair) (bool, error) {
	var n int
	err := tx.QueryRow(`select (select count(*) from duplicate where low_id = ? and high_id = ? and state <> 'open')
		+ (select count(*) from changeset s join changeset_row r on r.changeset_id = s.id and r.table_name = 'merged_contact'
			where s.kind = ? and s.undone_at is not null
			and cast(r.row_key ->> 'contact_id' as bigint) in (?, ?) and cast(r.after ->> 'survivor_id' as bigint) in (?, ?))`,
		p.Low, p.High, MergeKind, p.Low, p.High, p.Low, p.High).Scan(&n)
	return n > 0, err
}
