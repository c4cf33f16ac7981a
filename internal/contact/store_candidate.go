package contact

import (
	"github.com/convoke/convoke/internal/db"
)

// TableName is the table of candidates.
func (Candidate) TableName() string { return "candidate" }

func insertCandidate(tx *db.Tx, c *Candidate) error { return tx.Gorm().Create(c).Error }

func candidateByID(tx *db.Tx, id int64) (Candidate, error) {
	var c Candidate
	return c, tx.Gorm().Where("id = ?", id).Take(&c).Error
}

// saveDecision says whether this decision was the first.
func saveDecision(tx *db.Tx, c *Candidate) (bool, error) {
	res := tx.Gorm().Model(&Candidate{}).Where("id = ? and state = ?", c.ID, Proposed).
		Select("*").Omit("id", "cycle_id", "origin", "suggested_by", "suggested_at").UpdateColumns(c)
	return res.RowsAffected == 1, res.Error
}

func listCandidates(tx *db.Tx, cycleID int64, state CandidateState, suggestedBy, before int64, limit int) ([]Candidate, error) {
	q := tx.Gorm().Where("cycle_id = ?", cycleID)
	narrow := func(on bool, where string, arg any) {
		if on {
			q = q.Where(where, arg)
		}
	}
	narrow(state != "", "state = ?", state)
	narrow(suggestedBy != 0, "suggested_by = ?", suggestedBy)
	narrow(before != 0, "id < ?", before)
	var all []Candidate
	return all, q.Order("id desc").Limit(limit).Find(&all).Error
}

// alikeTo finds by two indexes: of addresses and of name keys.
func alikeTo(tx *db.Tx, c Candidate, key string, limit int) ([]Alike, error) {
	var rows []Alike
	err := tx.Gorm().Raw(`select k.id as contact_id, k.name, k.stakeholder_group, k.country, max(m.same) > 0 as same_address
		from (
			select ca.contact_id as id, 1 as same from address a join contact_address ca on ca.address_id = a.id where a.email = ? and a.email <> ''
			union all
			select id, 0 from contact where kind = ? and name_key = ? and name_key <> ''
		) m join contact k on k.id = m.id
		where k.erased_at is null
		group by k.id, k.name, k.stakeholder_group, k.country
		order by max(m.same) desc, k.id limit ?`, c.Email, c.Kind, key, limit).Scan(&rows).Error
	for i := range rows {
		rows[i].CandidateID = c.ID
	}
	return rows, err
}

func candidatesOf(tx *db.Tx, contributionID int64) ([]Candidate, error) {
	var all []Candidate
	return all, tx.Gorm().Where("contribution_id = ?", contributionID).Order("id").Find(&all).Error
}
