package undo

import (
	"fmt"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Forget removes the images of a contact that is erased, of those who became part of it, and of its addresses, in the caller's
// transaction. An action on many contacts can still be undone for the others; a merge that one of them was
// part of cannot be undone any more.
func Forget(tx *db.Tx, contactIDs, addressIDs []int64) error {
	for _, id := range contactIDs {
		if err := forgetMerges(tx, id); err != nil {
			return errs.Wrap("undo.forget", err)
		}
		_, err := tx.Exec("delete from changeset_row where table_name = 'contact' and "+number(tx, "id")+" = ? or "+number(tx, "contact_id")+" = ?", id, id)
		if err != nil {
			return errs.Wrap("undo.forget", err)
		}
	}
	for _, id := range addressIDs {
		if _, err := tx.Exec("delete from changeset_row where table_name = 'address' and "+number(tx, "id")+" = ?", id); err != nil {
			return errs.Wrap("undo.forget", err)
		}
	}
	return nil
}

// forgetMerges finds the merges that a contact was part of by who became part of whom: a survivor may look as before.
func forgetMerges(tx *db.Tx, contactID int64) error {
	of := fmt.Sprintf(`select changeset_id from changeset_row where table_name = 'merged_contact' and (%s = ? or %s = ?)`,
		number(tx, "contact_id"), number(tx, "survivor_id"))
	for _, statement := range []string{
		"update changeset set note = '' where kind = 'contact.merge' and id in (" + of + ")",
		"delete from changeset_row where changeset_id in (select id from changeset where kind = 'contact.merge' and id in (" + of + "))",
	} {
		if _, err := tx.Exec(statement, contactID, contactID); err != nil {
			return err
		}
	}
	return nil
}

// number is a column of the row that an image shows.
func number(tx *db.Tx, column string) string {
	if tx.Dialect() == db.Postgres {
		return "cast(coalesce(before, after) ->> '" + column + "' as bigint)"
	}
	return "coalesce(before, after) ->> '" + column + "'"
}
