package bench

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// publish makes published contributions, each with one answer of this length in bytes.
func publish(ctx context.Context, d *db.DB, cycleID int64, count, length int, now time.Time) error {
	sentence := "Good practice is shared by those who have it, and asked for by those who need it. "
	text := strings.Repeat(sentence, length/len(sentence))
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`with recursive number (n) as (select 1 union all select n + 1 from number where n < ?)
			insert into contribution (cycle_id, state, channel, capacity, name, stakeholder_group, region, country, language, consent_publication,
				started_at, updated_at, received_at, checked_at, published_at, public_changed_at, public_number)
			select ?, 'published', 'public_form', 'individual', 'Person ' || n, 'civil_society', 'grulac', 'UY', 'en', true, ?, ?, ?, ?, ?, ?, n from number`,
			count, cycleID, now, now, now, now, now, now)
		if err != nil {
			return err
		}
		_, err = tx.Exec("insert into answer (contribution_id, question, text) select id, 'q1', cast(? as text) || id from contribution where cycle_id = ?", text, cycleID)
		return err
	})
}

// listed are the contacts on the list of a cycle.
func listed(ctx context.Context, d *db.DB, cycleID int64) (ids []int64, err error) {
	return ids, d.Read(ctx).Scan(&ids, "select contact_id from listing where cycle_id = ? order by contact_id", cycleID)
}

// readAnswers reads what one contribution says, and does nothing with it.
func readAnswers(ctx context.Context, d *db.DB, contributionID int) error {
	var text string
	return d.Read(ctx).QueryRow("select text from answer where contribution_id = ? and question = 'q1'", contributionID).Scan(&text)
}

// handedIn counts the contributions of these contacts that arrived, with their answer.
func handedIn(ctx context.Context, d *db.DB, cycleID int64, contacts []int64) (n int, err error) {
	for chunk := range slices.Chunk(contacts, 500) {
		var found int64
		err := d.Read(ctx).Gorm().Raw(`select count(*) from contribution k join answer a on a.contribution_id = k.id
			where k.cycle_id = ? and k.contact_id in ? and k.state in ('received', 'checked', 'published') and a.text <> ''`, cycleID, chunk).Scan(&found).Error
		if err != nil {
			return n, err
		}
		n += int(found)
	}
	return n, nil
}
