//go:build !modernc

package sqlite_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

const endless = `WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n`

// TestCancelledQueryStops: a query nobody waits for any more is stopped
// halfway, and its connection is as good as before.
func TestCancelledQueryStops(t *testing.T) {
	d := open(t, sqlite.Config{Readers: 1})
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := d.QueryRow(ctx, endless).Scan(new(int)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("query: %v", err)
		}
		cancel()
		ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
		err := d.Read(ctx, func(ctx context.Context) error {
			return d.QueryRow(ctx, endless).Scan(new(int))
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
		cancel()
		if n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM rows`); err != nil || n != 0 {
			t.Fatalf("afterwards: %d, %v", n, err)
		}
	}
}
