package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

var errBoom = errors.New("boom")

// each runs test on both databases with a table to play with.
func each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		makeTable(t, d)
		test(t, d)
	})
}

func makeTable(t *testing.T, d *db.DB) {
	t.Helper()
	pk := "INTEGER PRIMARY KEY"
	if d.Dialect() == db.Postgres {
		pk = "BIGINT PRIMARY KEY"
	}
	for _, q := range []string{
		"CREATE TABLE things (id " + pk + ", name TEXT NOT NULL, n BIGINT NOT NULL)",
		"CREATE UNIQUE INDEX things_name ON things (name, n)",
		"CREATE TABLE parts (id " + pk + ", thing_id BIGINT NOT NULL REFERENCES things (id))",
	} {
		if _, err := d.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

func insert(ctx context.Context, d *db.DB, id int, name string) error {
	_, err := d.Exec(ctx, `INSERT INTO things (id, name, n) VALUES ($1, $2, 0)`, id, name)
	return err
}

func ids(t *testing.T, d *db.DB) []int64 {
	t.Helper()
	list, err := db.All(t.Context(), d, db.Value[int64], `SELECT id FROM things ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func wantIDs(t *testing.T, d *db.DB, want ...int64) {
	t.Helper()
	if got := ids(t, d); !slices.Equal(got, want) {
		t.Fatalf("rows: got %v, want %v", got, want)
	}
}

func TestWriteRollsBackOnlyItself(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				err := d.Write(t.Context(), func(ctx context.Context) error {
					if err := insert(ctx, d, i+1, fmt.Sprint(i)); err != nil {
						return err
					}
					if i%2 == 1 {
						return errBoom
					}
					return nil
				})
				if odd := i%2 == 1; odd != errors.Is(err, errBoom) {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got := ids(t, d); len(got) != 20 || got[0] != 1 || got[19] != 39 {
			t.Fatalf("kept %v", got)
		}
	})
}

func TestNestedWrite(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var order []string
		note := func(ctx context.Context, s string) { d.AfterCommit(ctx, func() { order = append(order, s) }) }
		err := d.Write(t.Context(), func(ctx context.Context) error {
			note(ctx, "a")
			if err := insert(ctx, d, 1, "one"); err != nil {
				return err
			}
			failed := d.Write(ctx, func(ctx context.Context) error {
				note(ctx, "lost")
				if err := insert(ctx, d, 2, "two"); err != nil {
					return err
				}
				return insert(ctx, d, 3, "one") // conflict
			})
			if !errors.Is(failed, db.ErrConflict) {
				return fmt.Errorf("nested: %w", failed)
			}
			kept := d.Write(ctx, func(ctx context.Context) error {
				note(ctx, "b")
				return d.Write(ctx, func(ctx context.Context) error {
					note(ctx, "c")
					return insert(ctx, d, 4, "four")
				})
			})
			note(ctx, "d")
			if len(order) != 0 {
				return errors.New("hook ran before the commit")
			}
			return kept
		})
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, d, 1, 4)
		if got := strings.Join(order, ""); got != "abcd" {
			t.Fatalf("hooks ran as %q", got)
		}
	})
}

func TestHooks(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ran := 0
		if err := d.Write(t.Context(), func(ctx context.Context) error {
			d.AfterCommit(ctx, func() { ran++ })
			return errBoom
		}); !errors.Is(err, errBoom) || ran != 0 {
			t.Fatalf("failed write: %v, hooks run %d", err, ran)
		}
		d.AfterCommit(t.Context(), func() { ran++ })
		if ran != 1 {
			t.Fatal("outside a transaction a hook runs at once")
		}
		err := d.Write(t.Context(), func(ctx context.Context) error {
			d.AfterCommit(ctx, func() { panic("in a hook") })
			d.AfterCommit(ctx, func() {
				// The captured context has outlived its transaction.
				if err := insert(ctx, d, 2, "from a hook"); err != nil {
					t.Error(err)
				}
			})
			return insert(ctx, d, 1, "one")
		})
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, d, 1, 2)
	})
}

func TestFailedStatementSpoilsTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(ctx context.Context) error {
			if err := insert(ctx, d, 1, "one"); err != nil {
				return err
			}
			if err := insert(ctx, d, 1, "again"); !errors.Is(err, db.ErrConflict) {
				return fmt.Errorf("no conflict: %w", err)
			}
			if err := insert(ctx, d, 2, "two"); err == nil {
				return errors.New("went on after a failed statement")
			}
			return nil // swallowed
		})
		if !errors.Is(err, db.ErrConflict) {
			t.Fatalf("got %v", err)
		}
		wantIDs(t, d)
	})
}

func TestReadSeesOneSnapshot(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		if err := insert(t.Context(), d, 1, "one"); err != nil {
			t.Fatal(err)
		}
		err := d.Read(t.Context(), func(ctx context.Context) error {
			for range 2 {
				n, err := db.One(ctx, d, db.Value[int64], `SELECT count(*) FROM things`)
				if err != nil || n != 1 {
					return fmt.Errorf("count %d: %w", n, err)
				}
				if err := d.Write(t.Context(), func(outer context.Context) error {
					return insert(outer, d, 2+len(ids(t, d)), fmt.Sprint(time.Now()))
				}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(ids(t, d)); n != 3 {
			t.Fatalf("%d rows", n)
		}
	})
}

func TestConflicts(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		if err := insert(t.Context(), d, 1, "one"); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name    string
			query   string
			table   string
			columns []string
			foreign bool
		}{
			{"primary key", `INSERT INTO things (id, name, n) VALUES (1, 'x', 0)`, "things", []string{"id"}, false},
			{"unique index", `INSERT INTO things (id, name, n) VALUES (2, 'one', 0)`, "things", []string{"n", "name"}, false},
			{"foreign key", `INSERT INTO parts (id, thing_id) VALUES (1, 77)`, "", nil, true},
		} {
			_, err := d.Exec(t.Context(), c.query)
			conflict, ok := errors.AsType[*db.ConflictError](err)
			if !ok || !errors.Is(err, db.ErrConflict) || fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if conflict.Foreign != c.foreign || c.table != "" && !conflict.On(c.table, c.columns...) {
				t.Errorf("%s: %+v", c.name, conflict)
			}
		}
		if _, err := d.Exec(t.Context(), `INSERT INTO things (id, name, n) VALUES (3, NULL, 0)`); err == nil || fault.KindOf(err) != fault.Internal {
			t.Errorf("not null: %v", err)
		}
	})
}

func TestPlaceholdersOutOfOrder(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		if _, err := d.Exec(t.Context(), `INSERT INTO things (name, n, id) VALUES ($3, $1, $2)`, 10, 20, "thirty"); err != nil {
			t.Fatal(err)
		}
		var id, n int64
		var name string
		if err := d.QueryRow(t.Context(), `SELECT id, name, n FROM things WHERE name = $2 AND n = $1 AND '$2' <> name`, 10, "thirty").Scan(&id, &name, &n); err != nil {
			t.Fatal(err)
		}
		if id != 20 || name != "thirty" || n != 10 {
			t.Fatal(id, name, n)
		}
		if _, err := db.One(t.Context(), d, db.Value[int64], `SELECT id FROM things WHERE n = $1`); err == nil {
			t.Error("a missing argument went unnoticed")
		}
	})
}

func TestCancelledContext(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Write(ctx, func(ctx context.Context) error {
			if err := insert(ctx, d, 1, "one"); err != nil {
				return err
			}
			cancel()
			return insert(ctx, d, 2, "two")
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled halfway: %v", err)
		}
		for name, err := range map[string]error{
			"Write": d.Write(ctx, func(context.Context) error { t.Error("ran"); return nil }),
			"Read":  d.Read(ctx, func(context.Context) error { t.Error("ran"); return nil }),
			"Exec":  insert(ctx, d, 3, "three"),
			"Query": d.QueryRow(ctx, `SELECT 1`).Scan(new(int)),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}
		wantIDs(t, d)
	})
}
