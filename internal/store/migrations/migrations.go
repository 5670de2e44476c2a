// Package migrations brings a database's schema up to date.
//
// There is one set of files, sql/NNNNN_name.sql, for both databases: goose
// migrations ("-- +goose Up" first) that are Go templates over [Types], so
// that a column is declared once. Both databases must end in the same logical
// schema; a test compares them. A released file is never changed.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/okno-hq/okno/internal/store/db"
)

//go:embed sql/*.sql
var files embed.FS

// NewerSchemaError is a database that a newer okno has already migrated.
type NewerSchemaError struct {
	// Database is the schema's version, Binary the newest this program knows.
	Database, Binary int64
}

// Error implements error.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the database has schema version %d, but this okno knows versions up to %d only: start the newer okno again, or restore the backup made before it", e.Database, e.Binary)
}

// Up applies what is missing. It refuses a schema newer than the program.
// On PostgreSQL an advisory lock lets only one process migrate at a time.
func Up(ctx context.Context, pool *sql.DB, dialect db.Dialect) error {
	set, err := fs.Sub(files, "sql")
	if err != nil {
		return err
	}
	return Apply(ctx, pool, dialect, set)
}

// Apply is Up for another set of files.
func Apply(ctx context.Context, pool *sql.DB, dialect db.Dialect, set fs.FS) error {
	p, err := provider(pool, dialect, set)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if err := refuseNewer(ctx, p); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

func provider(pool *sql.DB, dialect db.Dialect, set fs.FS) (*goose.Provider, error) {
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_migrations")}
	name := goose.DialectSQLite3
	if dialect == db.Postgres {
		name = goose.DialectPostgres
		// Ask every second, for five minutes.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(name, pool, &rendered{set: set, types: TypesOf(dialect)}, options...)
}

func refuseNewer(ctx context.Context, p *goose.Provider) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrations: read the schema's version: %w", err)
	}
	sources := p.ListSources()
	if len(sources) == 0 {
		return errors.New("migrations: no files")
	}
	if newest := sources[len(sources)-1].Version; have > newest {
		return &NewerSchemaError{Database: have, Binary: newest}
	}
	return nil
}
