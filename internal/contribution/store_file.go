package contribution

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// fileRow is a file with its content; File is read without.
type fileRow struct {
	File
	Content []byte
}

// TableName is the table of files.
func (File) TableName() string { return "contribution_file" }

// TableName is the table of files.
func (fileRow) TableName() string { return "contribution_file" }

// fileColumns are all but the content and the text, which lists do without.
const fileColumns = "id, contribution_id, position, question, name, kind, size, sha256, words, pages, cut, links, stripped, since, uploaded_at, uploaded_by, removed_at"

// insertFile gives the file its number, in the transaction that holds the contribution.
func insertFile(tx *db.Tx, f *Content) error {
	if err := nextPosition(tx, &f.File); err != nil {
		return err
	}
	row := fileRow{File: f.File, Content: f.Bytes}
	if err := tx.Gorm().Create(&row).Error; err != nil {
		return err
	}
	f.ID = row.ID
	return nil
}

func nextPosition(tx *db.Tx, f *File) error {
	return tx.QueryRow("select coalesce(max(position), 0) + 1 from contribution_file where contribution_id = ?", f.ContributionID).Scan(&f.Position)
}

// filesOf are the files of a contribution that were not taken back, with their texts where those are asked for.
func filesOf(tx *db.Tx, contributionID int64, withText bool) ([]File, error) {
	columns := fileColumns
	if withText {
		columns += ", text"
	}
	var all []File
	return all, tx.Gorm().Select(columns).Where("contribution_id = ? and removed_at is null", contributionID).Order("position").Find(&all).Error
}

func filesOfAll(tx *db.Tx, of []Contribution) (map[int64][]File, error) {
	if len(of) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(of))
	for i, c := range of {
		ids[i] = c.ID
	}
	var rows []File
	err := tx.Gorm().Select(fileColumns).Where("contribution_id in ? and removed_at is null", ids).Order("contribution_id, position").Find(&rows).Error
	all := map[int64][]File{}
	for _, f := range rows {
		all[f.ContributionID] = append(all[f.ContributionID], f)
	}
	return all, err
}

// fileAt reads one, also one that was taken back, of which there is no content.
func fileAt(tx *db.Tx, contributionID int64, position int) (Content, error) {
	var row fileRow
	err := tx.Gorm().Where("contribution_id = ? and position = ?", contributionID, position).Take(&row).Error
	return Content{File: row.File, Bytes: row.Content}, err
}

func countFiles(tx *db.Tx, contributionID int64) (n int, err error) {
	return n, tx.QueryRow("select count(*) from contribution_file where contribution_id = ? and removed_at is null", contributionID).Scan(&n)
}

const emptyFile = "update contribution_file set name = '', sha256 = '', content = ?, text = '', links = '[]', removed_at = ? where removed_at is null and contribution_id = ?"

// emptyFileAt leaves of a file that was taken back its number.
func emptyFileAt(tx *db.Tx, contributionID int64, position int, at time.Time) error {
	_, err := tx.Exec(emptyFile+" and position = ?", []byte{}, at, contributionID, position)
	return err
}

// emptyFiles is emptyFileAt for all that a contribution has.
func emptyFiles(tx *db.Tx, contributionID int64, at time.Time) error {
	_, err := tx.Exec(emptyFile, []byte{}, at, contributionID)
	return err
}

// deleteFileAt deletes a file that nobody but its author has seen.
func deleteFileAt(tx *db.Tx, contributionID int64, position int) error {
	_, err := tx.Exec("delete from contribution_file where contribution_id = ? and position = ?", contributionID, position)
	return err
}

// dropUnsent deletes what the author of a draft attached, where it gives way to what was recorded for them.
func dropUnsent(tx *db.Tx, contributionID int64) error {
	_, err := tx.Exec("delete from contribution_file where contribution_id = ? and uploaded_by is null", contributionID)
	return err
}
