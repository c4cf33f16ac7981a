package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// Servers are a PostgreSQL and a Redis of our own, which may be restarted and killed.
type Servers struct {
	DatabaseURL, RedisURL string
	postgres, redis       *process
	folder                string
}

const startPatience = 60 * time.Second

// OwnServers starts PostgreSQL and Redis from their programs on this machine, in a folder for temporary files. Close them.
func OwnServers(ctx context.Context) (s *Servers, err error) {
	s = &Servers{}
	if s.folder, err = os.MkdirTemp("", "convoke-faults-servers-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err = s.startPostgres(ctx); err != nil {
		return nil, err
	}
	return s, s.startRedis(ctx)
}

// Close stops both and removes their folder.
func (s *Servers) Close() error {
	if s.postgres != nil {
		s.postgres.end(syscall.SIGINT)
	}
	if s.redis != nil {
		s.redis.end(syscall.SIGTERM)
	}
	return os.RemoveAll(s.folder)
}

func (s *Servers) startPostgres(ctx context.Context) error {
	program, err := postgresProgram()
	if err != nil {
		return err
	}
	as, err := unprivileged()
	if err != nil {
		return err
	}
	home := filepath.Join(s.folder, "postgres")
	err = os.Mkdir(home, 0o700)
	if as != nil { // the server has to pass through the folder
		err = errors.Join(err, os.Chmod(s.folder, 0o711), os.Chown(home, int(as.Uid), int(as.Gid))) //nolint:gosec // nothing there is secret
	}
	if err != nil {
		return err
	}
	data := filepath.Join(home, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(filepath.Dir(program), "initdb"), //nolint:gosec // PostgreSQL's own program
		"-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir = home
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(address)
	s.postgres = &process{
		name: "postgres", folder: s.folder, env: os.Environ(), address: address, as: as,
		command: []string{program, "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "timezone=UTC"},
	}
	s.DatabaseURL = (&url.URL{Scheme: "postgres", User: url.User("postgres"), Host: address, Path: "/postgres", RawQuery: "sslmode=disable"}).String()
	if err := s.postgres.start(); err != nil {
		return err
	}
	return s.awaitPostgres(ctx)
}

func (s *Servers) awaitPostgres(ctx context.Context) error {
	return until(ctx, startPatience, "PostgreSQL", func() bool {
		d, err := db.Open(ctx, s.DatabaseURL)
		if err != nil {
			return false
		}
		defer func() { _ = d.Close() }()
		return d.Ping(ctx) == nil
	})
}

func (s *Servers) startRedis(ctx context.Context) error {
	program, err := lookPath("redis-server", "valkey-server")
	if err != nil {
		return err
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(address)
	s.redis = &process{
		name: "redis", folder: s.folder, env: os.Environ(), address: address,
		command: []string{program, "--port", port, "--bind", "127.0.0.1", "--dir", s.folder, "--save", "", "--appendonly", "no"},
	}
	s.RedisURL = "redis://" + address
	if err := s.redis.start(); err != nil {
		return err
	}
	return s.awaitRedis(ctx)
}

func (s *Servers) awaitRedis(ctx context.Context) error {
	return until(ctx, startPatience, "Redis", func() bool {
		c, err := net.DialTimeout("tcp", s.redis.address, time.Second)
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
}

func lookPath(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no %s on this machine", strings.Join(names, " and no "))
}

// postgresProgram is a server that has its initdb beside it, on the path or where Debian puts it.
func postgresProgram() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the only error is a bad pattern
	slices.SortFunc(found, func(a, b string) int { return strings.Compare(b, a) })
	if path, err := exec.LookPath("postgres"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			found = append([]string{target}, found...)
		}
	}
	for _, path := range found {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "initdb")); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no PostgreSQL server on this machine")
}

// unprivileged is whom PostgreSQL runs as, which refuses to run as root; nil is ourselves.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}
