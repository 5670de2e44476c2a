package job_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/job"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// TestTakesBackAtStart: what an earlier process of this node had begun runs
// again at once, another node's when its lease has ended.
func TestTakesBackAtStart(t *testing.T) {
	each(t, func(b *bench) {
		b.enqueue(job.Job{Kind: "k", WorkspaceID: 1}, job.Job{Kind: "k", WorkspaceID: 2})
		for workspace, node := range map[int]string{1: "node", 2: "elsewhere"} {
			if _, err := b.db.Exec(t.Context(), `UPDATE jobs SET state = 'running', owner = 99, node = $2, attempts = 1, first_at = $3, leased_until = $4 WHERE workspace_id = $1`,
				workspace, node, db.Micros(b.now()), db.Micros(b.now().Add(30*time.Second))); err != nil {
				t.Fatal(err)
			}
		}
		ran := make(chan job.Job, 10)
		b.run(func(c *job.Config) { c.Lease = 90 * time.Millisecond },
			job.Kind{Name: "k", Handle: func(_ context.Context, j job.Job) error { ran <- j; return nil }})
		if j := receive(b.t, ran); j.WorkspaceID != 1 || j.Attempt != 2 || j.Failures != 1 {
			t.Errorf("%+v", j)
		}
		b.outcome("done")
		if len(ran) > 0 {
			t.Error("took a job whose lease lasts")
		}
		b.move(31 * time.Second)
		if j := receive(b.t, ran); j.WorkspaceID != 2 {
			t.Errorf("%+v", j)
		}
		b.outcome("done")
	})
}

// TestPoisonedJobDies: a job that brings the process down each time is given
// up in the end.
func TestPoisonedJobDies(t *testing.T) {
	each(t, func(b *bench) {
		b.enqueue(job.Job{Kind: "k", WorkspaceID: 1})
		if _, err := b.db.Exec(t.Context(), `UPDATE jobs SET state = 'running', owner = 99, node = 'node', attempts = 12, failures = 11, first_at = $1`, db.Micros(b.now())); err != nil {
			t.Fatal(err)
		}
		b.run(nil, job.Kind{Name: "k", Handle: nothing}, job.Kind{Name: "other", Handle: nothing})
		b.enqueue(job.Job{Kind: "other"})
		b.outcome("done")
		b.dead(1)
	})
}

// TestFencing: a runner that has slept through its lease must not complete
// what another has taken over.
func TestFencing(t *testing.T) {
	each(t, func(b *bench) {
		started, release := make(chan struct{}), make(chan struct{})
		late := make(chan error, 1)
		b.run(func(c *job.Config) { c.Node = "sleepy" }, // it renews every 20 minutes
			job.Kind{Name: "k", Handle: func(ctx context.Context, j job.Job) error {
				close(started)
				<-release
				late <- b.queue.Complete(context.WithoutCancel(ctx), j)
				return nil
			}})
		b.enqueue(job.Job{Kind: "k", OrderKey: "x"}, job.Job{Kind: "never", OrderKey: "x"})
		receive(b.t, started)
		b.clock.Add(2 * time.Hour.Microseconds())
		taken, hold := make(chan job.Job, 1), make(chan struct{})
		b.run(func(c *job.Config) { c.Node, c.Lease = "fresh", 90*time.Millisecond },
			job.Kind{Name: "k", Handle: func(_ context.Context, j job.Job) error {
				taken <- j
				<-hold
				return nil
			}})
		if j := receive(b.t, taken); j.Attempt != 2 {
			t.Errorf("%+v", j)
		}
		close(release)
		if err := receive(b.t, late); !errors.Is(err, job.ErrLost) {
			t.Errorf("the late runner completed it: %v", err)
		}
		b.outcome("lost")
		close(hold)
		b.outcome("done")
	})
}

// TestLostLeaseCancels: the runner that lost a job tells its handler.
func TestLostLeaseCancels(t *testing.T) {
	each(t, func(b *bench) {
		started, cause := make(chan struct{}), make(chan error, 1)
		b.run(func(c *job.Config) { c.Lease = 90 * time.Millisecond },
			job.Kind{Name: "k", Handle: func(ctx context.Context, _ job.Job) error {
				close(started)
				<-ctx.Done()
				cause <- context.Cause(ctx)
				return ctx.Err()
			}})
		b.enqueue(job.Job{Kind: "k"})
		receive(b.t, started)
		if _, err := b.db.Exec(t.Context(), `UPDATE jobs SET owner = 1, attempts = attempts + 1, leased_until = $1`, db.Micros(b.now().Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
		if err := receive(b.t, cause); !errors.Is(err, job.ErrLost) {
			t.Error(err)
		}
		b.outcome("lost")
	})
}

// TestComplete: the handler's changes and the end of its job are one.
func TestComplete(t *testing.T) {
	each(t, func(b *bench) {
		fail := true
		b.run(nil, job.Kind{Name: "k", Handle: func(ctx context.Context, j job.Job) error {
			return b.db.Write(ctx, func(ctx context.Context) error {
				if err := b.queue.Complete(ctx, j); err != nil {
					return err
				}
				if err := b.queue.Enqueue(ctx, job.Job{Kind: "next", OrderKey: j.OrderKey}); err != nil {
					return err
				}
				if fail {
					fail = false
					return job.RetryAfter(0, errors.New("rolled back"))
				}
				return nil
			})
		}}, job.Kind{Name: "next", Handle: nothing})
		b.enqueue(job.Job{Kind: "k", OrderKey: "x"})
		b.outcome("retried")
		if first, second := b.outcome("done"), b.outcome("done"); first.Kind == second.Kind {
			t.Errorf("%v, %v", first, second)
		}
		if n := b.rows(); n != 0 {
			t.Errorf("%d rows left", n)
		}
		if err := b.queue.Complete(t.Context(), job.Job{ID: 1}); err == nil {
			t.Error("completed a job that nobody gave out")
		}
	})
}

func TestDrain(t *testing.T) {
	each(t, func(b *bench) {
		started := make(chan string, 2)
		finish := make(chan struct{})
		stop := b.run(func(c *job.Config) { c.Drain = 100 * time.Millisecond },
			job.Kind{Name: "quick", Handle: func(context.Context, job.Job) error {
				started <- "quick"
				<-finish
				return nil
			}},
			job.Kind{Name: "slow", Handle: func(ctx context.Context, _ job.Job) error {
				started <- "slow"
				<-ctx.Done()
				return fmt.Errorf("stopped: %w", ctx.Err())
			}})
		b.enqueue(job.Job{Kind: "quick"}, job.Job{Kind: "slow"})
		receive(b.t, started)
		receive(b.t, started)
		close(finish)
		stop()
		got := map[string]string{}
		for range 2 {
			s := receive(b.t, b.stats)
			got[s.Kind] = s.Outcome
		}
		if got["quick"] != "done" || got["slow"] != "released" {
			t.Errorf("%v", got)
		}
		n, err := db.One(t.Context(), b.db, db.Value[int64], `SELECT count(*) FROM jobs WHERE kind = 'slow' AND state = 'ready' AND failures = 0`)
		if err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

func TestBrokenHandlers(t *testing.T) {
	each(t, func(b *bench) {
		b.run(nil,
			job.Kind{Name: "panic", MaxFailures: 1, Handle: func(context.Context, job.Job) error { panic("oh") }},
			job.Kind{Name: "exit", MaxFailures: 1, Handle: func(context.Context, job.Job) error { runtime.Goexit(); return nil }},
			job.Kind{Name: "stuck", MaxFailures: 1, Timeout: 10 * time.Millisecond, Handle: func(ctx context.Context, _ job.Job) error {
				<-ctx.Done()
				return ctx.Err()
			}},
			job.Kind{Name: "payload", Handle: func(_ context.Context, j job.Job) error { return j.Decode(new(int)) }})
		for _, kind := range []string{"panic", "exit", "stuck", "payload"} {
			b.enqueue(job.Job{Kind: kind, WorkspaceID: 1, Payload: []byte(`{}`)})
		}
		for range 4 {
			b.outcome("dead")
		}
		b.dead(4)
	})
}

func TestLimits(t *testing.T) {
	each(t, func(b *bench) {
		running, release := make(chan struct{}, 100), make(chan struct{})
		b.run(func(c *job.Config) { c.MaxRunning = 5 },
			job.Kind{Name: "a", Workers: 2, Handle: func(context.Context, job.Job) error { running <- struct{}{}; <-release; return nil }},
			job.Kind{Name: "b", Workers: 9, Handle: func(context.Context, job.Job) error { running <- struct{}{}; <-release; return nil }})
		var jobs []job.Job
		for range 10 {
			jobs = append(jobs, job.Job{Kind: "a"}, job.Job{Kind: "b"})
		}
		b.enqueue(jobs...)
		for range 5 {
			receive(b.t, running)
		}
		for _, want := range []job.Count{{Kind: "a", State: "running", N: 2}, {Kind: "b", State: "running", N: 3}} {
			n, err := db.One(t.Context(), b.db, db.Value[int64], `SELECT count(*) FROM jobs WHERE kind = $1 AND state = $2`, want.Kind, want.State)
			if err != nil || n != want.N {
				t.Errorf("%s: %d running, %v", want.Kind, n, err)
			}
		}
		close(release)
		for range 20 {
			b.outcome("done")
		}
	})
}

// BenchmarkRun works off jobs that do nothing, ordered in 1,000 keys.
func BenchmarkRun(b *testing.B) {
	d := storetest.SQLite(b, sqlite.Config{})
	q := job.NewQueue(job.QueueConfig{DB: d})
	left := make(chan struct{}, b.N)
	for done := 0; done < b.N; {
		n := min(b.N-done, 500)
		batch := make([]job.Job, n)
		for i := range batch {
			batch[i] = job.Job{Kind: "k", WorkspaceID: 1, OrderKey: fmt.Sprint("key:", (done+i)%1000)}
		}
		if err := q.Enqueue(b.Context(), batch...); err != nil {
			b.Fatal(err)
		}
		done += n
	}
	r, err := job.NewRunner(job.Config{
		DB: d, Queue: q, Node: "n", MaxRunning: 512,
		Kinds:   []job.Kind{{Name: "k", Workers: 512, Handle: nothing}},
		Observe: func(job.Stat) { left <- struct{}{} },
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	stopped := make(chan error, 1)
	b.ResetTimer()
	go func() { stopped <- r.Run(ctx) }()
	for range b.N {
		<-left
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	cancel()
	if err := <-stopped; err != nil {
		b.Fatal(err)
	}
}

// TestFreedPlacesAreTaken: when all workers of a kind end at once, the next
// jobs start in the same breath.
func TestFreedPlacesAreTaken(t *testing.T) {
	for _, workers := range []int{1, 4} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			each(t, func(b *bench) {
				b.run(nil, job.Kind{Name: "k", Workers: workers, Handle: nothing})
				b.enqueue(slices.Repeat([]job.Job{{Kind: "k"}}, 50)...)
				for range 50 {
					b.outcome("done")
				}
			})
		})
	}
}
