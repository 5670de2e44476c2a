package db

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/okno-hq/okno/internal/fault"
)

const codeInternal = "store.internal"

// Errors of this package, for errors.Is.
var (
	// ErrNotFound is a query for one row that has none.
	ErrNotFound = fault.New(fault.NotFound, "store.not_found")
	// ErrConflict is matched by every [ConflictError].
	ErrConflict = fault.New(fault.Conflict, "store.conflict")
	// ErrUnavailable is a database that is full, read-only, locked or not
	// there; the same request may succeed later.
	ErrUnavailable = fault.New(fault.Unavailable, "store.unavailable")
	// ErrWriteInRead is a change within Read.
	ErrWriteInRead = fault.New(fault.Internal, "store.write_in_read")

	errRowsOpen   = errors.New("db: rows of this transaction are still open")
	errOuterScope = errors.New("db: the outer transaction's context was used inside a nested Write")
)

// ConflictError is a row refused because of other rows: a unique index, or a
// foreign key. errors.Is(err, ErrConflict) holds; so does
// fault.KindOf(err) == fault.Conflict.
type ConflictError struct {
	// Constraint is the index's or constraint's name where the database
	// tells it (PostgreSQL always, SQLite for indexes on expressions).
	Constraint string
	// Table and Columns are set where the database tells them: for unique
	// indexes on plain columns, both do.
	Table   string
	Columns []string
	// Foreign says that it was a foreign key.
	Foreign bool
	cause   error
}

// NewConflict returns c as a fault with its cause.
func NewConflict(c ConflictError, cause error) error {
	c.cause = cause
	return ErrConflict.Because(&c)
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("conflict on %s%v %s: %v", e.Table, e.Columns, e.Constraint, e.cause)
}

// Unwrap returns the driver's error.
func (e *ConflictError) Unwrap() error { return e.cause }

// On reports whether the conflict is about these columns of the table, in
// whatever order.
func (e *ConflictError) On(table string, columns ...string) bool {
	if e.Table != table || len(e.Columns) != len(columns) {
		return false
	}
	for _, c := range columns {
		if !slices.Contains(e.Columns, c) {
			return false
		}
	}
	return true
}

// RetryError is a transaction that lost against another one and may be run
// again from its beginning.
type RetryError struct{ cause error }

// NewRetry returns a retryable fault with its cause.
func NewRetry(cause error) error { return ErrUnavailable.Because(&RetryError{cause}) }

// Error implements error.
func (e *RetryError) Error() string { return "transaction must be run again: " + e.cause.Error() }

// Unwrap returns the driver's error.
func (e *RetryError) Unwrap() error { return e.cause }

// fault maps a driver's error; errors of the context come through as such.
func (d *DB) fault(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	mapped := d.engine.Fault(err)
	if ctx.Err() != nil && fault.KindOf(mapped) != fault.Conflict {
		// The driver noticed the cancellation in its own words.
		return fmt.Errorf("%w: %w", ctx.Err(), mapped)
	}
	return mapped
}
