package campaign

import (
	"encoding/json"
	"fmt"

	"github.com/convoke/convoke/internal/db"
)

// audienceCountries are the countries of those in the audience, "" among them where somebody has none.
func audienceCountries(tx *db.Tx, q snapshot) (countries []string, err error) {
	where, args := q.listed(tx.Dialect())
	return countries, tx.Scan(&countries, "select distinct c.country"+listedFrom+where, args...)
}

// refusedCampaigns are the campaigns of a cycle, or of all, that were to go out by themselves and are still there.
func refusedCampaigns(tx *db.Tx, cycleID int64) ([]Campaign, error) {
	q := tx.Gorm().Where("state = ? and schedule_kind <> '' and schedule_refused not in ('', '{}')", Scheduled)
	if cycleID != 0 {
		q = q.Where("cycle_id = ?", cycleID)
	}
	var all []Campaign
	if err := q.Order("id").Find(&all).Error; err != nil || len(all) == 0 {
		return nil, err
	}
	return withSteps(tx, all)
}

// hourTable gives country and due of each country in which the hour has not come.
func hourTable(tx *db.Tx, hours []hourOf) (table, list string, err error) {
	type row struct {
		Country string `json:"country"`
		Due     any    `json:"due"`
	}
	rows := make([]row, len(hours))
	for i, h := range hours {
		rows[i] = row{h.Country, h.Due}
		if tx.Dialect() != db.Postgres {
			rows[i].Due = h.Due.UnixMicro()
		}
	}
	text, err := json.Marshal(rows)
	table = "select value ->> 'country' as country, value ->> 'due' as due from json_each(?)"
	if tx.Dialect() == db.Postgres {
		table = "select country, due from json_to_recordset(cast(? as json)) as t(country text, due timestamptz)"
	}
	return table, string(text), err
}

// insertHourly is insertChunk for a step that reaches its readers at an hour of their own day: whose hour has not come waits for
// it. They are numbered in its order, so that a batch has one hour, or a few, and is not taken for each of its readers.
func insertHourly(tx *db.Tx, q snapshot) (made chunk, err error) {
	if made.first, err = nextBatch(tx, q.stepID); err != nil {
		return made, err
	}
	inner, args, err := q.sql(tx.Dialect())
	if err != nil {
		return made, err
	}
	table, list, err := hourTable(tx, q.hours)
	if err != nil {
		return made, err
	}
	first, _ := BatchRef{q.stepID, made.first}.ids()
	rows, err := tx.Exec(`insert into delivery (`+deliveryColumns+`, until)
select cast(? as bigint) + row_number() over (order by v.verdict <> '', v.due is not null, v.due, v.listing_id), cast(? as bigint), v.contact_id,
  case when v.verdict = '' then v.address_id end, v.locale, v.fallback, v.edition, v.variant, v.stakeholder_group, v.region,
  case when v.verdict <> '' then 'skipped' when v.due is not null then 'deferred' else 'queued' end,
  case when v.verdict = '' and v.due is not null then '`+string(OwnHour)+`' else v.verdict end,
  case when v.verdict = '' then v.due end
from (select w.*, z.due from (`+inner+`) w join contact_card k on k.contact_id = w.contact_id
  left join (`+table+`) z on z.country = k.country) v`, append(append([]any{first - 1, q.stepID}, args...), list)...)
	if err != nil {
		return made, err
	}
	made.rows = int(rows)
	n, err := tx.Exec(`insert into delivery_batch (step_id, number, queued, deferred, skipped, ended_at, not_before)
select cast(? as bigint), number, sum(queued), sum(deferred), sum(1 - queued - deferred),
  case when sum(queued) + sum(deferred) = 0 then cast(? as `+timeType(tx)+`) end,
  case when sum(queued) = 0 then min(until) end
from (select until, (id - ? - 1) / ? as number, case when state = 'queued' then 1 else 0 end as queued,
    case when state = 'deferred' then 1 else 0 end as deferred
  from delivery where id >= ? and id <= ?) t
group by number`, q.stepID, q.now, q.stepID<<numberBits, BatchSize, first, first+rows-1)
	made.batches = int(n)
	return made, err
}

// deferToHours lets those wait of a completed chunk whose hour has not come.
func deferToHours(tx *db.Tx, q snapshot) error {
	if len(q.hours) == 0 {
		return nil
	}
	table, list, err := hourTable(tx, q.hours)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update delivery set state = 'deferred', reason = '`+string(OwnHour)+`', until = u.due
from (select d.id, z.due from delivery d join contact_card k on k.contact_id = d.contact_id join (`+table+`) z on z.country = k.country
  where d.id > ? and d.id <= ? and d.state = 'queued') u
where delivery.id = u.id`, list, max(q.after, q.stepID<<numberBits), q.upTo)
	return err
}

// hurryLimited lets the batches of a campaign be taken at once that wait for a limit.
func hurryLimited(tx *db.Tx, campaignID int64) error {
	_, err := tx.Exec(`update delivery_batch set not_before = null, waits = ''
where step_id in (select id from campaign_step where campaign_id = ?) and waits = ? and ended_at is null and lease_until is null`, campaignID, WaitsRate)
	return err
}

// hurryBatches lets the batches of a campaign be taken at once that nobody holds.
func hurryBatches(tx *db.Tx, campaignID int64) error {
	_, err := tx.Exec(fmt.Sprintf(`update delivery_batch set not_before = null
where step_id in (select id from campaign_step where campaign_id = %d) and not_before is not null and ended_at is null and lease_until is null`, campaignID))
	return err
}

// aboutToLeave says whether messages of a step are being made, or wait for nothing but to be taken.
func aboutToLeave(tx *db.Tx, step *Step) (bool, error) {
	if step.State == StepLaunching {
		return true, nil
	}
	var leaving bool
	err := tx.QueryRow("select exists (select 1 from delivery_batch where step_id = ? and number < ? and queued > 0 and ended_at is null)", step.ID, firstPersonal).Scan(&leaving)
	return leaving, err
}
