package outreach

import (
	"encoding/json"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of plans.
func (Plan) TableName() string { return "plan" }

// TableName is the table of their lines.
func (PlanLine) TableName() string { return "plan_line" }

const linesAtOnce = 500

func insertPlan(tx *db.Tx, p *Plan, lines []PlanLine) error {
	if err := tx.Gorm().Create(p).Error; err != nil {
		return err
	}
	for i := range lines {
		lines[i].PlanID = p.ID
	}
	return tx.Gorm().CreateInBatches(lines, linesAtOnce).Error
}

func proposedPlans(tx *db.Tx, cycleID int64) ([]Plan, error) {
	var all []Plan
	return all, tx.Gorm().Where("cycle_id = ? and state = ?", cycleID, PlanProposed).Order("id").Find(&all).Error
}

func planByID(tx *db.Tx, id int64) (Plan, error) {
	var p Plan
	err := tx.Gorm().Where("id = ?", id).Take(&p).Error
	if db.IsNotFound(err) {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	return p, err
}

// savePlan ends a plan, unless somebody else ended it since it was read.
func savePlan(tx *db.Tx, p *Plan) error {
	n, err := tx.Exec("update plan set state = ?, decided_by = ?, decided_at = ? where id = ? and state = ?",
		p.State, p.DecidedBy, p.DecidedAt, p.ID, PlanProposed)
	if err == nil && n == 0 {
		return errs.E(errs.Conflict, "outreach.plan.over")
	}
	return err
}

func lineIn(tx *db.Tx, planID, lineID int64) (Plan, PlanLine, error) {
	p, err := planByID(tx, planID)
	if err != nil {
		return p, PlanLine{}, err
	}
	var l PlanLine
	err = tx.Gorm().Where("plan_id = ? and id = ?", planID, lineID).Take(&l).Error
	if db.IsNotFound(err) {
		err = errs.E(errs.NotFound, "error.not_found")
	}
	return p, l, err
}

func saveLine(tx *db.Tx, before, after *PlanLine) error {
	n, err := tx.Exec("update plan_line set state = ?, volunteer_id = ?, fit = ?, reasons = ?, why = ?, claim_id = ? where id = ? and state = ?",
		after.State, after.VolunteerID, after.Fit, after.Reasons, after.Why, after.ClaimID, before.ID, before.State)
	if err == nil && n == 0 {
		return errs.E(errs.Conflict, "error.conflict")
	}
	return err
}

func countsOf(tx *db.Tx, planID int64) (map[LineState]int, error) {
	var rows []struct {
		State LineState
		Count int
	}
	err := tx.Gorm().Raw("select state, count(*) as count from plan_line where plan_id = ? group by state", planID).Scan(&rows).Error
	all := map[LineState]int{}
	for _, r := range rows {
		all[r.State] = r.Count
	}
	return all, err
}

// plansShown is how many plans one list holds.
const plansShown = 50

func plansOf(tx *db.Tx, cycleID int64) ([]PlanView, error) {
	var rows []struct {
		Plan
		ByName string
	}
	err := tx.Gorm().Raw(`select p.*, coalesce(n.name, '') as by_name from plan p left join account_name n on n.account_id = p.proposed_by
		where p.cycle_id = ? order by p.id desc limit ?`, cycleID, plansShown).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	all := make([]PlanView, len(rows))
	for i, r := range rows {
		all[i] = PlanView{Plan: r.Plan, By: r.ByName}
		if all[i].Counts, err = countsOf(tx, r.ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func linesOf(tx *db.Tx, p Plan) ([]LineView, error) {
	var all []LineView
	err := tx.Scan(&all, `select n.*, coalesce(k.name, '') as name, coalesce(v.name, '') as volunteer,
		coalesce(l.stakeholder_group, '') as stakeholder_group, coalesce(l.region, '') as region,
		coalesce(k.country, '') as country, coalesce(k.language_chain, '') as language_chain
		from plan_line n
		left join contact_card k on k.contact_id = n.contact_id
		left join listed_contact l on l.contact_id = n.contact_id and l.cycle_id = ?
		left join account_name v on v.account_id = n.volunteer_id
		where n.plan_id = ? order by v.name, n.volunteer_id, n.fit desc, n.id`, p.CycleID, p.ID)
	for i := range all {
		if all[i].Reasons != "" && err == nil {
			err = json.Unmarshal([]byte(all[i].Reasons), &all[i].Because)
		}
	}
	return all, err
}

// lettingGo are the claims by which volunteers must not have these contacts again for a while.
func lettingGo(tx *db.Tx, cycleID int64, contactIDs []int64, now time.Time) ([]Claim, error) {
	since := now.Add(-Cooldown)
	var all []Claim
	if len(contactIDs) == 0 {
		return nil, nil
	}
	for len(contactIDs) > 0 {
		n := min(len(contactIDs), linesAtOnce)
		var some []Claim
		err := tx.Gorm().Raw(`select v.contact_id, v.volunteer_id from claim v where v.cycle_id = ? and v.contact_id in ?
			and (v.state <> 'active' or v.expires_at <= ?) and (`+letGo+")", cycleID, contactIDs[:n], now, ReachOut, since, since).Scan(&some).Error
		if err != nil {
			return nil, err
		}
		all, contactIDs = append(all, some...), contactIDs[n:]
	}
	return all, nil
}
