package db_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

func TestIsAway(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	_, refused := pgx.Connect(context.Background(), "postgres://nobody@"+address+"/none?sslmode=disable")
	if refused == nil {
		t.Fatal("connected to a port on which nobody listens")
	}
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"nobody listens":       {refused, true},
		"wrapped":              {errs.Wrap("account.authenticate", fmt.Errorf("read: %w", refused)), true},
		"it stops":             {&pgconn.PgError{Code: "57P01"}, true},
		"it starts":            {&pgconn.PgError{Code: "57P03"}, true},
		"too many connections": {&pgconn.PgError{Code: "53300"}, true},
		"it was killed":        {io.ErrUnexpectedEOF, true},
		"a duplicate":          {&pgconn.PgError{Code: "23505"}, false},
		"a statement too long": {&pgconn.PgError{Code: "57014"}, false},
		"something else":       {errors.New("no"), false},
		"nothing":              {nil, false},
	} {
		if got := db.IsAway(tt.err); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
