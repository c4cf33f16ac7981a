package nri

import (
	"slices"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// checkRows refuses a list in which a row has no name or shares it, or a kind that is not one.
func checkRows(rows []geo.InitiativeRow) error {
	var wrong []errs.Field
	seen := map[string]bool{}
	for _, row := range rows {
		switch {
		case errs.Blank(row.Name):
			wrong = append(wrong, errs.FieldError("name", "field.required"))
		case seen[row.Name]:
			wrong = append(wrong, errs.FieldError("name", "nri.import.twice", "Name", row.Name))
		case !slices.Contains(kinds(), row.Kind):
			wrong = append(wrong, errs.FieldError("kind", "nri.import.kind", "Name", row.Name, "Kind", row.Kind))
		}
		seen[row.Name] = true
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func kinds() []string {
	return []string{geo.KindNational, geo.KindSubregional, geo.KindRegional, geo.KindYouth}
}

func fromRow(r geo.InitiativeRow) Initiative {
	countries := slices.Clone(r.Countries)
	slices.Sort(countries)
	return Initiative{
		Name: r.Name, Kind: r.Kind, Scope: r.Scope, Website: r.Website, YearFounded: r.YearFounded,
		Confirmed: r.Confirmed, Source: r.Source, Note: r.Note,
		Countries: slices.Compact(countries), Languages: distinct(r.Languages),
	}
}

// distinct keeps the first of each, in order.
func distinct(tags []string) []string {
	var out []string
	for _, tag := range tags {
		if !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

func same(a, b Initiative) bool {
	return a.Kind == b.Kind && a.Scope == b.Scope && a.Website == b.Website && a.YearFounded == b.YearFounded &&
		a.Confirmed == b.Confirmed && a.Source == b.Source && a.Note == b.Note &&
		slices.Equal(a.Countries, b.Countries) && slices.Equal(a.Languages, b.Languages)
}

func summary(n Initiative) map[string]any {
	return map[string]any{
		"name": n.Name, "kind": n.Kind, "countries": n.Countries, "languages": n.Languages,
		"confirmed": n.Confirmed, "source": n.Source, "note": n.Note,
	}
}
