//go:build unix

package browser

import (
	"os"
	"testing"
)

// chrome is shared by all tests of the process.
var chrome Chrome

func TestMain(m *testing.M) {
	code := m.Run()
	chrome.Close()
	os.Exit(code)
}
