package contact

import (
	"strings"

	"github.com/convoke/convoke/internal/db"
)

// The three ways in which a statement asks for a match: of a row that it has read, of the full-text index of
// PostgreSQL, of that of SQLite. All words are ours: letters, digits and the signs :_@.+-~.

// rowCondition asks it of the row s of contact_search.
func rowCondition(dialect db.Dialect, m match) (string, []any) {
	find := "instr(s.words, ?) > 0"
	if dialect == db.Postgres {
		find = "strpos(s.words, ?) > 0"
	}
	switch m := m.(type) {
	case exactly:
		return find, []any{" " + string(m) + " "}
	case begins:
		return find, []any{" " + string(m)}
	case not:
		condition, args := rowCondition(dialect, m.match)
		return "not " + condition, args
	case allOf:
		return joined(dialect, m, " and ", "1 = 1")
	case oneOf:
		return joined(dialect, m, " or ", "1 = 0")
	}
	return "1 = 1", nil
}

func joined(dialect db.Dialect, parts []match, with, empty string) (string, []any) {
	if len(parts) == 0 {
		return empty, nil
	}
	conditions, args := make([]string, len(parts)), []any{}
	for i, part := range parts {
		condition, more := rowCondition(dialect, part)
		conditions[i], args = condition, append(args, more...)
	}
	return "(" + strings.Join(conditions, with) + ")", args
}

// everyContact is a word of every document, because an index cannot look for what is not there.
const everyContact = "_"

// nobodysWord is in no document.
const nobodysWord = "__"

// tsquery writes a match for PostgreSQL.
func tsquery(m match) string {
	switch m := m.(type) {
	case exactly:
		return "'" + string(m) + "'"
	case begins:
		return "'" + string(m) + "':*"
	case not:
		return "('" + everyContact + "' & !" + tsquery(m.match) + ")"
	case allOf:
		return indexed(m, " & ", tsquery, everyContact)
	case oneOf:
		return indexed(m, " | ", tsquery, nobodysWord)
	}
	return "'" + everyContact + "'"
}

// fts5 writes a match for SQLite.
func fts5(m match) string {
	switch m := m.(type) {
	case exactly:
		return `"` + string(m) + `"`
	case begins:
		return `"` + string(m) + `"*`
	case not:
		return `("` + everyContact + `" NOT ` + fts5(m.match) + ")"
	case allOf:
		return indexed(m, " AND ", fts5, everyContact)
	case oneOf:
		return indexed(m, " OR ", fts5, nobodysWord)
	}
	return `"` + everyContact + `"`
}

func indexed(parts []match, with string, write func(match) string, empty string) string {
	if len(parts) == 0 {
		return write(exactly(empty))
	}
	all := make([]string, len(parts))
	for i, part := range parts {
		all[i] = write(part)
	}
	return "(" + strings.Join(all, with) + ")"
}
