package campaign

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// TableName is the table of campaigns.
func (Campaign) TableName() string { return "campaign" }

// TableName is the table of their steps.
func (Step) TableName() string { return "campaign_step" }

// TableName is the table of deliveries.
func (Delivery) TableName() string { return "delivery" }

func insertCampaign(tx *db.Tx, c *Campaign) error {
	if err := tx.Gorm().Create(c).Error; err != nil {
		return err
	}
	for i := range c.Steps {
		c.Steps[i].CampaignID = c.ID
	}
	return tx.Gorm().Create(&c.Steps).Error
}

func loadCampaign(tx *db.Tx, id int64) (Campaign, error) {
	var c Campaign
	tx = tx.Often()
	if err := tx.Gorm().Where("id = ?", id).Take(&c).Error; err != nil {
		return c, orNotFound(err)
	}
	return c, tx.Gorm().Where("campaign_id = cast(? as bigint)", id).Order("position").Find(&c.Steps).Error
}

// lockCampaign is loadCampaign for those who will change it: of two at once the second waits and
// then sees what the first did. SQLite has one writer anyway.
func lockCampaign(tx *db.Tx, id int64) (Campaign, error) {
	if tx.Dialect() == db.Postgres {
		var locked Campaign
		err := tx.Gorm().Clauses(clause.Locking{Strength: "UPDATE"}).Select("id").Where("id = ?", id).Take(&locked).Error
		if err != nil {
			return Campaign{}, orNotFound(err)
		}
	}
	return loadCampaign(tx, id)
}

func campaignOfStep(tx *db.Tx, stepID int64) (int64, error) {
	var step Step
	err := tx.Often().Gorm().Select("campaign_id").Where("id = ?", stepID).Take(&step).Error
	return step.CampaignID, orNotFound(err)
}

func listCampaigns(tx *db.Tx, cycleID int64) ([]Campaign, error) {
	var all []Campaign
	if err := tx.Gorm().Where("cycle_id = ?", cycleID).Order("id desc").Find(&all).Error; err != nil {
		return nil, err
	}
	return withSteps(tx, all)
}

// runningCampaigns are those that the sweeper looks after.
func runningCampaigns(tx *db.Tx) ([]Campaign, error) {
	var all []Campaign
	err := tx.Gorm().Where("state in ?", []State{Scheduled, Sending, Paused, Cancelled}).
		Where("state <> ? or exists (select 1 from campaign_step s where s.campaign_id = campaign.id and s.state in ?)",
			Cancelled, []StepState{StepPlanned, StepLaunching, StepSending}).
		Order("id").Find(&all).Error
	if err != nil {
		return nil, err
	}
	return withSteps(tx, all)
}

func withSteps(tx *db.Tx, all []Campaign) ([]Campaign, error) {
	ids := make([]int64, len(all))
	at := make(map[int64]int, len(all))
	for i, c := range all {
		ids[i], at[c.ID] = c.ID, i
	}
	var steps []Step
	err := tx.Gorm().Where("campaign_id in ?", ids).Order("position").Find(&steps).Error
	for _, s := range steps {
		c := &all[at[s.CampaignID]]
		c.Steps = append(c.Steps, s)
	}
	return all, err
}

// saveCampaign stores the campaign without its steps.
func saveCampaign(tx *db.Tx, c *Campaign) error {
	return tx.Gorm().Select("*").Omit("Steps").Updates(c).Error
}

func saveStep(tx *db.Tx, s *Step) error { return tx.Gorm().Select("*").Updates(s).Error }

// saveDue leaves a step alone that somebody sent since it was looked at: it has no day any more.
func saveDue(tx *db.Tx, stepID int64, due *time.Time, ownDay string) error {
	_, err := tx.Exec("update campaign_step set due_at = ?, own_day = ? where id = ? and state = ?", due, ownDay, stepID, StepPlanned)
	return err
}

// documentsInUse are the texts of the cycle's campaigns that are not cancelled.
func documentsInUse(tx *db.Tx, cycleID int64) ([]int64, error) {
	var ids []int64
	err := tx.Gorm().Table("campaign_step s").Joins("join campaign c on c.id = s.campaign_id").
		Where("c.cycle_id = ? and c.state <> ?", cycleID, Cancelled).Pluck("s.document_id", &ids).Error
	return ids, err
}

func orNotFound(err error) error {
	if db.IsNotFound(err) {
		return errs.E(errs.NotFound, "campaign.not_found")
	}
	return err
}
