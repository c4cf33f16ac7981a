package db

import (
	"slices"
	"testing"
)

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	const query = "select '?' from t where a = ? and b = ? and c = ?"
	for _, c := range []struct {
		name    string
		dialect Dialect
		args    []any
		want    string
		rest    []any
	}{
		{"numbered", Postgres, []any{int64(7), "x", -1}, "select '?' from t where a = $1 and b = $2 and c = $3", []any{int64(7), "x", -1}},
		{"whole numbers written out", SQLite, []any{int64(7), "x", -1}, "select '?' from t where a = 7 and b = ? and c = ?", []any{"x", -1}},
		{"a text of digits stays a text", SQLite, []any{"7", 8, "9 or 1 = 1"}, "select '?' from t where a = ? and b = 8 and c = ?", []any{"7", "9 or 1 = 1"}},
		{"too few", SQLite, []any{1}, "select '?' from t where a = 1 and b = ? and c = ?", nil},
		{"too many", SQLite, []any{1, "2", 3, 4}, "select '?' from t where a = 1 and b = ? and c = 3", []any{"2", 4}},
		{"none", SQLite, nil, query, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, rest := (&Tx{dialect: c.dialect}).bind(query, c.args)
			if got != c.want || !slices.Equal(rest, c.rest) {
				t.Errorf("got %s with %v, want %s with %v", got, rest, c.want, c.rest)
			}
		})
	}
}
