// Package i18ntest gives tests the texts that are shipped.
package i18ntest

import (
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/locales"
)

// shipped are the texts of all languages, read once for the tests of a package: they never change.
var shipped = sync.OnceValues(func() (*i18n.Bundle, error) {
	reference, err := geo.Load()
	if err != nil {
		return nil, err
	}
	return i18n.New(locales.FS, i18n.WithPseudo(), i18n.WithTexts(reference.GroupTexts()))
})

// Bundle is every language with all of its texts, the pseudo-locale included. The test fails at its
// end if a text was asked for that English does not have.
func Bundle(t testing.TB) *i18n.Bundle {
	t.Helper()
	bundle, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	found := map[string]bool{}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for text := range found {
			t.Error(text)
		}
	})
	return bundle.Reporting(func(tag, key, defect string) {
		if tag == i18n.English {
			mu.Lock()
			defer mu.Unlock()
			found["text "+key+": "+defect] = true
		}
	})
}
