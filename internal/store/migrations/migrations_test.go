package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/migrations"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// TestBothDatabasesEndAlike compares what the migrations leave behind:
// tables, columns, nullability, primary keys, indexes and references.
func TestBothDatabasesEndAlike(t *testing.T) {
	lite := describe(t, storetest.SQLite(t, sqlite.Config{}), sqliteSchema)
	pg := describe(t, storetest.Postgres(t, postgres.Config{}), postgresSchema)
	if len(lite) < 10 {
		t.Fatalf("only found %v", lite)
	}
	for _, line := range lite {
		if !slices.Contains(pg, line) {
			t.Errorf("only on SQLite: %s", line)
		}
	}
	for _, line := range pg {
		if !slices.Contains(lite, line) {
			t.Errorf("only on PostgreSQL: %s", line)
		}
	}
}

// Each returns one line for each fact, spelt alike for both databases.
const sqliteSchema = `
WITH t AS (
	SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations'
)
SELECT t.name || '.' || c.name || ' ' ||
	CASE c.type WHEN 'INTEGER' THEN 'int' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'blob' WHEN 'REAL' THEN 'real' ELSE c.type END ||
	CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END ||
	CASE WHEN c.pk > 0 THEN ' key' ELSE '' END
FROM t, pragma_table_info(t.name) c
UNION ALL
SELECT t.name || ' index ' || i.name || CASE WHEN i."unique" = 1 THEN ' unique' ELSE '' END ||
	CASE WHEN i.partial = 1 THEN ' partial' ELSE '' END || ' (' ||
	(SELECT group_concat(COALESCE(name, 'expression'), ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
FROM t, pragma_index_list(t.name) i WHERE i.origin = 'c'
UNION ALL
SELECT t.name || '.' || f."from" || ' references ' || f."table" FROM t, pragma_foreign_key_list(t.name) f`

const postgresSchema = `
WITH t AS (
	SELECT c.oid, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND c.relname <> 'schema_migrations'
		AND c.relname NOT LIKE 'search\_%' -- on SQLite a file of its own
)
SELECT t.name || '.' || a.attname || ' ' ||
	CASE format_type(a.atttypid, NULL) WHEN 'bigint' THEN 'int' WHEN 'boolean' THEN 'int' WHEN 'bytea' THEN 'blob'
		WHEN 'double precision' THEN 'real' ELSE format_type(a.atttypid, NULL) END ||
	CASE WHEN a.attnotnull THEN ' not null' ELSE '' END ||
	CASE WHEN EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) THEN ' key' ELSE '' END
FROM t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT t.name || ' index ' || c.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END ||
	CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END || ' (' ||
	(SELECT string_agg(COALESCE(a.attname, 'expression'), ', ' ORDER BY k.n)
		FROM unnest(i.indkey) WITH ORDINALITY AS k (num, n)
		LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num AND k.num > 0) || ')'
FROM t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT EXISTS (SELECT 1 FROM pg_constraint x WHERE x.conindid = i.indexrelid AND x.contype IN ('p', 'u'))
UNION ALL
SELECT t.name || '.' || a.attname || ' references ' || r.relname
FROM t JOIN pg_constraint x ON x.conrelid = t.oid AND x.contype = 'f'
JOIN pg_class r ON r.oid = x.confrelid
JOIN unnest(x.conkey) AS k (num) ON TRUE
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num`

func describe(t *testing.T, d *db.DB, query string) []string {
	t.Helper()
	lines, err := db.All(t.Context(), d, db.Value[string], query)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// TestStrictTables: a table without STRICT takes text into an integer column
// without a word, and so behaves unlike PostgreSQL.
func TestStrictTables(t *testing.T) {
	d := storetest.SQLite(t, sqlite.Config{})
	loose, err := db.All(t.Context(), d, db.Value[string],
		`SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND schema = 'main' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations'`)
	if err != nil || len(loose) > 0 {
		t.Errorf("tables that are not STRICT: %v %v", loose, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	set := func(versions ...int) fstest.MapFS {
		fs := fstest.MapFS{}
		for _, v := range versions {
			fs[fmt.Sprintf("%05d_t.sql", v)] = &fstest.MapFile{Data: fmt.Appendf(nil, "-- +goose Up\nCREATE TABLE t%d (id {{.PK}}) {{.Strict}};\n", v)}
		}
		return fs
	}
	check := func(t *testing.T, open func(set fstest.MapFS) error) {
		t.Helper()
		for _, s := range []fstest.MapFS{set(100), set(100, 200), set(100, 200)} {
			if err := open(s); err != nil {
				t.Fatal(err)
			}
		}
		err := open(set(100))
		newer, ok := errors.AsType[*migrations.NewerSchemaError](err)
		if !ok || newer.Database != 200 || newer.Binary != 100 {
			t.Errorf("an older program: %v", err)
		}
	}
	apply := func(set fstest.MapFS) func(context.Context, *sql.DB, db.Dialect) error {
		return func(ctx context.Context, pool *sql.DB, dialect db.Dialect) error {
			return migrations.Apply(ctx, pool, dialect, set)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "okno.db")
		check(t, func(set fstest.MapFS) error {
			d, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Migrate: apply(set)})
			if err == nil {
				err = d.Close()
			}
			return err
		})
	})
	t.Run("postgres", func(t *testing.T) {
		url := storetest.PostgresURL(t)
		blank, err := postgres.Open(t.Context(), postgres.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := blank.Exec(t.Context(), `DROP TABLE schema_migrations`); err != nil {
			t.Fatal(err)
		}
		if err := blank.Close(); err != nil {
			t.Fatal(err)
		}
		check(t, func(set fstest.MapFS) error {
			d, err := postgres.Open(t.Context(), postgres.Config{URL: url, Migrate: apply(set)})
			if err == nil {
				err = d.Close()
			}
			return err
		})
	})
}

func TestBrokenTemplateNamesItsFile(t *testing.T) {
	d := filepath.Join(t.TempDir(), "okno.db")
	set := fstest.MapFS{"00001_wrong.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (id {{.Nothing}});")}}
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: d, Migrate: func(ctx context.Context, pool *sql.DB, dialect db.Dialect) error {
		return migrations.Apply(ctx, pool, dialect, set)
	}})
	if err == nil || !strings.Contains(err.Error(), "00001_wrong.sql") {
		t.Errorf("got %v", err)
	}
}
