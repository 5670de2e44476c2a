package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
)

// SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html.
const (
	stateForeignKey    = "23503"
	stateUnique        = "23505"
	stateExclusion     = "23P01"
	stateReadOnly      = "25006"
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
	stateLockNotFree   = "55P03"

	classConnection = "08"
	classResources  = "53" // disk full, out of memory, too many connections
	classOperator   = "57" // shutting down, starting up, cancelled
	classSystem     = "58" // I/O error
)

// mapFault names a driver's error in the words of package db.
func mapFault(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return db.ErrUnavailable.Because(err)
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if isConnection(err) {
			return db.ErrUnavailable.Because(err)
		}
		return fault.Wrap(fault.Internal, "store.internal", err)
	}
	switch pg.Code {
	case stateUnique, stateExclusion:
		return db.NewConflict(db.ConflictError{Constraint: pg.ConstraintName, Table: pg.TableName, Columns: columns(pg.Detail)}, err)
	case stateForeignKey:
		return db.NewConflict(db.ConflictError{Constraint: pg.ConstraintName, Table: pg.TableName, Columns: columns(pg.Detail), Foreign: true}, err)
	case stateSerialization, stateDeadlock:
		return db.NewRetry(err)
	case stateReadOnly, stateLockNotFree:
		return db.ErrUnavailable.Because(err)
	}
	switch pg.Code[:min(2, len(pg.Code))] {
	case classConnection, classResources, classOperator, classSystem:
		return db.ErrUnavailable.Because(err)
	}
	return fault.Wrap(fault.Internal, "store.internal", err)
}

// isConnection reports an error of the connection rather than of SQL.
func isConnection(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed")
}

// columns reads "Key (a, b)=(1, 2) already exists.", in whatever language the
// server says it.
func columns(detail string) []string {
	_, rest, ok := strings.Cut(detail, "(")
	if !ok {
		return nil
	}
	names, _, ok := strings.Cut(rest, ")=(")
	if !ok {
		return nil
	}
	list := strings.Split(names, ", ")
	for i, name := range list {
		list[i] = strings.Trim(name, `"`)
	}
	return list
}
