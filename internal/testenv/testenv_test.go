//go:build unix

package testenv

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// roleVariable turns this test binary into a process that starts a Redis and then waits to be
// killed.
const roleVariable = "CONVOKE_TESTENV_ROLE"

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) == "holder" {
		os.Exit(holdRedis())
	}
	os.Exit(m.Run())
}

func holdRedis() int {
	program, err := obtain(context.Background(), redisNeed())
	if err != nil {
		fmt.Println(err)
		return 1
	}
	s, err := runRedis(context.Background(), program)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(s.Address)
	_, _ = os.Stdin.Read(make([]byte, 1)) // until killed
	return 0
}

func TestPostgresServesUnicode(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var lower string
	if err := conn.QueryRow(t.Context(), "SELECT lower('ÉÑЖ')").Scan(&lower); err != nil {
		t.Fatal(err)
	}
	if lower != "éñж" {
		t.Errorf("lower() knows ASCII only: %q", lower)
	}
}

func TestRedisDatabasesAreOnesOwn(t *testing.T) {
	t.Parallel()
	first, second := Redis(t), Redis(t)
	if first == second {
		t.Fatalf("both tests got %s", first)
	}
	a, b := connect(t, first), connect(t, second)
	if err := a.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := b.DBSize(t.Context()).Result(); err != nil || n != 0 {
		t.Errorf("the other database has %d keys, error %v; want none", n, err)
	}
}

func TestRedisDatabaseComesBackEmpty(t *testing.T) {
	t.Parallel()
	address := privateRedis(t)
	own, release, err := leaseDatabase(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if err := connect(t, own).Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	release()
	again, release, err := leaseDatabase(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if n, err := connect(t, again).DBSize(t.Context()).Result(); again != own || err != nil || n != 0 {
		t.Errorf("got %s with %d keys, error %v; want %s, empty", again, n, err, own)
	}
}

func TestRedisDataOfOthersIsLeftAlone(t *testing.T) {
	t.Parallel()
	address := privateRedis(t)
	theirs := connect(t, address+"/1")
	if err := theirs.Set(t.Context(), "theirs", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	own, release, err := leaseDatabase(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	release()
	if !strings.HasSuffix(own, "/2") {
		t.Errorf("lent %s, want database 2", own)
	}
	if v, err := theirs.Get(t.Context(), "theirs").Result(); v != "v" {
		t.Errorf("somebody's data is gone: %q, %v", v, err)
	}
}

func TestRedisWithoutADatabaseLeftSaysSo(t *testing.T) {
	t.Parallel()
	address := privateRedis(t)
	for {
		_, release, err := leaseDatabase(t.Context(), address)
		if errors.Is(err, errNoDatabase) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(release)
	}
}

func TestServerDiesWithItsProcess(t *testing.T) {
	t.Parallel()
	holder := exec.CommandContext(t.Context(), os.Args[0])
	temp := t.TempDir()
	holder.Env = append(os.Environ(), roleVariable+"=holder", "TMPDIR="+temp)
	stdin, err := holder.StdinPipe() // open until the end of the test, so that the holder waits
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(line)
	if _, err := redisVersion(t.Context(), address); err != nil {
		t.Fatalf("the holder's Redis does not answer before the kill: %v", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	eventually(t, "the server is gone", func() bool {
		_, err := redisVersion(t.Context(), address)
		return err != nil
	})
	eventually(t, "its folder is gone", func() bool {
		left, err := fs.Glob(os.DirFS(temp), "convoke-test-*")
		return err == nil && len(left) == 0
	})
}

func TestServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	dir, err := privateFolder("broken", nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := startProcess(dir, "TERM", nil, "/bin/sh", "-c", "echo the reason; exit 1")
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	err = p.ready(t.Context(), func(context.Context) error { return errors.New("no answer") })
	if err == nil || !strings.Contains(err.Error(), "the reason") {
		t.Errorf("error %v, want what the server said last", err)
	}
}

func TestAddressThatDoesNotAnswerIsAnError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := givenService(ctx, redisName, RedisVariable, "redis://127.0.0.1:1", redisVersion)
	if err == nil || !strings.Contains(err.Error(), RedisVariable) {
		t.Errorf("error %v, want one that names %s", err, RedisVariable)
	}
}

func TestMajorVersion(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]float64{
		"/usr/lib/postgresql/9.6/bin/postgres": 9.6,
		"/usr/lib/postgresql/15/bin/postgres":  15,
		"/usr/local/bin/postgres":              0,
	} {
		if got := majorVersion(path); got != want {
			t.Errorf("majorVersion(%q) = %v, want %v", path, got, want)
		}
	}
}

// privateRedis is a server of the test's own, whatever the variables say.
func privateRedis(t *testing.T) string {
	t.Helper()
	program, err := obtain(t.Context(), redisNeed())
	if err != nil {
		t.Fatal(err)
	}
	s, err := runRedis(t.Context(), program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s.Address
}

func connect(t *testing.T, address string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(15 * time.Second)
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("not within 15 s: %s", what)
		case <-tick.C:
		}
	}
}

func TestProgramVersionIsTheProgramsOwn(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"gcc (Debian 12.2.0-14+deb12u1) 12.2.0":               "12.2.0",
		"Chromium 140.0.1 built on Debian GNU/Linux 12 (old)": "140.0.1",
		"nothing": "nothing",
	} {
		program := filepath.Join(t.TempDir(), "program")
		write(t, program, "#!/bin/sh\necho '"+said+"'\n")
		if got, err := programVersion(t.Context(), program); err != nil || got != want {
			t.Errorf("%q has version %q, %v; want %q", said, got, err, want)
		}
	}
}
