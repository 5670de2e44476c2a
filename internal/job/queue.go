package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
)

// Queue enqueues jobs and looks after dead ones.
type Queue struct {
	db  *db.DB
	now func() time.Time

	mu      sync.Mutex
	runners []*Runner
}

// QueueConfig has what a queue needs.
type QueueConfig struct {
	DB *db.DB
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// NewQueue returns a queue over the table jobs.
func NewQueue(cfg QueueConfig) *Queue {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Queue{db: cfg.DB, now: cfg.Now}
}

// maxRounds bounds how often an insert is tried against concurrent changes
// of the same key.
const maxRounds = 20

// Enqueue adds jobs within the transaction of ctx (or one of its own). They
// can run once that is committed, and runners of this process are woken then.
func (q *Queue) Enqueue(ctx context.Context, jobs ...Job) error {
	if len(jobs) == 0 {
		return nil
	}
	return q.db.Write(ctx, func(ctx context.Context) error {
		now := q.now()
		for _, j := range jobs {
			if j.Kind == "" {
				return fault.Wrap(fault.Internal, "job.no_kind", errors.New("job: no kind"))
			}
			if j.RunAt.IsZero() {
				j.RunAt = now
			}
			if err := q.add(ctx, j, now); err != nil {
				return fmt.Errorf("job: enqueue %s: %w", j.Kind, err)
			}
		}
		q.db.AfterCommit(ctx, q.Wake)
		return nil
	})
}

// add inserts a job as its key's head or, if there is one, behind it. The
// row locks keep a runner on PostgreSQL from finishing the head, or from
// starting the equal job, until this transaction has ended.
func (q *Queue) add(ctx context.Context, j Job, now time.Time) error {
	for range maxRounds {
		if j.Dedupe != "" {
			found, err := q.joinEqual(ctx, j)
			if err != nil || found {
				return err
			}
		}
		if done, err := q.insert(ctx, j, ready, now); err != nil || done {
			return err
		}
		if j.OrderKey == "" {
			continue // an equal job has just been added
		}
		head := `SELECT id FROM jobs WHERE order_key = $1 AND order_key <> '' AND state <> 'waiting'`
		if q.db.Dialect() == db.Postgres {
			head += ` FOR SHARE`
		}
		heads, err := db.All(ctx, q.db, db.Value[int64], head, j.OrderKey)
		if err != nil {
			return err
		}
		if len(heads) == 0 {
			continue // just finished
		}
		if done, err := q.insert(ctx, j, waiting, now); err != nil || done {
			return err
		}
	}
	return db.ErrUnavailable.Because(errors.New("too many concurrent changes of one order key"))
}

// joinEqual looks for a job that makes j superfluous.
func (q *Queue) joinEqual(ctx context.Context, j Job) (bool, error) {
	type row struct{ id, runAt int64 }
	equal, err := db.One(ctx, q.db, func(s db.Scanner) (r row, err error) {
		return r, s.Scan(&r.id, &r.runAt)
	}, `SELECT id, run_at FROM jobs WHERE workspace_id = $1 AND kind = $2 AND dedupe = $3`+q.db.Dialect().ForUpdate(),
		j.WorkspaceID, j.Kind, j.Dedupe)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if at := db.Micros(j.RunAt); at < equal.runAt {
		_, err = q.db.Exec(ctx, `UPDATE jobs SET run_at = $2 WHERE id = $1`, equal.id, at)
	}
	return true, err
}

func (q *Queue) insert(ctx context.Context, j Job, as state, now time.Time) (bool, error) {
	if j.Payload == nil {
		j.Payload = json.RawMessage("null")
	}
	var dedupe *string
	if j.Dedupe != "" {
		dedupe = &j.Dedupe
	}
	n, err := q.db.Exec(ctx, `INSERT INTO jobs (workspace_id, kind, order_key, former_key, dedupe, payload, state, run_at,
			created_at, first_at, attempts, failures, owner, node, leased_until, last_error)
		VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8, 0, 0, 0, 0, '', 0, '') ON CONFLICT DO NOTHING`,
		j.WorkspaceID, j.Kind, j.OrderKey, dedupe, j.Payload, string(as), db.Micros(j.RunAt), db.Micros(now))
	return n == 1, err
}

// promote makes the oldest waiting job of each key its head. The key's head
// must be gone.
func promote(ctx context.Context, d *db.DB, keys []string) error {
	for part := range slices.Chunk(keys, maxList) {
		args := padded(nil, part)
		if _, err := d.Exec(ctx, `UPDATE jobs SET state = 'ready' WHERE id IN (
				SELECT min(id) FROM jobs WHERE state = 'waiting' AND order_key IN `+d.Dialect().In(len(args), 1)+` GROUP BY order_key)`,
			args...); err != nil {
			return err
		}
	}
	return nil
}

// maxList bounds the values of one statement's list.
const maxList = 512

// padded appends a list's values to args, repeating the last until their
// number is a power of two: few different statements stay prepared.
func padded[T any](args []any, list []T) []any {
	for _, v := range list {
		args = append(args, v)
	}
	n := len(list)
	for ; n > 0 && n&(n-1) != 0; n++ {
		args = append(args, list[len(list)-1])
	}
	return args
}

// Wake tells the runners of this process that there may be something to do,
// e.g. because another node has said so.
func (q *Queue) Wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.runners {
		r.notify()
	}
}

func (q *Queue) join(r *Runner) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.runners = append(q.runners, r)
}

func (q *Queue) leave(r *Runner) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.runners = slices.DeleteFunc(q.runners, func(other *Runner) bool { return other == r })
}

// Complete marks a job as done within the transaction of ctx: the handler's
// own changes and the end of its job become one. Call it first in that
// transaction. [ErrLost] means another runner has taken the job over:
// return it, so that nothing of the transaction is kept.
func (q *Queue) Complete(ctx context.Context, j Job) error {
	if j.flight == nil {
		return fault.Wrap(fault.Internal, "job.not_running", errors.New("job: Complete of a job that no runner gave out"))
	}
	return q.db.Write(ctx, func(ctx context.Context) error {
		n, err := q.db.Exec(ctx, `DELETE FROM jobs WHERE id = $1 AND owner = $2 AND attempts = $3 AND state = 'running'`,
			j.ID, j.flight.runner.owner, j.Attempt)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrLost
		}
		if j.OrderKey != "" {
			if err := promote(ctx, q.db, []string{j.OrderKey}); err != nil {
				return err
			}
		}
		q.db.AfterCommit(ctx, func() { j.flight.complete() })
		return nil
	})
}
