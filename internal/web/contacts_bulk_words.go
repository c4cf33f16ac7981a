package web

import (
	"strings"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

// bulkInWords says what an edit did, one line a field.
func (w *Web) bulkInWords(l *i18n.Localizer, ch contact.Changes) []string {
	var lines []string
	add := func(label, value, none string) {
		if value == "" {
			value = l.T(none)
		}
		lines = append(lines, l.T("bulk.labelled", "Label", label, "Value", value))
	}
	set := func(field string, to *string, none string) {
		if to != nil {
			add(l.T(bulkFieldKey(field)), w.bulkValue(l, field, *to), none)
		}
	}
	if ch.StakeholderGroup != "" {
		set("stakeholder_group", &ch.StakeholderGroup, "bulk.empty")
	}
	set("country", ch.Country, "bulk.empty")
	set("region_override", ch.Region, "bulk.region_own")
	tags := func(field string, t contact.TagChange) {
		switch t.How {
		case contact.TagsStay:
		case contact.TagsClear:
			add(l.T(bulkFieldKey(field)), "", "bulk.how.clear")
		default:
			add(l.T(bulkFieldKey(field))+" · "+l.T("bulk.how."+string(t.How)), w.fieldInWords(l, field, t.Tags), "")
		}
	}
	tags("language", ch.Languages)
	tags("expertise", ch.Expertise)
	set("source", ch.Source, "bulk.empty")
	if ch.LawfulBasis != nil {
		basis := string(*ch.LawfulBasis)
		set("lawful_basis", &basis, "bulk.empty")
	}
	set("lawful_basis_note", ch.LawfulBasisNote, "bulk.empty")
	if ch.List != contact.ListStay {
		lines = append(lines, l.T("bulk.list."+string(ch.List)))
	}
	if ch.Noted {
		add(l.T("contact.notes"), "", "bulk.noted")
	}
	return lines
}

func (w *Web) bulkRow(l *i18n.Localizer, at cycle.Cycle, r contact.BulkRow) bulkRow {
	row := bulkRow{BulkRow: r}
	if r.Outcome == contact.Refused {
		row.Reason = w.refusalInWords(l, r.Why)
	}
	for _, f := range r.Changes {
		row.Fields = append(row.Fields, changedField{w.bulkLabel(l, at, f.Field), w.bulkValue(l, f.Field, f.Before), w.bulkValue(l, f.Field, f.After)})
	}
	return row
}

// refusalInWords names the field where a value of the contact itself cannot be saved.
func (w *Web) refusalInWords(l *i18n.Localizer, why errs.Field) string {
	said := l.FieldMessage(why)
	if key := bulkFieldKey(why.Name); strings.HasPrefix(why.Key, "field.") && key != "" {
		return l.T("bulk.labelled", "Label", l.T(key), "Value", said)
	}
	return said
}

func bulkFieldKey(field string) string {
	return map[string]string{
		"name": "contact.name", "transliteration": "contact.transliteration",
		"stakeholder_group": "contact.group", "country": "contact.country", "region": "contact.region", "region_override": "contact.region_override",
		"language": "contact.languages", "expertise": "contact.expertise", "source": "contact.source", "lawful_basis": "contact.lawful_basis",
		"lawful_basis_note": "contact.lawful_basis_note", "note": "contact.notes", "notes": "contact.notes",
	}[field]
}

func (w *Web) bulkLabel(l *i18n.Localizer, at cycle.Cycle, field string) string {
	if field == "listing" {
		return l.T("contact.listing.label", "Cycle", at.Name)
	}
	return l.T(bulkFieldKey(field))
}

func (w *Web) bulkValue(l *i18n.Localizer, field, value string) string {
	group, region, _ := strings.Cut(value, " ")
	switch {
	case value == "":
		return ""
	case field == "listing":
		return w.groupName(l, group) + " · " + w.regionName(l, region)
	case field == "region_override":
		return w.regionName(l, value)
	}
	return w.fieldInWords(l, field, value)
}
