package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"

	"github.com/okno-hq/okno/internal/store/db"
)

// engine implements db.Engine.
type engine struct {
	cfg     Config
	pool    *sql.DB
	readers chan *session
	all     []*session // readers, to be closed

	writer      *writer
	checkpoints *checkpointer

	closing  sync.RWMutex
	closed   bool
	accepted sync.WaitGroup // writes that will get their answer
}

func (e *engine) start(ctx context.Context) error {
	first, err := newSession(ctx, e.pool, e.cfg, false)
	if err != nil {
		return err
	}
	if e.cfg.Migrate != nil {
		if err := e.cfg.Migrate(ctx, e.pool, db.SQLite); err != nil {
			return errors.Join(err, first.close())
		}
	}
	if err := optimize(first); err != nil {
		return errors.Join(err, first.close())
	}
	e.writer = newWriter(e, first)
	for range e.cfg.Readers {
		s, err := newSession(ctx, e.pool, e.cfg, true)
		if err != nil {
			return err
		}
		e.all = append(e.all, s)
		e.readers <- s
	}
	side, err := newSession(ctx, e.pool, e.cfg, false)
	if err != nil {
		return err
	}
	e.checkpoints = newCheckpointer(e, side)
	return nil
}

func (e *engine) Dialect() db.Dialect { return db.SQLite }

func (e *engine) log() *slog.Logger {
	if e.cfg.Logger != nil {
		return e.cfg.Logger
	}
	return slog.Default()
}

func (e *engine) Fault(err error) error { return mapFault(err) }

// enter accepts a piece of work unless the database is closing.
func (e *engine) enter() error {
	e.closing.RLock()
	defer e.closing.RUnlock()
	if e.closed {
		return db.ErrUnavailable.Because(errClosed)
	}
	e.accepted.Add(1)
	return nil
}

// Acquire implements db.Engine.
func (e *engine) Acquire(ctx context.Context) (db.Session, func(), error) {
	s, err := e.borrow(ctx)
	if err != nil {
		return nil, nil, err
	}
	return s, func() { e.giveBack(s) }, nil
}

func (e *engine) borrow(ctx context.Context) (*session, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	select {
	case s := <-e.readers:
		return s, nil
	case <-ctx.Done():
		e.accepted.Done()
		return nil, ctx.Err()
	}
}

func (e *engine) giveBack(s *session) {
	e.readers <- s
	e.accepted.Done()
}

// Read implements db.Engine. A deferred transaction sees the database as it
// was at its first SELECT.
func (e *engine) Read(ctx context.Context, fn func(db.Session) error) (err error) {
	s, err := e.borrow(ctx)
	if err != nil {
		return err
	}
	defer e.giveBack(s)
	background := context.WithoutCancel(ctx)
	if _, err := s.Exec(background, "BEGIN DEFERRED", nil); err != nil {
		return mapFault(err)
	}
	defer func() {
		if _, end := s.Exec(background, "ROLLBACK", nil); end != nil {
			err = errors.Join(err, mapFault(end))
		}
	}()
	return fn(s)
}

// Ping implements db.Engine.
func (e *engine) Ping(ctx context.Context) error {
	s, err := e.borrow(ctx)
	if err != nil {
		return err
	}
	defer e.giveBack(s)
	rows, err := s.Query(ctx, "SELECT 1", nil)
	if err != nil {
		return err
	}
	return errors.Join(rows.Close(), rows.Err()) //nolint:sqlclosecheck // nothing lies between
}

// Close implements db.Engine: it lets accepted work finish, empties the WAL
// and closes the file.
func (e *engine) Close() error {
	e.closing.Lock()
	if e.closed {
		e.closing.Unlock()
		return nil
	}
	e.closed = true
	e.closing.Unlock()
	e.accepted.Wait()
	return e.shut()
}

func (e *engine) shut() error {
	var errs []error
	if e.checkpoints != nil {
		errs = append(errs, e.checkpoints.stop())
	}
	for _, s := range e.all {
		errs = append(errs, s.close())
	}
	if e.writer != nil {
		errs = append(errs, e.writer.stop())
	}
	return errors.Join(append(errs, e.pool.Close())...)
}
