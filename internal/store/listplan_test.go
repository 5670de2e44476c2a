package store_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// explain returns the steps of a query's plan.
func explain(t *testing.T, d *db.DB, query string, args ...any) []string {
	t.Helper()
	prefix := `EXPLAIN `
	if d.Dialect() == db.SQLite {
		prefix = `EXPLAIN QUERY PLAN `
	}
	steps, err := db.All(t.Context(), d, func(r db.Scanner) (string, error) {
		var a, b, c int64
		var step string
		if d.Dialect() == db.SQLite {
			return step, r.Scan(&a, &b, &c, &step)
		}
		err := r.Scan(&step)
		return step, err
	}, prefix+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return steps
}

// No list may read all conversations, or sort more than a page of each part,
// neither with the planner's statistics nor without them.
func TestListsUseTheirIndex(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		c := gather(t, d, rand.New(rand.NewPCG(5, 6)), 3000, 1, 0.9)
		for _, statistics := range []bool{false, true} {
			if statistics {
				if _, err := d.Exec(t.Context(), `ANALYZE`); err != nil {
					t.Fatal(err)
				}
			} else if d.Dialect() == db.Postgres {
				continue // it always has some
			}
			for name, v := range c.views() {
				query, args, err := c.store.ListQuery(t.Context(), v.s, v.f, inbox.Page{Limit: 40})
				if err != nil {
					t.Fatal(err)
				}
				steps := explain(t, d, query, args...)
				text := strings.Join(steps, "\n")
				// PostgreSQL rightly reads a small table whole to join it.
				whole := strings.Contains(text, "Seq Scan on conversations") && !strings.Contains(query, "CROSS JOIN")
				if whole || scans(steps) {
					t.Errorf("%s (statistics: %v) reads everything:\n%s", name, statistics, text)
				}
				// Few enough to be sorted: mentions, and the contacts of a rare tag.
				few := v.f.Scope == inbox.Mentions || strings.Contains(query, "CROSS JOIN")
				if d.Dialect() == db.SQLite && !few && strings.Count(text, "TEMP B-TREE FOR ORDER BY") > min(strings.Count(query, "UNION ALL"), 1) {
					t.Errorf("%s (statistics: %v) sorts:\n%s", name, statistics, text)
				}
			}
		}
	})
}

// scans reports whether SQLite reads the table, or an index of it, from end
// to end. A partial index holds only the few it is for.
func scans(steps []string) bool {
	for _, s := range steps {
		if strings.Contains(s, "SCAN c") && !strings.Contains(s, "conversations_waiting") && !strings.Contains(s, "conversations_unanswered") {
			return true
		}
	}
	return false
}
