package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/storetest"
)

func TestConcurrentIncrements(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		if err := insert(t.Context(), d, 1, "one"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 20 {
					err := d.Write(t.Context(), func(ctx context.Context) error {
						n, err := db.One(ctx, d, db.Value[int64], `SELECT n FROM things WHERE id = 1`+d.Dialect().ForUpdate())
						if err != nil {
							return err
						}
						_, err = d.Exec(ctx, `UPDATE things SET n = $2 WHERE id = $1`, 1, n+1)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n, err := db.One(t.Context(), d, db.Value[int], `SELECT n FROM things`); err != nil || n != 320 {
			t.Fatalf("n = %d, %v", n, err)
		}
	})
}

func TestLockGuardsFindOrCreate(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		if err := d.Lock(t.Context(), "x"); err == nil {
			t.Error("Lock outside a Write")
		}
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				err := d.Write(t.Context(), func(ctx context.Context) error {
					if err := d.Lock(ctx, "thing:one"); err != nil {
						return err
					}
					_, err := db.One(ctx, d, db.Value[int64], `SELECT id FROM things WHERE name = $1`, "one")
					if errors.Is(err, db.ErrNotFound) {
						_, err = d.Exec(ctx, `INSERT INTO things (id, name, n) VALUES ($1, 'one', $1)`, i+1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := ids(t, d); len(got) != 1 {
			t.Fatalf("created %v", got)
		}
	})
}

func TestPostgresRunsDeadlocksAgain(t *testing.T) {
	d := storetest.Postgres(t, postgres.Config{})
	makeTable(t, d)
	for i := range 2 {
		if err := insert(t.Context(), d, i+1, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	var meet sync.WaitGroup
	meet.Add(2)
	var wg sync.WaitGroup
	var mu sync.Mutex
	runs := 0
	for i := range 2 {
		wg.Go(func() {
			first := true
			err := d.Write(t.Context(), func(ctx context.Context) error {
				mu.Lock()
				runs++
				mu.Unlock()
				if _, err := d.Exec(ctx, `UPDATE things SET n = n + 1 WHERE id = $1`, 1+i); err != nil {
					return err
				}
				if first { // both hold one row before they want the other
					first = false
					meet.Done()
					meet.Wait()
				}
				_, err := d.Exec(ctx, `UPDATE things SET n = n + 1 WHERE id = $1`, 2-i)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	sum, err := db.One(t.Context(), d, db.Value[int64], `SELECT sum(n) FROM things`)
	if err != nil || sum != 4 || runs != 3 {
		t.Fatalf("sum %d after %d runs: %v", sum, runs, err)
	}
}

func TestCloseAnswersEverybody(t *testing.T) {
	var commits, grouped int
	d := storetest.SQLite(t, sqlite.Config{Config: db.Config{Observe: func(s db.Stat) {
		if s.Op == "commit" { // only the writer's goroutine
			commits++
			grouped += s.Items
		}
	}}})
	makeTable(t, d)
	before := commits
	release := make(chan struct{})
	held := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := d.Write(t.Context(), func(ctx context.Context) error {
			close(held)
			<-release
			return insert(ctx, d, 1000, "first")
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	queued, cancel := context.WithCancel(t.Context())
	abandoned := make(chan error)
	go func() {
		abandoned <- d.Write(queued, func(context.Context) error { t.Error("an abandoned write ran"); return nil })
	}()
	cancel()
	if err := <-abandoned; !errors.Is(err, context.Canceled) {
		t.Errorf("abandoned: %v", err)
	}
	var mu sync.Mutex
	good := 0
	for i := range 300 {
		wg.Go(func() {
			err := insert(t.Context(), d, i+1, fmt.Sprint(i))
			switch {
			case err == nil:
				mu.Lock()
				good++
				mu.Unlock()
			case !errors.Is(err, db.ErrUnavailable):
				t.Error(err)
			}
		})
	}
	close(release)
	wg.Go(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if err := insert(t.Context(), d, 2000, "late"); !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("after Close: %v", err)
	}
	if grouped-before > good+1+before || commits-before > good {
		t.Errorf("%d writes in %d commits, %d good", grouped, commits, good)
	}
}
