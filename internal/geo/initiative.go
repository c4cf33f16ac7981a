package geo

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The kinds of initiatives.
const (
	KindNational    = "national"
	KindSubregional = "subregional"
	KindRegional    = "regional"
	KindYouth       = "youth"
)

// InitiativeRow is one National, sub-regional, regional or youth Initiative of the shipped list,
// for an installation to begin with. It is not the IGF's list: see data/README.md.
type InitiativeRow struct {
	Name        string
	Kind        string   // one of the Kind constants
	Countries   []string // alpha-2; empty where Scope says what it is for
	Scope       string   // the area of an initiative of several countries, in English
	Languages   []string // working languages, BCP 47; empty where not known
	YearFounded int      // 0 where not known
	Website     string   // empty where not known
	Source      string   // the public page that the row was read from
	Note        string   // in English
	Confirmed   bool     // false: the page does not show that the IGF recognizes it
}

// NRIs are the shipped initiatives in the order of the file: by kind, then by name.
func (r *Reference) NRIs() []InitiativeRow { return slices.Clone(r.nris) }

func loadInitiatives(r *Reference) error {
	f, err := files.Open("data/nris.csv")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r.nris, err = ReadInitiatives(f)
	return err
}

// ReadInitiatives reads a CSV file in the columns of the shipped list. Errors name the row.
func ReadInitiatives(from io.Reader) ([]InitiativeRow, error) {
	rows, err := parseTable(from, "initiatives", "name", "kind", "country_codes", "scope", "working_languages",
		"year_founded", "website", "source", "note")
	if err != nil {
		return nil, err
	}
	list := make([]InitiativeRow, 0, len(rows))
	for _, row := range rows {
		year := 0
		if row["year_founded"] != "" {
			if year, err = strconv.Atoi(row["year_founded"]); err != nil {
				return nil, fmt.Errorf("initiatives: %s: year_founded %q is no year", row["name"], row["year_founded"])
			}
		}
		list = append(list, InitiativeRow{
			Name: row["name"], Kind: row["kind"], Countries: strings.Fields(row["country_codes"]), Scope: row["scope"],
			Languages: strings.Fields(row["working_languages"]), YearFounded: year, Website: row["website"],
			Source: row["source"], Note: row["note"],
			Confirmed: !strings.Contains(strings.ToLower(row["note"]), "recognition not confirmed"),
		})
	}
	return list, nil
}
