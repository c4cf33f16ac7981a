package contact

import (
	"slices"

	"github.com/convoke/convoke/internal/db"
)

func keepContact(tx *db.Tx, importID, contactID int64, reason string) error {
	_, err := tx.Exec("insert into import_kept (import_id, contact_id, reason) values (?, ?, ?) on conflict do nothing", importID, contactID, reason)
	return err
}

func countKept(tx *db.Tx, importID int64) (n int, err error) {
	return n, tx.QueryRow("select count(*) from import_kept where import_id = ?", importID).Scan(&n)
}

func listKept(tx *db.Tx, importID, after int64, limit int) ([]Kept, error) {
	return scanAll[Kept](tx, `select k.contact_id, k.reason, coalesce(c.name, '') as name from import_kept k
		left join contact c on c.id = k.contact_id
		where k.import_id = ? and k.contact_id > ? order by k.contact_id limit ?`, importID, after, limit)
}

// reference is a column that refers to a table.
type reference struct {
	TableName  string
	ColumnName string
}

// referencesTo asks the schema what refers to a table, so that no room has to be named here and none can be
// forgotten. What goes by itself together with the row is left out.
func referencesTo(tx *db.Tx, table string) ([]reference, error) {
	query := `select m.name as table_name, f."from" as column_name from sqlite_master m, pragma_foreign_key_list(m.name) f
		where m.type = 'table' and f."table" = ? and f.on_delete <> 'CASCADE' order by m.name, f."from"`
	if tx.Dialect() == db.Postgres {
		query = `select cast(cast(c.conrelid as regclass) as text) as table_name, a.attname as column_name
			from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
			where c.contype = 'f' and c.confdeltype <> 'c' and c.confrelid = cast(? as regclass) order by 1, 2`
	}
	return scanAll[reference](tx, query, table)
}

// ownTables are those of which an import itself adds rows for its contacts.
func ownTables() []string { return []string{"contact_address", "affiliation", "listing"} }

const addedBy = "select id from contact where import_id = ?"

// removable are what an import added and nothing keeps.
const removable = "select c.id from contact c where c.import_id = ? and not exists (select 1 from import_kept k where k.import_id = c.import_id and k.contact_id = c.id)"

// removeAdded takes away what an import added, but for what is used, and counts the contacts.
func removeAdded(tx *db.Tx, importID int64) (int, error) {
	if err := keepUsed(tx, importID); err != nil {
		return 0, err
	}
	if _, err := tx.Exec("delete from duplicate where low_id in ("+removable+") or high_id in ("+removable+")", importID, importID); err != nil {
		return 0, err
	}
	for _, statement := range []string{
		"delete from contact_address where contact_id in (" + removable + ")",
		"delete from affiliation where contact_id in (" + removable + ")",
		"delete from listing where contact_id in (" + removable + ")",
	} {
		if _, err := tx.Exec(statement, importID); err != nil {
			return 0, err
		}
	}
	// Who stays because of a member that stays was found above: whatever tie is left belongs to nobody else.
	removed, err := tx.Exec("delete from contact where id in ("+removable+")", importID)
	if err != nil {
		return 0, err
	}
	return int(removed), removeAddresses(tx, importID)
}

func removeAddresses(tx *db.Tx, importID int64) error {
	references, err := referencesTo(tx, "address")
	if err != nil {
		return err
	}
	statement := "delete from address where import_id = ?"
	for _, r := range references {
		statement += " and not exists (select 1 from " + r.TableName + " r where r." + r.ColumnName + " = address.id)"
	}
	_, err = tx.Exec(statement, importID)
	return err
}

// keepUsed notes what an import added and somebody has used or changed since.
func keepUsed(tx *db.Tx, importID int64) error {
	keep := func(reason, query string, args ...any) error {
		_, err := tx.Exec("insert into import_kept (import_id, contact_id, reason) select distinct cast(? as bigint), x.id, cast(? as text) from ("+query+
			") x where true on conflict do nothing", append([]any{importID, reason}, args...)...)
		return err
	}
	references, err := referencesTo(tx, "contact")
	if err != nil {
		return err
	}
	for _, r := range references {
		query := "select r." + r.ColumnName + " as id from " + r.TableName + " r where r." + r.ColumnName + " in (" + addedBy + ")"
		args := []any{importID}
		if slices.Contains(ownTables(), r.TableName) {
			query += " and coalesce(r.import_id, 0) <> ?"
			args = append(args, importID)
		}
		if err := keep(r.TableName, query, args...); err != nil {
			return err
		}
	}
	if err := keep("edited", "select id from contact where import_id = ? and updated_at <> created_at", importID); err != nil {
		return err
	}
	// Organizations of whoever stays.
	return keep("organization", `select f.organization_id as id from affiliation f join contact o on o.id = f.organization_id
		where o.import_id = ? and f.contact_id not in (`+removable+")", importID, importID)
}
