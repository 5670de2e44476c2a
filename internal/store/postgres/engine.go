package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// engine implements db.Engine.
type engine struct {
	writers, readers *sql.DB
}

// session is one connection; pgx keeps its prepared statements.
type session struct{ conn *sql.Conn }

// Exec implements db.Session.
func (s session) Exec(ctx context.Context, query string, args []any) (int64, error) {
	res, err := s.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query implements db.Session.
func (s session) Query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, query, args...)
}

func (e *engine) Dialect() db.Dialect { return db.Postgres }

func (e *engine) Fault(err error) error { return mapFault(err) }

// Write implements db.Engine.
func (e *engine) Write(ctx context.Context, fn func(db.Session) error) error {
	return again(ctx, func() error { return e.once(ctx, fn) })
}

// again runs a transaction until it has not lost against another one.
func again(ctx context.Context, once func() error) error {
	for attempt := 1; ; attempt++ {
		err := once()
		var retry *db.RetryError
		if err == nil || !errors.As(err, &retry) || attempt == maxAttempts {
			return err
		}
		pause := time.NewTimer(backoff(attempt))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

// once runs fn in one transaction.
func (e *engine) once(ctx context.Context, fn func(db.Session) error) error {
	conn, err := e.writers.Conn(ctx)
	if err != nil {
		return named(ctx, err)
	}
	defer func() { _ = conn.Close() }() // gives it back; broken ones are known by then
	if err := begin(ctx, conn, "BEGIN"); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // fn ended its goroutine
			rollback(ctx, conn)
		}
	}()
	err = fn(session{conn})
	done = true
	if err != nil {
		rollback(ctx, conn)
		return err
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	if _, err := conn.ExecContext(end, "COMMIT"); err != nil {
		discard(conn)
		return mapFault(err)
	}
	return nil
}

// begin opens a transaction. A connection of the pool may have died since it
// was last used; nothing has been run yet, so that is worth another try.
func begin(ctx context.Context, conn *sql.Conn, query string) error {
	_, err := conn.ExecContext(ctx, query)
	if err == nil {
		return nil
	}
	discard(conn)
	if err = named(ctx, err); errors.Is(err, db.ErrUnavailable) {
		return db.NewRetry(err)
	}
	return err
}

func rollback(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		discard(conn) // the server rolls back when it loses the connection
	}
}

// discard keeps a connection of unknown state out of the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}

// Read implements db.Engine.
func (e *engine) Read(ctx context.Context, fn func(db.Session) error) error {
	return again(ctx, func() error { return e.readOnce(ctx, fn) })
}

func (e *engine) readOnce(ctx context.Context, fn func(db.Session) error) error {
	conn, err := e.readers.Conn(ctx)
	if err != nil {
		return named(ctx, err)
	}
	defer func() { _ = conn.Close() }()
	if err := begin(ctx, conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
		return err
	}
	defer rollback(ctx, conn)
	return fn(session{conn})
}

// Acquire implements db.Engine.
func (e *engine) Acquire(ctx context.Context) (db.Session, func(), error) {
	conn, err := e.readers.Conn(ctx)
	if err != nil {
		return nil, nil, named(ctx, err)
	}
	return session{conn}, func() { _ = conn.Close() }, nil
}

// Ping implements db.Engine.
func (e *engine) Ping(ctx context.Context) error { return e.writers.PingContext(ctx) }

// Close implements db.Engine. database/sql waits for what is running.
func (e *engine) Close() error {
	return errors.Join(e.readers.Close(), e.writers.Close())
}

// named maps an error unless the caller's own context caused it.
func named(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return mapFault(err)
}
