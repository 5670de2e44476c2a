// Package storetest gives tests fresh databases: every test of a repository
// runs on SQLite and on PostgreSQL.
//
// PostgreSQL is the server named by OKNO_TEST_POSTGRES (a connection string
// of a user that may create databases), or else a throw-away cluster started
// from Debian's /usr/lib/postgresql. Without either the PostgreSQL half is
// skipped, but fails where CI=true.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/migrations"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

// server is the PostgreSQL of this test process, started by the first test
// that wants it. Its watchdog ends with the process, however that ends.
var server = sync.OnceValues(startServer) //nolint:gochecknoglobals // one per process is the point

var errNoServer = errors.New("no PostgreSQL: set OKNO_TEST_POSTGRES, or install Debian's postgresql package")

// Each runs test as a subtest on a fresh, migrated database of each kind.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		test(t, SQLite(t, sqlite.Config{}))
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, Postgres(t, postgres.Config{}))
	})
}

// migrated is the file of an empty, migrated SQLite database: copying it is
// much quicker than migrating for every test.
var migrated = sync.OnceValues(func() ([]byte, error) { //nolint:gochecknoglobals // made once per process
	dir, err := os.MkdirTemp("", "okno-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	path := filepath.Join(dir, "okno.db")
	d, err := sqlite.Open(context.Background(), sqlite.Config{Path: path, Migrate: migrations.Up})
	if err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec // written above
})

// SQLite opens a fresh, migrated SQLite database that is closed with the
// test. Path is set here.
func SQLite(tb testing.TB, cfg sqlite.Config) *db.DB {
	tb.Helper()
	cfg.Path = filepath.Join(tb.TempDir(), "okno.db")
	file, err := migrated()
	if err == nil {
		err = os.WriteFile(cfg.Path, file, 0o600)
	}
	if err != nil {
		tb.Fatalf("copy a migrated SQLite database: %v", err)
	}
	d, err := sqlite.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("open SQLite: %v", err)
	}
	closing(tb, d)
	return d
}

// Postgres opens a fresh, migrated PostgreSQL database that is closed and
// dropped with the test. URL is set here. It skips without a server.
func Postgres(tb testing.TB, cfg postgres.Config) *db.DB {
	tb.Helper()
	cfg.URL = PostgresURL(tb)
	cfg.Migrate = migrations.Up
	d, err := postgres.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("open PostgreSQL: %v", err)
	}
	closing(tb, d)
	return d
}

// PostgresURL creates a migrated database and returns its connection string.
// It is dropped with the test.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	s, err := server()
	if errors.Is(err, errNoServer) && os.Getenv("CI") != "true" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatalf("PostgreSQL for tests: %v", err)
	}
	name, err := s.create(tb.Context())
	if err != nil {
		tb.Fatalf("create a database: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			tb.Errorf("drop database %s: %v", name, err)
		}
	})
	return s.url(name)
}

func closing(tb testing.TB, d *db.DB) {
	tb.Helper()
	tb.Cleanup(func() {
		done := make(chan error, 1)
		go func() { done <- d.Close() }()
		select {
		case err := <-done:
			if err != nil {
				tb.Errorf("close the database: %v", err)
			}
		case <-time.After(30 * time.Second):
			tb.Error(fmt.Errorf("close the database: a transaction or rows are still open"))
		}
	})
}
