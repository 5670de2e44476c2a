package demo_test

import (
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/demo"
)

// TestAnyPresent makes the company at every hour of some weeks: whenever
// somebody starts the demo, it must fit into the database.
func TestAnyPresent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 22, 13, 7, 0, time.UTC)
	for i := range 60 {
		at := now.Add(time.Duration(i) * 11 * time.Hour)
		twice, err := demo.OpenTwice(0, at)
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		if twice > 0 {
			t.Errorf("%s: %d customers have two open conversations in one inbox", at, twice)
		}
	}
}
