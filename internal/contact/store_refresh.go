package contact

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// among is a condition on a column, with its one argument: these ids and no others.
func among(tx *db.Tx, column string, ids []int64) (condition, list string) {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(id, 10))
	}
	if tx.Dialect() == db.Postgres {
		return column + " = any(cast(? as bigint[]))", "{" + b.String() + "}"
	}
	return column + " in (select value from json_each(?))", "[" + b.String() + "]"
}

// scanAmong reads the rows of these ids; what comes after the condition is rest.
func scanAmong(tx *db.Tx, into any, query, column, rest string, ids []int64) error {
	condition, list := among(tx, column, ids)
	return tx.Scan(into, query+" where "+condition+rest, list)
}

// lockContacts keeps others from refreshing these contacts until the transaction ends, so that what is
// derived follows from what all of them wrote. SQLite has one writer anyway.
func lockContacts(tx *db.Tx, ids []int64) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	condition, list := among(tx, "id", ids)
	_, err := tx.Exec("select 1 from contact where "+condition+" order by id for no key update", list)
	return err
}

func contactsAmong(tx *db.Tx, ids []int64) ([]Contact, error) {
	var all []Contact
	return all, scanAmong(tx, &all, "select * from contact", "id", " order by id", ids)
}

// aroundThem reads what lies about contacts.
func aroundThem(tx *db.Tx, ids []int64) (map[int64]around, error) {
	all := make(map[int64]around, len(ids))
	for _, read := range []func(*db.Tx, []int64, map[int64]around) error{organizationsAround, addressesAround, listingsAround, importsAround} {
		if err := read(tx, ids, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func organizationsAround(tx *db.Tx, ids []int64, all map[int64]around) error {
	var ties []struct {
		PersonID    int64
		TieFunction Function
		Contact     `gorm:"embedded"`
	}
	err := scanAmong(tx, &ties, "select f.contact_id as person_id, f.function as tie_function, o.* from affiliation f join contact o on o.id = f.organization_id",
		"f.contact_id", " and f.until = '' order by case when f.represents then 0 else 1 end, f.id", ids)
	for _, t := range ties {
		at := all[t.PersonID]
		at.Organizations = append(at.Organizations, t.Contact)
		if t.TieFunction != NoFunction {
			at.Functions = append(at.Functions, t.TieFunction)
		}
		all[t.PersonID] = at
	}
	return err
}

func addressesAround(tx *db.Tx, ids []int64, all map[int64]around) error {
	var rows []knownAddress
	err := scanAmong(tx, &rows, `select ca.contact_id, a.id as address_id, a.email, a.kind, a.status, exists (select 1 from suppression s where s.hash = a.hash) as suppressed
		from contact_address ca join address a on a.id = ca.address_id`, "ca.contact_id", " order by ca.contact_id, ca.position", ids)
	for _, r := range rows {
		at := all[r.ContactID]
		at.Addresses = append(at.Addresses, r)
		all[r.ContactID] = at
	}
	return err
}

func listingsAround(tx *db.Tx, ids []int64, all map[int64]around) error {
	var rows []listedAs
	err := scanAmong(tx, &rows, "select id, contact_id, cycle_id, stakeholder_group, region from listing",
		"contact_id", " order by contact_id, cycle_id", ids)
	for _, r := range rows {
		at := all[r.ContactID]
		at.Listings = append(at.Listings, r)
		all[r.ContactID] = at
	}
	return err
}

func importsAround(tx *db.Tx, ids []int64, all map[int64]around) error {
	var rows []struct{ ID, ImportID int64 }
	err := scanAmong(tx, &rows, "select id, import_id from contact", "id", " and import_id is not null", ids)
	for _, r := range rows {
		at := all[r.ID]
		at.ImportID = r.ImportID
		all[r.ID] = at
	}
	return err
}

// saveDerived writes what follows from contacts, where that changed.
func saveDerived(tx *db.Tx, contacts []Contact) error {
	type row struct {
		ID     int64  `json:"id"`
		Sort   string `json:"sort_name"`
		Region string `json:"region"`
		Chain  string `json:"language_chain"`
		Key    string `json:"name_key"`
		Bones  string `json:"name_bones"`
	}
	rows := make([]row, len(contacts))
	for i, c := range contacts {
		rows[i] = row{c.ID, c.SortName, c.Region, c.LanguageChain, c.NameKey, c.NameBones}
	}
	list, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	from := "json_to_recordset(cast(? as json)) as r(id bigint, sort_name text, region text, language_chain text, name_key text, name_bones text)"
	if tx.Dialect() == db.SQLite {
		from = `(select value ->> 'id' as id, value ->> 'sort_name' as sort_name, value ->> 'region' as region,
			value ->> 'language_chain' as language_chain, value ->> 'name_key' as name_key, value ->> 'name_bones' as name_bones from json_each(?)) r`
	}
	_, err = tx.Exec(`update contact set sort_name = r.sort_name, region = r.region, language_chain = r.language_chain,
			name_key = r.name_key, name_bones = r.name_bones from `+from+`
		where contact.id = r.id and (contact.sort_name <> r.sort_name or contact.region <> r.region or contact.language_chain <> r.language_chain
			or contact.name_key <> r.name_key or contact.name_bones <> r.name_bones)`, string(list))
	return err
}

// foundRow is a found as it travels to the database.
type foundRow struct {
	ContactID      int64        `json:"contact_id"`
	Script         script       `json:"script"`
	SortKey        string       `json:"sort_key"`
	SortKeySpanish string       `json:"sort_key_es"`
	AddressState   AddressState `json:"address_state"`
	Words          string       `json:"words"`
}

// saveFound writes rows of contact_search, where they changed.
func saveFound(tx *db.Tx, all []found) error {
	rows := make([]foundRow, len(all))
	for i, f := range all {
		rows[i] = foundRow{f.ContactID, f.Script, hex.EncodeToString(f.SortKey), hex.EncodeToString(f.SortKeySpanish), f.AddressState, f.Words}
	}
	list, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	from := `select r.contact_id, r.script, decode(r.sort_key, 'hex'), decode(r.sort_key_es, 'hex'), r.address_state, r.words
		from json_to_recordset(cast(? as json)) as r(contact_id bigint, script smallint, sort_key text, sort_key_es text, address_state text, words text)`
	if tx.Dialect() == db.SQLite {
		from = `select value ->> 'contact_id', value ->> 'script', unhex(value ->> 'sort_key'), unhex(value ->> 'sort_key_es'),
			value ->> 'address_state', value ->> 'words' from json_each(?) where true`
	}
	_, err = tx.Exec(`insert into contact_search (contact_id, script, sort_key, sort_key_es, address_state, words) `+from+`
		on conflict (contact_id) do update set script = excluded.script, sort_key = excluded.sort_key, sort_key_es = excluded.sort_key_es,
			address_state = excluded.address_state, words = excluded.words
		where contact_search.words <> excluded.words or contact_search.sort_key <> excluded.sort_key
			or contact_search.sort_key_es <> excluded.sort_key_es or contact_search.script <> excluded.script`, string(list))
	return err
}
