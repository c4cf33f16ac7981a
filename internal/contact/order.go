package contact

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// script groups names for their order: readers get the names first that are written as they write.
type script int

// The scripts that a reader may have, and all others.
const (
	latin script = iota
	cyrillic
	arabic
	han
	otherScript
)

// scriptsFor are all scripts in the order in which a reader gets them: their own, Latin, the others.
func scriptsFor(locale string) []script {
	own := latin
	if tag, err := language.Parse(locale); err == nil {
		written, _ := tag.Script()
		switch written.String() {
		case "Cyrl":
			own = cyrillic
		case "Arab":
			own = arabic
		case "Hans", "Hant", "Jpan", "Hani":
			own = han
		}
	}
	return startingWith(own)
}

func startingWith(own script) []script {
	all := []script{latin, cyrillic, arabic, han, otherScript}
	all = slices.DeleteFunc(all, func(s script) bool { return s == own })
	return append([]script{own}, all...)
}

// scriptOf is that of the first letter of a name.
func scriptOf(name string) script {
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r):
			continue
		case unicode.Is(unicode.Latin, r):
			return latin
		case unicode.Is(unicode.Cyrillic, r):
			return cyrillic
		case unicode.Is(unicode.Arabic, r):
			return arabic
		case unicode.Is(unicode.Han, r):
			return han
		}
		return otherScript
	}
	return otherScript
}

// The columns of contact_search by which names are sorted: Spanish has a letter more than its neighbours.
const (
	sortKey        = "sort_key"
	sortKeySpanish = "sort_key_es"
)

func sortColumn(locale string) string {
	if base, _, _ := strings.Cut(strings.ToLower(locale), "-"); base == "es" {
		return sortKeySpanish
	}
	return sortKey
}

// longestKey bounds the sort key in bytes: names that begin alike for so long stand together anyhow.
const longestKey = 80

// sorter makes the keys by which names are sorted: letters only, without case and accents, in the order of
// their alphabet, and Han by pinyin. Not for several goroutines at once.
type sorter struct {
	root, spanish, chinese *collate.Collator
	buffer                 collate.Buffer
}

func newSorter() *sorter {
	return &sorter{
		root:    collate.New(language.Und, collate.Loose),
		spanish: collate.New(language.Spanish, collate.Loose),
		chinese: collate.New(language.Chinese, collate.Loose),
	}
}

func (s *sorter) keys(name string) (written script, key, spanish []byte) {
	name = strings.TrimLeftFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	written = scriptOf(name)
	switch written {
	case han:
		key = s.key(s.chinese, name)
		return written, key, key
	case latin:
		return written, s.key(s.root, name), s.key(s.spanish, name)
	}
	key = s.key(s.root, name)
	return written, key, key
}

func (s *sorter) key(by *collate.Collator, name string) []byte {
	s.buffer.Reset()
	key := bytes.Clone(by.KeyFromString(&s.buffer, clip(name, longestKey)))
	return append([]byte{}, key[:min(len(key), longestKey)]...)
}
