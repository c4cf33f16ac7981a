package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/testenv"
)

// binary is the program, built once for the tests of this package.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "convoke-cmd")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "convoke")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

type result struct {
	code           int
	stdout, stderr string
}

// run runs the program in an environment that has only what is given.
func run(t *testing.T, env map[string]string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &wrong
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), wrong.String()}
}

func TestWhatIsWrongIsSaidInOneLine(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	file := filepath.Join(t.TempDir(), "file")
	corrupt := filepath.Join(t.TempDir(), "corrupt.db")
	for path, text := range map[string]string{file: "", corrupt: strings.Repeat("no database ", 1000)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		env  map[string]string
		args []string
		code int
		says string
	}{
		"unknown command":       {nil, []string{"dance"}, 2, "dance"},
		"unknown flag":          {nil, []string{"serve", "--fast"}, 2, "--fast"},
		"wrong database":        {map[string]string{config.DatabaseURL: "mysql://x"}, []string{"serve"}, 2, config.DatabaseURL},
		"wrong queue":           {map[string]string{config.RedisURL: "localhost"}, []string{"serve"}, 2, config.RedisURL},
		"wrong mail server":     {map[string]string{config.SMTPURL: "ftp://x"}, []string{"serve"}, 2, config.SMTPURL},
		"setting that is none":  {map[string]string{"CONVOKE_DATABSE_URL": "sqlite:x"}, []string{"serve"}, 2, config.DatabaseURL},
		"path in links":         {map[string]string{config.PublicURL: "https://example.org/x"}, []string{"serve"}, 2, config.PublicURL},
		"short secret":          {map[string]string{config.Secret: "abc"}, []string{"serve"}, 2, config.Secret},
		"worker without queue":  {nil, []string{"worker", "--listen", "127.0.0.1:0"}, 2, config.RedisURL},
		"port taken":            {nil, []string{"serve", "--listen", taken.Addr().String()}, 2, "--listen"},
		"demo on a taken port":  {nil, []string{"demo", "--listen", taken.Addr().String()}, 2, "--listen"},
		"demo on no day":        {nil, []string{"demo", "--listen", "127.0.0.1:0", "--as-of", "summer"}, 2, "--as-of"},
		"folder is a file":      {map[string]string{config.Data: file}, []string{"user", "list"}, 2, config.Data},
		"corrupt database":      {map[string]string{config.DatabaseURL: "sqlite:" + corrupt}, []string{"user", "list"}, 1, "database"},
		"token for nobody":      {nil, []string{"token", "create", "nobody@example.org"}, 1, "nobody@example.org"},
		"role that is none":     {nil, []string{"user", "add", "a@example.org", "--role", "king"}, 2, "king"},
		"address that is none":  {nil, []string{"user", "add", "not an address", "--role", "officer"}, 2, "address"},
		"list that cannot read": {nil, []string{"import", "nris", corrupt}, 2, "corrupt.db"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{config.Data: t.TempDir()}
			for k, v := range test.env {
				env[k] = v
			}
			got := run(t, env, test.args...)
			lines := strings.Split(strings.TrimSpace(got.stderr), "\n")
			last := lines[len(lines)-1]
			if got.code != test.code || !strings.Contains(last, test.says) {
				t.Errorf("exit %d, %q; want exit %d and %q", got.code, got.stderr, test.code, test.says)
			}
			if strings.Contains(got.stderr, "goroutine") || strings.Contains(got.stderr, "panic") {
				t.Errorf("a stack trace: %s", got.stderr)
			}
		})
	}
}

func TestEveryCommandNamesTheWrongSetting(t *testing.T) {
	t.Parallel()
	tests := []struct{ variable, value, says string }{
		{config.DatabaseURL, "sqlite:", "no file"},
		{config.DatabaseURL, "postgres://u:hunter2@h:99999/x", "port"},
		{config.DatabaseURL, "postgres://u:hunter2@h/x?sslmode=maybe", "driver"},
		{config.RedisURL, "redis://:hunter2@127.0.0.1:6379/abc", "number"},
		{config.SMTPURL, "smtp://h:25?connections=0", "connections: “0”"},
		{config.SMTPURL, "smtp://h:25?starttls=maybe", "“maybe”"},
		{config.SMTPURL, "smtp://h:25?foo=maybe", "“foo”"},
		{config.SMTPURL, "smtps://h:465?starttls=required", "starttls"},
		{"CONVOKE_SMPT_URL", "smtp://u:hunter2@h", config.SMTPURL},
	}
	for _, test := range tests {
		t.Run(test.variable+"="+test.value, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{config.Data: t.TempDir(), test.variable: test.value}
			for _, args := range [][]string{{"serve"}, {"worker"}, {"doctor"}, {"migrate", "up"}, {"user", "list"}} {
				got := run(t, env, args...)
				line, more, _ := strings.Cut(got.stderr, "\n")
				if got.code != 2 || more != "" || !strings.HasPrefix(line, "convoke: "+test.variable+": ") || !strings.Contains(line, test.says) || strings.Contains(line, "hunter2") {
					t.Errorf("%v: exit %d, %q; want one line on %s that says %q", args, got.code, got.stderr, test.variable, test.says)
				}
			}
		})
	}
}

func TestDoctorSaysWhatHelpsTheDatabase(t *testing.T) {
	t.Parallel()
	corrupt := filepath.Join(t.TempDir(), "corrupt.db")
	if err := os.WriteFile(corrupt, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ url, sentence, remedy string }{
		"damaged":   {"sqlite:" + corrupt, "is damaged", "do: put a copy of " + corrupt},
		"no folder": {"sqlite:/nowhere/at/all/convoke.db", "cannot be reached", "do: make /nowhere/at/all/convoke.db a file"},
		"no server": {"postgres://u:hunter2@127.0.0.1:1/x", "cannot be reached", "do: check " + config.DatabaseURL},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, map[string]string{config.Data: t.TempDir(), config.DatabaseURL: test.url}, "doctor")
			if got.code != 1 || !strings.Contains(got.stdout, test.sentence) || !strings.Contains(got.stdout, test.remedy) {
				t.Errorf("exit %d, %q; want %q and %q", got.code, got.stdout, test.sentence, test.remedy)
			}
			if strings.Contains(got.stdout, "error.") || strings.Contains(got.stdout, "hunter2") {
				t.Errorf("keys or passwords in %q", got.stdout)
			}
		})
	}
}

func TestDoctorFindsCountersThatSomebodyChanged(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "convoke.db")
	env := map[string]string{config.Data: t.TempDir(), config.DatabaseURL: "sqlite:" + file}
	for _, args := range [][]string{
		{"migrate", "up"}, {"import", "cycle", "../../internal/geo/data/questionnaire.yaml", "--name", "BPF 2017"}, {"doctor"},
	} {
		if got := run(t, env, args...); got.code != 0 {
			t.Fatalf("%v: exit %d, %q %q", args, got.code, got.stdout, got.stderr)
		}
	}
	d, err := db.Open(t.Context(), env[config.DatabaseURL])
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec("insert into listed_count values (1, 'media', 'weog', 0, 3, 0, 0, 0, 0, 0, 0, 0)")
		return err
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	got := run(t, env, "doctor")
	if got.code != 1 || !strings.Contains(got.stdout, "1 cell of the coverage counts otherwise than its list") || !strings.Contains(got.stdout, "do: run: convoke recount") {
		t.Errorf("exit %d, %q", got.code, got.stdout)
	}
	for _, args := range [][]string{{"recount"}, {"doctor"}} {
		if got := run(t, env, args...); got.code != 0 {
			t.Errorf("%v: exit %d, %q %q", args, got.code, got.stdout, got.stderr)
		}
	}
}

func TestUsersTokensAndMigrations(t *testing.T) {
	t.Parallel()
	settings := map[string]func(t *testing.T) map[string]string{
		"sqlite": func(*testing.T) map[string]string { return map[string]string{} },
		"postgres and redis": func(t *testing.T) map[string]string {
			return map[string]string{config.DatabaseURL: dbtest.PostgresURL(t), config.RedisURL: testenv.Redis(t)}
		},
	}
	for name, setting := range settings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := setting(t)
			env[config.Data] = t.TempDir()
			steps := []struct {
				args []string
				says string
			}{
				{[]string{"migrate", "up"}, "migrations applied"},
				{[]string{"migrate", "status"}, "applied"},
				{[]string{"user", "add", "Olu@Example.org", "--role", "officer", "--name", "Olu"}, "olu@example.org: officer"},
				{[]string{"user", "add", "olu@example.org", "--role", "lead"}, "officer, lead"},
				{[]string{"user", "list"}, "olu@example.org  Olu  en"},
				{[]string{"user", "link", "olu@example.org"}, "http://127.0.0.1:8080/sign-in/"},
				{[]string{"import", "nris"}, "164 added"},
				{[]string{"import", "nris"}, "164 unchanged"},
				{[]string{"import", "cycle", "../../internal/geo/data/questionnaire.yaml", "--name", "BPF 2017"}, "/cycles/bpf-cybersecurity-2017"},
				{[]string{"doctor"}, "schema up to date"},
				{[]string{"doctor"}, "every cell counts what is on its list"},
				{[]string{"version"}, "development"},
				{[]string{"--help"}, "CONVOKE_"},
			}
			for _, step := range steps {
				got := run(t, env, step.args...)
				if got.code != 0 || !strings.Contains(got.stdout, step.says) {
					t.Errorf("%v: exit %d, %q %q; want %q", step.args, got.code, got.stdout, got.stderr, step.says)
				}
			}
			if down := run(t, env, "migrate", "down"); down.code != 2 || !strings.Contains(down.stderr, "--lose-data") {
				t.Errorf("down without a word: exit %d, %q", down.code, down.stderr)
			}
			if down := run(t, env, "migrate", "down", "--lose-data=false"); down.code != 0 {
				t.Errorf("down without meaning it: exit %d, %q", down.code, down.stderr)
			}
			token := run(t, env, "token", "create", "olu@example.org")
			if token.code != 0 || strings.ContainsAny(strings.TrimSpace(token.stdout), " \n") || len(token.stdout) < 40 {
				t.Errorf("a token: exit %d, %q %q", token.code, token.stdout, token.stderr)
			}
			if down := run(t, env, "migrate", "down", "--lose-data"); down.code != 0 {
				t.Errorf("down: exit %d, %q", down.code, down.stderr)
			}
			if got := run(t, env, "migrate", "status"); !strings.Contains(got.stdout, "missing") {
				t.Errorf("after down the newest migration is there: %q", got.stdout)
			}
		})
	}
}

func TestACycleComesBackFromItsExport(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cycle.yaml")
	exports := map[string]string{}
	for _, step := range []struct{ name, from string }{{"first", "../../internal/geo/data/questionnaire.yaml"}, {"second", file}} {
		env := map[string]string{config.Data: t.TempDir()}
		for _, args := range [][]string{{"migrate", "up"}, {"import", "cycle", step.from, "--name", "BPF 2017"}, {"export", "cycle", "bpf-cybersecurity-2017", "-o", file}} {
			if step.name == "second" && len(args) > 3 && args[0] == "import" {
				args = args[:3] // the file says what the cycle is called
			}
			if got := run(t, env, args...); got.code != 0 {
				t.Fatalf("%v: exit %d, %q %q", args, got.code, got.stdout, got.stderr)
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		exports[step.name] = string(text)
		if none := run(t, env, "export", "cycle", "none"); none.code == 0 {
			t.Error("a cycle that there is not was exported")
		}
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("title: [x]\nquestions:\n- {id: q1, type: poem, text: y}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, map[string]string{config.Data: t.TempDir()}, "import", "cycle", bad)
	if got.code != 2 || !strings.Contains(got.stderr, "Line 1, title: A text is needed here. Line 3, questions.1.type: Choose") {
		t.Errorf("a bad file: exit %d, %q", got.code, got.stderr)
	}
	if exports["first"] != exports["second"] || !strings.Contains(exports["first"], "name: BPF 2017") || !strings.Contains(exports["first"], `date: "2017-09-15"`) {
		t.Errorf("got\n%s\nand\n%s", exports["first"], exports["second"])
	}
}
