package report

import (
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// scope is what a reader may see: all, or with an account the countries of its initiatives, taken from the
// view at the moment of asking.
type scope struct{ account int64 }

// slice says by what units are cut before they are counted, where a unit may be in several cuts.
type slice int

const (
	whole slice = iota
	byInitiative
	byVolunteer
)

// statement is SQL under construction with its arguments in order.
type statement struct {
	text strings.Builder
	args []any
}

func (s *statement) add(text string, args ...any) *statement {
	s.text.WriteString(text)
	s.args = append(s.args, args...)
	return s
}

// units begins a statement with the common table expression "unit": one row for each cut and unit
// of the list of a cycle, with key columns and the flags 0 or 1 that figures are sums of.
func units(cycleID int64, cut slice, see scope) *statement {
	s := &statement{}
	s.member(cycleID, cut, see)
	s.approach(cycleID, cut)
	return s.add(`,
answered as (
  select unit_id, min(late) as late from answered_unit where cycle_id = ? group by unit_id
),
ranked as (
  select m.*,
    max(m.addressable) over (partition by m.cut, m.unit_id) as any_addressable,
    max(case when a.contact_id is null then 0 else 1 end) over (partition by m.cut, m.unit_id) as approached,
    row_number() over (partition by m.cut, m.unit_id
      order by case when m.contact_id = m.unit_id then 0 else 1 end, m.listing_id) as place
  from member m
  left join approach a on a.contact_id = m.contact_id and a.cut = m.approach_cut
),
unit as (
  select r.cut, r.unit_id, r.region, r.country, r.language_chain, r.any_addressable as addressable, r.approached,
    case when i.nri_id is null then r.stakeholder_group else 'nri' end as stakeholder_group,
    case when w.unit_id is null then 0 else r.approached end as responded,
    case when w.late = 1 then r.approached else 0 end as late
  from ranked r
  left join answered w on w.unit_id = r.unit_id
  left join initiative_contact i on i.contact_id = r.unit_id
  where r.place = 1
)`, cycleID)
}

// member is every listed contact in its cuts with the unit it counts for. A person who answered
// as an individual is a unit of its own.
func (s *statement) member(cycleID int64, cut slice, see scope) {
	column, join, approachCut := "0", "", "0"
	var args []any
	switch cut {
	case byInitiative:
		column, args = "c.nri_id", []any{cycleID, cycleID}
		join = `join (
    select p.nri_id, l.listing_id from listed_member l join initiative_country p on p.country = l.country where l.cycle_id = ?
    union
    select p.nri_id, l.listing_id from listed_member l join initiative_contact p on p.contact_id = l.unit_id where l.cycle_id = ?
  ) c on c.listing_id = m.listing_id`
	case byVolunteer:
		column, approachCut = "coalesce(v.volunteer_id, 0)", "coalesce(v.volunteer_id, 0)"
		join = "left join contact_volunteer v on v.cycle_id = m.cycle_id and v.contact_id = m.contact_id"
	case whole:
	}
	s.add(`with member as (
  select `+column+` as cut, `+approachCut+` as approach_cut, m.listing_id, m.contact_id,
    case when exists (select 1 from answered_unit k
        where k.cycle_id = m.cycle_id and k.contact_id = m.contact_id and k.unit_id = m.contact_id and k.nri_id is null)
      then m.contact_id else m.unit_id end as unit_id,
    m.stakeholder_group, m.region, m.country, m.language_chain, m.addressable
  from listed_member m `+join, args...)
	s.add(` where m.cycle_id = ?`, cycleID)
	s.within("m.country", see)
	if cut == byInitiative && see.account != 0 {
		s.add(` and c.nri_id in (select nri_id from current_coordinator where account_id = ?)`, see.account)
	}
	s.add(")")
}

func (s *statement) within(column string, see scope) {
	if see.account != 0 {
		s.add(` and `+column+` in (select country from coordinator_country where account_id = ?)`, see.account)
	}
}

// approach is who was approached: in general, and in the cut of a volunteer by that volunteer.
func (s *statement) approach(cycleID int64, cut slice) {
	s.add(`,
approach as (
  select 0 as cut, contact_id from delivered_contact where cycle_id = ?
  union
  select 0, contact_id from reached_contact where cycle_id = ?`, cycleID, cycleID)
	if cut == byVolunteer {
		s.add(`
  union
  select volunteer_id, contact_id from volunteer_reached where cycle_id = ?
  union
  select volunteer_id, contact_id from volunteer_delivered where cycle_id = ?`, cycleID, cycleID)
	}
	s.add(")")
}

// outsiders adds the common table expression "outsider": contributions that answer for no
// approached unit, with the keys of their unit where the list has it and else their own.
func (s *statement) outsiders(cycleID int64, cut slice, see scope) *statement {
	from := `counted_contribution k left join unit u on u.unit_id = k.unit_id`
	column := "0"
	if cut == byInitiative {
		column = "n.nri_id"
		from = `initiative_name n
  join counted_contribution k on k.nri_id = n.nri_id
    or k.country in (select c.country from initiative_country c where c.nri_id = n.nri_id)
  left join unit u on u.unit_id = k.unit_id and u.cut = n.nri_id`
	}
	s.add(`,
outsider as (
  select ` + column + ` as cut, k.contribution_id, k.name,
    coalesce(u.stakeholder_group, case when k.nri_id is null then k.stakeholder_group else 'nri' end) as stakeholder_group,
    coalesce(u.region, k.region) as region, coalesce(u.country, k.country) as country,
    coalesce(u.language_chain, k.language) as language_chain
  from ` + from)
	s.add(` where k.cycle_id = ? and coalesce(u.approached, 0) = 0`, cycleID)
	s.within("coalesce(u.country, k.country)", see)
	if cut == byInitiative && see.account != 0 {
		s.add(` and n.nri_id in (select nri_id from current_coordinator where account_id = ?)`, see.account)
	}
	return s.add(")")
}

type figures struct {
	KeyOne string
	KeyTwo string
	Counts
}

// sums counts units and outsiders by two columns of theirs, in one statement, so that what is
// compared was seen at one moment.
func sums(tx *db.Tx, cycleID int64, cut slice, see scope, one, two string) ([]figures, error) {
	s := units(cycleID, cut, see).outsiders(cycleID, cut, see)
	s.add(`
select key_one, key_two, sum(listed) as listed, sum(addressable) as addressable, sum(approached) as approached,
  sum(responded) as responded, sum(unsolicited) as unsolicited, sum(late) as late
from (
  select ` + one + ` as key_one, ` + two + ` as key_two, 1 as listed, addressable, approached, responded, 0 as unsolicited, late from unit
  union all
  select ` + one + `, ` + two + `, 0, 0, 0, 0, 1, 0 from outsider
) x
group by key_one, key_two order by key_one, key_two`)
	var rows []figures
	return rows, tx.Scan(&rows, s.text.String(), s.args...)
}

func targets(tx *db.Tx, cycleID int64) ([]Cell, error) {
	var rows []struct {
		StakeholderGroup string
		Region           string
		Count            int
	}
	err := tx.Gorm().Table("cell_target").Where("cycle_id = ?", cycleID).Order("stakeholder_group, region").Find(&rows).Error
	cells := make([]Cell, len(rows))
	for i := range rows {
		cells[i] = Cell{Group: rows[i].StakeholderGroup, Region: rows[i].Region, Target: &rows[i].Count}
	}
	return cells, err
}

// names finds what initiatives or accounts are called, by id.
func names(tx *db.Tx, cut slice) (map[int64]string, error) {
	var rows []struct {
		ID   int64
		Name string
	}
	q := tx.Gorm().Table("account_name").Select("account_id as id, name")
	if cut == byInitiative {
		q = tx.Gorm().Table("initiative_name").Select("nri_id as id, name")
	}
	if err := q.Find(&rows).Error; err != nil {
		return nil, err
	}
	byID := make(map[int64]string, len(rows))
	for _, r := range rows {
		byID[r.ID] = r.Name
	}
	return byID, nil
}
