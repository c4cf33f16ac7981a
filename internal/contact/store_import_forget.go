package contact

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// importsEndedBefore are those that may be forgotten. An import of a command that was cut off waits for the
// command: nobody else has its file.
func importsEndedBefore(tx *db.Tx, before time.Time) ([]int64, error) {
	return scanValues[int64](tx, `select id from import where forgotten_at is null and created_at < ?
		and (state in ('done', 'failed', 'undone', 'uploaded', 'checked') or state = 'importing' and not stored) order by id`, before)
}

func forgetContent(tx *db.Tx, importID int64) error {
	_, err := tx.Exec("delete from import_chunk where import_id = ?", importID)
	return err
}

// forgetInImports takes somebody out of what imports keep. Whether a file names them cannot be told from outside, in
// whatever encoding it is, and a rejected row says no contact: the files of all imports that have ended, and what was
// said of their rows, are deleted. They are needed for nothing but to look at those rows. Of those that have not ended,
// only what was said of the rows that name the contact is. It says how many have ended.
func forgetInImports(tx *db.Tx, contactID int64, texts []string, now time.Time) (int64, error) {
	const ended = "state in ('done', 'failed', 'undone') and forgotten_at is null"
	for _, table := range []string{"import_chunk", "import_row"} {
		if _, err := tx.Exec("delete from " + table + " where import_id in (select id from import where " + ended + ")"); err != nil {
			return 0, err
		}
	}
	n, err := tx.Exec("update import set stored = ?, forgotten_at = ? where "+ended, false, now)
	if err != nil {
		return n, err
	}
	const blank = "update import_row set name = '', detail = '' where "
	if _, err := tx.Exec(blank+"contact_id = ?", contactID); err != nil {
		return n, err
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		_, err := tx.Exec(blank+"lower(name) = lower(cast(? as text)) or lower(detail) like lower(cast(? as text)) escape '!'", text, inDetail(text))
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// inDetail is the pattern of a text within JSON.
func inDetail(text string) string {
	quoted, _ := json.Marshal(text) // a text is always JSON
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.Trim(string(quoted), `"`)) + "%"
}
