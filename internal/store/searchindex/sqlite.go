package searchindex

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

// layout numbers the file's tables; a file with another one is made anew.
const layout = 1

// The tokenizer splits at spaces only, as far as the words we give it go: all
// that is not ASCII counts as letters. Words of three letters on, which is
// where words being typed begin to find longer ones, have their beginnings
// indexed.
const tables = `
CREATE VIRTUAL TABLE search_docs USING fts5 (scope, words, names, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '3');
INSERT INTO search_docs (search_docs, rank) VALUES ('hashsize', 8388608);
CREATE TABLE search_states (
	workspace_id    INTEGER PRIMARY KEY,
	cursor_event    INTEGER NOT NULL,
	mark            TEXT NOT NULL,
	items_before    INTEGER NOT NULL,
	contacts_before INTEGER NOT NULL,
	version         INTEGER NOT NULL
) STRICT;
CREATE TABLE search_places (
	conversation_id INTEGER PRIMARY KEY,
	inbox_id        INTEGER NOT NULL
) STRICT`

// OpenSQLite opens the index in a file of its own, and makes the file anew
// when it is damaged or of another layout: everything in it can be had from
// the database again. Close closes it.
func OpenSQLite(ctx context.Context, cfg sqlite.Config) (*Index, error) {
	loadFTS()
	cfg.Migrate = makeTables
	d, err := sqlite.Open(ctx, cfg)
	if err != nil {
		if !unusable(err) {
			return nil, err
		}
		log := cfg.Logger
		if log == nil {
			log = slog.Default()
		}
		log.WarnContext(ctx, "the search index cannot be used and is made anew", slog.Any("error", err))
		if err := removeFiles(cfg.Path); err != nil {
			return nil, fmt.Errorf("searchindex: %w", err)
		}
		if d, err = sqlite.Open(ctx, cfg); err != nil {
			return nil, err
		}
	}
	return &Index{db: d, engine: fts{}, owned: true}, nil
}

var errLayout = errors.New("searchindex: the file has another layout")

// unusable tells what a new file would mend from what it would not: a full
// disk, a missing right, another process's lock.
func unusable(err error) bool {
	if errors.Is(err, errLayout) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "not a database") || strings.Contains(text, "malformed")
}

func removeFiles(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func makeTables(ctx context.Context, pool *sql.DB, _ db.Dialect) error {
	var have, others int
	if err := pool.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&have); err != nil {
		return err
	}
	if have == layout {
		return nil
	}
	if err := pool.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_schema`).Scan(&others); err != nil {
		return err
	}
	if have != 0 || others > 0 {
		return errLayout
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	for _, statement := range append(strings.Split(tables, ";\n"), "PRAGMA user_version = "+strconv.Itoa(layout)) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// fts is the engine on SQLite.
type fts struct{}

func (fts) put(ctx context.Context, d *db.DB, _ int64, docs []search.Document) error {
	for _, doc := range docs {
		_, err := d.Exec(ctx, `REPLACE INTO search_docs (rowid, scope, words, names) VALUES ($1, $2, $3, $4)`,
			doc.ID, strings.Join(doc.Scope, " "), strings.Join(doc.Words, " "), strings.Join(doc.Names, " "))
		if err != nil {
			return err
		}
	}
	return nil
}

func (fts) remove(ctx context.Context, d *db.DB, ids []int64) error {
	for _, id := range ids {
		if _, err := d.Exec(ctx, `DELETE FROM search_docs WHERE rowid = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

func (fts) find(ctx context.Context, d *db.DB, r search.Request, before int64) ([]int64, error) {
	return db.All(ctx, d, db.Value[int64], `SELECT rowid FROM search_docs WHERE search_docs MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3`,
		ftsQuery(r), before, r.Limit)
}

func (fts) clear(ctx context.Context, d *db.DB) error {
	_, err := d.Exec(ctx, `INSERT INTO search_docs (search_docs) VALUES ('delete-all')`)
	return err
}

func (fts) optimize(ctx context.Context, d *db.DB) error {
	_, err := d.Exec(ctx, `INSERT INTO search_docs (search_docs) VALUES ('optimize')`)
	return err
}

// ftsQuery writes a request in FTS5's language. Words hold letters and digits
// only, so that quoting them is enough.
func ftsQuery(r search.Request) string {
	var parts []string
	for _, choice := range r.Scope {
		words := make([]string, len(choice))
		for i, w := range choice {
			words[i] = `"` + w + `"`
		}
		parts = append(parts, `scope : (`+strings.Join(words, " OR ")+`)`)
	}
	columns := `{words names}`
	switch r.In {
	case search.InWords:
		columns = `words`
	case search.InNames:
		columns = `names`
	case search.Everywhere:
	}
	for _, n := range r.Match.All {
		parts = append(parts, columns+` : (`+ftsNode(n)+`)`)
	}
	q := strings.Join(parts, " AND ")
	if len(r.Match.None) > 0 {
		none := make([]string, len(r.Match.None))
		for i, n := range r.Match.None {
			none[i] = ftsNode(n)
		}
		q = `(` + q + `) NOT ` + columns + ` : (` + strings.Join(none, " OR ") + `)`
	}
	return q
}

func ftsNode(n search.Node) string {
	if len(n.Words) > 0 {
		q := `"` + strings.Join(n.Words, " ") + `"`
		if n.Prefix {
			q += " *"
		}
		return q
	}
	kids, with := n.All, " AND "
	if len(n.Any) > 0 {
		kids, with = n.Any, " OR "
	}
	parts := make([]string, len(kids))
	for i, k := range kids {
		parts[i] = ftsNode(k)
	}
	return `(` + strings.Join(parts, with) + `)`
}
