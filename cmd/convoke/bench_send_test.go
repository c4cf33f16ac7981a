package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/queue"
	"github.com/convoke/convoke/internal/testenv"
)

// Every message arrives, once, and each figure is there; how large it is, is for a quiet machine to say.
func TestBenchSendMeasuresWholeCampaigns(t *testing.T) {
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
			got := run(t, env(t), "--data", t.TempDir(), "bench", "send", "--recipients", "120", "--connections", "3", "--rounds", "1", "--json")
			if got.code != 0 {
				t.Fatal(got.code, got.stderr)
			}
			var r bench.SendReport
			if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
				t.Fatal(err, got.stdout)
			}
			if r.Database != name || r.Recipients != 120 || len(r.Rounds) != 1 || r.MessageBytes < 5000 || r.SignInMS <= 0 {
				t.Errorf("%+v", r)
			}
			for what, figure := range map[string]float64{"bare": r.BarePerSecond, "sent": r.PerSecond, "ratio": r.Ratio, "first": r.FirstMS, "cpu": r.CPUPer1000} {
				if figure <= 0 {
					t.Errorf("%s is %v", what, figure)
				}
			}
		})
	}
}

// Its tasks would be taken by the worker of the installation, and that one's by the measurement.
func TestBenchSendKeepsOffAQueueWithAWorker(t *testing.T) {
	t.Parallel()
	url := testenv.Redis(t)
	q, err := queue.Open(url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- q.Server(queue.NewMux(), queue.ServerOptions{}).Run(ctx) }()
	for busy := false; !busy; {
		if busy, err = q.Busy(); err != nil {
			t.Fatal(err)
		}
	}
	got := run(t, map[string]string{config.RedisURL: url}, "--data", t.TempDir(), "bench", "send", "--recipients", "10")
	if got.code != 2 || !strings.Contains(got.stderr, config.RedisURL) {
		t.Errorf("%+v", got)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
