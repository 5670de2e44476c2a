package sqlite_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

// BenchmarkMessages is what a message costs: three statements, each message
// durable, 256 callers at once.
func BenchmarkMessages(b *testing.B) {
	d, err := sqlite.Open(b.Context(), sqlite.Config{Path: b.TempDir() + "/okno.db"})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			b.Error(err)
		}
	}()
	for _, q := range []string{
		`CREATE TABLE conversations (id INTEGER PRIMARY KEY, last INTEGER NOT NULL, preview TEXT NOT NULL) STRICT`,
		`CREATE INDEX conversations_last ON conversations (last)`,
		`CREATE TABLE messages (id INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL, external TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT`,
		`CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL) STRICT`,
		`WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 10000) INSERT INTO conversations SELECT x, x, '' FROM n`,
	} {
		if _, err := d.Exec(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int64
	b.SetParallelism(128)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := message(b.Context(), d, next.Add(1)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

func message(ctx context.Context, d *db.DB, id int64) error {
	return d.Write(ctx, func(ctx context.Context) error {
		conversation := id*7919%10000 + 1
		if _, err := d.Exec(ctx, `INSERT INTO messages (id, conversation_id, external, body) VALUES ($1, $2, 'ext-' || $1, $3)`,
			id, conversation, "Здравствуйте, где мой заказ?"); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `UPDATE conversations SET last = $2, preview = $3 WHERE id = $1`, conversation, id, "Здравствуйте"); err != nil {
			return err
		}
		_, err := d.Exec(ctx, `INSERT INTO outbox (payload) VALUES ($1)`, `{"id":1}`)
		return err
	})
}
