package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// Scanner is a row to scan from: [Rows] or [Row].
type Scanner interface {
	Scan(dest ...any) error
}

// Exec runs a statement and returns how many rows it changed. Outside a
// transaction it is a Write of its own.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	bound, err := bind(args)
	if err != nil {
		return 0, err
	}
	if s := d.scope(ctx); s != nil {
		if s.tx.readonly {
			return 0, ErrWriteInRead
		}
		return s.exec(ctx, query, bound)
	}
	err = d.Write(ctx, func(ctx context.Context) error {
		rows, err = d.scope(ctx).exec(ctx, query, bound)
		return err
	})
	return rows, err
}

// Query runs a query in the transaction of ctx, or else on a read-only
// connection of its own until the rows are closed. Prefer [All]: rows left
// open keep others from that connection.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	bound, err := bind(args)
	if err != nil {
		return nil, err
	}
	if s := d.scope(ctx); s != nil {
		rows, err := s.query(ctx, query, bound)
		if err != nil {
			return nil, err
		}
		return &Rows{db: d, ctx: ctx, rows: rows, scope: s}, nil
	}
	// A pooled connection may have died since its last use; reading again on
	// another one changes nothing.
	const attempts = 3
	for range attempts {
		var rows *Rows
		if rows, err = d.queryAlone(ctx, query, bound); !errors.Is(err, ErrUnavailable) || ctx.Err() != nil {
			return rows, err
		}
	}
	return nil, err
}

// queryAlone runs a query outside any transaction.
func (d *DB) queryAlone(ctx context.Context, query string, bound []any) (*Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	session, release, err := d.engine.Acquire(ctx)
	if err != nil {
		return nil, d.fault(ctx, err)
	}
	rows, err := session.Query(ctx, query, bound)
	if err != nil {
		release()
		return nil, d.fault(ctx, err)
	}
	return &Rows{db: d, ctx: ctx, rows: rows, release: release}, nil
}

// QueryRow runs a query for its first row; errors wait for Scan, which must
// be called.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := d.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

// All returns every row of a query.
func All[T any](ctx context.Context, d *DB, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := d.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var list []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		list = append(list, item)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	return list, nil
}

// One returns the first row of a query, or [ErrNotFound].
func One[T any](ctx context.Context, d *DB, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	var zero T
	rows, err := d.Query(ctx, query, args...)
	if err != nil {
		return zero, err
	}
	if !rows.Next() {
		if err := rows.Close(); err != nil {
			return zero, err
		}
		return zero, ErrNotFound
	}
	item, err := scan(rows)
	if closed := rows.Close(); closed != nil {
		return zero, closed
	}
	if err != nil {
		return zero, err
	}
	return item, nil
}

// Value scans a single column: db.One(ctx, d, db.Value[int64], query).
func Value[T any](s Scanner) (T, error) {
	var v T
	err := s.Scan(&v)
	return v, err
}

// Rows is a query's result. It is used by one goroutine.
type Rows struct {
	db      *DB
	ctx     context.Context //nolint:containedctx // the query's own, for naming its errors
	rows    *sql.Rows
	scope   *scope
	release func()
	closed  bool
	err     error
}

// Next moves to the next row. After false, Err or Close tell why.
func (r *Rows) Next() bool { return r.rows.Next() }

// Columns names the result's columns.
func (r *Rows) Columns() ([]string, error) { return r.rows.Columns() }

// Scan copies the row's columns, as in database/sql; *json.RawMessage is
// understood as well.
func (r *Rows) Scan(dest ...any) error {
	for i, p := range dest {
		if raw, ok := p.(*json.RawMessage); ok {
			dest[i] = (*[]byte)(raw)
		}
	}
	if err := r.rows.Scan(dest...); err != nil {
		return fmt.Errorf("db: scan: %w", err)
	}
	return nil
}

// Err returns what ended the iteration early, if anything did.
func (r *Rows) Err() error {
	if r.closed {
		return r.err
	}
	if err := r.rows.Err(); err != nil {
		return r.db.fault(r.ctx, err)
	}
	return nil
}

// Close ends the query and returns the error that ended it early, if any.
// Further calls return the same.
func (r *Rows) Close() error {
	if r.closed {
		return r.err
	}
	closed := r.rows.Close()
	if err := r.rows.Err(); err != nil {
		closed = err
	}
	if closed != nil {
		r.err = r.db.fault(r.ctx, closed)
	}
	r.closed = true
	if r.release != nil {
		r.release()
	}
	if r.scope != nil {
		if r.scope.tx.rows == r.rows {
			r.scope.tx.rows = nil
		}
		if r.err != nil {
			r.err = r.scope.fail(r.err)
		}
	}
	return r.err
}

// Row is the first row of a query.
type Row struct {
	rows *Rows
	err  error
}

// Scan copies the row's columns; without a row it returns [ErrNotFound].
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	if !r.rows.Next() {
		if err := r.rows.Close(); err != nil {
			return err
		}
		return ErrNotFound
	}
	err := r.rows.Scan(dest...)
	if closed := r.rows.Close(); closed != nil {
		return closed
	}
	return err
}
