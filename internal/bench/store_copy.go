package bench

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/convoke/convoke/internal/db"
)

// importedTables are those that an import of clean rows fills, in the order in which they can be filled.
func importedTables() []string {
	return []string{"contact", "contact_search", "address", "contact_address", "affiliation", "listing"}
}

// copyAgain empties the tables and fills them with the same rows by COPY: the same tables with the same indexes. It gives
// the time that the COPY alone took.
func copyAgain(ctx context.Context, d *db.DB, target string, now func() time.Time) (time.Duration, error) {
	conn, err := connect(ctx, d, target)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	folder, err := os.MkdirTemp("", "convoke-copy-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for _, table := range importedTables() {
		if err := copyOut(ctx, conn, table, filepath.Join(folder, table)); err != nil {
			return 0, err
		}
	}
	if _, err := conn.Exec(ctx, "truncate contact, address cascade"); err != nil {
		return 0, err
	}
	var took time.Duration
	for _, table := range importedTables() {
		file, err := os.Open(filepath.Join(folder, table))
		if err != nil {
			return 0, err
		}
		began := now()
		_, err = conn.PgConn().CopyFrom(ctx, file, "copy "+table+" from stdin with (format binary)")
		took += now().Sub(began)
		_ = file.Close()
		if err != nil {
			return 0, fmt.Errorf("copy %s: %w", table, err)
		}
	}
	return took, nil
}

// connect opens a connection of its own to the temporary database.
func connect(ctx context.Context, d *db.DB, target string) (*pgx.Conn, error) {
	var name string
	if err := d.Read(ctx).QueryRow("select current_database()").Scan(&name); err != nil {
		return nil, err
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	u.Path = "/" + name
	return pgx.Connect(ctx, u.String())
}

func copyOut(ctx context.Context, conn *pgx.Conn, table, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = conn.PgConn().CopyTo(ctx, file, "copy "+table+" to stdout with (format binary)")
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
