package main

import (
	"encoding/json"
	"testing"

	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/testenv"
)

// Every recipient gets a delivery, and each figure is there; how large it is, is for a quiet machine to say.
func TestBenchLaunchMeasuresBesideTheBareStatement(t *testing.T) {
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
			got := run(t, env(t), "--data", t.TempDir(), "bench", "launch", "--recipients", "1200", "--rounds", "2", "--json")
			if got.code != 0 {
				t.Fatal(got.code, got.stderr)
			}
			var r bench.LaunchReport
			if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
				t.Fatal(err, got.stdout)
			}
			if r.Database != name || r.Recipients != 1200 || len(r.Rounds) != 2 || r.Ratio <= 0 || r.Rounds[1].BareSeconds <= 0 || r.Rounds[1].Seconds <= 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}
