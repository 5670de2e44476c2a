package job_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/job"
)

func TestRunsAfterCommitOnly(t *testing.T) {
	each(t, func(b *bench) {
		ran := make(chan job.Job, 10)
		b.run(nil, job.Kind{Name: "k", Handle: func(_ context.Context, j job.Job) error { ran <- j; return nil }})
		errNo := errors.New("no")
		err := b.db.Write(b.t.Context(), func(ctx context.Context) error {
			if err := b.queue.Enqueue(ctx, job.Job{Kind: "k", Payload: []byte(`"lost"`)}); err != nil {
				return err
			}
			return errNo
		})
		if !errors.Is(err, errNo) {
			t.Fatal(err)
		}
		payload, err := job.Payload(map[string]int{"a": 1})
		if err != nil {
			t.Fatal(err)
		}
		b.enqueue(job.Job{Kind: "k", WorkspaceID: 7, Payload: payload})
		j := receive(b.t, ran)
		var got map[string]int
		if err := j.Decode(&got); err != nil || got["a"] != 1 || j.WorkspaceID != 7 || j.Attempt != 1 || j.ID == 0 {
			t.Errorf("%+v, %v", j, err)
		}
		b.outcome("done")
		if n := b.rows(); n != 0 {
			t.Errorf("%d rows left", n)
		}
	})
}

// TestOrder enqueues many jobs of several keys from concurrent transactions
// while two runners work: each runs once, keys run one at a time and in
// order, and different keys at the same time.
func TestOrder(t *testing.T) {
	each(t, func(b *bench) {
		const keys, perKey = 10, 30
		var mu sync.Mutex
		last := map[string]int64{}
		busy := map[string]bool{}
		seen := map[int64]bool{}
		parallel, most := 0, 0
		handle := func(_ context.Context, j job.Job) error {
			mu.Lock()
			if busy[j.OrderKey] || seen[j.ID] || last[j.OrderKey] >= j.ID {
				t.Errorf("job %d of %s out of turn", j.ID, j.OrderKey)
			}
			busy[j.OrderKey], seen[j.ID], last[j.OrderKey] = true, true, j.ID
			parallel++
			most = max(most, parallel)
			mu.Unlock()
			time.Sleep(time.Millisecond) //nolint:forbidigo // the work: it takes a moment
			mu.Lock()
			busy[j.OrderKey] = false
			parallel--
			mu.Unlock()
			return nil
		}
		for _, node := range []string{"a", "b"} {
			b.run(func(c *job.Config) { c.Node = node },
				job.Kind{Name: "one", Handle: handle}, job.Kind{Name: "two", Handle: handle})
		}
		var wg sync.WaitGroup
		for w := range 6 {
			wg.Go(func() {
				for i := range perKey * keys / 6 {
					kind := []string{"one", "two"}[i%2]
					if err := b.queue.Enqueue(b.t.Context(), job.Job{Kind: kind, OrderKey: fmt.Sprint("key", (w+i)%keys)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for range keys * perKey {
			b.outcome("done")
		}
		if most < 2 {
			t.Error("keys did not run in parallel")
		}
		if n := b.rows(); n != 0 {
			t.Errorf("%d rows left", n)
		}
	})
}

func TestRetryAndDeath(t *testing.T) {
	each(t, func(b *bench) {
		attempts := make(chan job.Job, 100)
		b.run(nil, job.Kind{Name: "k", MaxFailures: 3, Handle: func(_ context.Context, j job.Job) error {
			attempts <- j
			return errors.New("it rains")
		}})
		b.enqueue(job.Job{Kind: "k", WorkspaceID: 1, OrderKey: "x"}, job.Job{Kind: "k", WorkspaceID: 1, OrderKey: "x"})
		first := receive(b.t, attempts)
		b.outcome("retried")
		for n, d := range []time.Duration{2400 * time.Millisecond, 4800 * time.Millisecond} {
			b.move(d / 2) // 20 % less than 2ⁿ s is still more
			b.move(d / 2)
			j := receive(b.t, attempts)
			if j.ID != first.ID || j.Attempt != n+2 || j.Failures != n+1 {
				t.Fatalf("attempt %d: %+v", n+2, j)
			}
			if n == 0 {
				b.outcome("retried")
			}
		}
		b.outcome("dead")
		d := b.dead(1)[0]
		if d.ID != first.ID || d.Error != "it rains" || !d.Blocks || d.OrderKey != "x" || d.Failures != 3 {
			t.Errorf("%+v", d)
		}
		b.move(48 * time.Hour)
		counts, err := b.queue.Counts(t.Context())
		if err != nil || !slices.Equal(counts, []job.Count{{Kind: "k", State: "dead", N: 1}, {Kind: "k", State: "waiting", N: 1}}) {
			t.Errorf("%v, %v", counts, err)
		}
		if len(attempts) != 0 {
			t.Error("a younger job overtook a dead one that blocks its key")
		}
		if err := b.queue.Replay(t.Context(), 2, d.ID); !errors.Is(err, job.ErrNotDead) {
			t.Errorf("another workspace's replay: %v", err)
		}
		if err := b.queue.Replay(t.Context(), 1, d.ID); err != nil {
			t.Fatal(err)
		}
		if j := receive(b.t, attempts); j.ID != d.ID || j.Failures != 0 {
			t.Errorf("replayed: %+v", j)
		}
		b.outcome("retried")
		b.move(time.Minute)
		receive(b.t, attempts)
		b.outcome("retried")
		b.move(time.Minute)
		receive(b.t, attempts)
		b.outcome("dead")
		if err := b.queue.Discard(t.Context(), 1, d.ID); err != nil {
			t.Fatal(err)
		}
		if j := receive(b.t, attempts); j.ID <= d.ID {
			t.Errorf("after the discard: %+v", j)
		}
	})
}

func TestStepAside(t *testing.T) {
	each(t, func(b *bench) {
		var broken atomic.Bool
		broken.Store(true)
		ran := make(chan job.Job, 10)
		b.run(nil, job.Kind{Name: "k", StepAside: true, Handle: func(_ context.Context, j job.Job) error {
			if string(j.Payload) == `"bad"` && broken.Load() {
				return job.Permanent(errors.New("cannot be read"))
			}
			ran <- j
			return nil
		}})
		b.enqueue(
			job.Job{Kind: "k", WorkspaceID: 1, OrderKey: "x", Payload: []byte(`"bad"`)},
			job.Job{Kind: "k", WorkspaceID: 1, OrderKey: "x", Payload: []byte(`"good"`)},
		)
		if j := receive(b.t, ran); string(j.Payload) != `"good"` {
			t.Fatalf("%+v", j)
		}
		b.outcome("dead")
		b.outcome("done")
		d := b.dead(1)[0]
		if d.Blocks || d.OrderKey != "x" || d.Error != "cannot be read" {
			t.Errorf("%+v", d)
		}
		broken.Store(false)
		if err := b.queue.Replay(t.Context(), 1, d.ID); err != nil {
			t.Fatal(err)
		}
		if j := receive(b.t, ran); string(j.Payload) != `"bad"` || j.OrderKey != "x" {
			t.Errorf("%+v", j)
		}
		b.outcome("done")
	})
}

func TestRetryAfter(t *testing.T) {
	for name, answer := range map[string]error{
		"job":   job.RetryAfter(time.Hour, errors.New("slow down")),
		"fault": fmt.Errorf("send: %w", fault.New(fault.RateLimited, "x").After(time.Hour)),
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(b *bench) {
				attempts := make(chan job.Job, 10)
				b.run(nil, job.Kind{Name: "k", MaxFailures: 1, Handle: func(_ context.Context, j job.Job) error {
					attempts <- j
					if j.Attempt < 3 {
						return answer
					}
					return nil
				}})
				b.enqueue(job.Job{Kind: "k"})
				for range 2 {
					receive(b.t, attempts)
					b.outcome("retried")
					b.move(59 * time.Minute)
					if len(attempts) > 0 {
						t.Fatal("too early")
					}
					b.move(time.Minute)
				}
				if j := receive(b.t, attempts); j.Failures != 0 {
					t.Errorf("waiting counted as failing: %+v", j)
				}
				b.outcome("done")
			})
		})
	}
}

func TestMaxAge(t *testing.T) {
	each(t, func(b *bench) {
		b.run(nil, job.Kind{Name: "k", Handle: func(context.Context, job.Job) error {
			return job.RetryAfter(10*time.Hour, errors.New("later"))
		}})
		b.enqueue(job.Job{Kind: "k", WorkspaceID: 1, RunAt: b.now().Add(48 * time.Hour)})
		b.move(48 * time.Hour) // waiting for its time is not ageing
		b.outcome("retried")
		b.move(10 * time.Hour)
		b.outcome("retried")
		b.move(10 * time.Hour)
		b.outcome("dead") // the next attempt would be after 30 h
		b.dead(1)
	})
}

func TestDedupe(t *testing.T) {
	each(t, func(b *bench) {
		later := b.now().Add(time.Hour)
		j := job.Job{Kind: "k", WorkspaceID: 1, Dedupe: "d", OrderKey: "o", RunAt: later}
		b.enqueue(j, j)
		b.enqueue(j)
		other := j
		other.WorkspaceID = 2
		b.enqueue(other)
		if n := b.rows(); n != 2 {
			t.Fatalf("%d rows", n)
		}
		started, release := make(chan job.Job), make(chan struct{})
		b.run(nil, job.Kind{Name: "k", Handle: func(_ context.Context, j job.Job) error {
			started <- j
			<-release
			return nil
		}})
		sooner := j
		sooner.RunAt = time.Time{}
		b.enqueue(sooner)
		receive(b.t, started)
		b.enqueue(j) // it has started: what it read may be out of date
		if n := b.rows(); n != 3 {
			t.Errorf("%d rows", n)
		}
		close(release)
		b.outcome("done")
	})
}

func TestDedupeRace(t *testing.T) {
	each(t, func(b *bench) {
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				j := job.Job{Kind: "k", Dedupe: fmt.Sprint(i % 4), OrderKey: fmt.Sprint(i % 2)}
				if err := b.queue.Enqueue(b.t.Context(), j); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := b.rows(); n != 4 {
			t.Errorf("%d rows", n)
		}
	})
}
