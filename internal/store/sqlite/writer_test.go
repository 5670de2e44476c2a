package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

func open(t *testing.T, cfg sqlite.Config) *db.DB {
	t.Helper()
	if cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "a ?#%20b.db") // a path is not a URI
	}
	d, err := sqlite.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := d.Exec(t.Context(), `CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT`); err != nil {
		t.Fatal(err)
	}
	return d
}

func put(ctx context.Context, d *db.DB, id int64, body string) error {
	_, err := d.Exec(ctx, `INSERT INTO rows (id, body) VALUES ($1, $2)`, id, body)
	return err
}

func count(t *testing.T, d *db.DB) int64 {
	t.Helper()
	n, err := db.One(t.Context(), d, db.Value[int64], `SELECT count(*) FROM rows`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestGroupCommit: writes that wait behind a slow one share a commit, and
// one that fails takes nothing from the others.
func TestGroupCommit(t *testing.T) {
	var largest atomic.Int64
	d := open(t, sqlite.Config{Config: db.Config{Observe: func(s db.Stat) {
		if s.Op == "commit" {
			largest.Store(max(largest.Load(), int64(s.Items)))
		}
	}}})
	errNo := errors.New("no")
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := d.Write(t.Context(), func(context.Context) error {
			close(held)
			<-release
			return errNo
		}); !errors.Is(err, errNo) {
			t.Error(err)
		}
	})
	<-held
	var started sync.WaitGroup
	for i := range 100 {
		started.Add(1)
		wg.Go(func() {
			started.Done()
			err := d.Write(t.Context(), func(ctx context.Context) error {
				if err := put(ctx, d, int64(i+1), "x"); err != nil {
					return err
				}
				if i%10 == 0 {
					return errNo
				}
				return nil
			})
			if (err != nil) != (i%10 == 0) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	started.Wait()
	close(release)
	wg.Wait()
	if n := count(t, d); n != 90 {
		t.Errorf("%d rows", n)
	}
	if largest.Load() < 5 {
		t.Errorf("the largest group had %d writes", largest.Load())
	}
}

// TestCheckpoint: the WAL is moved into the file in the background and
// emptied when it is larger than allowed, even while somebody writes.
func TestCheckpoint(t *testing.T) {
	var pages, truncated atomic.Int64
	var last atomic.Int64
	d := open(t, sqlite.Config{WALBytes: 256 << 10, Config: db.Config{Observe: func(s db.Stat) {
		if s.Op != "checkpoint" || s.Err != nil {
			return
		}
		pages.Add(int64(s.Items))
		if int64(s.Items) == last.Swap(int64(s.Items)) && s.Items > 64 {
			truncated.Add(1)
		}
	}}})
	body := string(make([]byte, 4000))
	deadline := time.Now().Add(10 * time.Second)
	for id := int64(1); truncated.Load() == 0; id++ {
		if err := put(t.Context(), d, id, body); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("never emptied; %d pages checkpointed", pages.Load())
		}
	}
}

func TestSecondProcessLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okno.db")
	a := open(t, sqlite.Config{Path: path, BusyTimeout: 50 * time.Millisecond})
	b := open(t, sqlite.Config{Path: path, BusyTimeout: 50 * time.Millisecond})
	err := a.Write(t.Context(), func(ctx context.Context) error {
		if err := put(ctx, a, 1, "a"); err != nil {
			return err
		}
		if err := put(t.Context(), b, 2, "b"); !errors.Is(err, db.ErrUnavailable) {
			t.Errorf("locked: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), b, 3, "b"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, a); n != 2 {
		t.Errorf("%d rows", n)
	}
}
