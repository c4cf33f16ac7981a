package main

import (
	"encoding/json"
	"testing"

	"github.com/convoke/convoke/internal/bench/faults"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/testenv"
)

// TestFaults sends campaigns to a few hundred while processes are killed and servers fail. The program ends in error where a
// promise is broken; what it counted is looked at here all the same.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		env      func(t *testing.T) map[string]string
		programs []string
	}{
		{"SQLite", func(*testing.T) map[string]string { return map[string]string{} }, []string{"kill-worker", "double-launch", "smtp-4xx"}},
		{"PostgreSQL and Redis", func(t *testing.T) map[string]string {
			t.Helper()
			return map[string]string{config.DatabaseURL: testenv.Postgres(t), config.RedisURL: testenv.Redis(t)}
		}, []string{"two-workers", "redis-flush", "smtp-drops"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := tt.env(t)
			env[config.Data] = t.TempDir()
			args := []string{"bench", "faults", "--json", "--recipients", "600", "--kills", "2", "--away", "1s", "--seed", "1", "--patience", "40s"}
			for _, name := range tt.programs {
				args = append(args, "--only", name)
			}
			got := run(t, env, args...)
			var report faults.Report
			if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || got.code != 0 {
				t.Fatalf("exit %d, %v: %s%s", got.code, err, got.stdout, got.stderr)
			}
			if len(report.Rows) != len(tt.programs) {
				t.Fatalf("%d programs were tried, want %d", len(report.Rows), len(tt.programs))
			}
			for _, row := range report.Rows {
				if row.NotTried != "" || row.Lost+row.Doubles+row.Queued > 0 || row.Taken < 600-row.Uncertain || row.Planned != 624 {
					t.Errorf("%+v", row)
				}
			}
		})
	}
}
