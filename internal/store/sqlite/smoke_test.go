package sqlite_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	d, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "a b?.db")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(ctx, `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL UNIQUE) STRICT`); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	var wg sync.WaitGroup
	for g := range 256 {
		wg.Go(func() {
			for i := range 100 {
				err := d.Write(ctx, func(ctx context.Context) error {
					_, err := d.Exec(ctx, `INSERT INTO t (v, id) VALUES ($2, $1)`, g*1000+i+1, time.Now().String())
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%.0f/s", 25600/time.Since(start).Seconds())
	n, err := db.One(ctx, d, db.Value[int64], `SELECT count(*) FROM t`)
	t.Log(n, err)
	_, err = d.Exec(ctx, `INSERT INTO t (v, id) VALUES ($2, $1)`, 1, "x")
	t.Log(err)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
