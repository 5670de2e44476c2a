package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/okno-hq/okno/internal/store/db"
)

func TestNoChangeOutsideWrite(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		err := d.Read(t.Context(), func(ctx context.Context) error {
			if err := d.Write(ctx, func(context.Context) error { return nil }); !errors.Is(err, db.ErrWriteInRead) {
				t.Errorf("Write in Read: %v", err)
			}
			if err := insert(ctx, d, 1, "one"); !errors.Is(err, db.ErrWriteInRead) {
				t.Errorf("Exec in Read: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.One(t.Context(), d, db.Value[int64], `INSERT INTO things (id, name, n) VALUES (1, 'x', 0) RETURNING id`); err == nil {
			t.Error("a query outside a Write inserted a row")
		}
		wantIDs(t, d)
	})
}

func TestPanicAndGoexit(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(ctx context.Context) error {
			if err := insert(ctx, d, 1, "one"); err != nil {
				return err
			}
			panic("oh")
		})
		if err == nil || !strings.Contains(err.Error(), "oh") {
			t.Errorf("panic: %v", err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = d.Write(t.Context(), func(ctx context.Context) error {
				if err := insert(ctx, d, 2, "two"); err != nil {
					t.Error(err)
				}
				runtime.Goexit()
				return nil
			})
		})
		wg.Wait()
		if err := insert(t.Context(), d, 3, "three"); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, d, 3)
	})
}

func TestForgottenRows(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		for i := range 3 {
			if err := insert(t.Context(), d, i+1, fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		err := d.Write(t.Context(), func(ctx context.Context) error {
			rows, err := d.Query(ctx, `SELECT id FROM things`)
			if err != nil {
				return err
			}
			if !rows.Next() {
				t.Error("no row")
			}
			if err := insert(ctx, d, 4, "four"); err == nil {
				t.Error("a statement ran while rows were open")
			}
			return nil
		})
		if err == nil {
			t.Error("open rows went unnoticed")
		}
		if err := insert(t.Context(), d, 5, "five"); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, d, 1, 2, 3, 5)
	})
}

func TestOuterContextInNestedWrite(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(outer context.Context) error {
			return d.Write(outer, func(context.Context) error { return insert(outer, d, 1, "one") })
		})
		if err == nil {
			t.Error("accepted")
		}
		wantIDs(t, d)
	})
}
