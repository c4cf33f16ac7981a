package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db/dbtest"
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

func TestTheDemoLeavesAnInstallationAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env   func(t *testing.T) map[string]string
		begun bool // whether a demo was begun in the folder, on another database
		names func(folder string) string
	}{
		"folder": {
			func(*testing.T) map[string]string { return map[string]string{} },
			false, func(folder string) string { return folder },
		},
		"server": {
			func(t *testing.T) map[string]string {
				t.Helper()
				return map[string]string{config.DatabaseURL: dbtest.PostgresURL(t)}
			},
			false, func(string) string { return config.DatabaseURL },
		},
		"server, from the folder of a demo": {
			func(t *testing.T) map[string]string {
				t.Helper()
				return map[string]string{config.DatabaseURL: dbtest.PostgresURL(t)}
			},
			true, func(string) string { return config.DatabaseURL },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			env := test.env(t)
			env[config.Data] = folder
			if got := run(t, env, "user", "add", "olu@example.org", "--role", "officer"); got.code != 0 {
				t.Fatal(got.stderr)
			}
			clock := filepath.Join(folder, "demo.json")
			if test.begun {
				if err := os.WriteFile(clock, []byte(`{"began":"2017-08-07T09:00:00Z","moved":0}`), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			refused(t, env, nil, test.names(folder), "--data")
			refused(t, env, nil, test.names(folder), "--data") // as before: the first left nothing behind
			if _, err := os.Stat(clock); err == nil && !test.begun {
				t.Error("a demo was begun")
			}
			if got := run(t, env, "user", "list"); strings.Count(got.stdout, "\n") != 1 {
				t.Errorf("the people are now %q", got.stdout)
			}
		})
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

// TestADemoThatWasInterruptedGoesOn starts on what a kill leaves: the clock, and some of the rows.
func TestADemoThatWasInterruptedGoesOn(t *testing.T) {
	t.Parallel()
	env := map[string]string{config.Data: t.TempDir()}
	if got := run(t, env, "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	process := start(t, env, "demo", "--listen", freeAddress(t))
	waitFor(t, "the first people", func() bool {
		return strings.Contains(run(t, env, "user", "list").stdout, "officer")
	})
	_ = process.Process.Kill()
	_ = process.Wait()
	_, end := begin(t, env, "demo")
	end()
}
