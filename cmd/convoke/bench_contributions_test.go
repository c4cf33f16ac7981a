package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/testenv"
)

// Every submission is accounted for; how fast it all is, is for a quiet machine to say.
func TestBenchContributionsAccountsForEverySubmission(t *testing.T) {
	t.Parallel()
	settings := map[string]func(t *testing.T) map[string]string{
		"sqlite": func(*testing.T) map[string]string { return nil },
		"postgres": func(t *testing.T) map[string]string {
			return map[string]string{config.DatabaseURL: dbtest.PostgresURL(t), config.RedisURL: testenv.Redis(t)}
		},
	}
	for name, env := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, env(t), "--data", t.TempDir(), "bench", "contributions", "--published", "60", "--asked", "3", "--rate", "10", "--seconds", "2", "--json")
			if got.code != 0 {
				t.Fatal(got.code, got.stderr)
			}
			var r bench.ContributionsReport
			if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
				t.Fatal(err, got.stdout)
			}
			if r.Database != name || len(r.Pages) != 6 || r.Bare <= 0 || r.Ratio <= 0 {
				t.Errorf("%+v", r)
			}
			if b := r.Burst; b.Sent != 20 || b.Accepted != 20 || b.Stored != 20 || b.Lost() != 0 || len(b.Refused) != 0 {
				t.Errorf("%+v", b)
			}
		})
	}
}

// What would measure nothing is refused, before anything is made.
func TestBenchContributionsMeansWhatItSays(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--rate", "--seconds", "--asked", "--published"} {
		for _, n := range []string{"0", "-1"} {
			got := run(t, nil, "--data", t.TempDir(), "bench", "contributions", flag+"="+n)
			if got.code != 2 || !strings.Contains(got.stderr, flag) || strings.Count(got.stderr, "\n") != 1 {
				t.Errorf("%s=%s: exit %d, %s", flag, n, got.code, got.stderr)
			}
		}
	}
}
