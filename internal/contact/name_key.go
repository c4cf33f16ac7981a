package contact

import "github.com/convoke/convoke/internal/contact/names"

// nameKey is what all spellings of a name share: whatever their case, diacritics, order, script, titles and lookalikes. Two
// contacts of one kind with the same key may be one: names.Compare says in what way their names are the same.
func nameKey(kind Kind, name, transliteration string) string {
	return names.Key(nameKind(kind), name, transliteration)
}

// nameKeys are nameKey and the key without vowels: where one of two names is written without them, the latter is what they share.
func nameKeys(kind Kind, name, transliteration string) (key, bones string) {
	return names.KeyAndBones(nameKind(kind), name, transliteration)
}

func nameKind(kind Kind) names.Kind {
	if kind == Organization {
		return names.Organization
	}
	return names.Person
}
