package synthesis

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of paragraphs.
func (Paragraph) TableName() string { return "synthesis_paragraph" }

// TableName is the table of excerpts.
func (Excerpt) TableName() string { return "excerpt" }

type excerptTag struct {
	ExcerptID int64
	Tag       string
}

func (excerptTag) TableName() string { return "excerpt_tag" }

type citation struct {
	ParagraphID int64
	ExcerptID   int64
}

func (citation) TableName() string { return "paragraph_excerpt" }

// output is which revision of which document was compiled last.
type output struct {
	CycleID        int64 `gorm:"primaryKey;autoIncrement:false"`
	DocumentID     int64
	RevisionNumber int
	Title, Body    string // as they were compiled: the document may have been edited since
	CompiledBy     *int64
	CompiledAt     time.Time
}

func (output) TableName() string { return "synthesis_output" }

func excerptByID(tx *db.Tx, id int64) (Excerpt, error) {
	var e Excerpt
	if err := tx.Gorm().Where("id = ?", id).Take(&e).Error; err != nil {
		return e, err
	}
	one := []Excerpt{e}
	err := fillTags(tx, one)
	return one[0], err
}

// excerptAt is the excerpt of the same passage.
func excerptAt(tx *db.Tx, like Excerpt) (Excerpt, error) {
	var e Excerpt
	err := tx.Gorm().Where("contribution_id = ? and question = ? and start = ? and quote = ? and withdrawn_at is null",
		like.ContributionID, like.Question, like.Start, like.Quote).Order("id").Take(&e).Error
	if err != nil {
		return e, err
	}
	one := []Excerpt{e}
	err = fillTags(tx, one)
	return one[0], err
}

// fillTags reads the tags of excerpts.
func fillTags(tx *db.Tx, all []Excerpt) error {
	if len(all) == 0 {
		return nil
	}
	at := make(map[int64]int, len(all))
	ids := make([]int64, len(all))
	for i, e := range all {
		at[e.ID], ids[i] = i, e.ID
	}
	var rows []excerptTag
	if err := tx.Gorm().Where("excerpt_id in ?", ids).Order("excerpt_id, tag").Find(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		e := &all[at[r.ExcerptID]]
		e.Tags = append(e.Tags, r.Tag)
	}
	return nil
}

// saveExcerpt inserts where the id is 0, else updates, and replaces the tags.
func saveExcerpt(tx *db.Tx, e *Excerpt) error {
	if err := tx.Gorm().Save(e).Error; err != nil {
		return err
	}
	if _, err := tx.Exec("delete from excerpt_tag where excerpt_id = ?", e.ID); err != nil {
		return err
	}
	if len(e.Tags) == 0 {
		return nil
	}
	rows := make([]excerptTag, len(e.Tags))
	for i, tag := range e.Tags {
		rows[i] = excerptTag{e.ID, tag}
	}
	return tx.Gorm().Create(&rows).Error
}

func deleteExcerpt(tx *db.Tx, id int64) error {
	if _, err := tx.Exec("delete from excerpt_tag where excerpt_id = ?", id); err != nil {
		return err
	}
	_, err := tx.Exec("delete from excerpt where id = ?", id)
	return err
}

// citedBy are the paragraphs that cite an excerpt.
func citedBy(tx *db.Tx, excerptID int64) ([]Paragraph, error) {
	var all []Paragraph
	return all, tx.Gorm().Where("id in (select paragraph_id from paragraph_excerpt where excerpt_id = ?)", excerptID).
		Order("id").Find(&all).Error
}

func excerptsOf(tx *db.Tx, contributionID int64) ([]Excerpt, error) {
	var all []Excerpt
	return all, tx.Gorm().Where("contribution_id = ?", contributionID).Order("id").Find(&all).Error
}

func paragraphByID(tx *db.Tx, id int64) (Paragraph, error) {
	var p Paragraph
	if err := tx.Gorm().Where("id = ?", id).Take(&p).Error; err != nil {
		return p, err
	}
	one := []Paragraph{p}
	err := fillCitations(tx, one)
	return one[0], err
}

// paragraphs are those of a cycle, section by section, in their order.
func paragraphs(tx *db.Tx, cycleID int64) ([]Paragraph, error) {
	var all []Paragraph
	if err := tx.Gorm().Where("cycle_id = ?", cycleID).Order("section, position, id").Find(&all).Error; err != nil {
		return nil, err
	}
	return all, fillCitations(tx, all)
}

func fillCitations(tx *db.Tx, all []Paragraph) error {
	if len(all) == 0 {
		return nil
	}
	at := make(map[int64]int, len(all))
	ids := make([]int64, len(all))
	for i, p := range all {
		at[p.ID], ids[i] = i, p.ID
	}
	var rows []citation
	if err := tx.Gorm().Where("paragraph_id in ?", ids).Order("paragraph_id, excerpt_id").Find(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		p := &all[at[r.ParagraphID]]
		p.Excerpts = append(p.Excerpts, r.ExcerptID)
	}
	return nil
}

func lastPosition(tx *db.Tx, cycleID int64, section string) (n int, err error) {
	return n, tx.QueryRow("select coalesce(max(position), 0) from synthesis_paragraph where cycle_id = ? and section = ?", cycleID, section).Scan(&n)
}

// saveParagraph inserts where the id is 0, else updates, and replaces what it cites.
func saveParagraph(tx *db.Tx, p *Paragraph) error {
	if err := tx.Gorm().Save(p).Error; err != nil {
		return err
	}
	if _, err := tx.Exec("delete from paragraph_excerpt where paragraph_id = ?", p.ID); err != nil {
		return err
	}
	for _, id := range p.Excerpts {
		if err := tx.Gorm().Create(&citation{p.ID, id}).Error; err != nil {
			return err
		}
	}
	return nil
}

func setPosition(tx *db.Tx, id int64, position int) error {
	_, err := tx.Exec("update synthesis_paragraph set position = ? where id = ?", position, id)
	return err
}

func deleteParagraph(tx *db.Tx, id int64) error {
	if _, err := tx.Exec("delete from paragraph_excerpt where paragraph_id = ?", id); err != nil {
		return err
	}
	_, err := tx.Exec("delete from synthesis_paragraph where id = ?", id)
	return err
}

func outputOf(tx *db.Tx, cycleID int64) (output, error) {
	var o output
	return o, tx.Gorm().Where("cycle_id = ?", cycleID).Take(&o).Error
}

func saveOutput(tx *db.Tx, o output) error { return tx.Gorm().Save(&o).Error }

// lockCycle lets one person at a time change the order of a cycle's paragraphs, or compile them.
func lockCycle(tx *db.Tx, cycleID int64) error {
	if tx.Dialect() != db.Postgres {
		return nil // there is one writer
	}
	_, err := tx.Exec("select pg_advisory_xact_lock(hashtextextended('synthesis', ?))", cycleID)
	return err
}
