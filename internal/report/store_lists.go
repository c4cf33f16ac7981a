package report

import (
	"time"

	"github.com/convoke/convoke/internal/db"
)

const maxPage = 500

// list reads what a figure counts from the same expressions that count it.
func list(tx *db.Tx, cycleID int64, see scope, sel Selection) ([]Item, error) {
	cut := whole
	if sel.NRI != 0 {
		cut = byInitiative
	}
	s := units(cycleID, cut, see).outsiders(cycleID, cut, see)
	if sel.Figure == Unsolicited {
		s.add(`
select u.contribution_id as id, u.name, u.stakeholder_group as "group", u.region, u.country from outsider u where u.contribution_id > ?`, sel.After)
	} else {
		s.add(`
select u.unit_id as id, n.name, u.stakeholder_group as "group", u.region, u.country,
  u.addressable = 1 as addressable, u.approached = 1 as approached, u.responded = 1 as responded, u.late = 1 as late
from unit u join contact_name n on n.contact_id = u.unit_id where u.unit_id > ?`, sel.After)
		s.flag(sel.Figure)
	}
	s.where("u.stakeholder_group", sel.Group)
	s.where("u.region", sel.Region)
	s.where("u.country", sel.Country)
	s.language(sel.Language)
	if sel.NRI != 0 {
		s.add(" and u.cut = ?", sel.NRI)
	}
	limit := sel.Limit
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	s.add(" order by id limit ?", limit)
	var items []Item
	return items, tx.Scan(&items, s.text.String(), s.args...)
}

func (s *statement) flag(f Figure) {
	switch f {
	case Addressable:
		s.add(" and u.addressable = 1")
	case Approached:
		s.add(" and u.approached = 1")
	case Responded:
		s.add(" and u.responded = 1")
	case Late:
		s.add(" and u.late = 1")
	case Listed, Unsolicited:
	}
}

func (s *statement) where(column, key string) {
	switch key {
	case "":
	case KeyUnknown:
		s.add(" and " + column + " = ''")
	default:
		s.add(" and "+column+" = ?", key)
	}
}

func (s *statement) language(tag string) {
	switch tag {
	case "":
	case KeyUnknown:
		s.add(" and u.language_chain = ''")
	default:
		s.add(" and (u.language_chain = ? or u.language_chain like ?)", tag, tag+" %")
	}
}

// timeline counts by day in UTC. Times are integers in SQLite, so that a day is a division.
func timeline(tx *db.Tx, cycleID int64, see scope) ([]Day, error) {
	day := func(column string) string { return "cast(extract(epoch from " + column + ") as bigint) / 86400" }
	if tx.Dialect() == db.SQLite {
		day = func(column string) string { return column + " / 86400000000" }
	}
	s := &statement{}
	s.add(`select day, sum(sent) as sent, sum(responded) as responded, sum(late) as late from (
  select `+day("d.sent_at")+` as day, 1 as sent, 0 as responded, 0 as late from sent_delivery d where d.cycle_id = ?`, cycleID)
	if see.account != 0 {
		s.add(` and d.contact_id in (select m.contact_id from listed_member m where m.cycle_id = ?`, cycleID)
		s.within("m.country", see)
		s.add(")")
	}
	s.add(`
  union all
  select `+day("k.received_at")+`, 0, 1, k.late from counted_contribution k where k.cycle_id = ? and k.received_at is not null`, cycleID)
	s.within("k.country", see)
	s.add(") x group by day order by day")
	var rows []struct {
		Day                   int64
		Sent, Responded, Late int
	}
	if err := tx.Scan(&rows, s.text.String(), s.args...); err != nil {
		return nil, err
	}
	days := make([]Day, len(rows))
	for i, r := range rows {
		date := time.Unix(r.Day*86400, 0).UTC().Format(time.DateOnly)
		days[i] = Day{Date: date, Sent: r.Sent, Responded: r.Responded, Late: r.Late}
	}
	return days, nil
}

// dispositions gives every tried unit the first state that applies, in the order of Dispositions.
func dispositions(tx *db.Tx, cycleID int64, see scope) (Dispositions, error) {
	s := units(cycleID, whole, see)
	for _, fact := range [][2]string{
		{"begun", "begun_contact"},
		{"declined", "declined_contact"},
		{"reached", "reached_contact"},
		{"attempted", "attempted_contact"},
		{"mailed", "mailed_contact"},
		{"delivered", "delivered_contact"},
	} {
		s.add(`,
`+fact[0]+` as (
  select distinct m.unit_id from member m join `+fact[1]+` f on f.contact_id = m.contact_id where f.cycle_id = ?
)`, cycleID)
	}
	s.add(`,
final as (
  select case
    when w.unit_id is not null then 'complete'
    when b.unit_id is not null then 'partial'
    when n.unit_id is not null then 'refused'
    when r.unit_id is not null then 'other'
    when d.unit_id is not null then 'nothing_back'
    when a.unit_id is not null then 'non_contact'
    else 'undelivered' end as state
  from unit u
  left join answered w on w.unit_id = u.unit_id
  left join begun b on b.unit_id = u.unit_id
  left join declined n on n.unit_id = u.unit_id
  left join reached r on r.unit_id = u.unit_id
  left join delivered d on d.unit_id = u.unit_id
  left join attempted a on a.unit_id = u.unit_id
  left join mailed e on e.unit_id = u.unit_id
  where a.unit_id is not null or e.unit_id is not null
)
select state, count(*) as count from final group by state`)
	var rows []struct {
		State string
		Count int
	}
	if err := tx.Scan(&rows, s.text.String(), s.args...); err != nil {
		return Dispositions{}, err
	}
	count := make(map[string]int, len(rows))
	for _, r := range rows {
		count[r.State] = r.Count
	}
	return Dispositions{
		Complete: count["complete"], Partial: count["partial"], Refused: count["refused"], Other: count["other"],
		NonContact: count["non_contact"], NothingBack: count["nothing_back"], Undelivered: count["undelivered"],
	}, nil
}

func decisions(tx *db.Tx, cycleID int64, now time.Time) (Decisions, error) {
	var d Decisions
	for _, q := range []struct {
		into  *int
		view  string
		where string
		args  []any
	}{
		{&d.NoAddress, "listed_member", "addressable = 0", nil},
		{&d.Candidates, "waiting_candidate", "", nil},
		{&d.StaleTranslations, "stale_translation", "", nil},
		{&d.Comments, "waiting_comment", "", nil},
		{&d.UncertainDeliveries, "uncertain_delivery", "", nil},
		{&d.DoubtedAddresses, "doubted_address", "", nil},
		{&d.ClaimsExpiring, "live_claim", "expires_at > ? and expires_at <= ?", []any{now, now.Add(ClaimWarning)}},
		{&d.Unchecked, "unchecked_contribution", "", nil},
		{&d.RenewedConsents, "renewed_consent", "", nil},
		{&d.Mails, "waiting_mail", "", nil},
		{&d.BrokenCitations, "broken_citation", "", nil},
	} {
		query := tx.Gorm().Table(q.view).Where("cycle_id = ?", cycleID)
		if q.where != "" {
			query = query.Where(q.where, q.args...)
		}
		var n int64
		if err := query.Count(&n).Error; err != nil {
			return Decisions{}, err
		}
		*q.into = int(n)
	}
	return d, nil
}
