package contribution

import "github.com/convoke/convoke/internal/db"

// correctionFile is a document that waits with a correction.
type correctionFile struct {
	File
	CorrectionID int64
	Content      []byte
}

// TableName is the table of documents that wait.
func (correctionFile) TableName() string { return "correction_file" }

// earlierFile is a document of earlier versions.
type earlierFile struct {
	File
	Until   int // the last version to which it belongs
	Content []byte
}

// TableName is the table of documents of earlier versions.
func (earlierFile) TableName() string { return "earlier_file" }

// copied are the columns that go along from table to table, but for the number and the version.
const copied = "question, name, kind, size, sha256, content, text, words, pages, cut, links, stripped, uploaded_at, uploaded_by"

func insertWaiting(tx *db.Tx, correctionID int64, f *Content) error {
	row := correctionFile{File: f.File, CorrectionID: correctionID, Content: f.Bytes}
	if err := tx.Gorm().Create(&row).Error; err != nil {
		return err
	}
	f.ID = row.ID
	return nil
}

func waitingFiles(tx *db.Tx, correctionID int64) ([]File, error) {
	var rows []correctionFile
	err := tx.Gorm().Select(fileColumns+", text").Where("correction_id = ?", correctionID).Order("id").Find(&rows).Error
	all := make([]File, 0, len(rows))
	for _, r := range rows {
		all = append(all, r.File)
	}
	return all, err
}

func waitingFile(tx *db.Tx, contributionID, id int64) (Content, error) {
	var row correctionFile
	err := tx.Gorm().Where("contribution_id = ? and id = ?", contributionID, id).Take(&row).Error
	return Content{File: row.File, Bytes: row.Content}, err
}

// takeWaiting lets documents wait with another correction.
func takeWaiting(tx *db.Tx, correctionID int64, files []File) error {
	for _, f := range files {
		if _, err := tx.Exec("update correction_file set correction_id = ? where id = ?", correctionID, f.ID); err != nil {
			return err
		}
	}
	return nil
}

func dropWaiting(tx *db.Tx, correctionID int64) error {
	_, err := tx.Exec("delete from correction_file where correction_id = ?", correctionID)
	return err
}

// takeIn gives a document that waited its place, from this version on: that of the emptied one with its number, a new one where that is 0.
func takeIn(tx *db.Tx, f File, since int) error {
	if f.Position != 0 {
		if err := deleteFileAt(tx, f.ContributionID, f.Position); err != nil {
			return err
		}
	} else if err := nextPosition(tx, &f); err != nil {
		return err
	}
	_, err := tx.Exec("insert into contribution_file (contribution_id, position, since, "+copied+") select contribution_id, ?, ?, "+copied+
		" from correction_file where id = ?", f.Position, since, f.ID)
	return err
}

// keepEarlier copies a document for the versions to which it belongs, the last of which is until.
func keepEarlier(tx *db.Tx, contributionID int64, position, until int) error {
	_, err := tx.Exec("insert into earlier_file (contribution_id, position, since, until, "+copied+") select contribution_id, position, since, ?, "+copied+
		" from contribution_file where contribution_id = ? and position = ?", until, contributionID, position)
	return err
}

// filesOfVersion are the documents of a version with their texts.
func filesOfVersion(tx *db.Tx, contributionID int64, version int) ([]File, error) {
	var all []File
	err := tx.Gorm().Raw("select "+fileColumns+", text from contribution_file where contribution_id = ? and since <= ? and removed_at is null"+
		" union all select "+fileColumns+", text from earlier_file where contribution_id = ? and since <= ? and until >= ? order by position",
		contributionID, version, contributionID, version, version).Find(&all).Error
	return all, err
}

func fileOfVersion(tx *db.Tx, contributionID int64, version, position int) (Content, error) {
	var old earlierFile
	err := tx.Gorm().Where("contribution_id = ? and position = ? and since <= ? and until >= ?", contributionID, position, version, version).Take(&old).Error
	if err == nil || !db.IsNotFound(err) {
		return Content{File: old.File, Bytes: old.Content}, err
	}
	var row fileRow
	err = tx.Gorm().Where("contribution_id = ? and position = ? and since <= ? and removed_at is null", contributionID, position, version).Take(&row).Error
	return Content{File: row.File, Bytes: row.Content}, err
}
