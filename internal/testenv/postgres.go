//go:build unix

package testenv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

const (
	postgresName = "PostgreSQL"
	postgresGlob = "/usr/lib/postgresql/*/bin/postgres"
)

// FindPostgres finds or starts PostgreSQL; the caller stops it.
func FindPostgres(ctx context.Context) (Service, error) {
	if address, ok := given(DatabaseVariable); ok {
		return givenService(ctx, postgresName, DatabaseVariable, address, postgresVersion)
	}
	program, err := obtain(ctx, postgresNeed())
	if err != nil {
		return Service{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	s, err := startPrivate(ctx, func(ctx context.Context) (Service, error) { return runPostgres(ctx, program) })
	if err != nil {
		return Service{}, fmt.Errorf("tests need PostgreSQL, and %s could not be started: %w", program, err)
	}
	return s, nil
}

func postgresNeed() need {
	return need{
		what:     "PostgreSQL",
		look:     lookPostgres,
		packages: []string{"postgresql"},
		or:       "set " + DatabaseVariable,
	}
}

// lookPostgres is the path of a postgres that has its initdb beside it, the newest version of
// those in Debian's folders.
func lookPostgres() (string, bool) {
	var candidates []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			candidates = append(candidates, target)
		}
	}
	installed, _ := filepath.Glob(postgresGlob) // the only error is a bad pattern
	slices.SortFunc(installed, func(a, b string) int { return cmp.Compare(majorVersion(b), majorVersion(a)) })
	for _, path := range append(candidates, installed...) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "initdb")); err == nil {
			return path, true
		}
	}
	return "", false
}

// majorVersion reads the version out of /usr/lib/postgresql/15/bin/postgres; 0 if there is none.
func majorVersion(path string) float64 {
	v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(filepath.Dir(path))), 64)
	if err != nil {
		return 0
	}
	return v
}

// runPostgres makes a cluster in a temporary folder and serves it on a free port. It gives up
// everything that protects data against a crash of the machine, for the sake of speed.
func runPostgres(ctx context.Context, program string) (s Service, err error) {
	as, err := unprivileged()
	if err != nil {
		return Service{}, err
	}
	dir, err := privateFolder("postgres", as)
	if err != nil {
		return Service{}, err
	}
	started := false
	defer func() {
		if !started {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	data := filepath.Join(dir, "data")
	if err := initCluster(ctx, program, dir, data, as); err != nil {
		return Service{}, err
	}
	port, err := freePort()
	if err != nil {
		return Service{}, err
	}
	p, err := startProcess(dir, "QUIT", as, program, "-D", data, "-p", port,
		"-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "wal_level=minimal", "-c", "max_wal_senders=0",
		"-c", "max_connections=300",
		"-c", "shared_buffers=128MB",
		"-c", "timezone=UTC")
	if err != nil {
		return Service{}, err
	}
	started = true // from here on the supervisor removes the folder
	address := (&url.URL{
		Scheme: "postgres", User: url.User("postgres"), Host: "127.0.0.1:" + port,
		Path: "/postgres", RawQuery: "sslmode=disable",
	}).String()
	var version string
	err = p.ready(ctx, func(ctx context.Context) (err error) {
		version, err = postgresVersion(ctx, address)
		return err
	})
	if err != nil {
		p.stop()
		return Service{}, err
	}
	return Service{
		Name: postgresName, Address: address, Version: version,
		How: "private instance of " + program, stop: p.stop,
	}, nil
}

// initCluster makes the data folder. The locale knows letters beyond ASCII, as a real
// installation's does, and sorts by code point.
func initCluster(ctx context.Context, program, dir, data string, as *syscall.Credential) error {
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(program), "initdb"),
		"-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("initdb: %w: %s", err, lines[len(lines)-1])
	}
	return nil
}

// postgresVersion greets the server and returns its version without the packager's remarks.
func postgresVersion(ctx context.Context, address string) (string, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	var version string
	err = conn.QueryRow(ctx, "SHOW server_version").Scan(&version)
	version, _, _ = strings.Cut(version, " ")
	return version, errors.Join(err, conn.Close(ctx))
}
