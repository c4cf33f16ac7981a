// Package db is the only owner of database connections: PostgreSQL for an installation, SQLite
// for one machine. It hands out transactions; what is said in them belongs to the rooms' stores.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/convoke/convoke/internal/errs"
)

// Dialect names the database that statements must suit.
type Dialect string

// The two dialects.
const (
	Postgres Dialect = "postgres"
	SQLite   Dialect = "sqlite"
)

// DB is an open database. SQLite has one writing connection and a pool that can only read,
// because two writers there meet SQLITE_BUSY; PostgreSQL has one pool for both.
type DB struct {
	dialect Dialect
	write   *gorm.DB
	read    *gorm.DB
	pools   []*sql.DB
	kept    *kept // nil on PostgreSQL
}

type writing struct{}

// Open connects to "postgres://…" or "sqlite:PATH". It does not migrate. Errors are
// errs.Unavailable where the database cannot be reached and errs.Invalid where the URL makes no sense.
func Open(ctx context.Context, url string) (*DB, error) {
	d, err := open(url)
	if err != nil {
		return nil, errs.Wrap("db.open", err)
	}
	if err := d.Ping(ctx); err != nil {
		_ = d.Close()
		return nil, errs.Wrap("db.open", err)
	}
	return d, nil
}

// Dialect says which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Ping says whether the database answers; an error is errs.Unavailable.
func (d *DB) Ping(ctx context.Context) error {
	for _, pool := range d.pools {
		if err := pool.PingContext(ctx); err != nil {
			return &errs.Error{Code: errs.Unavailable, Key: awayKey(err), Op: "db.ping", Err: err}
		}
	}
	return nil
}

// Close ends all connections.
func (d *DB) Close() error {
	var all []error
	for _, pool := range d.pools {
		all = append(all, pool.Close())
	}
	return errors.Join(all...)
}

// Write runs fn in one transaction: committed when fn returns nil, else rolled back.
// Within fn, use the context of the Tx: a Read with it is one in the transaction, and needs no second connection. Where each
// of many transactions waited for one, none would ever get it. A Write inside of a Write is refused, because a silent
// savepoint would commit with the outer transaction and not when its author thinks.
func (d *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if ctx.Value(writing{}) != nil {
		return errors.New("db: a transaction inside of a transaction")
	}
	open := &opened{db: d}
	ctx = context.WithValue(ctx, writing{}, open)
	var after []func()
	err := d.write.WithContext(ctx).Transaction(func(g *gorm.DB) error {
		tx := &Tx{ctx: ctx, gorm: g, dialect: d.dialect, kept: d.kept, after: &after}
		open.tx.Store(tx)
		defer open.tx.Store(nil)
		return fn(tx)
	})
	if d.kept != nil {
		d.kept.compile(ctx)
	}
	if err == nil {
		for _, do := range after {
			do()
		}
	}
	return err
}

// opened is the transaction that a context belongs to, as long as it is open.
type opened struct {
	db *DB
	tx atomic.Pointer[Tx]
}

// Read gives a handle for statements that read, each seeing what is committed when it starts; with the context of a Tx also what
// that wrote.
func (d *DB) Read(ctx context.Context) *Tx {
	if open, ok := ctx.Value(writing{}).(*opened); ok && open.db == d {
		if tx := open.tx.Load(); tx != nil {
			return tx
		}
	}
	return &Tx{ctx: ctx, gorm: d.read.WithContext(ctx), dialect: d.dialect}
}

// Now is the clock of the house: UTC, in microseconds, which both databases keep exactly.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func settings() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		Logger:                 logger.Discard,
		NowFunc:                Now,
	}
}

func poolOf(g *gorm.DB) (*sql.DB, error) {
	pool, err := g.DB()
	if err != nil {
		return nil, fmt.Errorf("db: no pool behind gorm: %w", err)
	}
	return pool, nil
}
