package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/okno-hq/okno/internal/store/db"
)

func TestLateValuesAreWrittenTogether(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		calls := 0
		late := db.NewLate(d, func(ctx context.Context, list []int) error {
			calls++
			for _, n := range list {
				if err := insert(ctx, d, n, fmt.Sprint(n)); err != nil {
					return err
				}
			}
			return nil
		})
		err := d.Write(t.Context(), func(ctx context.Context) error {
			if err := late.Add(ctx, 1, 2); err != nil {
				return err
			}
			failed := d.Write(ctx, func(ctx context.Context) error {
				return errors.Join(late.Add(ctx, 3), errBoom)
			})
			if !errors.Is(failed, errBoom) {
				return fmt.Errorf("nested: %w", failed)
			}
			if err := d.Write(ctx, func(ctx context.Context) error { return late.Add(ctx, 4) }); err != nil {
				return err
			}
			if got := ids(t, d); len(got) != 0 {
				t.Errorf("written early: %v", got)
			}
			return d.Join(ctx, func(ctx context.Context) error { return late.Add(ctx, 5) })
		})
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, d, 1, 2, 4, 5)
		if calls != 1 {
			t.Errorf("%d calls", calls)
		}
		if err := late.Add(t.Context(), 6); err != nil {
			t.Fatal(err)
		}
		// What cannot be written undoes the transaction.
		err = d.Write(t.Context(), func(ctx context.Context) error {
			return errors.Join(insert(ctx, d, 7, "seven"), late.Add(ctx, 6))
		})
		if !errors.Is(err, db.ErrConflict) {
			t.Errorf("got %v, want a conflict", err)
		}
		wantIDs(t, d, 1, 2, 4, 5, 6)
	})
}
