package job_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/job"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// bench is a queue with a clock that stands still until it is moved.
type bench struct {
	t     *testing.T
	db    *db.DB
	queue *job.Queue
	clock atomic.Int64 // microseconds
	stats chan job.Stat
}

func each(t *testing.T, test func(b *bench)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		b := &bench{t: t, db: d, stats: make(chan job.Stat, 10000)}
		b.clock.Store(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
		b.queue = job.NewQueue(job.QueueConfig{DB: d, Now: b.now})
		test(b)
	})
}

func (b *bench) now() time.Time { return time.UnixMicro(b.clock.Load()) }

// move moves the clock and wakes the runners.
func (b *bench) move(d time.Duration) {
	b.clock.Add(d.Microseconds())
	b.queue.Wake()
}

// run starts a runner that never polls, so that a lost wake-up is a test
// that hangs. It is stopped with the test, or by the function returned.
func (b *bench) run(change func(*job.Config), kinds ...job.Kind) (stop func()) {
	b.t.Helper()
	cfg := job.Config{
		DB: b.db, Queue: b.queue, Node: "node", Kinds: kinds, Poll: time.Hour, Lease: time.Hour, Now: b.now,
		Observe: func(s job.Stat) { b.stats <- s },
	}
	if change != nil {
		change(&cfg)
	}
	r, err := job.NewRunner(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				b.t.Errorf("Run: %v", err)
			}
		case <-time.After(20 * time.Second):
			b.t.Error("Run does not end")
		}
	})
	b.t.Cleanup(stop)
	return stop
}

func (b *bench) enqueue(jobs ...job.Job) {
	b.t.Helper()
	if err := b.queue.Enqueue(b.t.Context(), jobs...); err != nil {
		b.t.Fatal(err)
	}
}

// outcome waits for the next finished attempt.
func (b *bench) outcome(want string) job.Stat {
	b.t.Helper()
	s := receive(b.t, b.stats)
	if s.Outcome != want {
		b.t.Fatalf("outcome %q, want %q", s.Outcome, want)
	}
	return s
}

func (b *bench) rows() int64 {
	b.t.Helper()
	n, err := db.One(b.t.Context(), b.db, db.Value[int64], `SELECT count(*) FROM jobs`)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) dead(want int) []job.Dead {
	b.t.Helper()
	list, err := b.queue.ListDead(b.t.Context(), job.DeadFilter{WorkspaceID: 1})
	if err != nil || len(list) != want {
		b.t.Fatalf("dead: %+v, %v", list, err)
	}
	return list
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func nothing(context.Context, job.Job) error { return nil }
