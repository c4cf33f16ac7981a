//go:build unix

// Package e2e holds the tests that speak with the whole running program as other programs do.
package e2e

import (
	"testing"

	"github.com/convoke/convoke/internal/browser/house"
	"github.com/convoke/convoke/internal/e2e/walk"
)

// TestChain walks the whole chain through the JSON API, on both settings.
func TestChain(t *testing.T) {
	t.Parallel()
	for _, setting := range house.Settings() {
		t.Run(setting.Name, func(t *testing.T) {
			t.Parallel()
			h := house.Start(t, setting)
			w := walk.Chain(t, h)
			followLinks(t, h)
			t.Logf("started in %s; %d messages of the call", h.Took, w.Delivered)
		})
	}
}
