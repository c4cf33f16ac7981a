package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/api"
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

// What came into the demo is there from the first start on, and once: mails for an officer to decide on, a paper without its author's
// data, and what several signed.
func TestTheDemoHasWhatCameIn(t *testing.T) {
	t.Parallel()
	env := map[string]string{config.Data: t.TempDir()}
	for range 2 {
		address, end := begin(t, env, "demo")
		token := strings.TrimSpace(run(t, env, "token", "create", "olu@secretariat.example.org").stdout)
		ask := func(path string, v any) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+token)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			if err := json.NewDecoder(res.Body).Decode(v); err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
			}
		}
		var mails api.List[api.InboundMail]
		ask("/api/v1/inbound", &mails)
		var got []string
		for _, m := range mails.Items {
			got = append(got, fmt.Sprintf("%s %s %s %t", m.Kind, m.State, m.MatchedBy, m.Contact != ""))
		}
		slices.Sort(got)
		want := []string{"auto_reply filed  false", "bounce new  false", "contribution new sender true", "reply new sender true", "unknown new  false"}
		if !slices.Equal(got, want) {
			t.Errorf("mails: %q, want %q", got, want)
		}
		var all api.List[api.Contribution]
		ask("/api/v1/cycles/bpf-cybersecurity-2017/contributions", &all)
		if len(all.Items) != 2 {
			t.Fatalf("%d contributions, want 2", len(all.Items))
		}
		for _, c := range all.Items {
			if c.State != "received" || c.ContactID != 0 {
				t.Errorf("%+v", c)
			}
		}
		var paper api.List[api.ContributionFile]
		ask(fmt.Sprintf("/api/v1/contributions/%d/files", all.Items[1].ID), &paper)
		if len(paper.Items) != 1 || !slices.Equal(paper.Items[0].Stripped, []string{"author"}) || len(paper.Items[0].Links) != 1 || !strings.Contains(paper.Items[0].Text, "[1] Enquête menée de 2014 à 2016, n = 40.") {
			t.Errorf("the paper: %+v", paper.Items)
		}
		end()
	}
	d, err := migrated(t.Context(), "sqlite:"+filepath.Join(env[config.Data], "convoke.db"), newLogger("text"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	var signed, written int
	err = d.Read(t.Context()).QueryRow("select (select count(*) from signatory where state = 'confirmed'), (select count(*) from outgoing_mail)").Scan(&signed, &written)
	if err != nil || signed != 2 || written != 0 {
		t.Errorf("%d signed, %d were written to, %v", signed, written, err)
	}
}
