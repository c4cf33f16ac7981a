package db

import (
	"context"
	"database/sql"
	"sync"

	"gorm.io/gorm"
)

// keptMost bounds how many statements stay compiled. Texts that differ in more than their values are not worth keeping.
const keptMost = 100

// kept are the statements of SQLite's writing connection that stay compiled: of what is said for every few hundred messages, the
// compiling takes longer than many a statement itself. PostgreSQL's driver keeps statements by itself.
type kept struct {
	pool *sql.DB

	mu     sync.Mutex
	ready  map[string]*sql.Stmt
	wanted []string // said in a transaction, and to be compiled after it: meanwhile it has the one connection
}

func newKept(pool *sql.DB) *kept { return &kept{pool: pool, ready: map[string]*sql.Stmt{}} }

// find gives a compiled statement, or notes that it is wanted and gives nil.
func (k *kept) find(query string) *sql.Stmt {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, known := k.ready[query]
	if !known && len(k.ready) < keptMost {
		k.ready[query] = nil
		k.wanted = append(k.wanted, query)
	}
	return s
}

// compile makes what was wanted. What fails is compiled each time that it is said, as everything else.
func (k *kept) compile(ctx context.Context) {
	k.mu.Lock()
	wanted := k.wanted
	k.wanted = nil
	k.mu.Unlock()
	for _, query := range wanted {
		s, err := k.pool.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept until the pool is closed
		if err != nil {
			continue
		}
		k.mu.Lock()
		k.ready[query] = s
		k.mu.Unlock()
	}
}

// Often is the transaction for statements that are said again and again with other values: their text stays compiled. The values are
// bound and not written into it, so that it is planned without them.
func (tx *Tx) Often() *Tx {
	own, ok := tx.gorm.Statement.ConnPool.(transaction)
	if !ok || tx.kept == nil {
		return tx
	}
	g := tx.gorm.Session(&gorm.Session{Context: tx.ctx})
	g.Statement.ConnPool = often{own, tx.kept}
	return &Tx{ctx: tx.ctx, gorm: g, dialect: tx.dialect, often: true}
}

// transaction is what those of database/sql can do.
type transaction interface {
	gorm.ConnPool
	StmtContext(ctx context.Context, s *sql.Stmt) *sql.Stmt
}

// often is a transaction that says statements by their compiled form, where there is one.
type often struct {
	transaction
	kept *kept
}

// ExecContext implements gorm.ConnPool.
func (o often) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s := o.kept.find(query); s != nil {
		return o.StmtContext(ctx, s).ExecContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return o.transaction.ExecContext(ctx, query, args...)
}

// QueryContext implements gorm.ConnPool.
func (o often) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := o.kept.find(query); s != nil {
		return o.StmtContext(ctx, s).QueryContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return o.transaction.QueryContext(ctx, query, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (o often) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := o.kept.find(query); s != nil {
		return o.StmtContext(ctx, s).QueryRowContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return o.transaction.QueryRowContext(ctx, query, args...)
}
