// Package db is the only way to the database: portable SQL over SQLite or
// PostgreSQL, with the transaction travelling in the context.
//
// Queries are written once, with $1 placeholders and the common subset of
// both dialects; what differs is in [Dialect]. Times are BIGINT microseconds
// UTC ([Micros], [Time]), ids BIGINT, JSON is text.
//
// Both engines are held to the same rules, so that what works on one works on
// the other:
//   - a failed statement spoils its (nested) transaction, as in PostgreSQL:
//     to go on after a conflict, put the statement into a nested Write;
//   - rows must be closed before the next statement of the same transaction;
//   - statements outside a Write cannot change anything;
//   - strings are stored as valid UTF-8 without NUL (U+FFFD in their place).
package db

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// Stat is one finished piece of work, for metrics.
type Stat struct {
	// Op is "write", "read", "commit" (a group of writes) or "checkpoint".
	Op string
	// Took is how long it took, waiting included.
	Took time.Duration
	// Items counts the writes of a group commit, or a checkpoint's WAL pages.
	Items int
	Err   error
}

// Config has what every engine's DB needs.
type Config struct {
	// Observe is called after each piece of work; it must be quick and safe
	// for concurrent use. Nil means nobody looks.
	Observe func(Stat)
	// Logger gets what has no caller to return to (a panic in a hook).
	// Nil means slog.Default.
	Logger *slog.Logger
}

// DB is a database that repositories share.
type DB struct {
	engine  Engine
	observe func(Stat)
	log     *slog.Logger
}

// New puts a DB on an engine. Use sqlite.Open or postgres.Open.
func New(engine Engine, cfg Config) *DB {
	d := &DB{engine: engine, observe: cfg.Observe, log: cfg.Logger}
	if d.observe == nil {
		d.observe = func(Stat) {}
	}
	if d.log == nil {
		d.log = slog.Default()
	}
	return d
}

// Dialect says which SQL the database speaks.
func (d *DB) Dialect() Dialect { return d.engine.Dialect() }

// Ping checks that the database answers.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.engine.Ping(ctx); err != nil {
		return d.fault(ctx, err)
	}
	return nil
}

// Close waits for accepted writes and closes the database.
func (d *DB) Close() error { return d.engine.Close() }

// Write runs fn in a read-write transaction and returns nil only after a
// durable commit. The ctx given to fn carries the transaction: use that one,
// never the outer one, inside fn (an outer Write in there would wait for
// itself for ever).
//
// Within a Write it joins the transaction: if fn fails, only fn's changes are
// undone. Otherwise fn may run several times (serialisation failure,
// deadlock), so it must have no effect beside the database; effects belong
// in [DB.AfterCommit]. All writes of SQLite wait for one another: fn must be
// quick and wait for nothing outside the database.
//
// On PostgreSQL the isolation is read committed: what is read and then
// written back needs [Dialect.ForUpdate], a unique index or [DB.Lock].
//
// A context cancelled before fn starts means fn does not run. Once it runs,
// Write waits for its end.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s := d.scope(ctx); s != nil {
		if s.tx.readonly {
			return ErrWriteInRead
		}
		return s.nested(ctx, fn)
	}
	start := time.Now()
	var hooks []func()
	err := d.engine.Write(ctx, func(session Session) error {
		root := &scope{tx: &tx{db: d, session: session}}
		if err := root.run(ctx, fn); err != nil {
			return err
		}
		hooks = root.hooks
		return nil
	})
	d.observe(Stat{Op: "write", Took: time.Since(start), Err: err})
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		d.runHook(hook)
	}
	return nil
}

// Join runs fn in the transaction of ctx as a part of it: unlike a nested
// Write it sets no savepoint, which costs more than most statements. If fn
// fails, the Write around it must fail too. Outside a Write it is a Write.
func (d *DB) Join(ctx context.Context, fn func(ctx context.Context) error) error {
	if d.InWrite(ctx) {
		return fn(ctx)
	}
	return d.Write(ctx, fn)
}

// Read runs fn over one consistent snapshot. Inside a transaction it uses
// that transaction. A Write inside fn is an error. fn may run several times.
func (d *DB) Read(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.scope(ctx) != nil {
		return fn(ctx)
	}
	start := time.Now()
	err := d.engine.Read(ctx, func(session Session) error {
		root := &scope{tx: &tx{db: d, session: session, readonly: true}}
		return root.run(ctx, fn)
	})
	d.observe(Stat{Op: "read", Took: time.Since(start), Err: err})
	return err
}

// AfterCommit runs fn once the transaction in ctx is durably committed, in
// the order of the calls, before Write returns; never if the (nested) Write
// it was called in fails. Outside a Write fn runs at once.
func (d *DB) AfterCommit(ctx context.Context, fn func()) {
	s := d.scope(ctx)
	if s == nil || s.tx.readonly {
		d.runHook(fn)
		return
	}
	s.hooks = append(s.hooks, fn)
}

// InWrite reports whether ctx carries a read-write transaction of d.
func (d *DB) InWrite(ctx context.Context) bool {
	s := d.scope(ctx)
	return s != nil && !s.tx.readonly
}

// Lock makes transactions that lock the same name wait for one another until
// they end. It guards find-or-create where no row is there to be locked.
// On SQLite, where writes never overlap, it is free. It needs a Write.
func (d *DB) Lock(ctx context.Context, name string) error {
	if !d.InWrite(ctx) {
		return fault.Wrap(fault.Internal, codeInternal, errors.New("db: Lock outside a Write"))
	}
	if d.Dialect() == SQLite {
		return nil
	}
	_, err := d.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name)
	return err
}

// runHook runs a hook; its panic must not look like a failed transaction.
func (d *DB) runHook(fn func()) {
	defer func() {
		if r := recover(); r != nil {
			d.log.Error("panic after commit", slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
		}
	}()
	fn()
}
