package geo

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
)

// record is one row of a CSV file by the names of its columns.
type record map[string]string

// readTable reads an embedded CSV file and checks that it has the columns that are needed.
func readTable(name string, columns ...string) ([]record, error) {
	f, err := files.Open("data/" + name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return parseTable(f, name, columns...)
}

// parseTable reads a CSV file by the names of its columns; name is for errors.
func parseTable(from io.Reader, name string, columns ...string) ([]record, error) {
	rows, err := csv.NewReader(from).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no header", name)
	}
	header := rows[0]
	for _, column := range columns {
		if !slices.Contains(header, column) {
			return nil, fmt.Errorf("%s: no column %q", name, column)
		}
	}
	records := make([]record, 0, len(rows)-1)
	for _, row := range rows[1:] {
		rec := make(record, len(header))
		for i, column := range header {
			rec[column] = row[i]
		}
		records = append(records, rec)
	}
	return records, nil
}
