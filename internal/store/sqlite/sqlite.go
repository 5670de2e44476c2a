// Package sqlite opens and tunes an SQLite database behind db.DB.
//
// Every acknowledged write is on disk: WAL with synchronous=FULL. One writer
// goroutine groups the writes that wait into one commit (one fsync), each in
// a savepoint of its own, so that a failing one does not harm the others.
// Checkpoints run beside it, because an automatic checkpoint inside a commit
// is what makes a writer slow now and then.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// Config says which file to open and how. Zero values have good defaults.
type Config struct {
	db.Config
	// Path is the database file; it and its directory are created.
	Path string
	// Migrate brings the schema up to date before anything else runs, e.g.
	// migrations.Up. Nil leaves the schema alone.
	Migrate func(ctx context.Context, pool *sql.DB, dialect db.Dialect) error
	// Readers is how many queries run at the same time (default: twice the
	// processors, 4 to 16).
	Readers int
	// CacheBytes is each connection's page cache (default 16 MiB).
	CacheBytes int64
	// MmapBytes maps the file's beginning where the driver can (default 256 MiB).
	MmapBytes int64
	// WALBytes is the size from which the WAL is emptied with the writer
	// waiting (default 256 MiB).
	WALBytes int64
	// BusyTimeout is how long to wait for another process's lock (default 5 s).
	BusyTimeout time.Duration
	// VFS names a registered virtual file system, for fault tests.
	VFS string
	// UnsafeNormalSync loses acknowledged writes when the power fails. It
	// exists for the control runs of fault tests.
	UnsafeNormalSync bool
}

var (
	errBusy   = errors.New("sqlite: checkpoint blocked by a reader or another process")
	errClosed = errors.New("sqlite: database is closed")
)

func (c Config) withDefaults() Config {
	if c.Readers <= 0 {
		c.Readers = min(max(4, 2*runtime.GOMAXPROCS(0)), 16)
	}
	if c.CacheBytes <= 0 {
		c.CacheBytes = 16 << 20
	}
	if c.MmapBytes <= 0 {
		c.MmapBytes = 256 << 20
	}
	if c.WALBytes <= 0 {
		c.WALBytes = 256 << 20
	}
	if c.BusyTimeout <= 0 {
		c.BusyTimeout = 5 * time.Second
	}
	return c
}

// Open opens the database, migrates it and starts its writer.
func Open(ctx context.Context, cfg Config) (*db.DB, error) {
	cfg = cfg.withDefaults()
	e, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, mapFault(err))
	}
	return db.New(e, cfg.Config), nil
}

func open(ctx context.Context, cfg Config) (*engine, error) {
	if err := create(cfg.Path); err != nil {
		return nil, err
	}
	dsn, err := dataSource(cfg.Path, cfg.VFS)
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open(driverName, dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(0)
	e := &engine{cfg: cfg, pool: pool, readers: make(chan *session, cfg.Readers)}
	if err := e.start(ctx); err != nil {
		return nil, errors.Join(err, e.shut())
	}
	return e, nil
}

// create makes the file, readable by its owner alone, and makes its name in
// the directory durable.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator's own path
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	d, err := os.Open(dir) //nolint:gosec // as above
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// connectionDefaults hold for every connection, those of migrations included.
const connectionDefaults = "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=synchronous(full)&_pragma=foreign_keys(1)"

// fileURI spells a path as SQLite's file: URI.
func fileURI(path string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
}
