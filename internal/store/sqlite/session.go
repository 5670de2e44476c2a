package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// maxPrepared bounds a connection's prepared statements; queries built at
// run time would otherwise pile up.
const maxPrepared = 400

// prepared is a statement with the number of arguments it takes.
type prepared struct {
	stmt *sql.Stmt
	args int
}

// session is one connection with its prepared statements. It is used by one
// goroutine at a time.
type session struct {
	conn  *sql.Conn
	stmts map[string]prepared
	// interrupt lets a cancelled context stop a statement. Never on the
	// writer: SQLite rolls the whole transaction back with it, and so
	// everybody's writes of that group.
	interrupt bool
}

func newSession(ctx context.Context, pool *sql.DB, cfg Config, readonly bool) (*session, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, stmts: make(map[string]prepared), interrupt: readonly && interruptible}
	for _, p := range pragmas(cfg, readonly) {
		if _, err := conn.ExecContext(ctx, p); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", p, err), conn.Close())
		}
	}
	return s, nil
}

func pragmas(cfg Config, readonly bool) []string {
	list := []string{
		fmt.Sprintf("PRAGMA busy_timeout = %d", cfg.BusyTimeout.Milliseconds()),
		"PRAGMA foreign_keys = ON",
		"PRAGMA trusted_schema = OFF",
		"PRAGMA temp_store = MEMORY",
		fmt.Sprintf("PRAGMA cache_size = -%d", cfg.CacheBytes/1024),
		fmt.Sprintf("PRAGMA mmap_size = %d", cfg.MmapBytes),
	}
	if readonly {
		return append(list, "PRAGMA query_only = ON")
	}
	sync := "FULL"
	if cfg.UnsafeNormalSync {
		sync = "NORMAL"
	}
	return append(list,
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = "+sync,
		"PRAGMA wal_autocheckpoint = 0",
		"PRAGMA analysis_limit = 400",
		fmt.Sprintf("PRAGMA journal_size_limit = %d", cfg.WALBytes),
	)
}

// Exec implements db.Session.
func (s *session) Exec(ctx context.Context, query string, args []any) (int64, error) {
	ctx = s.context(ctx)
	p, err := s.prepare(ctx, query, len(args))
	if err != nil {
		return 0, err
	}
	res, err := p.stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query implements db.Session.
func (s *session) Query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	ctx = s.context(ctx)
	p, err := s.prepare(ctx, query, len(args))
	if err != nil {
		return nil, err
	}
	return p.stmt.QueryContext(ctx, args...)
}

func (s *session) context(ctx context.Context) context.Context {
	if s.interrupt {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

func (s *session) prepare(ctx context.Context, query string, args int) (prepared, error) {
	p, ok := s.stmts[query]
	if !ok {
		text, n := db.Numbered(query)
		stmt, err := s.conn.PrepareContext(ctx, text)
		if err != nil {
			return prepared{}, err
		}
		if len(s.stmts) >= maxPrepared {
			s.forget(maxPrepared / 4)
		}
		p = prepared{stmt: stmt, args: n}
		s.stmts[query] = p
	}
	if p.args != args {
		return prepared{}, fmt.Errorf("query takes %d arguments, got %d", p.args, args)
	}
	return p, nil
}

// forget closes some n statements.
func (s *session) forget(n int) {
	for query, p := range s.stmts {
		_ = p.stmt.Close() // an error here is that of its last run, reported then
		delete(s.stmts, query)
		if n--; n <= 0 {
			return
		}
	}
}

func (s *session) close() error {
	s.forget(len(s.stmts))
	return s.conn.Close()
}

// checkpoint moves the WAL into the database file. It returns how many pages
// the WAL holds and how many of them were moved.
func (s *session) checkpoint(ctx context.Context, mode string) (pages, moved int, err error) {
	var busy int
	err = s.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &moved)
	if err == nil && busy != 0 && mode != "PASSIVE" {
		err = errBusy
	}
	return pages, moved, err
}

// waitForLocks sets how long the connection waits for others.
func (s *session) waitForLocks(ctx context.Context, d time.Duration) error {
	_, err := s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", d.Milliseconds()))
	return err
}
