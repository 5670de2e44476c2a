package db

import (
	"context"
	"database/sql"
)

// Session runs statements on one connection. Queries carry $1-style
// placeholders and arguments already normalised to the types of
// [database/sql/driver.Value]; errors are the driver's own.
type Session interface {
	Exec(ctx context.Context, query string, args []any) (rows int64, err error)
	Query(ctx context.Context, query string, args []any) (*sql.Rows, error)
}

// Engine is what a database must offer to stand behind a [DB].
type Engine interface {
	Dialect() Dialect
	// Write runs fn in one read-write transaction and returns nil only after
	// a durable commit. It may run fn again after a serialisation failure.
	// fn's own error is returned as it is, after its changes are undone.
	Write(ctx context.Context, fn func(Session) error) error
	// Read runs fn in one read-only transaction over a consistent snapshot.
	Read(ctx context.Context, fn func(Session) error) error
	// Acquire lends a read-only session outside any transaction.
	Acquire(ctx context.Context) (s Session, release func(), err error)
	// Fault maps a driver's error to the errors of this package.
	Fault(err error) error
	Ping(ctx context.Context) error
	Close() error
}
