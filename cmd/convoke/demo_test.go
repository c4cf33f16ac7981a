package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/config"
)

// refused holds that a demo does not start: exit code 2, one line, and all of these words in it.
func refused(t *testing.T, env map[string]string, args []string, words ...string) {
	t.Helper()
	got := run(t, env, append([]string{"demo", "--listen", freeAddress(t)}, args...)...)
	if got.code != 2 || strings.Count(got.stderr, "\n") != 1 || got.stdout != "" {
		t.Errorf("demo %v: exit %d, %q %q; want exit 2 and one line", args, got.code, got.stdout, got.stderr)
	}
	for _, word := range words {
		if !strings.Contains(got.stderr, word) {
			t.Errorf("demo %v says %q, without %q", args, got.stderr, word)
		}
	}
}

func TestTheDemoSendsNoRealMail(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "smtp")
	if err := os.WriteFile(file, []byte("smtp://127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{config.SMTPURL: "smtp://127.0.0.1:1", config.SMTPURL + "_FILE": file} {
		folder := t.TempDir()
		refused(t, map[string]string{config.Data: folder, name: value}, nil, config.SMTPURL, "captures all mail", "convoke serve")
		if _, err := os.Stat(filepath.Join(folder, "demo.json")); err == nil {
			t.Errorf("with %s set a demo was begun", name)
		}
	}
}

func TestTheDayOfADemoStays(t *testing.T) {
	t.Parallel()
	env := map[string]string{config.Data: t.TempDir()}
	for _, args := range [][]string{{"demo", "--as-of", "2017-08-07"}, {"demo", "--as-of", "2017-08-07"}, {"demo"}} {
		_, end := begin(t, env, args...)
		end()
	}
	refused(t, env, []string{"--as-of", "2018-01-01"}, "--as-of", "2017-08-07")
	refused(t, env, []string{"--as-of", "summer"}, "--as-of", "summer is no day")
}
