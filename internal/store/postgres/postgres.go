// Package postgres opens and tunes a PostgreSQL database behind db.DB.
//
// Every write is a transaction of its own, read committed with
// synchronous_commit on, and is run again when it loses against another one
// (serialisation failure, deadlock). Reads use a pool of connections that
// cannot write, as on SQLite.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/okno-hq/okno/internal/store/db"
)

// Config says which database to open and how. Zero values have good defaults.
type Config struct {
	db.Config
	// URL is a connection string, postgres://user:password@host/database.
	URL string
	// Migrate brings the schema up to date before anything else runs, e.g.
	// migrations.Up. Nil leaves the schema alone.
	Migrate func(ctx context.Context, pool *sql.DB, dialect db.Dialect) error
	// Writers and Readers bound the connections (default 16 each).
	Writers, Readers int
}

const (
	// maxAttempts bounds how often a transaction is run.
	maxAttempts = 10
	// endTimeout bounds COMMIT and ROLLBACK, which no caller may cancel.
	endTimeout = 30 * time.Second
)

// Open connects to the database and migrates it.
func Open(ctx context.Context, cfg Config) (*db.DB, error) {
	if cfg.Writers <= 0 {
		cfg.Writers = 16
	}
	if cfg.Readers <= 0 {
		cfg.Readers = 16
	}
	parsed, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("postgres: the connection string is malformed: %w", err)
	}
	e := &engine{
		writers: pool(*parsed, cfg.Writers, map[string]string{"synchronous_commit": "on"}),
		readers: pool(*parsed, cfg.Readers, map[string]string{"default_transaction_read_only": "on"}),
	}
	if err := e.Ping(ctx); err != nil {
		return nil, errors.Join(mapFault(err), e.Close())
	}
	if cfg.Migrate != nil {
		if err := cfg.Migrate(ctx, e.writers, db.Postgres); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return db.New(e, cfg.Config), nil
}

func pool(cfg pgx.ConnConfig, size int, params map[string]string) *sql.DB {
	own := make(map[string]string, len(cfg.RuntimeParams)+len(params)+2)
	own["application_name"] = "okno"
	maps.Copy(own, cfg.RuntimeParams)
	maps.Copy(own, params)
	cfg.RuntimeParams = own
	p := stdlib.OpenDB(cfg)
	p.SetMaxOpenConns(size)
	p.SetMaxIdleConns(size)
	p.SetConnMaxIdleTime(5 * time.Minute)
	p.SetConnMaxLifetime(time.Hour)
	return p
}

// backoff is the pause before attempt n (1 is the first repetition).
func backoff(n int) time.Duration {
	d := min(2*time.Millisecond<<n, 200*time.Millisecond)
	return d/2 + rand.N(d) //nolint:gosec // jitter, not a secret
}
