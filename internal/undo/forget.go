package undo

import (
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Forget removes the images of a contact that is erased, and of its addresses, in the caller's
// transaction. An action on many contacts can still be undone for the others; a merge that the
// contact was part of cannot be undone any more.
func Forget(tx *db.Tx, contactID int64, addressIDs []int64) error {
	of := func(table, column string) string {
		return "select changeset_id from changeset_row where table_name = '" + table + "' and " + number(tx, column) + " = ?"
	}
	_, err := tx.Exec(`update changeset set note = '' where kind = 'contact.merge' and id in (`+of("contact", "id")+")", contactID)
	if err != nil {
		return errs.Wrap("undo.forget", err)
	}
	_, err = tx.Exec(`delete from changeset_row where changeset_id in (
		select id from changeset where kind = 'contact.merge' and id in (`+of("contact", "id")+`))`, contactID)
	if err != nil {
		return errs.Wrap("undo.forget", err)
	}
	_, err = tx.Exec("delete from changeset_row where table_name = 'contact' and "+number(tx, "id")+" = ? or "+number(tx, "contact_id")+" = ?", contactID, contactID)
	if err != nil {
		return errs.Wrap("undo.forget", err)
	}
	for _, id := range addressIDs {
		if _, err := tx.Exec("delete from changeset_row where table_name = 'address' and "+number(tx, "id")+" = ?", id); err != nil {
			return errs.Wrap("undo.forget", err)
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
