package id_test

import (
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/id"
)

func TestSourceGrowsWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	clock := []time.Duration{0, 0, time.Second, -time.Hour, -time.Hour, 2 * time.Second}
	i := 0
	s := id.NewSource(5, func() time.Time { d := clock[min(i, len(clock)-1)]; i++; return start.Add(d) })
	last := int64(0)
	for range 20000 {
		v := s.Next()
		if v <= last {
			t.Fatalf("id %d after %d", v, last)
		}
		last = v
	}
}

func TestSourceIsUniqueUnderConcurrency(t *testing.T) {
	t.Parallel()
	s := id.NewSource(1, nil)
	var mu sync.Mutex
	seen := map[int64]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 3000 {
				v := s.Next()
				mu.Lock()
				if seen[v] {
					t.Errorf("id %d twice", v)
				}
				seen[v] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestTimeAndAtAgree(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 5, 6, 7, 8, 9, 123e6, time.UTC)
	v := id.NewSource(1023, func() time.Time { return now }).Next()
	if got := id.Time(v); !got.Equal(now) {
		t.Errorf("Time = %v, want %v", got, now)
	}
	if id.At(now) > v || id.At(now.Add(time.Millisecond)) <= v {
		t.Error("At does not bound the id")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "0", "-1", "abc", "1.5", "99999999999999999999"} {
		if _, err := id.Parse[int64]("x", bad); err == nil {
			t.Errorf("Parse(%q) accepted", bad)
		}
	}
	if v, err := id.Parse[int64]("x", id.Format(int64(42))); err != nil || v != 42 {
		t.Errorf("round trip = %d, %v", v, err)
	}
}
