package contact

import (
	"fmt"
	"slices"

	"github.com/convoke/convoke/internal/db"
)

// How a page is found among a million contacts. A filter that many meet is met soon when names are read in
// their order: so the first names of a script are walked through, up to a bound. Where they do not fill the
// page, those who meet it are few in this stretch, and the full-text index names them all, to be sorted. Which of
// the two is right depends on how words and names hang together, which no statistics of the database
// know: that is why the statements leave it no choice.
type reach struct {
	near int // names read first
	far  int // and then, in PostgreSQL, whose index holds the words: a thousand of its rows cost a millisecond
	few  int // hits that are sorted in one statement, whatever their script
}

// usualReach is the same for all lists; tests shorten it.
func usualReach() reach { return reach{near: 1000, far: 20000, few: 3000} }

// longWords is the length of words in bytes from which PostgreSQL keeps them out of the index of the order, as the
// schema says.
const longWords = 2000

// finding is what was found from a cursor on, in the direction of the cursor.
type finding struct {
	places []place
	total  int // -1 where it was not counted
}

// finder finds a page.
type finder struct {
	search
	tx      *db.Tx
	from    cursor
	limit   int
	found   finding
	skipped []script // scripts in which matches may be, but far: they are asked of the index together, when it matters
	few     bool     // all hits are few
	asked   bool     // whether they are was asked
}

func findPage(tx *db.Tx, wanted search, from cursor, limit int) (finding, error) {
	f := &finder{search: wanted, tx: tx, from: from, limit: limit, found: finding{total: -1}}
	if tx.Dialect() != db.Postgres {
		f.reach.far = 0
	}
	scripts := slices.Clone(from.order.scripts)
	if from.back {
		slices.Reverse(scripts)
	}
	begun := from.start
	for _, s := range scripts {
		inside := !begun
		if inside && s != from.place.Script {
			continue
		}
		begun = true
		done, err := f.script(s, inside)
		if err != nil || done {
			return f.found, err
		}
	}
	_, err := f.lookUpSkipped()
	return f.found, err
}

// script finds what one script has; inside says that the page begins at the cursor's place within it. It is done
// where the page is full or nothing can follow.
func (f *finder) script(s script, inside bool) (done bool, err error) {
	if f.match == nil && f.unclaimed == 0 {
		places, err := f.first(s, inside, f.missing())
		return f.take(places), err
	}
	places, sure, err := f.walkUntilFull(s, inside)
	switch {
	case err != nil:
		return false, err
	case f.few:
		f.found.places, err = f.sorted(f.match, f.limit)
		return true, err
	case !sure:
		f.skipped = append(f.skipped, s)
		if len(places) == 0 {
			return false, nil
		}
		return f.lookUpSkipped()
	case len(places) == 0:
		return false, nil
	}
	if full, err := f.lookUpSkipped(); err != nil || full {
		return full, err
	}
	return f.take(places), nil
}

func (f *finder) missing() int { return f.limit - len(f.found.places) }

// take appends what the page has room for, and says whether that filled it.
func (f *finder) take(places []place) (full bool) {
	f.found.places = append(f.found.places, places[:min(len(places), f.missing())]...)
	return f.missing() == 0
}

// walkUntilFull walks a script, first a little, then further: but not in a script of which nothing promises that it has
// matches at all, after another one had too few. It is sure of the places where they fill the page or the script ends;
// where it is not, it is known whether all hits are few.
func (f *finder) walkUntilFull(s script, inside bool) (places []place, sure bool, err error) {
	places, err = f.walk(s, inside, f.reach.near)
	if err != nil || len(places) == f.missing() {
		return places, true, err
	}
	if sure, err = f.ends(s, inside); err != nil || sure {
		return places, sure, err
	}
	further := f.reach.far > 0 && (len(places) > 0 || !f.asked)
	if len(places) == 0 || !further {
		if err = f.countFew(); err != nil || f.few || !further {
			return places, false, err
		}
	}
	places, err = f.walk(s, inside, f.reach.far)
	if err != nil || len(places) == f.missing() {
		return places, true, err
	}
	return places, false, f.countFew()
}

// lookUpSkipped asks the index for the hits in the scripts that were skipped, before anything of a later script is taken.
func (f *finder) lookUpSkipped() (full bool, err error) {
	if len(f.skipped) == 0 {
		return false, nil
	}
	of := make(oneOf, len(f.skipped))
	for i, s := range f.skipped {
		of[i] = exactly(numbered(facetScript, int64(s)))
	}
	f.skipped = nil
	places, err := f.sorted(both(f.match, of), f.missing())
	return f.take(places), err
}

// beyond is the condition that a row of a script lies beyond the cursor.
func (f *finder) beyond(inside bool, key string) (string, []any) {
	if !inside {
		return "", nil
	}
	return " and (" + key + ", s.contact_id) " + f.sign() + " (?, ?)", []any{f.from.place.SortKey, f.from.place.ID}
}

func (f *finder) sign() string {
	if f.from.back {
		return "<"
	}
	return ">"
}

func (f *finder) direction() string {
	if f.from.back {
		return " desc"
	}
	return ""
}

// free is the condition that nobody holds a claim to reach out, on the row s.
func (f *finder) free() (string, []any) {
	if f.unclaimed == 0 {
		return "", nil
	}
	return ` and not exists (select 1 from live_claim k where k.contact_id = s.contact_id and k.cycle_id = ?
		and k.purpose = 'reach_out' and k.expires_at > ?)`, []any{f.unclaimed, f.now}
}

// stretch are the names of a script beyond the cursor, in their order.
func (f *finder) stretch(s script, inside bool, columns, where, rest string) (string, []any) {
	key := "s." + f.from.order.column
	beyond, args := f.beyond(inside, key)
	return fmt.Sprintf("select s.contact_id, s.script, %s as sort_key%s from contact_search s where s.script = %d%s%s order by %s%s, s.contact_id%s %s",
		key, columns, s, where, beyond, key, f.direction(), f.direction(), rest), args
}

// first are the first names of a script, whoever has them.
func (f *finder) first(s script, inside bool, limit int) ([]place, error) {
	query, args := f.stretch(s, inside, "", "", fmt.Sprintf("limit %d", limit))
	return f.places(query, args)
}

// withWords are that many names of a script with their words. PostgreSQL merges those whose words its index holds with the
// few others.
func (f *finder) withWords(s script, inside bool, rows int) (string, []any) {
	limit := fmt.Sprintf("limit %d", rows)
	if f.tx.Dialect() != db.Postgres {
		return f.stretch(s, inside, ", s.words", "", limit)
	}
	short, args := f.stretch(s, inside, ", s.words", fmt.Sprintf(" and octet_length(s.words) <= %d", longWords), limit)
	long, more := f.stretch(s, inside, ", s.words", fmt.Sprintf(" and octet_length(s.words) > %d", longWords), limit)
	return "select s.* from ((" + short + ") union all (" + long + ")) s" + f.byKey() + " " + limit, append(args, more...)
}

// walk reads that many rows of a script in their order and gives the first that match.
func (f *finder) walk(s script, inside bool, rows int) ([]place, error) {
	inner, args := f.withWords(s, inside, rows)
	condition, more := rowCondition(f.tx.Dialect(), f.match)
	free, claims := f.free()
	args = append(append(args, more...), claims...)
	return f.places("select s.contact_id, s.script, s.sort_key from ("+inner+") s where "+condition+free+f.byKey()+fmt.Sprintf(" limit %d", f.missing()), args)
}

func (f *finder) byKey() string {
	return " order by s.sort_key" + f.direction() + ", s.contact_id" + f.direction()
}

// ends says whether a walk came to the end of a script.
func (f *finder) ends(s script, inside bool) (bool, error) {
	query, args := f.stretch(s, inside, "", "", fmt.Sprintf("limit 1 offset %d", f.reach.near))
	places, err := f.places(query, args)
	return len(places) == 0, err
}

// countFew finds out once whether all hits together are few, and how many.
func (f *finder) countFew() error {
	if f.asked {
		return nil
	}
	f.asked = true
	from, args := f.hits(f.match)
	var n int
	query := fmt.Sprintf("select count(*) from (select 1 %s limit %d) h", from, f.reach.few+1)
	if err := f.tx.QueryRow(query, args...).Scan(&n); err != nil {
		return err
	}
	if f.few = n <= f.reach.few; f.few && f.unclaimed == 0 {
		f.found.total = n
	}
	return nil
}

// hits is the part of a statement that reads the rows s that the full-text index names.
func (f *finder) hits(m match) (string, []any) {
	if f.tx.Dialect() == db.Postgres {
		return "from contact_search s where contact_words(s.words) @@ cast(? as tsquery)", []any{tsquery(m)}
	}
	return "from contact_search_words w cross join contact_search s on s.contact_id = w.rowid where w.contact_search_words match ?", []any{fts5(m)}
}

// gathered reads the hits before it sorts: else the order would tempt the planner into walking.
func (f *finder) gathered(from string) string {
	return "with hit as materialized (select s.contact_id, s.script, s." + f.from.order.column + " as sort_key " + from +
		") select s.contact_id, s.script, s.sort_key from hit s"
}

// sorted gives the first hits beyond the cursor, in the order of scripts and within them.
func (f *finder) sorted(m match, limit int) ([]place, error) {
	from, args := f.hits(m)
	rank := "case s.script"
	for i, s := range f.from.order.scripts {
		rank += fmt.Sprintf(" when %d then %d", s, i)
	}
	rank += " end"
	condition := " where 1 = 1"
	if !f.from.start {
		at := slices.Index(f.from.order.scripts, f.from.place.Script)
		condition = fmt.Sprintf(" where (%s %s %d or s.script = %d and (s.sort_key, s.contact_id) %s (?, ?))", rank, f.sign(), at, f.from.place.Script, f.sign())
		args = append(args, f.from.place.SortKey, f.from.place.ID)
	}
	free, claims := f.free()
	args = append(args, claims...)
	return f.places(f.gathered(from)+condition+free+" order by "+rank+f.direction()+
		", s.sort_key"+f.direction()+", s.contact_id"+f.direction()+fmt.Sprintf(" limit %d", limit), args)
}

func (f *finder) places(query string, args []any) ([]place, error) {
	rows, err := f.tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []place
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.ID, &p.Script, &p.SortKey); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}
