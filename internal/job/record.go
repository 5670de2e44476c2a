package job

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// Outcomes of an attempt, as in Stat.
const (
	outcomeDone     = "done"
	outcomeRetried  = "retried"
	outcomeDead     = "dead"
	outcomeReleased = "released"
	outcomeLost     = "lost"
)

// record writes down how finished jobs ended. Rows that others have locked
// for a moment are left for the next cycle: waiting for them could deadlock
// with a transaction that enqueues behind two of them.
func (r *Runner) record(ctx context.Context, p *plan, now time.Time) error {
	var open []result
	for _, res := range r.finished {
		if res.flight.ended.Load() {
			p.recorded = append(p.recorded, recorded{res, outcomeDone})
			continue
		}
		open = append(open, res)
	}
	for part := range slices.Chunk(open, maxList) {
		if err := r.recordPart(ctx, p, part, now); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) recordPart(ctx context.Context, p *plan, part []result, now time.Time) error {
	mine, err := r.held(ctx, part, r.db.Dialect().ForUpdateSkipLocked())
	if err != nil {
		return err
	}
	still := mine
	if len(mine) < len(part) && r.db.Dialect() == db.Postgres {
		if still, err = r.held(ctx, part, ""); err != nil {
			return err
		}
	}
	var done []int64
	var keys []string
	for _, res := range part {
		f := res.flight
		switch {
		case mine[f.ID] != f.Attempt && still[f.ID] == f.Attempt:
			p.locked++
		case mine[f.ID] != f.Attempt:
			p.recorded = append(p.recorded, recorded{res, outcomeLost})
		case res.err == nil:
			done = append(done, f.ID)
			if f.OrderKey != "" {
				keys = append(keys, f.OrderKey)
			}
			p.recorded = append(p.recorded, recorded{res, outcomeDone})
		default:
			outcome, err := r.recordFailure(ctx, f.claimed, f.kind, r.verdict(res, now), now)
			if err != nil {
				return err
			}
			if outcome == outcomeDead && f.kind.StepAside && f.OrderKey != "" {
				keys = append(keys, f.OrderKey)
			}
			p.recorded = append(p.recorded, recorded{res, outcome})
		}
	}
	if len(done) > 0 {
		args := padded(nil, done)
		if _, err := r.db.Exec(ctx, `DELETE FROM jobs WHERE id IN `+r.db.Dialect().In(len(args), 1), args...); err != nil {
			return err
		}
	}
	return promote(ctx, r.db, keys)
}

// held returns the attempts of those jobs that this runner still holds.
func (r *Runner) held(ctx context.Context, part []result, lock string) (map[int64]int, error) {
	type row struct {
		id      int64
		attempt int
	}
	ids := make([]int64, len(part))
	for i, res := range part {
		ids[i] = res.flight.ID
	}
	args := padded([]any{r.owner}, ids)
	rows, err := db.All(ctx, r.db, func(s db.Scanner) (v row, err error) {
		return v, s.Scan(&v.id, &v.attempt)
	}, `SELECT id, attempts FROM jobs WHERE owner = $1 AND state = 'running' AND id IN `+r.db.Dialect().In(len(args)-1, 2)+lock, args...)
	if err != nil {
		return nil, err
	}
	held := make(map[int64]int, len(rows))
	for _, v := range rows {
		held[v.id] = v.attempt
	}
	return held, nil
}

func (r *Runner) verdict(res result, now time.Time) verdict {
	if res.stopped && errors.Is(res.err, context.Canceled) {
		return verdict{released: true}
	}
	return judge(res.err, res.flight.claimed, res.flight.kind, now)
}

// recordFailure updates the row of a job whose attempt has failed.
func (r *Runner) recordFailure(ctx context.Context, j claimed, kind Kind, v verdict, now time.Time) (outcome string, err error) {
	failures := j.Failures
	if v.counts {
		failures++
	}
	switch {
	case v.released:
		outcome = outcomeReleased
		_, err = r.db.Exec(ctx, `UPDATE jobs SET state = 'ready', owner = 0, leased_until = 0 WHERE id = $1`, j.ID)
	case !v.die:
		outcome = outcomeRetried
		_, err = r.db.Exec(ctx, `UPDATE jobs SET state = 'ready', owner = 0, leased_until = 0, run_at = $2, failures = $3, last_error = $4 WHERE id = $1`,
			j.ID, db.Micros(now.Add(v.wait)), failures, v.message)
	default:
		outcome = outcomeDead
		key, former := j.OrderKey, ""
		if kind.StepAside {
			key, former = "", j.OrderKey
		}
		_, err = r.db.Exec(ctx, `UPDATE jobs SET state = 'dead', owner = 0, leased_until = 0, run_at = $2, failures = $3, last_error = $4,
				order_key = $5, former_key = $6 WHERE id = $1`,
			j.ID, db.Micros(now), failures, v.message, key, former)
	}
	return outcome, err
}
