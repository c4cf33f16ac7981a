//go:build unix

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want [][]string
		err  error
	}{
		{args: []string{"--", "go", "test", "./..."}, want: [][]string{{"go", "test", "./..."}}},
		{args: []string{"-need", "", "--", "a", "--", "b", "c"}, want: [][]string{{"a"}, {"b", "c"}}},
		{args: nil, err: errUsage},
		{args: []string{"--"}, err: errUsage},
		{args: []string{"-nonsense", "--", "a"}, err: errUsage},
	}
	for _, tt := range tests {
		got, err := parse(tt.args)
		if !errors.Is(err, tt.err) || !cmp.Equal(got.commands, tt.want) {
			t.Errorf("parse(%q) = %q, %v; want %q, %v", tt.args, got.commands, err, tt.want, tt.err)
		}
	}
}

func TestAsJSON(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"go test ./...":                   "go test -json ./...",
		"env CGO_ENABLED=1 go test -race": "env CGO_ENABLED=1 go test -json -race",
		"go vet ./...":                    "go vet ./...",
	} {
		got, _ := asJSON(strings.Fields(in))
		if strings.Join(got, " ") != want {
			t.Errorf("asJSON(%q) = %q, want %q", in, got, want)
		}
	}
}

const events = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"the reason\n"}
{"Action":"fail","Package":"p","Test":"TestBad"}
{"Action":"output","Package":"p","Test":"TestLazy","Output":"no time\n"}
{"Action":"skip","Package":"p","Test":"TestLazy"}
{"Action":"fail","Package":"p","Elapsed":1.25}
not JSON
{"Action":"skip","Package":"empty"}
`

func TestTally(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	tally := newTally(&out, nil)
	// In small pieces, as a pipe delivers them.
	for chunk := range strings.SplitSeq(events, "o") {
		write(t, tally, chunk)
		write(t, tally, "o")
	}
	tally.flush()
	shown := out.String()
	for _, want := range []string{"the reason\n", "FAIL  p  1.2s\n", "not JSON\n"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown in:\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "chatter") {
		t.Errorf("a passing test's output is shown:\n%s", shown)
	}
	want := "skipped, which fails the run: p.TestLazy\n1 passed, 1 failed, 1 skipped in 3s"
	if got := tally.line(3 * time.Second); got != want {
		t.Errorf("closing line %q, want %q", got, want)
	}
}

func TestTallyVerdict(t *testing.T) {
	t.Parallel()
	const pass = `{"Action":"pass","Package":"p","Test":"T"}` + "\n"
	tests := []struct {
		name, events string
		allow        []string
		want         bool
	}{
		{"all pass", pass + `{"Action":"pass","Package":"p"}`, nil, true},
		{"package without tests", `{"Action":"skip","Package":"p"}`, nil, true},
		{"skipped", `{"Action":"skip","Package":"p","Test":"T"}` + "\n" + `{"Action":"pass","Package":"p"}`, nil, false},
		{"skip allowed", `{"Action":"skip","Package":"p","Test":"T"}` + "\n" + `{"Action":"pass","Package":"p"}`, []string{"p.T"}, true},
		{"panic", pass + `{"Action":"fail","Package":"p"}`, nil, false},
		{"killed", pass, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tally := newTally(&strings.Builder{}, tt.allow)
			write(t, tally, tt.events)
			tally.flush()
			if got := tally.passed(); got != tt.want {
				t.Errorf("passed() = %v, want %v", got, tt.want)
			}
		})
	}
}

func write(t *testing.T, tally *tally, text string) {
	t.Helper()
	if _, err := tally.writer().Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"every command runs", []string{"-need", "", "--", "false", "--", "echo", "second"}, 1, "second"},
		{"success", []string{"-need", "", "--", "true"}, 0, "0 passed"},
		{"usage", []string{"-need", ""}, 2, "usage"},
		{"unknown need", []string{"-need", "oracle", "--", "true"}, 1, "oracle"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if code := run(t.Context(), tt.args, &out, &out); code != tt.code || !strings.Contains(out.String(), tt.want) {
				t.Errorf("exit %d, want %d, and %q in:\n%s", code, tt.code, tt.want, out.String())
			}
		})
	}
}

func TestRunHandsOverAddressesAndHeedsInterrupts(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out interrupting = func(text string) {
		if strings.Contains(text, "redis://") {
			cancel() // as Ctrl-C does, once the command is under way
		}
	}
	var errs strings.Builder
	start := time.Now()
	code := run(ctx, []string{"-need", "redis", "--", "sh", "-c", "echo $CONVOKE_TEST_REDIS_URL; sleep 60"}, out, &errs)
	if took := time.Since(start); code != 1 || took > 30*time.Second {
		t.Errorf("exit %d after %s, want 1 at once: %s", code, took, errs.String())
	}
}

type interrupting func(string)

func (f interrupting) Write(p []byte) (int, error) { f(string(p)); return len(p), nil }
