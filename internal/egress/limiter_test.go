package egress_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/okno-hq/okno/internal/egress"
)

func TestLimiterKeepsToOverallRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := egress.NewLimiter(egress.Limits{Overall: egress.Limit{PerSecond: 10, Burst: 5}})
		start := time.Now()
		for i := range 25 {
			if err := l.Wait(t.Context(), fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		if got := time.Since(start).Round(time.Millisecond); got != 2*time.Second {
			t.Fatalf("25 requests took %s, want 2s (5 at once, 20 at 10/s)", got)
		}
	})
}

func TestLimiterKeepsToKeyRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := egress.NewLimiter(egress.Limits{
			PerKey: egress.Limit{PerSecond: 1, Burst: 1},
			ForKey: func(key string) (egress.Limit, bool) {
				return egress.Limit{PerSecond: 0.5, Burst: 2}, key == "group"
			},
		})
		took := func(key string, n int) time.Duration {
			start := time.Now()
			for range n {
				if err := l.Wait(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(start).Round(time.Millisecond)
		}
		if got := took("chat", 4); got != 3*time.Second {
			t.Errorf("chat: %s, want 3s", got)
		}
		if got := took("group", 4); got != 4*time.Second {
			t.Errorf("group: %s, want 4s", got)
		}
		if got := took("", 100); got != 0 {
			t.Errorf("no key: %s, want no wait", got)
		}
	})
}

func TestLimiterIsFairBetweenKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := egress.NewLimiter(egress.Limits{Overall: egress.Limit{PerSecond: 10, Burst: 1}})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				if err := l.Wait(ctx, "mailing"); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		for range 5 {
			if err := l.Wait(ctx, "customer"); err != nil {
				t.Fatal(err)
			}
		}
		// Each of the five may let one of the mailing pass before it.
		if got := time.Since(start); got > 1100*time.Millisecond {
			t.Errorf("customer waited %s behind a mailing of 500", got)
		}
		cancel()
		wg.Wait()
	})
}

func TestLimiterKeepsOrderWithinKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := egress.NewLimiter(egress.Limits{PerKey: egress.Limit{PerSecond: 10, Burst: 1}})
		var (
			mu    sync.Mutex
			order []int
			wg    sync.WaitGroup
		)
		for i := range 20 {
			wg.Go(func() {
				if err := l.Wait(t.Context(), "chat"); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			})
			synctest.Wait() // this one is in line before the next comes
		}
		wg.Wait()
		for i, got := range order {
			if i != got {
				t.Fatalf("order = %v", order)
			}
		}
	})
}

func TestLimiterPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := egress.NewLimiter(egress.Limits{})
		wait := func(key string) time.Duration {
			start := time.Now()
			if err := l.Wait(t.Context(), key); err != nil {
				t.Fatal(err)
			}
			return time.Since(start)
		}
		l.Pause("a", 3*time.Second)
		l.Pause("a", time.Second) // does not shorten
		if got := wait("b"); got != 0 {
			t.Errorf("another key waited %s", got)
		}
		if got := wait("a"); got != 3*time.Second {
			t.Errorf("paused key waited %s, want 3s", got)
		}
		l.Pause("", 5*time.Second)
		if got := wait("b"); got != 5*time.Second {
			t.Errorf("after a pause for all: %s, want 5s", got)
		}
	})
}

func TestLimiterPauseReachesThoseAlreadyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := egress.NewLimiter(egress.Limits{Overall: egress.Limit{PerSecond: 1, Burst: 1}})
		if err := l.Wait(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		done := make(chan time.Duration)
		go func() {
			if err := l.Wait(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			done <- time.Since(start)
		}()
		synctest.Wait()
		l.Pause("", 10*time.Second)
		if got := <-done; got < 10*time.Second {
			t.Errorf("went after %s in spite of the pause", got)
		}
	})
}

func TestLimiterGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := egress.NewLimiter(egress.Limits{PerKey: egress.Limit{PerSecond: 0.1, Burst: 1}})
		if err := l.Wait(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Wait(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hopeless deadline: %v", err)
		}
		l.Pause("b", time.Hour)
		if err := l.Wait(ctx, "b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("pause beyond the deadline: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := l.Wait(ctx, "b"); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled while paused: %v", err)
		}
	})
}

func TestLimiterForgetsIdleKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := egress.NewLimiter(egress.Limits{PerKey: egress.Limit{PerSecond: 1, Burst: 1}})
		for i := range 1000 {
			if err := l.Wait(t.Context(), fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		l.Pause("paused", time.Hour)
		if l.Keys() != 1001 {
			t.Fatalf("keys = %d", l.Keys())
		}
		time.Sleep(time.Minute) //nolint:forbidigo // the bubble's clock
		if err := l.Wait(t.Context(), "new"); err != nil {
			t.Fatal(err)
		}
		if l.Keys() != 2 {
			t.Errorf("keys = %d after a minute, want the paused and the new", l.Keys())
		}
	})
}
