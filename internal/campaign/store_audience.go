package campaign

import (
	"encoding/json"
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// where gathers conditions that must all hold.
type where struct {
	conditions []string
	args       []any
}

func (w *where) and(condition string, args ...any) {
	w.conditions, w.args = append(w.conditions, condition), append(w.args, args...)
}

// anyOf adds alternatives; none is no condition.
func (w *where) anyOf(alternatives []string, args []any) {
	if len(alternatives) > 0 {
		w.and("("+strings.Join(alternatives, " or ")+")", args...)
	}
}

// in adds that a column has one of these words; none is no condition.
func (w *where) in(column string, words []string) {
	if len(words) == 0 {
		return
	}
	w.and(column + " in (" + marks(len(words)) + ")")
	for _, word := range words {
		w.args = append(w.args, word)
	}
}

// oneOf adds that a column has one of these numbers, in a statement whose text does not depend on how many they are.
func (w *where) oneOf(column string, numbers []int64, dialect db.Dialect) {
	if dialect == db.Postgres {
		w.and(column+" = any(cast(? as bigint[]))", numbers)
		return
	}
	list, _ := json.Marshal(numbers) // numbers have a form
	w.and(column+" in (select value from json_each(?))", string(list))
}

func (w *where) sql() (string, []any) { return " where " + strings.Join(w.conditions, " and "), w.args }

// lasting are the conditions that sending does not change.
func (q *snapshot) lasting(w *where, dialect db.Dialect) {
	a := &q.audience
	w.in("l.stakeholder_group", a.Groups)
	w.in("l.region", a.Regions)
	w.in("c.country", a.Countries)
	var like []string
	var args []any
	for _, word := range a.Languages {
		like = append(like, "' ' || c.languages || ' ' like ?", "' ' || c.languages like ?")
		args = append(args, "% "+word+" %", "% "+word+"-%")
	}
	w.anyOf(like, args)
	like, args = nil, nil
	for _, tag := range a.Tags {
		like, args = append(like, "' ' || c.expertise || ' ' like ?"), append(args, "% "+tag+" %")
	}
	w.anyOf(like, args)
	if len(a.NRIs) > 0 {
		q.nris.conditions(w, dialect)
	}
}

// passing are the conditions that the sending itself and its answers change. What was sent is looked up contact by
// contact, by an index: never read as a whole, because it grows while the statement is used.
func (q *snapshot) passing(w *where) {
	q.responding(w)
	const sent = "(select 1 from delivery f where f.contact_id = l.contact_id and f.state in ('sent', 'bounced', 'complained') and "
	const step = "f.step_id = (select s.id from campaign_step s where s.campaign_id = ? and s.position = ?)"
	var anyOf []string
	var args []any
	for _, ref := range q.audience.Sent {
		anyOf, args = append(anyOf, "exists "+sent+step+")"), append(args, ref.Campaign, ref.Step)
	}
	w.anyOf(anyOf, args)
	for _, ref := range q.audience.NotSent {
		w.and("not exists "+sent+step+")", ref.Campaign, ref.Step)
	}
	if q.audience.NeverWritten {
		w.and("not exists "+sent+"f.step_id <> ?)", q.stepID)
	}
}

func (q *snapshot) responding(w *where) {
	const (
		answered = "l.contact_id in (select contact_id from asked_enough_contact where cycle_id = ?)"
		begun    = "l.contact_id in (select contact_id from begun_contact where cycle_id = ?)"
	)
	var anyOf []string
	var args []any
	for _, r := range q.audience.Response {
		switch r {
		case NotStarted:
			anyOf, args = append(anyOf, "not ("+answered+" or "+begun+")"), append(args, q.cycleID, q.cycleID)
		case Started:
			anyOf, args = append(anyOf, begun+" and not "+answered), append(args, q.cycleID, q.cycleID)
		case Answered:
			anyOf, args = append(anyOf, answered), append(args, q.cycleID)
		}
	}
	w.anyOf(anyOf, args)
}

// nriContacts are those that a filter names by their initiatives. They are handed to the statement, worked out once,
// as for the variants.
type nriContacts struct {
	named, all []int64
	any, none  bool
}

// loadInitiatives finds whom the audience names by initiatives. Known keeps them for the next chunk.
func (q *snapshot) loadInitiatives(tx *db.Tx, known *groundwork) (err error) {
	if len(q.audience.NRIs) == 0 {
		return nil
	}
	if known.filter != nil {
		q.nris = *known.filter
		return nil
	}
	for _, word := range q.audience.NRIs {
		q.nris.any, q.nris.none = q.nris.any || word == AnyNRI, q.nris.none || word == NoNRI
	}
	if q.nris.any || q.nris.none {
		if q.nris.all, err = initiativeContacts(tx); err != nil {
			return err
		}
	}
	if ids := q.audience.initiatives(); len(ids) > 0 {
		var w where
		w.and("nri_id in ("+marks(len(ids))+")", anys(ids)...)
		condition, args := w.sql()
		if err = tx.Scan(&q.nris.named, "select distinct contact_id from nri_contact"+condition+" order by contact_id", args...); err != nil {
			return err
		}
	}
	loaded := q.nris
	known.filter = &loaded
	return nil
}

func (n *nriContacts) conditions(w *where, dialect db.Dialect) {
	var anyOf []string
	var args []any
	add := func(not string, ids []int64) {
		from, list := idList(dialect, ids)
		anyOf, args = append(anyOf, "l.contact_id "+not+"in ("+from+")"), append(args, list)
	}
	if n.any {
		add("", n.all)
	}
	if n.none {
		add("not ", n.all)
	}
	if len(n.named) > 0 || !n.any && !n.none {
		add("", n.named)
	}
	w.anyOf(anyOf, args)
}

func anys(ids []int64) []any {
	all := make([]any, len(ids))
	for i, id := range ids {
		all[i] = id
	}
	return all
}

func initiativeNames(tx *db.Tx) (all []InitiativeName, err error) {
	return all, tx.Scan(&all, "select nri_id as id, name from initiative_name order by name, nri_id")
}

// initiativesExist says whether there are initiatives with all of these ids.
func initiativesExist(tx *db.Tx, ids []int64) (bool, error) {
	for _, id := range ids {
		var n int
		if err := tx.QueryRow("select count(*) from initiative_name where nri_id = ?", id).Scan(&n); err != nil || n == 0 {
			return false, err
		}
	}
	return true, nil
}

// groupListed says whether anybody was ever listed in a stakeholder group.
func groupListed(tx *db.Tx, group string) (bool, error) {
	var n int
	err := tx.QueryRow("select count(*) from (select 1 from listed_contact where stakeholder_group = ? limit 1) t", group).Scan(&n)
	return n > 0, err
}

// stepsExist says whether all of these messages are of a campaign.
func stepsExist(tx *db.Tx, refs []StepRef) (bool, error) {
	for _, ref := range refs {
		var n int
		if err := tx.QueryRow("select count(*) from campaign_step where campaign_id = ? and position = ?", ref.Campaign, ref.Step).Scan(&n); err != nil || n == 0 {
			return false, err
		}
	}
	return true, nil
}

// groupCounts counts the audience by group.
func groupCounts(tx *db.Tx, q *snapshot) ([]GroupCount, error) {
	condition, args := q.listed(tx.Dialect())
	rows, err := tx.Query(`select l.stakeholder_group, count(*), coalesce(sum(case when
  (select 1 from usable_address u where u.contact_id = l.contact_id limit 1) is not null then 1 else 0 end), 0)`+
		listedFrom+condition+" group by l.stakeholder_group", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []GroupCount
	for rows.Next() {
		var g GroupCount
		if err := rows.Scan(&g.Group, &g.Count, &g.Mailable); err != nil {
			return nil, err
		}
		all = append(all, g)
	}
	return all, rows.Err()
}

// earlierSteps are the messages that were launched, the newest first.
func earlierSteps(tx *db.Tx) (all []EarlierStep, err error) {
	rows, err := tx.Query(`select c.id, s.position, c.name, n.name, c.cycle_id, s.kind from campaign_step s
join campaign c on c.id = s.campaign_id join cycle_name n on n.cycle_id = c.cycle_id
where s.launched_at is not null order by s.launched_at desc, s.id desc limit 100`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e EarlierStep
		if err := rows.Scan(&e.Campaign, &e.Step, &e.CampaignName, &e.CycleName, &e.CycleID, &e.Kind); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}
