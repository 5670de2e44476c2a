// Package searchindex keeps the index of package search: with SQLite in a
// file of its own as an FTS5 table without contents, with PostgreSQL in tables
// of the same database as tsvectors. Both get the same words from the same
// analyzer, cut and stemmed, and so answer alike.
package searchindex

import (
	"context"
	"math"
	"slices"

	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/store/db"
)

// Index implements search.Index.
type Index struct {
	db     *db.DB
	engine engine
	// owned is set when closing the index closes its database.
	owned bool
}

// engine is what differs between the databases.
type engine interface {
	put(ctx context.Context, d *db.DB, ws int64, docs []search.Document) error
	remove(ctx context.Context, d *db.DB, ids []int64) error
	find(ctx context.Context, d *db.DB, r search.Request, before int64) ([]int64, error)
	clear(ctx context.Context, d *db.DB) error
	optimize(ctx context.Context, d *db.DB) error
}

var _ search.Index = (*Index)(nil)

// Close closes the index' own database, if it has one.
func (x *Index) Close() error {
	if !x.owned {
		return nil
	}
	return x.db.Close()
}

// Ping checks that the index answers.
func (x *Index) Ping(ctx context.Context) error { return x.db.Ping(ctx) }

const stateColumns = `cursor_event, mark, items_before, contacts_before, version`

func scanState(r db.Scanner) (s search.State, err error) {
	err = r.Scan(&s.Cursor, &s.Mark, &s.Items, &s.Contacts, &s.Version)
	return s, err
}

// State implements search.Index.
func (x *Index) State(ctx context.Context, ws int64) (search.State, bool, error) {
	list, err := db.All(ctx, x.db, scanState, `SELECT `+stateColumns+` FROM search_states WHERE workspace_id = $1`, ws)
	if err != nil || len(list) == 0 {
		return search.State{}, false, err
	}
	return list[0], true, nil
}

// Apply implements search.Index.
func (x *Index) Apply(ctx context.Context, b search.Batch) error {
	docs := slices.Clone(b.Put)
	slices.SortFunc(docs, func(p, q search.Document) int { return compare(p.ID, q.ID) })
	docs = slices.CompactFunc(docs, func(p, q search.Document) bool { return p.ID == q.ID })
	return x.db.Write(ctx, func(ctx context.Context) error {
		if err := x.advance(ctx, b); err != nil {
			return err
		}
		if err := x.engine.remove(ctx, x.db, b.Delete); err != nil {
			return err
		}
		if err := x.engine.put(ctx, x.db, b.Workspace, docs); err != nil {
			return err
		}
		for _, id := range sortedKeys(b.Places) {
			_, err := x.db.Exec(ctx, `INSERT INTO search_places (conversation_id, inbox_id) VALUES ($1, $2)
				ON CONFLICT (conversation_id) DO UPDATE SET inbox_id = excluded.inbox_id`, id, b.Places[id])
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// advance moves the state on if it is the one that the batch was made for.
func (x *Index) advance(ctx context.Context, b search.Batch) error {
	t := b.To
	values := []any{b.Workspace, t.Cursor, t.Mark, t.Items, t.Contacts, t.Version}
	if b.From == nil {
		n, err := x.db.Exec(ctx, `INSERT INTO search_states (workspace_id, `+stateColumns+`) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (workspace_id) DO NOTHING`, values...)
		return moved(n, err)
	}
	f := *b.From
	n, err := x.db.Exec(ctx, `UPDATE search_states SET cursor_event = $2, mark = $3, items_before = $4, contacts_before = $5, version = $6
		WHERE workspace_id = $1 AND cursor_event = $7 AND mark = $8 AND items_before = $9 AND contacts_before = $10 AND version = $11`,
		append(values, f.Cursor, f.Mark, f.Items, f.Contacts, f.Version)...)
	return moved(n, err)
}

func moved(n int64, err error) error {
	if err == nil && n == 0 {
		return search.ErrMoved
	}
	return err
}

// mostArgs bounds the placeholders of a statement.
const mostArgs = 2000

// Places implements search.Index.
func (x *Index) Places(ctx context.Context, conversations []int64) (map[int64]int64, error) {
	out := make(map[int64]int64, len(conversations))
	for chunk := range slices.Chunk(conversations, mostArgs) {
		in, values := db.List(chunk)
		list, err := db.All(ctx, x.db, func(r db.Scanner) (p [2]int64, err error) {
			err = r.Scan(&p[0], &p[1])
			return p, err
		}, `SELECT conversation_id, inbox_id FROM search_places WHERE conversation_id IN `+in, values...)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			out[p[0]] = p[1]
		}
	}
	return out, nil
}

// Find implements search.Index.
func (x *Index) Find(ctx context.Context, r search.Request) ([]int64, error) {
	before := r.Before
	if before <= 0 {
		before = math.MaxInt64
	}
	return x.engine.find(ctx, x.db, r, before)
}

// Reset implements search.Index.
func (x *Index) Reset(ctx context.Context) error {
	return x.db.Write(ctx, func(ctx context.Context) error {
		if err := x.engine.clear(ctx, x.db); err != nil {
			return err
		}
		if _, err := x.db.Exec(ctx, `DELETE FROM search_places`); err != nil {
			return err
		}
		_, err := x.db.Exec(ctx, `DELETE FROM search_states`)
		return err
	})
}

// Optimize implements search.Index.
func (x *Index) Optimize(ctx context.Context) error {
	return x.db.Write(ctx, func(ctx context.Context) error { return x.engine.optimize(ctx, x.db) })
}

func sortedKeys(m map[int64]int64) []int64 {
	keys := make([]int64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
