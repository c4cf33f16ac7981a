// Package dbtest gives tests real databases: a fresh, migrated SQLite file and a fresh, migrated
// PostgreSQL database for each, dropped afterwards.
package dbtest

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/testenv"
	"github.com/convoke/convoke/migrations"
)

// Each runs fn as two parallel subtests, on SQLite and on PostgreSQL.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, Postgres(t))
	})
}

// Main runs the tests of a package. Properties are tried so many times, and not rapid's hundred, where
// the command line does not say: those that need a database are slow.
func Main(m *testing.M, properties int) {
	if err := flag.Set("rapid.checks", strconv.Itoa(properties)); err != nil {
		panic(err)
	}
	m.Run() // which leaves its verdict with m
}

// SQLite is a fresh database in the test's temporary folder.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "convoke.db")
	if err := os.WriteFile(path, migratedFile(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return openDB(t, "sqlite:"+path)
}

// Postgres is a fresh database on the tests' server.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return openDB(t, PostgresURL(t))
}

// PostgresURL names a fresh, migrated database on the tests' server.
func PostgresURL(t testing.TB) string {
	t.Helper()
	admin := testenv.Postgres(t)
	template := templates.name(t, admin)
	name := fmt.Sprintf("convoke_%d_%d", os.Getpid(), counter.Add(1))
	run(t, admin, fmt.Sprintf("create database %s template %s", name, template))
	t.Cleanup(func() { run(t, admin, "drop database if exists "+name+" with (force)") })
	return withDatabase(t, admin, name)
}

// counter keeps the names of databases apart within the process.
var counter atomic.Int64

// templates remembers the migrated database that others are copied from, one for each server.
var templates = templateSet{made: map[string]string{}}

type templateSet struct {
	mu   sync.Mutex
	made map[string]string
}

func (s *templateSet) name(t testing.TB, admin string) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.made[admin]; ok {
		return name
	}
	name := fmt.Sprintf("convoke_%d_template", os.Getpid())
	run(t, admin, "drop database if exists "+name+" with (force)")
	run(t, admin, "create database "+name)
	d := openRaw(t, withDatabase(t, admin, name))
	migrate(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	s.made[admin] = name
	return name
}

// file remembers the migrated SQLite database that others are copied from.
var file struct {
	mu       sync.Mutex
	contents []byte
}

func migratedFile(t testing.TB) []byte {
	t.Helper()
	file.mu.Lock()
	defer file.mu.Unlock()
	if file.contents != nil {
		return file.contents
	}
	path := filepath.Join(t.TempDir(), "template.db")
	d := openRaw(t, "sqlite:"+path)
	migrate(t, d)
	if err := d.Close(); err != nil { // which moves the journal into the file
		t.Fatal(err)
	}
	contents, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file.contents = contents
	return contents
}

func openDB(t testing.TB, target string) *db.DB {
	t.Helper()
	d := openRaw(t, target)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func openRaw(t testing.TB, target string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func migrate(t testing.TB, d *db.DB) {
	t.Helper()
	m, err := d.Migrator(migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func run(t testing.TB, admin, statement string) {
	t.Helper()
	pool, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	if _, err := pool.ExecContext(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", strings.Fields(statement)[0:2], err)
	}
}

func withDatabase(t testing.TB, admin, name string) string {
	t.Helper()
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
