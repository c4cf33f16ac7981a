package contribution

import (
	"errors"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/undo"
)

func keepContributions(tx *db.Tx, set *undo.Set, from, into int64) error {
	return errors.Join(
		set.Keep(tx, "contribution", "t.contact_id in (?, ?) or t.unit_id = ?", from, into, from),
		set.Keep(tx, "signatory", "t.contact_id in (?, ?) or t.contribution_id in (select id from contribution where contact_id in (?, ?) and state = 'draft')",
			from, into, from, into),
		set.Keep(tx, "contribution_editor", "t.contact_id in (?, ?)", from, into),
		set.Keep(tx, "answer", "t.contribution_id in (select id from contribution where contact_id in (?, ?) and state = 'draft')", from, into),
	)
}

// clashing are the contributions of both in the same cycle, of which one contact may have but one.
func clashing(tx *db.Tx, from, into int64) (pairs []pair, err error) {
	return pairs, tx.Scan(&pairs, `select a.id as from_id, b.id as into_id,
			a.state = 'draft' and not exists (select 1 from answer w where w.contribution_id = a.id and w.text <> '')
			and not exists (select 1 from contribution_file f where f.contribution_id = a.id)
			and not exists (select 1 from signatory g where g.contribution_id = a.id)
			and not exists (select 1 from contribution_editor e where e.contribution_id = a.id) as from_blank,
			b.state = 'draft' and not exists (select 1 from answer w where w.contribution_id = b.id and w.text <> '')
			and not exists (select 1 from contribution_file f where f.contribution_id = b.id)
			and not exists (select 1 from signatory g where g.contribution_id = b.id)
			and not exists (select 1 from contribution_editor e where e.contribution_id = b.id) as into_blank
		from contribution a join contribution b on b.cycle_id = a.cycle_id
		where a.contact_id = ? and b.contact_id = ? and a.state <> 'withdrawn' and b.state <> 'withdrawn' order by a.id`, from, into)
}

func deleteContribution(tx *db.Tx, id int64) error {
	if _, err := tx.Exec("delete from answer where contribution_id = ?", id); err != nil {
		return err
	}
	_, err := tx.Exec("delete from contribution where id = ?", id)
	return err
}

func moveContributions(tx *db.Tx, from, into int64) error {
	if _, err := tx.Exec("update contribution set contact_id = ? where contact_id = ?", into, from); err != nil {
		return err
	}
	if _, err := tx.Exec("update signatory set contact_id = ? where contact_id = ?", into, from); err != nil {
		return err
	}
	if _, err := tx.Exec("update contribution_editor set contact_id = ? where contact_id = ?", into, from); err != nil {
		return err
	}
	_, err := tx.Exec("update contribution set unit_id = ? where unit_id = ?", into, from)
	return err
}

// successor is whom a contact became part of, else itself: links that were given out before a merge still open.
func successor(tx *db.Tx, contactID int64) (int64, error) {
	var id int64
	err := tx.QueryRow("select coalesce((select survivor_id from contact_successor where contact_id = ?), ?)", contactID, contactID).Scan(&id)
	return id, err
}

// eraseDrafts deletes what a contact began and did not submit, to the row: nobody was given it.
func eraseDrafts(tx *db.Tx, contactID int64) error {
	for _, table := range []string{"answer", "contribution_file", "contribution_editor", "signatory"} {
		_, err := tx.Exec("delete from "+table+" where contribution_id in (select id from contribution where contact_id = ? and state = 'draft')", contactID)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec("delete from contribution where contact_id = ? and state = 'draft'", contactID)
	return err
}
