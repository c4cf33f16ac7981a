package contact

import (
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
)

// query is a Filter with what the actor and the clock add to it.
type query struct {
	Filter
	after      *cursor
	countries  []string // nil: all
	now        time.Time
	everything bool // search notes and addresses too
}

// where collects the conditions of a statement.
type where struct {
	parts []string
	args  []any
}

func (w *where) add(condition string, args ...any) {
	w.parts = append(w.parts, condition)
	w.args = append(w.args, args...)
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " where " + strings.Join(w.parts, " and ")
}

const listSelect = `select c.id, c.kind, c.name, c.transliteration, c.sort_name, c.country,
	coalesce(l.region, c.region) as region, coalesce(l.stakeholder_group, c.stakeholder_group) as stakeholder_group,
	c.languages, c.language_chain, l.contact_id is not null as listed,
	coalesce((select min(o.name) from contact_organization o where o.contact_id = c.id), '') as organization,
	exists (select 1 from contact_address a where a.contact_id = c.id) as has_address,
	exists (select 1 from usable_address u where u.contact_id = c.id) as addressable,
	exists (select 1 from opted_out_contact x where x.contact_id = c.id) as opted_out
	from contact c left join listing l on l.contact_id = c.id and l.cycle_id = ?`

// listContacts gives one row more than the limit where more follow.
func listContacts(tx *db.Tx, q query) ([]Row, error) {
	w := where{args: []any{q.CycleID}}
	q.attributes(&w)
	q.words(&w)
	q.gap(&w)
	if q.countries != nil {
		w.add("c.country in ?", q.countries)
	}
	if q.after != nil {
		w.add("(c.sort_name > ? or (c.sort_name = ? and c.id > ?))", q.after.name, q.after.name, q.after.id)
	}
	w.args = append(w.args, q.Limit+1)
	var rows []Row
	return rows, tx.Gorm().Raw(listSelect+w.String()+" order by c.sort_name, c.id limit ?", w.args...).Scan(&rows).Error
}

func (q query) attributes(w *where) {
	if q.StakeholderGroup != "" {
		w.add("coalesce(l.stakeholder_group, c.stakeholder_group) = ?", q.StakeholderGroup)
	}
	if q.Region != "" {
		w.add("coalesce(l.region, c.region) = ?", q.Region)
	}
	if q.Country != "" {
		w.add("c.country = ?", strings.ToUpper(q.Country))
	}
	if q.Language != "" {
		tag := escapeLike(q.Language)
		w.add(`(' ' || c.languages || ' ' like ? escape '\' or c.language_chain || ' ' like ? escape '\')`, "% "+tag+" %", tag+" %")
	}
}

// words wants every word of the query somewhere, in any order.
func (q query) words(w *where) {
	for _, word := range strings.Fields(q.Query) {
		var either where
		if folded := geo.Fold(word); folded != "" {
			var inName, inNotes where
			for _, part := range strings.Fields(folded) {
				inName.add("c.search_name like ?", "%"+part+"%")
				inNotes.add("c.search_notes like ?", "%"+part+"%")
			}
			either.add("("+strings.Join(inName.parts, " and ")+")", inName.args...)
			if q.everything {
				either.add("("+strings.Join(inNotes.parts, " and ")+")", inNotes.args...)
			}
		}
		if q.everything {
			either.add(`exists (select 1 from contact_address ca join address a on a.id = ca.address_id
				where ca.contact_id = c.id and a.email like ? escape '\')`, "%"+escapeLike(strings.ToLower(word))+"%")
		}
		if len(either.parts) == 0 {
			either.add("1 = 0") // a word of signs that no name has
		}
		w.add("("+strings.Join(either.parts, " or ")+")", either.args...)
	}
}

func escapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
}

func (q query) gap(w *where) {
	switch q.Gap {
	case NoAddress:
		w.add("not exists (select 1 from contact_address a where a.contact_id = c.id)")
	case BouncedAddress:
		w.add("exists (select 1 from bounced_contact b where b.contact_id = c.id)")
		w.add("not exists (select 1 from usable_address u where u.contact_id = c.id)")
		w.add("not exists (select 1 from opted_out_contact x where x.contact_id = c.id)")
	case NoLanguage:
		w.add("c.languages = ''")
	case NoClaimant:
		w.add("l.contact_id is not null")
		w.add("not exists (select 1 from live_claim k where k.contact_id = c.id and k.cycle_id = ? and k.purpose = 'reach_out' and k.expires_at > ?)", q.CycleID, q.now)
		w.add("not exists (select 1 from reached_contact r where r.contact_id = c.id and r.cycle_id = ?)", q.CycleID)
		w.add("not exists (select 1 from responded_contact p where p.contact_id = c.id and p.cycle_id = ?)", q.CycleID)
		w.add("not exists (select 1 from opted_out_contact x where x.contact_id = c.id)")
	case UnderTarget:
		w.add(`exists (select 1 from cell_target t
			where t.cycle_id = l.cycle_id and t.stakeholder_group = l.stakeholder_group and t.region = l.region
			and t.count > (select count(*) from listing n
				where n.cycle_id = t.cycle_id and n.stakeholder_group = t.stakeholder_group and n.region = t.region))`)
	}
}
