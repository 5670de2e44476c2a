package job

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// retryPause is how soon a failed cycle, or a row that was locked, is tried
// again.
const retryPause = 100 * time.Millisecond

// plan is what one cycle did, known once its transaction is committed.
type plan struct {
	recorded []recorded
	locked   int // results whose rows others had locked
	claimed  []claimed
	next     time.Time // when the next job is due, zero if none is known
}

type recorded struct {
	result
	outcome string
}

// cycle records finished jobs, claims due ones and starts them: one
// transaction for all of it. It returns how long there is nothing to do.
func (r *Runner) cycle(ctx context.Context, claim bool) (time.Duration, error) {
	now := r.cfg.Now()
	var p plan
	var err error
	if len(r.finished) == 0 {
		if !claim || len(r.flights) >= r.cfg.MaxRunning {
			return r.cfg.Poll, nil
		}
		var due []string
		due, p.next, err = r.peek(ctx, r.running, now)
		if err != nil {
			return retryPause, err
		}
		if len(due) == 0 {
			return r.pause(p.next, now), nil
		}
	}
	err = r.db.Write(context.WithoutCancel(ctx), func(ctx context.Context) error {
		p = plan{}
		if err := r.record(ctx, &p, now); err != nil {
			return err
		}
		if !claim {
			return nil
		}
		return r.claim(ctx, &p, now)
	})
	if err != nil {
		return retryPause, err
	}
	r.settle(p)
	for _, j := range p.claimed {
		r.start(ctx, j)
	}
	if p.locked > 0 {
		return min(retryPause, r.pause(p.next, now)), nil
	}
	return r.pause(p.next, now), nil
}

func (r *Runner) pause(next, now time.Time) time.Duration {
	if next.IsZero() {
		return r.cfg.Poll
	}
	return min(max(next.Sub(now), time.Millisecond), r.cfg.Poll)
}

// settle takes over what the transaction has made durable.
func (r *Runner) settle(p plan) {
	gone := make(map[*flight]bool, len(p.recorded))
	for _, done := range p.recorded {
		f := done.flight
		gone[f] = true
		r.running[f.Kind]--
		delete(r.flights, f)
		r.cfg.Observe(Stat{Kind: f.Kind, Outcome: done.outcome, Waited: done.waited, Took: done.took})
		if done.outcome == outcomeDead {
			r.log.Warn("job: given up", slog.String("kind", f.Kind), slog.Int64("job_id", f.ID),
				slog.Int64("workspace_id", f.WorkspaceID), slog.Any("error", done.err))
		}
	}
	r.finished = slices.DeleteFunc(r.finished, func(res result) bool { return gone[res.flight] })
}

// peek says which kinds have a due job and room to run it beside those
// running, and when the next of the others is due.
func (r *Runner) peek(ctx context.Context, running map[string]int, now time.Time) (due []string, next time.Time, err error) {
	type row struct {
		kind  string
		runAt *int64
	}
	args := make([]any, len(r.names))
	var values strings.Builder
	for i, name := range r.names {
		args[i] = name
		if i > 0 {
			values.WriteString(", ")
		}
		fmt.Fprintf(&values, "(CAST($%d AS TEXT))", i+1)
	}
	rows, err := db.All(ctx, r.db, func(s db.Scanner) (v row, err error) {
		return v, s.Scan(&v.kind, &v.runAt)
	}, `SELECT k.column1, (SELECT min(run_at) FROM jobs WHERE state = 'ready' AND kind = k.column1) FROM (VALUES `+values.String()+`) AS k`, args...)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, v := range rows {
		if v.runAt == nil {
			continue
		}
		at := db.Time(*v.runAt)
		switch {
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		case running[v.kind] < r.kinds[v.kind].Workers:
			due = append(due, v.kind)
		}
	}
	return due, next, nil
}

// claim leases due jobs for the free places.
func (r *Runner) claim(ctx context.Context, p *plan, now time.Time) error {
	running := make(map[string]int, len(r.running))
	maps.Copy(running, r.running)
	total := len(r.flights)
	for _, done := range p.recorded {
		running[done.flight.Kind]--
		total--
	}
	due, next, err := r.peek(ctx, running, now)
	if err != nil {
		return err
	}
	for _, kind := range due {
		free := min(r.kinds[kind].Workers-running[kind], r.cfg.MaxRunning-total)
		if free <= 0 {
			continue
		}
		jobs, err := r.claimKind(ctx, kind, free, now)
		if err != nil {
			return err
		}
		total += len(jobs)
		p.claimed = append(p.claimed, jobs...)
	}
	p.next = next
	slices.SortFunc(p.claimed, func(a, b claimed) int {
		if c := a.RunAt.Compare(b.RunAt); c != 0 {
			return c
		}
		return int(a.ID - b.ID)
	})
	return nil
}

func (r *Runner) claimKind(ctx context.Context, kind string, n int, now time.Time) ([]claimed, error) {
	return db.All(ctx, r.db, func(s db.Scanner) (j claimed, err error) {
		var runAt, created, first int64
		j.Kind = kind
		err = s.Scan(&j.ID, &j.WorkspaceID, &j.OrderKey, &j.Payload, &j.Attempt, &j.Failures, &runAt, &created, &first)
		j.RunAt, j.CreatedAt, j.firstAt = db.Time(runAt), db.Time(created), db.Time(first)
		return j, err
	}, `UPDATE jobs SET state = 'running', owner = $1, node = $2, leased_until = $3, attempts = attempts + 1, dedupe = NULL,
			first_at = CASE WHEN first_at = 0 THEN $4 ELSE first_at END
		WHERE id IN (SELECT id FROM jobs WHERE state = 'ready' AND kind = $5 AND run_at <= $4 ORDER BY run_at, id LIMIT $6`+
		r.db.Dialect().ForUpdateSkipLocked()+`)
		RETURNING id, workspace_id, order_key, payload, attempts, failures, run_at, created_at, first_at`,
		r.owner, r.cfg.Node, db.Micros(now.Add(r.cfg.Lease)), db.Micros(now), kind, n)
}
