package sheet

// Preset is the product whose export a table is, recognised by its headers.
type Preset string

func presetOf(*Table) Preset { return "" }

func (t *Table) presetMapping() []Mapping { return nil }
