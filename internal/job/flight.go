package job

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// errStopping is why a job's context is cancelled when the runner stops.
var errStopping = errors.New("the runner stops")

// claimed is a job with what its row says beside.
type claimed struct {
	Job
	firstAt time.Time
}

// flight is a job that runs, or has run and is not recorded yet.
type flight struct {
	claimed
	runner *Runner
	kind   Kind
	cancel context.CancelCauseFunc
	ended  atomic.Bool // by Complete, in the handler's transaction
	lease  time.Time   // touched by the runner's goroutine alone
}

// result is how an attempt ended.
type result struct {
	flight *flight
	err    error
	// stopped says that the runner cancelled it.
	stopped      bool
	waited, took time.Duration
}

// complete notes that the job's row is gone. Its successor may start now,
// though the handler goes on.
func (f *flight) complete() {
	f.ended.Store(true)
	f.runner.notify()
}

// start runs a claimed job in its own goroutine.
func (r *Runner) start(ctx context.Context, j claimed) {
	kind := r.kinds[j.Kind]
	f := &flight{claimed: j, runner: r, kind: kind, lease: r.cfg.Now().Add(r.cfg.Lease)}
	f.flight = f
	run, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	f.cancel = cancel
	r.flights[f] = struct{}{}
	r.running[j.Kind]++
	r.handlers.Go(func() {
		defer cancel(nil)
		limited, stop := context.WithTimeout(run, kind.Timeout)
		defer stop()
		res := result{flight: f, waited: max(r.cfg.Now().Sub(j.RunAt), 0)}
		began := time.Now()
		ended := false
		defer func() {
			if !ended {
				res.err = errors.New("the handler ended its goroutine")
			}
			res.took = time.Since(began)
			res.stopped = errors.Is(context.Cause(run), errStopping)
			r.results <- res
		}()
		res.err = guarded(limited, kind.Handle, f.Job)
		ended = true
	})
}

// guarded turns a handler's panic into its error.
func guarded(ctx context.Context, handle Handler, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return handle(ctx, j)
}
