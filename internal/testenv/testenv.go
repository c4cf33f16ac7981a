//go:build unix

// Package testenv finds or starts what the tests need: PostgreSQL, Redis, Chromium, axe-core, Postfix, LibreOffice and, for the
// race detector, a C compiler. It looks in this order:
//
//  1. the addresses in CONVOKE_TEST_DATABASE_URL, CONVOKE_TEST_REDIS_URL and the path in
//     CONVOKE_TEST_CHROMIUM and CONVOKE_TEST_AXE; an address that does not answer is an error,
//     never passed over;
//  2. programs on PATH or in /usr/lib/postgresql/*/bin, started as private instances on free ports
//     in a temporary folder, gone with the process that started them however it ends;
//  3. apt-get install, as root on Debian or Ubuntu;
//  4. else one line that says what to install.
//
// Nothing is skipped: a test that cannot have its service fails with that line. The command in
// cmd/testenv starts everything once for a whole run and exports the addresses; without it each
// test process starts what it asks for when it first asks.
package testenv

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"
)

// The variables that name services which are already there.
const (
	DatabaseVariable = "CONVOKE_TEST_DATABASE_URL"
	RedisVariable    = "CONVOKE_TEST_REDIS_URL"
	ChromiumVariable = "CONVOKE_TEST_CHROMIUM"
)

// startTimeout bounds finding, starting and greeting one service, an installation not included.
const startTimeout = 60 * time.Second

// Service is one thing that tests need, and how it was come by.
type Service struct {
	Name    string // "PostgreSQL"
	Address string // a URL, for a program its path
	Version string // "15.18"
	How     string // "private instance of /usr/lib/postgresql/15/bin/postgres"
	stop    func()
}

// Stop ends a private instance and removes its folder; it does nothing to a service that was
// there before.
func (s Service) Stop() {
	if s.stop != nil {
		s.stop()
	}
}

// One instance a process, started by the first test that asks. Nobody stops it: its supervisor
// does when this process is gone.
var (
	sharedPostgres = sync.OnceValues(func() (Service, error) { return FindPostgres(context.Background()) })
	sharedRedis    = sync.OnceValues(func() (Service, error) { return FindRedis(context.Background()) })
	sharedChromium = sync.OnceValues(func() (Service, error) { return FindChromium(context.Background()) })
)

// Postgres is the URL of a PostgreSQL server's maintenance database, with a role that may create
// databases and extensions. The server is shared: a test makes a database of its own in it.
func Postgres(t testing.TB) string {
	t.Helper()
	return found(t, sharedPostgres).Address
}

// Redis is the URL of an empty Redis database that is the caller's alone until the test ends; it
// is emptied afterwards. Publish and subscribe reach across the databases of one server.
func Redis(t testing.TB) string {
	t.Helper()
	address := found(t, sharedRedis).Address
	own, release, err := leaseDatabase(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return own
}

// Chromium is the path of a Chromium or Chrome that runs headless. As root it needs --no-sandbox.
func Chromium(t testing.TB) string {
	t.Helper()
	return found(t, sharedChromium).Address
}

func found(t testing.TB, find func() (Service, error)) Service {
	t.Helper()
	s, err := find()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Environment is the variable assignments that hand the services to a child process.
func Environment(services ...Service) []string {
	names := map[string]string{
		postgresName: DatabaseVariable,
		redisName:    RedisVariable,
		chromiumName: ChromiumVariable,
		axeName:      AxeVariable,
	}
	var env []string
	for _, s := range services {
		if name, ok := names[s.Name]; ok {
			env = append(env, name+"="+s.Address)
		}
	}
	return env
}

// given is the value of a variable that names a service, and whether there is one.
func given(variable string) (string, bool) {
	v := os.Getenv(variable)
	return v, v != ""
}
