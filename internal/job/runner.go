package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// Handler does one job. A nil error means it is done; see [Permanent] and
// [RetryAfter] for the others. It must stop when ctx is cancelled, and it
// must bear being run again: a process can end between the work and its
// record, unless the handler ends the job itself with [Queue.Complete].
type Handler func(ctx context.Context, j Job) error

// Kind is one kind of job and how to run it.
type Kind struct {
	Name   string
	Handle Handler
	// Workers bounds how many run at once in this process (default 16).
	Workers int
	// StepAside lets younger jobs of the same key go on after a job has died
	// (arriving messages: later ones must not wait for one nobody can read).
	// Otherwise a dead job blocks its key until it is replayed or discarded
	// (sending: order matters more). One that is to be tried again blocks its
	// key in any case.
	StepAside bool
	// MaxFailures is how many failed attempts a job has (default 12).
	MaxFailures int
	// MaxAge is how long after its first attempt it is tried again (default 24 h).
	MaxAge time.Duration
	// Timeout bounds one attempt (default 10 min).
	Timeout time.Duration
}

// Stat is one finished attempt, for metrics.
type Stat struct {
	Kind string
	// Outcome is "done", "retried", "dead", "released" (the runner stops) or
	// "lost" (another runner has it).
	Outcome string
	// Waited is from RunAt to the start, Took the attempt itself.
	Waited, Took time.Duration
}

// Config has what a runner needs. Zero values have good defaults.
type Config struct {
	DB    *db.DB
	Queue *Queue
	// Node names this process among all that share the database. What an
	// earlier process of the same name had begun is taken back at the start.
	Node  string
	Kinds []Kind
	// MaxRunning bounds all jobs at once in this process (default 256).
	MaxRunning int
	// Lease is how long a job belongs to a runner that says nothing (default 30 s).
	Lease time.Duration
	// Poll is how often to look without being woken (default 1 s).
	Poll time.Duration
	// Drain is how long running jobs may go on when Run is cancelled, before
	// their contexts are (default 10 s).
	Drain time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger; nil means slog.Default.
	Logger *slog.Logger
	// Observe is called after each attempt; nil means nobody looks.
	Observe func(Stat)
}

// Runner runs jobs. One goroutine, that of Run, owns its state.
type Runner struct {
	db    *db.DB
	queue *Queue
	cfg   Config
	kinds map[string]Kind
	names []string
	owner int64 // fences this process's leases
	log   *slog.Logger

	wake    chan struct{}
	results chan result

	flights  map[*flight]struct{}
	running  map[string]int // by kind
	finished []result       // to be recorded
	handlers sync.WaitGroup
}

func (c Config) withDefaults() Config {
	if c.MaxRunning <= 0 {
		c.MaxRunning = 256
	}
	if c.Lease <= 0 {
		c.Lease = 30 * time.Second
	}
	if c.Poll <= 0 {
		c.Poll = time.Second
	}
	if c.Drain <= 0 {
		c.Drain = 10 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Observe == nil {
		c.Observe = func(Stat) {}
	}
	return c
}

func (k Kind) withDefaults() Kind {
	if k.Workers <= 0 {
		k.Workers = 16
	}
	if k.MaxFailures <= 0 {
		k.MaxFailures = 12
	}
	if k.MaxAge <= 0 {
		k.MaxAge = 24 * time.Hour
	}
	if k.Timeout <= 0 {
		k.Timeout = 10 * time.Minute
	}
	return k
}

// NewRunner returns a runner for the kinds of cfg.
func NewRunner(cfg Config) (*Runner, error) {
	cfg = cfg.withDefaults()
	if cfg.DB == nil || cfg.Queue == nil || cfg.Node == "" || len(cfg.Kinds) == 0 {
		return nil, errors.New("job: a runner needs a database, a queue, a node name and kinds")
	}
	r := &Runner{
		db: cfg.DB, queue: cfg.Queue, cfg: cfg, log: cfg.Logger,
		kinds:   make(map[string]Kind, len(cfg.Kinds)),
		owner:   rand.Int64N(1<<62) + 1, //nolint:gosec // must be unlike others', not secret
		wake:    make(chan struct{}, 1),
		results: make(chan result, cfg.MaxRunning),
		flights: make(map[*flight]struct{}),
		running: make(map[string]int),
	}
	for _, k := range cfg.Kinds {
		if k.Name == "" || k.Handle == nil {
			return nil, errors.New("job: a kind needs a name and a handler")
		}
		if _, twice := r.kinds[k.Name]; twice {
			return nil, fmt.Errorf("job: two handlers for %s", k.Name)
		}
		r.kinds[k.Name] = k.withDefaults()
		r.names = append(r.names, k.Name)
	}
	return r, nil
}

// Run works until ctx is cancelled, and then until what it has begun has
// ended and is recorded.
func (r *Runner) Run(ctx context.Context) error {
	r.queue.join(r)
	defer r.queue.leave(r)
	beat := time.NewTicker(r.cfg.Lease / 3)
	defer beat.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	back := false // what an earlier process had begun is taken back
	for {
		select {
		case <-ctx.Done():
			return r.drain(ctx)
		case res := <-r.results:
			r.collect(res)
		case <-r.wake:
		case <-next.C:
		case <-beat.C:
			r.report("renew leases", r.renew(ctx))
			r.report("take back expired jobs", r.takeExpired(ctx))
		}
		if !back {
			err := r.takeOwn(ctx)
			r.report("take back jobs of an earlier process", err)
			back = err == nil
		}
		pause, err := r.cycle(ctx, true)
		r.report("run jobs", err)
		next.Reset(pause)
	}
}

// report logs an error of the runner's own; the loop goes on, since what
// failed is tried again.
func (r *Runner) report(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		r.log.Error("jobs are held up", slog.String("doing", what), slog.Any("error", err))
	}
}

// notify makes the loop look for jobs; for one that is due later it finds
// out when.
func (r *Runner) notify() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// collect takes a result and all others there are.
func (r *Runner) collect(res result) {
	for {
		r.finished = append(r.finished, res)
		select {
		case res = <-r.results:
		default:
			return
		}
	}
}

// drain waits for the running jobs, cancels them when they take too long,
// and records how they ended.
func (r *Runner) drain(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	patience := time.NewTimer(r.cfg.Drain)
	defer patience.Stop()
	beat := time.NewTicker(r.cfg.Lease / 3)
	defer beat.Stop()
	for len(r.flights) > len(r.finished) {
		select {
		case res := <-r.results:
			r.collect(res)
		case <-beat.C:
			r.report("renew leases", r.renew(ctx))
		case <-patience.C:
			for f := range r.flights {
				f.cancel(errStopping)
			}
		}
	}
	r.handlers.Wait()
	const attempts = 5
	var err error
	for range attempts {
		if _, err = r.cycle(ctx, false); err == nil && len(r.finished) == 0 {
			return nil
		}
		pause := time.NewTimer(retryPause)
		<-pause.C
	}
	return fmt.Errorf("job: %d finished jobs could not be recorded and will run again: %w", len(r.finished), err)
}
