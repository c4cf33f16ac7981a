package db

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// awayKey is the sentence for a database that does not answer: waiting does not help with a damaged file.
func awayKey(err error) string {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff { // the rest says where it was found
		case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
			return "error.database_damaged"
		}
	}
	return "error.database_away"
}

// IsAway says whether an error means that the database could not be reached, or closed the
// connection because it stops or starts: the same statement may well succeed a little later.
func IsAway(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// 08: connection; 57P01 to 57P03: stopping, crashed, starting; 53300: too many connections.
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P0") || pg.Code == "53300"
	}
	var connect *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn)
}
