package geo

import "slices"

// Expertise is an area of knowledge by which volunteers and contacts are matched.
type Expertise struct {
	Tag         string
	Label       string // English
	QuestionRef string // the question of 2017 that it belongs to: "q3a"
	Description string // English
}

// Term is a word of the domain in our languages.
type Term struct {
	Key    string
	Text   map[string]string // by locale
	Source map[string]string // by locale except English: an address, or "own translation"
	Note   string            // variants, forms and what to avoid, in English
}

// Expertise lists the areas in the order of the file.
func (r *Reference) Expertise() []Expertise { return slices.Clone(r.expertise) }

// Glossary lists the terms in the order of the file, which puts related ones together.
func (r *Reference) Glossary() []Term { return slices.Clone(r.glossary) }

func loadExpertise(r *Reference) error {
	rows, err := readTable("expertise.csv", "tag", "label_en", "questionnaire_ref", "description")
	if err != nil {
		return err
	}
	for _, row := range rows {
		r.expertise = append(r.expertise, Expertise{
			Tag: row["tag"], Label: row["label_en"], QuestionRef: row["questionnaire_ref"], Description: row["description"],
		})
	}
	return nil
}

func loadGlossary(r *Reference) error {
	columns := append([]string{"term", "note"}, Locales()...)
	rows, err := readTable("glossary.csv", columns...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		t := Term{Key: row["term"], Note: row["note"], Text: map[string]string{}, Source: map[string]string{}}
		for _, locale := range Locales() {
			t.Text[locale] = row[locale]
			if source := row[locale+"_source"]; source != "" {
				t.Source[locale] = source
			}
		}
		r.glossary = append(r.glossary, t)
	}
	return nil
}
