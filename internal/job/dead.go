package job

import (
	"context"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
)

// ErrNotDead is a job that is not there, or not dead.
var ErrNotDead = fault.New(fault.NotFound, "job.not_dead")

// DeadFilter chooses among dead jobs.
type DeadFilter struct {
	// WorkspaceID is whose jobs to list; 0 lists the installation's own.
	WorkspaceID int64
	// Kind, if set, lists one kind only.
	Kind string
	// After continues behind the job with this id.
	After int64
	// Limit bounds the list (default and at most 200).
	Limit int
}

// ListDead lists dead jobs, oldest first.
func (q *Queue) ListDead(ctx context.Context, f DeadFilter) ([]Dead, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 200
	}
	return db.All(ctx, q.db, scanDead, `SELECT id, workspace_id, kind, order_key, former_key, payload, attempts, failures,
			created_at, run_at, last_error
		FROM jobs WHERE state = 'dead' AND workspace_id = $1 AND id > $2 AND ($3 = '' OR kind = $3)
		ORDER BY id LIMIT $4`, f.WorkspaceID, f.After, f.Kind, f.Limit)
}

func scanDead(s db.Scanner) (d Dead, err error) {
	var former string
	var created, died int64
	err = s.Scan(&d.ID, &d.WorkspaceID, &d.Kind, &d.OrderKey, &former, &d.Payload, &d.Attempt, &d.Failures, &created, &died, &d.Error)
	d.Blocks = d.OrderKey != ""
	if !d.Blocks {
		d.OrderKey = former
	}
	d.CreatedAt, d.DiedAt = db.Time(created), db.Time(died)
	return d, err
}

// Replay runs a dead job of a workspace again, as if it had never failed. One
// that blocked its key goes first there; one that had stepped aside joins the
// end of its key under a new id.
func (q *Queue) Replay(ctx context.Context, workspaceID, id int64) error {
	return q.db.Write(ctx, func(ctx context.Context) error {
		d, err := q.lockDead(ctx, workspaceID, id)
		if err != nil {
			return err
		}
		if !d.Blocks && d.OrderKey != "" {
			if _, err := q.db.Exec(ctx, `DELETE FROM jobs WHERE id = $1`, id); err != nil {
				return err
			}
			return q.Enqueue(ctx, Job{Kind: d.Kind, WorkspaceID: d.WorkspaceID, OrderKey: d.OrderKey, Payload: d.Payload})
		}
		if _, err := q.db.Exec(ctx, `UPDATE jobs SET state = 'ready', run_at = $2, first_at = 0, failures = 0, last_error = '' WHERE id = $1`,
			id, db.Micros(q.now())); err != nil {
			return err
		}
		q.db.AfterCommit(ctx, q.Wake)
		return nil
	})
}

// Discard removes a dead job of a workspace; what waited behind it goes on.
func (q *Queue) Discard(ctx context.Context, workspaceID, id int64) error {
	return q.db.Write(ctx, func(ctx context.Context) error {
		d, err := q.lockDead(ctx, workspaceID, id)
		if err != nil {
			return err
		}
		if _, err := q.db.Exec(ctx, `DELETE FROM jobs WHERE id = $1`, id); err != nil {
			return err
		}
		if d.Blocks {
			if err := promote(ctx, q.db, []string{d.OrderKey}); err != nil {
				return err
			}
		}
		q.db.AfterCommit(ctx, q.Wake)
		return nil
	})
}

func (q *Queue) lockDead(ctx context.Context, workspaceID, id int64) (Dead, error) {
	list, err := db.All(ctx, q.db, scanDead, `SELECT id, workspace_id, kind, order_key, former_key, payload, attempts, failures,
			created_at, run_at, last_error
		FROM jobs WHERE id = $1 AND workspace_id = $2 AND state = 'dead'`+q.db.Dialect().ForUpdate(), id, workspaceID)
	if err != nil {
		return Dead{}, err
	}
	if len(list) == 0 {
		return Dead{}, ErrNotDead
	}
	return list[0], nil
}

// Count is how many jobs of a kind are in a state, for metrics.
type Count struct {
	Kind, State string
	N           int64
}

// Counts counts the jobs by kind and state.
func (q *Queue) Counts(ctx context.Context) ([]Count, error) {
	return db.All(ctx, q.db, func(s db.Scanner) (c Count, err error) {
		return c, s.Scan(&c.Kind, &c.State, &c.N)
	}, `SELECT kind, state, count(*) FROM jobs GROUP BY kind, state ORDER BY kind, state`)
}
