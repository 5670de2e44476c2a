package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/okno-hq/okno/internal/fault"
)

// tx is one transaction of the engine. It belongs to one goroutine at a time.
type tx struct {
	db       *DB
	session  Session
	readonly bool
	ended    bool
	current  *scope    // innermost open scope
	rows     *sql.Rows // the open result, if any
	fatal    error     // the whole transaction is lost, savepoints do not help
}

// scope is a Write or Read call: the transaction itself or, nested, a
// savepoint that is set with its first statement.
type scope struct {
	tx     *tx
	parent *scope
	marked bool  // savepoint is set
	failed error // a statement failed: only rolling back is possible
	hooks  []func()
	late   []lateValue
}

type scopeKey struct{ db *DB }

// scope returns the open transaction of d in ctx. After its end a context
// behaves as its parent, so that a hook may use the one it captured.
func (d *DB) scope(ctx context.Context) *scope {
	s, _ := ctx.Value(scopeKey{d}).(*scope)
	if s == nil || s.tx.ended {
		return nil
	}
	return s
}

// run runs fn as the transaction's root.
func (s *scope) run(ctx context.Context, fn func(context.Context) error) error {
	defer func() { s.tx.ended = true }()
	return s.call(ctx, func(ctx context.Context) error {
		if err := fn(ctx); err != nil {
			return err
		}
		return s.writeLate(ctx)
	})
}

// call runs fn within s and says whether s may be kept.
func (s *scope) call(ctx context.Context, fn func(context.Context) error) (err error) {
	outer := s.tx.current
	s.tx.current = s
	defer func() {
		s.tx.current = outer
		if r := recover(); r != nil {
			err = fault.Wrap(fault.Internal, codeInternal, fmt.Errorf("db: panic in transaction: %v\n%s", r, debug.Stack()))
		}
		if s.tx.rows != nil { // forgotten by fn; they would block the connection
			err = errors.Join(err, errRowsOpen, s.tx.rows.Close())
			s.tx.rows = nil
		}
	}()
	if err = fn(context.WithValue(ctx, scopeKey{s.tx.db}, s)); err != nil {
		return err
	}
	if s.tx.fatal != nil {
		return s.tx.fatal
	}
	return s.failed
}

// nested runs fn in a savepoint of the same transaction.
func (s *scope) nested(ctx context.Context, fn func(context.Context) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	child := &scope{tx: s.tx, parent: s}
	err := child.call(ctx, fn)
	if err == nil && child.marked {
		err = child.control(ctx, "RELEASE SAVEPOINT nested")
		child.marked = err != nil
	}
	if err == nil {
		s.hooks = append(s.hooks, child.hooks...)
		s.late = append(s.late, child.late...)
		return nil
	}
	if child.marked && s.tx.fatal == nil {
		back := child.control(ctx, "ROLLBACK TO SAVEPOINT nested")
		if back == nil {
			back = child.control(ctx, "RELEASE SAVEPOINT nested")
		}
		if back != nil {
			s.tx.fatal = back
		}
	}
	return err
}

// control runs a statement about the transaction itself, which a cancelled
// context must not keep from its end.
func (s *scope) control(ctx context.Context, query string) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := s.tx.session.Exec(ctx, query, nil); err != nil {
		return s.tx.db.fault(ctx, err)
	}
	return nil
}

// mark sets the savepoints of s and the scopes around it. Savepoints of one
// name nest: the innermost is the one meant.
func (s *scope) mark(ctx context.Context) error {
	if s.parent == nil || s.marked {
		return nil
	}
	if err := s.parent.mark(ctx); err != nil {
		return err
	}
	if err := s.control(ctx, "SAVEPOINT nested"); err != nil {
		return err
	}
	s.marked = true
	return nil
}

func (s *scope) usable() error {
	switch {
	case s.tx.fatal != nil:
		return fmt.Errorf("db: transaction lost: %w", s.tx.fatal)
	case s.failed != nil:
		return fmt.Errorf("db: transaction spoiled by a failed statement: %w", s.failed)
	case s.tx.current != s:
		return errOuterScope
	case s.tx.rows != nil:
		return errRowsOpen
	}
	return nil
}

// begin prepares the scope for a statement.
func (s *scope) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.usable(); err != nil {
		return err
	}
	if err := s.mark(ctx); err != nil {
		s.failed = err
		return err
	}
	return nil
}

// fail notes a failed statement.
func (s *scope) fail(err error) error {
	s.failed = err
	if _, ok := errors.AsType[*RetryError](err); ok {
		s.tx.fatal = err
	}
	return err
}

func (s *scope) exec(ctx context.Context, query string, args []any) (int64, error) {
	if err := s.begin(ctx); err != nil {
		return 0, err
	}
	n, err := s.tx.session.Exec(ctx, query, args)
	if err != nil {
		return 0, s.fail(s.tx.db.fault(ctx, err))
	}
	return n, nil
}

func (s *scope) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	rows, err := s.tx.session.Query(ctx, query, args)
	if err != nil {
		return nil, s.fail(s.tx.db.fault(ctx, err))
	}
	s.tx.rows = rows
	return rows, nil
}
