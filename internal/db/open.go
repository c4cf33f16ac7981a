package db

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/convoke/convoke/internal/errs"
)

func open(target string) (*DB, error) {
	switch {
	case strings.HasPrefix(target, "postgres://"), strings.HasPrefix(target, "postgresql://"):
		return openPostgres(target)
	case strings.HasPrefix(target, "sqlite:"):
		return openSQLite(strings.TrimPrefix(target, "sqlite:"))
	}
	return nil, errs.E(errs.Invalid, "config.database_url")
}

// CheckURL says whether Open can make sense of a URL, without opening anything; if not, the error is
// errs.Invalid and repeats no part of it.
func CheckURL(target string) error {
	if path, ok := strings.CutPrefix(target, "sqlite:"); ok && path != "" {
		return nil
	}
	if strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://") {
		if _, err := pgx.ParseConfig(target); err == nil {
			return nil
		}
	}
	return errs.E(errs.Invalid, "config.database_url")
}

func openPostgres(target string) (*DB, error) {
	config, err := pgx.ParseConfig(target)
	if err != nil {
		return nil, errs.E(errs.Invalid, "config.database_url") // its text would repeat the password
	}
	conn := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(forPages))
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: conn}), settings())
	if err != nil {
		_ = conn.Close()
		return nil, &errs.Error{Code: errs.Unavailable, Key: "error.database_away", Err: err}
	}
	pool, err := poolOf(g)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(10)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return &DB{dialect: Postgres, write: g, read: g, pools: sqlPools(pool)}, nil
}

// forPages: compiling a statement to machine code pays for reports over a warehouse. Ours ask views
// of views for thousands of rows, where the compiling took ten times as long as the work. Starting parallel
// workers takes longer than finding a page, too, and other readers want the cores.
func forPages(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "set jit = off; set max_parallel_workers_per_gather = 0")
	return err
}

// The pragmas that let one writer and many readers live together without SQLITE_BUSY.
// Times are integers in microseconds: text with a zone compares wrongly. Each connection keeps pages of its own. A reading one loses
// them whenever somebody wrote: what lists need beyond a few megabytes comes from the system's own memory as fast.
const sqliteCommon = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
	"&_pragma=foreign_keys(1)&_pragma=cache_size(-4000)&_time_integer_format=unix_micro&_inttotime=1"

func openSQLite(path string) (*DB, error) {
	if path == "" {
		return nil, errs.E(errs.Invalid, "config.database_url")
	}
	base := "file:" + (&url.URL{Path: path}).EscapedPath()
	w, err := gorm.Open(sqliteDialector{dsn: base + "?" + sqliteCommon + "&_pragma=cache_size(-2000)&_txlock=immediate"}, settings())
	if err != nil {
		return nil, &errs.Error{Code: errs.Unavailable, Key: awayKey(err), Err: err}
	}
	wp, err := poolOf(w)
	if err != nil {
		return nil, err
	}
	wp.SetMaxOpenConns(1)
	r, err := gorm.Open(sqliteDialector{dsn: base + "?" + sqliteCommon + "&_pragma=query_only(1)"}, settings())
	if err != nil {
		return nil, fmt.Errorf("open for reading: %w", err)
	}
	rp, err := poolOf(r)
	if err != nil {
		return nil, err
	}
	readers := max(4, runtime.NumCPU())
	rp.SetMaxOpenConns(readers)
	rp.SetMaxIdleConns(readers) // a new one reads the whole schema first
	return &DB{dialect: SQLite, write: w, read: r, pools: sqlPools(wp, rp), kept: newKept(wp)}, nil
}
