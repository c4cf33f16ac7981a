//go:build unix

package testenv

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeApt is an apt-get that notes how it was called and whether services were forbidden, and
// "installs" the program by making a file.
const fakeApt = `#!/bin/sh
echo "$* policy=$(test -x "$DIR/policy" && echo yes) $DEBIAN_FRONTEND" >> "$DIR/calls"
case "$*" in *old-thing*) touch "$DIR/program";; *install*) test -n "$BROKEN" && { echo "E: no such package"; exit 100; }; touch "$DIR/program";; esac
`

// These tests change PATH, so that none of them is parallel.
func TestObtain(t *testing.T) {
	tests := []struct {
		name      string
		root      bool
		apt       bool
		broken    string
		instead   []string
		installed bool
		wantCalls int
		wantErr   string
	}{
		{name: "already there", root: true, apt: true, installed: true},
		{name: "installed by root", root: true, apt: true, wantCalls: 2},
		{name: "not root", apt: true, wantErr: "tests need a thing: install it (on Debian or Ubuntu: apt-get install thing thing-dev), or set THING"},
		{name: "no apt", root: true, wantErr: "apt-get install thing thing-dev"},
		{name: "refused", root: true, apt: true, broken: "yes", wantCalls: 2, wantErr: "E: no such package"},
		{name: "has another name here", root: true, apt: true, broken: "yes", instead: []string{"old-thing"}, wantCalls: 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("DIR", dir)
			t.Setenv("BROKEN", tt.broken)
			path := filepath.Join(dir, "empty")
			if tt.apt {
				path = dir + ":/usr/bin:/bin"
				write(t, filepath.Join(dir, "apt-get"), fakeApt)
			}
			t.Setenv("PATH", path)
			program := filepath.Join(dir, "program")
			if tt.installed {
				write(t, program, "")
			}
			m := machine{root: tt.root, policy: filepath.Join(dir, "policy"), lock: filepath.Join(dir, "lock")}
			got, err := m.obtain(context.Background(), need{
				what:     "a thing",
				look:     func() (string, bool) { _, err := os.Stat(program); return program, err == nil },
				packages: []string{"thing", "thing-dev"},
				instead:  tt.instead,
				or:       "set THING",
			})
			if tt.wantErr == "" && (err != nil || got != program) {
				t.Errorf("got %q, %v; want %q", got, err, program)
			}
			if tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)) {
				t.Errorf("error %v, want %q", err, tt.wantErr)
			}
			checkCalls(t, dir, tt.wantCalls)
		})
	}
}

// checkCalls wants apt-get called so often, always with services forbidden, and the hook gone.
func checkCalls(t *testing.T, dir string, want int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil && want > 0 {
		t.Fatal(err)
	}
	calls := strings.Split(strings.TrimSpace(string(text)), "\n")
	if want == 0 {
		calls = nil
	}
	if len(calls) != want {
		t.Fatalf("apt-get was called %d times, want %d: %q", len(calls), want, calls)
	}
	for i, words := range []string{
		"update -q", "install -y -q --no-install-recommends thing thing-dev",
		"update -q", "install -y -q --no-install-recommends old-thing",
	}[:want] {
		if !strings.Contains(calls[i], words+" policy=yes noninteractive") {
			t.Errorf("call %d was %q, want %q without services", i, calls[i], words)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "policy")); err == nil {
		t.Error("services are still forbidden afterwards")
	}
}

func TestForbidServicesKeepsTheMachinesOwnRule(t *testing.T) {
	t.Parallel()
	policy := filepath.Join(t.TempDir(), "policy")
	write(t, policy, "the machine's own")
	allow, err := machine{policy: policy}.forbidServices()
	if err != nil {
		t.Fatal(err)
	}
	if err := allow(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(policy); err != nil || string(text) != "the machine's own" {
		t.Errorf("the rule is now %q, %v", text, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}
