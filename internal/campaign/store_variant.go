package campaign

import (
	"slices"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// initiativeVariant is the variant for contacts that answer for an initiative; all others are stakeholder groups.
const initiativeVariant = "nri"

// variants say which variant of a text each contact gets.
type variants struct {
	groups      []string
	initiatives []int64 // contacts that answer for an initiative, where there is a variant for them
}

// sql is the variant of a listed contact l: that of its initiative, else of its group, else ”. Who answers for an
// initiative is handed in, worked out once for a whole launch: the view asked again for each row would cost more than
// all the rest.
func (v *variants) sql(dialect db.Dialect) (string, []any) {
	var cases []string
	var args []any
	if len(v.initiatives) > 0 {
		from, list := idList(dialect, v.initiatives)
		cases, args = append(cases, "when l.contact_id in ("+from+") then '"+initiativeVariant+"'"), append(args, list)
	}
	if len(v.groups) > 0 {
		cases = append(cases, "when l.stakeholder_group in ("+marks(len(v.groups))+") then l.stakeholder_group")
		for _, g := range v.groups {
			args = append(args, g)
		}
	}
	if len(cases) == 0 {
		return "cast('' as text)", nil
	}
	return "case " + strings.Join(cases, "\n") + " else '' end", args
}

// idList is a select of these ids, with its one argument.
func idList(dialect db.Dialect, ids []int64) (query, list string) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	list = strings.Join(texts, ",")
	if dialect == db.Postgres {
		return "select unnest(cast(? as bigint[]))", "{" + list + "}"
	}
	return "select value from json_each(?)", "[" + list + "]"
}

func initiativeContacts(tx *db.Tx) (ids []int64, err error) {
	return ids, tx.Scan(&ids, "select distinct contact_id from nri_contact order by contact_id")
}

// markInitiatives finds those of a batch who answer for an initiative, with one question for all.
func markInitiatives(tx *db.Tx, rows []queuedRow) error {
	from, list := idList(tx.Dialect(), contactIDs(rows))
	var found []int64
	if err := tx.Scan(&found, "select distinct contact_id from nri_contact where contact_id in ("+from+") order by contact_id", list); err != nil {
		return err
	}
	for i := range rows {
		_, rows[i].person.Initiative = slices.BinarySearch(found, rows[i].person.ContactID)
	}
	return nil
}

// nameOrganizations gives those of a batch the name of the organization that they answer for, with one question for all.
func nameOrganizations(tx *db.Tx, all []queuedRow) error {
	from, list := idList(tx.Dialect(), contactIDs(all))
	rows, err := tx.Query("select contact_id, organization from contact_profile where organization <> '' and contact_id in ("+from+")", list)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	names := make(map[int64]string, len(all))
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		names[id] = name
	}
	for i := range all {
		all[i].person.Organization = names[all[i].person.ContactID]
	}
	return rows.Err()
}

func contactIDs(rows []queuedRow) []int64 {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].person.ContactID
	}
	return ids
}

// answersForInitiative asks for one contact, without working out all.
func answersForInitiative(tx *db.Tx, contactID int64) (bool, error) {
	var n int
	err := tx.QueryRow("select count(*) from nri_contact where contact_id = ?", contactID).Scan(&n)
	return n > 0, err
}
