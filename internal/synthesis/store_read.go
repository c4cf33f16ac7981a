package synthesis

import (
	"database/sql"
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// ofAnswer are the columns of an Answer in the view of the contributions' room.
const ofAnswer = `cycle_id, contribution_id, question, text, name, organization, capacity, stakeholder_group, region,
	country, language, coalesce(public_number, 0) as public_number, published, received_at`

func answerOf(tx *db.Tx, contributionID int64, question string) (Answer, error) {
	var a Answer
	if !findable(question) {
		return a, sql.ErrNoRows
	}
	return a, tx.Gorm().Raw("select "+ofAnswer+" from codable_answer where contribution_id = ? and question = ?",
		contributionID, question).Take(&a).Error
}

func answers(tx *db.Tx, f AnswerFilter, limit int) ([]Answer, error) {
	query := "select " + ofAnswer + " from codable_answer where cycle_id = ? and question = ? and contribution_id > ?"
	args := []any{f.CycleID, f.Question, f.After}
	if f.Group != "" {
		query, args = query+" and stakeholder_group = ?", append(args, f.Group)
	}
	var all []Answer
	return all, tx.Gorm().Raw(query+" order by contribution_id limit ?", append(args, limit)...).Scan(&all).Error
}

func markedIn(tx *db.Tx, contributionID int64, question string) ([]Excerpt, error) {
	var all []Excerpt
	err := tx.Gorm().Where("contribution_id = ? and question = ?", contributionID, question).Order("start, id").Find(&all).Error
	if err != nil {
		return nil, err
	}
	return all, fillTags(tx, all)
}

type counted struct {
	Question         string
	StakeholderGroup string
	Count            int
}

func matrix(tx *db.Tx, cycleID int64) (Matrix, error) {
	m := Matrix{Cells: map[string]map[string]Cell{}, Contributions: map[string]int{}}
	var given, marked, who []counted
	err := tx.Scan(&given, `select question, stakeholder_group, count(*) as count from codable_answer
		where cycle_id = ? group by question, stakeholder_group`, cycleID)
	if err != nil {
		return m, err
	}
	err = tx.Scan(&marked, `select e.question, k.stakeholder_group, count(*) as count from excerpt e
		join codable_contribution k on k.contribution_id = e.contribution_id
		where e.cycle_id = ? and e.withdrawn_at is null group by e.question, k.stakeholder_group`, cycleID)
	if err != nil {
		return m, err
	}
	err = tx.Scan(&who, `select '' as question, stakeholder_group, count(*) as count from codable_contribution
		where cycle_id = ? group by stakeholder_group`, cycleID)
	if err != nil {
		return m, err
	}
	for _, c := range given {
		m.cell(c, Cell{Answers: c.Count})
	}
	for _, c := range marked {
		m.cell(c, Cell{Excerpts: c.Count})
	}
	for _, c := range who {
		m.Contributions[c.StakeholderGroup] = c.Count
		m.Total += c.Count
	}
	return m, tx.Scan(&m.Tags, `select t.tag, count(*) as count from excerpt_tag t join excerpt e on e.id = t.excerpt_id
		where e.cycle_id = ? and e.withdrawn_at is null group by t.tag order by count(*) desc, t.tag`, cycleID)
}

// cell adds to one.
func (m Matrix) cell(at counted, more Cell) {
	row := m.Cells[at.Question]
	if row == nil {
		row = map[string]Cell{}
		m.Cells[at.Question] = row
	}
	c := row[at.StakeholderGroup]
	row[at.StakeholderGroup] = Cell{c.Answers + more.Answers, c.Excerpts + more.Excerpts}
}

type foundRow struct {
	Excerpt `gorm:"embedded"`
	Source  `gorm:"embedded;embeddedPrefix:source_"`
	Answer  string // the text in which the excerpt was marked, as it stands
}

// found reads excerpts with whose they are. The fields of a source are empty for a contribution that was withdrawn.
func found(tx *db.Tx, f ExcerptFilter) ([]Found, error) {
	where, args := f.where()
	var rows []foundRow
	err := tx.Gorm().Raw(`select e.*, e.contribution_id as source_contribution_id, coalesce(k.name, '') as source_name,
		coalesce(k.organization, '') as source_organization, coalesce(k.capacity, '') as source_capacity,
		coalesce(k.stakeholder_group, '') as source_stakeholder_group, coalesce(k.region, '') as source_region,
		coalesce(k.language, '') as source_language, coalesce(k.public_number, 0) as source_public_number,
		coalesce(k.published, false) as source_published, coalesce(a.text, '') as answer
		from excerpt e
		left join codable_contribution k on k.contribution_id = e.contribution_id
		left join codable_answer a on a.contribution_id = e.contribution_id and a.question = e.question
		where `+where+` order by e.id limit ?`, append(args, f.Limit)...).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	all := make([]Found, len(rows))
	excerpts := make([]Excerpt, len(rows))
	for i, r := range rows {
		excerpts[i] = r.Excerpt
		all[i] = Found{Source: r.Source, Changed: r.WithdrawnAt == nil && !stands(r.Answer, r.Quote)}
	}
	if err := fillTags(tx, excerpts); err != nil {
		return nil, err
	}
	at := make(map[int64]int, len(all))
	ids := make([]int64, len(all))
	for i, e := range excerpts {
		all[i].Excerpt, at[e.ID], ids[i] = e, i, e.ID
	}
	var cites []citation
	if err := tx.Gorm().Where("excerpt_id in ?", ids).Order("paragraph_id").Find(&cites).Error; err != nil {
		return nil, err
	}
	for _, c := range cites {
		x := &all[at[c.ExcerptID]]
		x.Cited = append(x.Cited, c.ParagraphID)
	}
	return all, nil
}

func (f ExcerptFilter) where() (string, []any) {
	where, args := []string{"e.id > ?"}, []any{f.After}
	add := func(condition string, arg any) { where, args = append(where, condition), append(args, arg) }
	if f.CycleID != 0 {
		add("e.cycle_id = ?", f.CycleID)
	}
	if len(f.Questions) > 0 {
		add("e.question in ?", f.Questions)
	}
	if f.Group != "" {
		add("k.stakeholder_group = ?", f.Group)
	}
	if f.Tag != "" {
		add("exists (select 1 from excerpt_tag t where t.excerpt_id = e.id and t.tag = ?)", f.Tag)
	}
	if f.IDs != nil {
		add("e.id in ?", f.IDs)
	}
	return strings.Join(where, " and "), args
}
