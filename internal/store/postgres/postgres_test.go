package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // a bare connection beside the one tested

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// TestLostConnections: after a restart of the server pooled connections are
// dead; writes and reads go on without anybody noticing, and one caught in
// the middle is told to come back.
func TestLostConnections(t *testing.T) {
	url := storetest.PostgresURL(t)
	d, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Exec(t.Context(), `CREATE TABLE t (id BIGINT PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	admin, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	terminate := func() {
		t.Helper()
		if _, err := admin.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		terminate()
		if _, err := d.Exec(t.Context(), `INSERT INTO t (id) VALUES ($1)`, i); err != nil {
			t.Fatalf("write on a dead connection: %v", err)
		}
		terminate()
		if err := d.Read(t.Context(), func(context.Context) error { return nil }); err != nil {
			t.Fatalf("read on a dead connection: %v", err)
		}
		terminate()
		if err := d.QueryRow(t.Context(), `SELECT $1`, "x").Scan(new(string)); err != nil {
			t.Fatalf("query on a dead connection: %v", err)
		}
	}
	err = d.Write(t.Context(), func(ctx context.Context) error {
		if _, err := d.Exec(ctx, `INSERT INTO t (id) VALUES (100)`); err != nil {
			return err
		}
		terminate()
		_, err := d.Exec(ctx, `INSERT INTO t (id) VALUES (101)`)
		return err
	})
	if !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("cut off in the middle: %v", err)
	}
	n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM t`)
	if err != nil || n != 3 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestNoServer(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = postgres.Open(t.Context(), postgres.Config{URL: "postgres://okno@" + addr + "/okno"})
	if !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if _, err := postgres.Open(t.Context(), postgres.Config{URL: "postgres://:secret@%zz"}); err == nil || fault.KindOf(err) == fault.Unavailable {
		t.Errorf("malformed: %v", err)
	}
}
