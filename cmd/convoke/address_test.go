package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/config"
)

// begin runs a demo or an installation on a free port until it answers, and gives its address.
func begin(t *testing.T, env map[string]string, args ...string) (address string, end func()) {
	t.Helper()
	address = freeAddress(t)
	process := start(t, env, append(args, "--listen", address)...)
	waitFor(t, "readiness of "+address, func() bool { return status(address+"/readyz") == http.StatusOK })
	return address, func() {
		t.Helper()
		if err := stop(process); err != nil {
			t.Errorf("%v does not end in order: %v", args, err)
		}
	}
}

func TestOtherCommandsKnowWhereAProcessListens(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"demo", "serve"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			env := map[string]string{config.Data: folder}
			address, end := begin(t, env, command)
			if got := run(t, env, "user", "add", "olu@example.org", "--role", "officer"); got.code != 0 {
				t.Fatal(got.stderr)
			}
			link := func(env map[string]string, base string) {
				t.Helper()
				if got := run(t, env, "user", "link", "olu@example.org"); !strings.HasPrefix(got.stdout, base+"/sign-in/") {
					t.Errorf("the link is %q %q, want one to %s", got.stdout, got.stderr, base)
				}
			}
			link(env, "http://"+address)
			link(map[string]string{config.Data: folder, config.PublicURL: "https://convoke.example.org"}, "https://convoke.example.org")
			end()
			link(env, "http://127.0.0.1:8080")
			if err := os.WriteFile(filepath.Join(folder, addressFile), []byte("no address"), 0o600); err != nil {
				t.Fatal(err)
			}
			link(env, "http://127.0.0.1:8080")
		})
	}
}

func TestAnAddressThatAnotherProcessLeftStays(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	h := house{cfg: config.Config{Data: folder, PublicURL: "http://127.0.0.1:1"}}
	err := h.announced(func() error { return leaveAddress(folder, "http://127.0.0.1:2") })
	if got := readAddress(folder); err != nil || got != "http://127.0.0.1:2" {
		t.Errorf("the address is now %q, %v", got, err)
	}
}
