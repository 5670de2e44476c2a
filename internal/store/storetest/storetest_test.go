package storetest_test

import (
	"testing"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

func TestEachGivesFreshDatabases(t *testing.T) {
	for range 2 {
		storetest.Each(t, func(t *testing.T, d *db.DB) {
			_, err := d.Exec(t.Context(), `CREATE TABLE fresh (id BIGINT)`)
			if err != nil {
				t.Fatal(err)
			}
			n, err := db.One(t.Context(), d, db.Value[int64], `SELECT count(*) FROM jobs`)
			if err != nil || n != 0 {
				t.Fatalf("jobs: %d, %v", n, err)
			}
		})
	}
}
